/*
 * muckctl check: whether a configuration and its files can be put in force, and what is in them.
 */
#include "arguments.h"
#include "city.h"
#include "clock.h"
#include "muckctl.h"
#include "world_load.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const char command[] = "muckctl check";

static void print_summary(const struct world *w)
{
    uint32_t by_kind[FENCE_KIND_COUNT] = {0};
    for (uint32_t i = 0; i < w->fence_count; i++)
        by_kind[w->fences[i].kind]++;
    printf("fences    %u", w->fence_count);
    const char *before = ":";
    for (int k = FENCE_NONE + 1; k < FENCE_KIND_COUNT; k++)
        if (by_kind[k] > 0) {
            printf("%s %u %s", before, by_kind[k], fence_kind_name((enum fence_kind)k));
            before = ",";
        }
    printf("\nvehicles  %u in %u classes\npermits   %u\ntimezone  %.*s\nruleset   %s\n", w->vehicle_count,
           w->class_count - 1, w->permit_count, TEXT_ARG(w->timezone), w->hash);
}

/* Holidays have to be known for this year where hours ask for them. */
static int check_calendar(const struct world *w)
{
    struct mw_civil now;
    struct problem problem;
    mw_civil_from_ms(w->zone, clock_wall().ms, &now);
    if (world_check_year(w, now.year, &problem))
        return EX_OK;
    fprintf(stderr, "%s: %s\n", command, problem.text);
    return EX_CONFIG;
}

static int run(int argc, char **argv)
{
    const char *config = NULL;
    bool quiet = false;
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the configuration", &config},
        {ARGUMENT_FLAG, "quiet", NULL, "say nothing when all is well", &quiet},
        {0},
    };
    const struct command_line line = {
        command,
        "--config FILE",
        "Reads a configuration with its fences, fleet and calendar as muckwatchd would, and "
        "tells what is in it, or\nwhat is wrong: exit code 78, with file, place and reason.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (config == NULL) {
        fprintf(stderr, "%s: --config FILE is needed\n", command);
        return EX_USAGE;
    }
    struct city city;
    int code = city_open(&city, command, config);
    if (code == EX_OK)
        code = check_calendar(city.world);
    if (code == EX_OK && !quiet)
        print_summary(city.world);
    city_fini(&city);
    return code;
}

const struct ctl_command ctl_check = {"check", "say whether a configuration is good, and what is in it", run};
