/*
 * muckctl check: whether a configuration and its files can be put in force, and what is in them.
 */
#include "against.h"
#include "arguments.h"
#include "city.h"
#include "city_day.h"
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
static int check_calendar(const struct world *w, struct finding_lines *lines)
{
    struct mw_civil now;
    struct problem problem;
    mw_civil_from_ms(w->zone, clock_wall().ms, &now);
    if (world_check_year(w, now.year, &problem))
        return EX_OK;
    finding_lines_problem(lines, "city", &problem);
    return EX_CONFIG;
}

/* Its form is known to who counts by it alone. */
static int check_day_ends(const struct config *config, struct finding_lines *lines)
{
    int64_t ends_ms;
    struct problem problem;
    if (city_day_ends_read(config->city.day_ends, &ends_ms))
        return EX_OK;
    problem_set(&problem, "city.day_ends: \"%.*s\": expected a time from 00:00 to 23:59",
                PROBLEM_ARG(config->city.day_ends));
    finding_lines_problem(lines, lines->config, &problem);
    return EX_CONFIG;
}

struct request {
    const char *config, *against;
    bool quiet;
    struct look look;
};

static int run_request(struct request *r)
{
    struct city city;
    struct world_texts texts = {0};
    struct names *names = names_new(CITY_NAMES_MAX);
    struct finding_lines lines = {.command = command, .json = r->look.json};
    int code = city_open_checked(&city, names, &lines, r->config, r->against != NULL ? &texts : NULL);
    if (code == EX_OK)
        code = check_calendar(city.world, &lines);
    if (code == EX_OK)
        code = check_day_ends(&city.config, &lines);
    if (!r->look.json || !r->quiet || lines.errors + lines.warnings > 0)
        finding_lines_end(&lines, code == EX_OK ? city.world : NULL);
    if (code == EX_OK && !r->quiet && !r->look.json)
        print_summary(city.world);
    if (code == EX_OK && r->against != NULL)
        code = against(&city, &texts, r->against, &r->look, command);
    world_texts_fini(&texts);
    city_fini_beside(&city);
    names_free(names);
    return code;
}

static int run(int argc, char **argv)
{
    struct request request = {0};
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "config", "FILE", "the configuration", &request.config},
        {ARGUMENT_TEXT, "against", "OLD.yaml", "also tell what it changes against this one",
         &request.against},
        {ARGUMENT_FLAG, "quiet", NULL, "say nothing when all is well", &request.quiet},
        LOOK_ARGUMENTS(&request.look),
        {0},
    };
    const struct command_line line = {
        command,
        "--config FILE [--json] [--against OLD.yaml [--redis HOST:PORT]]",
        "Reads a configuration with its fences, fleet and calendar as muckwatchd would, and tells what is "
        "in\n"
        "it, or all that is wrong: exit code 78, with file, line, place and reason. What is allowed but "
        "hardly\n"
        "meant (classes that no vehicle has, plates twice, permits that have expired, fences far from all\n"
        "others) is a warning. With --against also what it "
        "changes\n"
        "against another configuration, and with --redis which open violations it would close when it comes\n"
        "into force.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (request.config == NULL || (request.look.redis != NULL && request.against == NULL)) {
        fprintf(stderr, "%s: --config FILE is needed, and --against OLD.yaml with --redis\n", command);
        return EX_USAGE;
    }
    return run_request(&request);
}

const struct ctl_command ctl_check = {"check", "say whether a configuration is good, and what is in it", run};
