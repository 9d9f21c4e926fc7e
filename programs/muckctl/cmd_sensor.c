/*
 * muckctl sensor: says by hand what a sensor would, to the onboard unit of this machine.
 */
#include "arguments.h"
#include "json_write.h"
#include "muckctl.h"
#include "sensor_socket.h"
#include "unit_json.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { SENSORS_AT_ONCE = 16 };

/* A word that JSON knows by itself: a number, true, false, null. */
static bool is_bare(const char *value)
{
    return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 || strcmp(value, "null") == 0 ||
           (value[0] != '\0' && strspn(value, "0123456789.-") == strlen(value));
}

static bool put_pair(struct json_writer *w, const char *pair)
{
    const char *equals = strchr(pair, '=');
    char name[32];
    if (equals == NULL || equals == pair || (size_t)(equals - pair) >= sizeof name) {
        fprintf(stderr, "muckctl sensor: '%.80s': expected NAME=VALUE, such as cover=open\n", pair);
        return false;
    }
    memcpy(name, pair, (size_t)(equals - pair));
    name[equals - pair] = '\0';
    json_write_key(w, name);
    if (is_bare(equals + 1))
        json_write_raw(w, text_of(equals + 1));
    else
        json_write_string(w, text_of(equals + 1));
    return true;
}

static int send_pairs(const char *path, const char **pairs)
{
    char bytes[SENSOR_DATAGRAM_MAX];
    struct buf b = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    struct json_writer w;
    struct sensors read;
    json_writer_init(&w, &b);
    json_write_begin_object(&w);
    for (size_t i = 0; pairs[i] != NULL; i++)
        if (!put_pair(&w, pairs[i]))
            return EX_USAGE;
    json_write_end_object(&w);
    if (!buf_ok(&b) || !unit_sensors_read(buf_text(&b), &read)) {
        fprintf(stderr, "muckctl sensor: %.*s: not what the contract knows as sensors\n",
                TEXT_ARG(buf_text(&b)));
        return EX_DATAERR;
    }
    int error = sensor_socket_send(path, buf_text(&b));
    if (error != 0) {
        fprintf(stderr, "muckctl sensor: %s: %s\n", path, strerror(error));
        return EX_UNAVAILABLE;
    }
    return EX_OK;
}

static int sensor(int argc, char **argv)
{
    const char *path = "/run/muckwatch/sensors.sock";
    const char *pairs[SENSORS_AT_ONCE + 1] = {NULL};
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "socket", "PATH", "the unit's socket (/run/muckwatch/sensors.sock)", &path},
        {0},
    };
    const struct command_line line = {"muckctl sensor",
                                      "NAME=VALUE...",
                                      "Sends one datagram to the onboard unit of this machine: cover=open "
                                      "body=down load=loaded load_kg=12500\n"
                                      "height_m=3.2 spill=true discharge=false wash=true work=sweeping "
                                      "ignition=true power=main antenna=ok.\n"
                                      "Debounce and staleness are the unit's: what is said by hand has to be "
                                      "said again before it is stale.",
                                      rows,
                                      1,
                                      SENSORS_AT_ONCE};
    switch (arguments_read(&line, argc, argv, pairs)) {
    case ARGUMENTS_DONE:
        return EX_OK;
    case ARGUMENTS_WRONG:
        return EX_USAGE;
    case ARGUMENTS_OK:
        break;
    }
    return send_pairs(path, pairs);
}

const struct ctl_command ctl_sensor = {
    .name = "sensor",
    .summary = "tell the onboard unit of this machine what a sensor sees",
    .run = sensor,
};
