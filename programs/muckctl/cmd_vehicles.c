/*
 * muckctl vehicles: the fleet at a glance; muckctl vehicle ID: one vehicle with its last fixes.
 */
#include "kept_vehicle.h"
#include "look.h"
#include "look_ids.h"
#include "muckctl.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static const char vehicles_command[] = "muckctl vehicles";
static const char vehicle_command[] = "muckctl vehicle";

static bool get_vehicle(struct look *look, struct text id, const struct reply **out)
{
    char key[MW_KEY_MAX];
    const struct text words[] = {TEXT("HGETALL"), text_of(look_key(look, key, MW_KEY_VEHICLE, id))};
    return store_command(look->store, words, 2, 0, out);
}

static void put_column(struct look *look, const struct reply *fields, const char *name, size_t width)
{
    struct text value = reply_field(fields, name);
    look_put_text(look, value.len > 0 ? value : TEXT("-"), width);
    buf_put_char(&look->out, ' ');
}

static void print_row(struct look *look, struct text id, const struct reply *fields)
{
    if (look->json) {
        buf_clear(&look->out);
        look_print_json(look, "vehicle", id, fields);
        return;
    }
    buf_clear(&look->out);
    look_put_text(look, id, 12);
    buf_put_char(&look->out, ' ');
    put_column(look, fields, "plate", 10);
    look_put_time(look, reply_field(fields, "time"));
    buf_puts(&look->out, text_equal(reply_field(fields, "online"), TEXT("1")) ? " online  " : " offline ");
    put_column(look, fields, "lat", 11);
    put_column(look, fields, "lon", 12);
    put_column(look, fields, "speed", 6);
    put_column(look, fields, "load", 7);
    put_column(look, fields, "open", 4);
    put_column(look, fields, "company", 0);
    printf("%.*s\n", (int)look->out.len, look->out.data);
}

static int print_fleet(struct look *look)
{
    struct look_ids ids = {0};
    int code = look_ids_find(look, vehicles_command, &ids);
    if (code == EX_OK && !look->json)
        printf("%-12s %-10s %-19s %-8s%-11s %-12s %-6s %-7s %-4s %s\n", "vehicle", "plate", "last fix", "",
               "lat", "lon", "km/h", "load", "open", "company");
    size_t printed = 0;
    for (size_t i = 0; i < ids.count && code == EX_OK; i++) {
        const struct reply *fields;
        if (!get_vehicle(look, ids.items[i], &fields)) {
            code = look_failed(look, vehicles_command);
        } else if (fields->count > 0) {
            print_row(look, ids.items[i], fields);
            printed++;
        }
    }
    if (code == EX_OK && !look->json)
        fprintf(stderr, "%zu vehicles\n", printed);
    look_ids_fini(&ids);
    return code;
}

static void print_fields(struct look *look, const struct reply *fields)
{
    for (size_t i = 0; i + 1 < fields->count; i += 2) {
        struct text name = fields->items[i].text, value = fields->items[i + 1].text;
        buf_clear(&look->out);
        buf_puts(&look->out, "  ");
        look_put_text(look, name, 12);
        bool is_time = text_equal(name, TEXT("time")) || text_equal(name, TEXT("received")) ||
                       text_equal(name, TEXT("live_time"));
        if (is_time)
            look_put_time(look, value);
        else
            look_put_text(look, value, 0);
        printf("%.*s\n", (int)look->out.len, look->out.data);
    }
}

static int print_track(struct look *look, struct text id, int64_t count)
{
    char key[MW_KEY_MAX], number[24];
    snprintf(number, sizeof number, "%lld", (long long)count);
    const struct text words[] = {TEXT("XREVRANGE"), text_of(look_key(look, key, MW_KEY_TRACK, id)),
                                 TEXT("+"),         TEXT("-"),
                                 TEXT("COUNT"),     text_of(number)};
    const struct reply *reply;
    if (!store_command(look->store, words, 6, 0, &reply))
        return look_failed(look, vehicle_command);
    if (!look->json)
        printf("last fixes, newest first:\n");
    for (size_t i = 0; i < reply->count; i++) {
        const struct reply *fields = &reply->items[i].items[1];
        if (look->json) {
            look_print_json(look, "entry", reply->items[i].items[0].text, fields);
            continue;
        }
        buf_clear(&look->out);
        buf_puts(&look->out, "  ");
        look_put_time(look, reply_field(fields, "received"));
        buf_puts(&look->out, "  ");
        look_put_text(look, reply_field(fields, "fix"), 0);
        struct text late = reply_field(fields, "late");
        if (late.len > 0)
            buf_printf(&look->out, "  late=%.*s", TEXT_ARG(late));
        printf("%.*s\n", (int)look->out.len, look->out.data);
    }
    return EX_OK;
}

static int print_vehicle(struct look *look, const char *id, int64_t count)
{
    const struct reply *fields;
    if (!get_vehicle(look, text_of(id), &fields))
        return look_failed(look, vehicle_command);
    if (fields->count == 0) {
        fprintf(stderr, "%s: no vehicle '%.80s' has been heard of; 'muckctl vehicles' lists them\n",
                vehicle_command, id);
        return EX_DATAERR;
    }
    if (look->json) {
        look_print_json(look, "vehicle", text_of(id), fields);
    } else {
        printf("%s\n", id);
        print_fields(look, fields);
    }
    return print_track(look, text_of(id), count);
}

static int run_vehicles(int argc, char **argv)
{
    struct look look = {0};
    const struct argument rows[] = {LOOK_ARGUMENTS(&look), {0}};
    const struct command_line line = {vehicles_command,
                                      "[--json]",
                                      "Lists every vehicle with where it was last and what is open about it.",
                                      rows,
                                      0,
                                      0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    int code = look_open(&look, vehicles_command);
    if (code == EX_OK)
        code = print_fleet(&look);
    look_close(&look);
    return code;
}

static int run_vehicle(int argc, char **argv)
{
    struct look look = {0};
    int64_t count = 10;
    const char *operands[1];
    const struct argument rows[] = {
        {ARGUMENT_COUNT, "track", "N", "how many of its last fixes to show (10)", &count},
        LOOK_ARCHIVE_ARGUMENT(&look),
        LOOK_ARGUMENTS(&look),
        {0}};
    const struct command_line line = {
        vehicle_command,
        "ID [--archive DIR] [--track N] [--json]",
        "Shows one vehicle as it stands, and its last fixes. With --archive where "
        "it was last by the archive.",
        rows,
        1,
        1};
    enum arguments_status status = arguments_read(&line, argc, argv, operands);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    int code = look_open(&look, vehicle_command);
    if (code == EX_OK)
        code = look.archive != NULL ? kept_vehicle(&look, vehicle_command, operands[0], (size_t)count)
                                    : print_vehicle(&look, operands[0], count);
    code = look_end(&look, code);
    look_close(&look);
    return code;
}

const struct ctl_command ctl_vehicles = {"vehicles", "list the fleet as it stands", run_vehicles};
const struct ctl_command ctl_vehicle = {"vehicle", "show one vehicle and its last fixes", run_vehicle};
