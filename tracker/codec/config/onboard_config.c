#include "onboard_config.h"

#include "file_text.h"
#include "unit_options.h"
#include "vehicle_id.h"

#include <string.h>

#define ROW(...) OPTION_ROW(struct onboard_config, __VA_ARGS__)

static const struct option rows[] = {UNIT_OPTIONS(ROW)};

bool onboard_config_init(struct onboard_config *config)
{
    memset(config, 0, sizeof *config);
    arena_init(&config->arena);
    return options_set_initial(OPTIONS_TABLE(rows), &config->arena, config);
}

void onboard_config_fini(struct onboard_config *config)
{
    arena_fini(&config->arena);
    memset(config, 0, sizeof *config);
}

/* What no single row can know. */
static bool check_whole(struct onboard_config *config, struct text name, struct problem *out_problem)
{
    const char *wrong = NULL;
    if (!vehicle_id_valid(config->vehicle))
        wrong = "vehicle: expected 1 to 64 of A-Z a-z 0-9 . _ -";
    else if (config->mqtt.certfile.len > 0 && config->mqtt.cafile.len == 0)
        wrong = "mqtt.certfile: a certificate is of use with TLS only, which mqtt.cafile turns on";
    else if (config->mqtt.keyfile.len > 0 && config->mqtt.certfile.len == 0)
        wrong = "mqtt.keyfile: a key needs mqtt.certfile";
    else if (config->mqtt.password_file.len > 0 && config->mqtt.username.len == 0)
        wrong = "mqtt.password_file: a password needs mqtt.username";
    if (wrong != NULL) {
        problem_set(out_problem, "%.*s: %s", PROBLEM_ARG(name), wrong);
        return false;
    }
    if (config->mqtt.client_id.len == 0)
        config->mqtt.client_id = config->vehicle;
    config->sampling.receiver_clock = config->clock == ONBOARD_CLOCK_RECEIVER;
    return true;
}

bool onboard_config_read(struct onboard_config *config, struct text name, struct text bytes,
                         struct problem *out_problem)
{
    return options_read(OPTIONS_TABLE(rows), (struct options_source){name, bytes},
                        (struct options_target){config, &config->arena}, out_problem) &&
           check_whole(config, name, out_problem);
}

bool onboard_config_read_file(struct onboard_config *config, const char *path, struct problem *out_problem)
{
    struct buf bytes;
    buf_init(&bytes, 1 << 20);
    bool ok = file_text_read(path, &bytes, out_problem) &&
              onboard_config_read(config, text_of(path), buf_text(&bytes), out_problem);
    buf_fini(&bytes);
    return ok;
}

static bool write_rows(void (*write)(struct options_table, const void *, struct buf *), struct buf *out)
{
    struct onboard_config config;
    bool ok = onboard_config_init(&config);
    if (ok)
        write(OPTIONS_TABLE(rows), &config, out);
    onboard_config_fini(&config);
    return ok && buf_ok(out);
}

bool onboard_config_write_sample(struct buf *out)
{
    buf_puts(out,
             "# Muckwatch: every option of the onboard unit with its default. Only vehicle is required.\n"
             "# Paths are relative to this file.\n");
    return write_rows(options_write_sample, out);
}

bool onboard_config_write_help(struct buf *out)
{
    return write_rows(options_write_help, out);
}

bool onboard_config_write_man(struct buf *out)
{
    return write_rows(options_write_man, out);
}
