/* The honest fleet as a program: figures per kind, or one vehicle's day for a closer look. Run by
 * `scripts/bench honest`. */
#include "fleet_run.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct program {
    struct run_options run;
    const char *dump, *folder;
    bool list, audit, all, help;
};

static const char usage[] =
    "usage: scripts/bench honest [OPTION...]\n"
    "\n"
    "200 trucks and sweepers in a real street net, fed to the engine; findings and warnings per kind.\n"
    "\n"
    "  --planted              plant deviations, and tell which of them were found\n"
    "  --interval S           seconds between fixes (10)\n"
    "  --error M              95 % of the receivers' errors are below (10)\n"
    "  --days N               how long (7)\n"
    "  --seed N               of the town and all that happens (1)\n"
    "  --every N              only each so manieth vehicle (1)\n"
    "  --silent               only those whose units say neither speed nor heading\n"
    "  --list                 each finding, with what was true; planted: those that went wrong\n"
    "  --all                  with --planted --list: all of them\n"
    "  --audit                also look whether the truth is honest\n"
    "  --dump VEHICLE FOLDER  write the city and the vehicle's fixes there, for `muckctl replay`\n";

static const struct option options[] = {{"planted", no_argument, NULL, 'p'},
                                        {"interval", required_argument, NULL, 'i'},
                                        {"error", required_argument, NULL, 'e'},
                                        {"days", required_argument, NULL, 'd'},
                                        {"seed", required_argument, NULL, 's'},
                                        {"every", required_argument, NULL, 'n'},
                                        {"list", no_argument, NULL, 'l'},
                                        {"all", no_argument, NULL, 'A'},
                                        {"audit", no_argument, NULL, 'a'},
                                        {"dump", required_argument, NULL, 'D'},
                                        {"silent", no_argument, NULL, 'q'},
                                        {"help", no_argument, NULL, 'h'},
                                        {0}};

static bool read_option(struct program *p, int c)
{
    switch (c) {
    case 'p':
        return p->run.planted = true;
    case 'i':
        return (p->run.interval_s = atoi(optarg)) > 0;
    case 'e':
        return (p->run.error95_m = atof(optarg)) >= 0;
    case 'd':
        return (p->run.days = atoi(optarg)) > 0;
    case 's':
        p->run.seed = strtoull(optarg, NULL, 10);
        return true;
    case 'n':
        return (p->run.every = (uint32_t)atoi(optarg)) > 0;
    case 'q':
        return p->run.silent = true;
    case 'l':
        return p->list = true;
    case 'A':
        return p->all = true;
    case 'a':
        return p->audit = true;
    case 'D':
        p->dump = optarg;
        return true;
    case 'h':
        return p->help = true;
    default:
        return false;
    }
}

static bool read_arguments(int argc, char **argv, struct program *p)
{
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;)
        if (!read_option(p, c))
            return false;
    if (p->dump != NULL && optind < argc)
        p->folder = argv[optind++];
    return optind == argc && (p->dump == NULL) == (p->folder == NULL);
}

static double cpu_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void print(const struct program *p, const struct score *score, const struct audit *audit,
                  const struct planted_list *planted)
{
    if (p->audit)
        printf("%llu true places looked at, %u dishonest\n", (unsigned long long)audit->looked,
               audit->faults);
    if (p->run.planted)
        planted_print(planted, score, stdout);
    else
        score_print(score, stdout);
    if (p->list && p->run.planted)
        planted_print_list(planted, score, stdout, p->all);
    else if (p->list)
        score_list(score, stdout);
}

static bool drive(const struct program *p, struct fleet_run *run)
{
    struct score score = {0};
    struct audit audit = {0};
    struct planted_list planted = {0};
    double from_s = cpu_s();
    printf("%s fleet: seed %llu, a fix each %d s, 95 %% of errors below %g m, %d days\n",
           p->run.planted ? "planted" : "honest", (unsigned long long)p->run.seed, p->run.interval_s,
           p->run.error95_m, p->run.days);
    bool ok =
        fleet_run_score(run, &p->run, &score, p->audit ? &audit : NULL, p->run.planted ? &planted : NULL);
    printf("%.0f vehicle-hours, %llu fixes, %u fences, %u permits, %.1f s\n", score.vehicle_hours,
           (unsigned long long)score.fixes, run->world->fence_count, run->world->permit_count,
           cpu_s() - from_s);
    print(p, &score, &audit, &planted);
    planted_free(&planted);
    score_free(&score);
    return ok;
}

int main(int argc, char **argv)
{
    struct program p = {.run = {.error95_m = 10, .interval_s = 10, .days = 7, .seed = 1, .every = 1}};
    struct fleet_run run = {0};
    if (!read_arguments(argc, argv, &p)) {
        fputs(usage, stderr);
        return 64;
    }
    if (p.help) {
        fputs(usage, stdout);
        return 0;
    }
    bool ok = fleet_run_open(&run, MW_DATA_DIR, &p.run);
    if (ok && p.dump != NULL)
        ok = fleet_run_dump(&run, &p.run, p.dump, p.folder);
    else if (ok)
        ok = drive(&p, &run);
    fleet_run_close(&run);
    return ok ? 0 : 1;
}
