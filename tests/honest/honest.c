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
    bool list, audit;
};

static int usage(void)
{
    fputs("usage: scripts/bench honest [--interval S] [--error M] [--days N] [--seed N] [--every N] [--list] "
          "[--audit]\n"
          "                            [--dump VEHICLE FOLDER]\n",
          stderr);
    return 64;
}

static bool read_arguments(int argc, char **argv, struct program *p)
{
    static const struct option options[] = {{"interval", required_argument, NULL, 'i'},
                                            {"error", required_argument, NULL, 'e'},
                                            {"days", required_argument, NULL, 'd'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"every", required_argument, NULL, 'n'},
                                            {"list", no_argument, NULL, 'l'},
                                            {"audit", no_argument, NULL, 'a'},
                                            {"dump", required_argument, NULL, 'D'},
                                            {0}};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 'i':
            p->run.interval_s = atoi(optarg);
            break;
        case 'e':
            p->run.error95_m = atof(optarg);
            break;
        case 'd':
            p->run.days = atoi(optarg);
            break;
        case 's':
            p->run.seed = strtoull(optarg, NULL, 10);
            break;
        case 'n':
            p->run.every = (uint32_t)atoi(optarg);
            break;
        case 'l':
            p->list = true;
            break;
        case 'a':
            p->audit = true;
            break;
        case 'D':
            p->dump = optarg;
            break;
        default:
            return false;
        }
    }
    if (p->dump != NULL && optind < argc)
        p->folder = argv[optind++];
    return optind == argc && (p->dump == NULL) == (p->folder == NULL) && p->run.interval_s > 0 &&
           p->run.days > 0 && p->run.every > 0 && p->run.error95_m >= 0;
}

static double cpu_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static int run(const struct program *p)
{
    struct fleet_run run;
    struct score score = {0};
    struct audit audit = {0};
    bool ok = fleet_run_open(&run, MW_DATA_DIR, p->run.seed);
    if (ok && p->dump != NULL) {
        ok = fleet_run_dump(&run, &p->run, p->dump, p->folder);
    } else if (ok) {
        double from_s = cpu_s();
        printf("honest fleet: seed %llu, a fix each %d s, 95 %% of errors below %g m, %d days\n",
               (unsigned long long)p->run.seed, p->run.interval_s, p->run.error95_m, p->run.days);
        ok = fleet_run_score(&run, &p->run, &score, p->audit ? &audit : NULL);
        printf("%.0f vehicle-hours, %llu fixes, %u fences, %u permits, %.1f s\n", score.vehicle_hours,
               (unsigned long long)score.fixes, run.world->fence_count, run.world->permit_count,
               cpu_s() - from_s);
        if (p->audit)
            printf("%llu true places looked at, %u dishonest\n", (unsigned long long)audit.looked,
                   audit.faults);
        score_print(&score, stdout);
        if (p->list)
            score_list(&score, stdout);
    }
    score_free(&score);
    fleet_run_close(&run);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct program p = {.run = {.error95_m = 10, .interval_s = 10, .days = 7, .seed = 1, .every = 1}};
    return read_arguments(argc, argv, &p) ? run(&p) : usage();
}
