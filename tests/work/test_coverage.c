/*
 * Coverage against the truth: a sweeper that drives 25 km over the streets of Cambridge, Massachusetts, at 7.9 km/h, with
 * errors that stay for a minute; also of its divided roads alone. Streets too short for a duty are driven
 * and not counted. Every other drive says its speed. Of what it swept, and of what it did not, so much may be missed or invented. Ten seeds with the argument `all`, else two.
 */
#include "road_drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bound {
    double interval_s, found, invented;
};

static const struct bound bounds[] = {
    {5, 0.985, 0.01}, {10, 0.985, 0.01}, {15, 0.975, 0.02}, {30, 0.95, 0.02}};
static const double errors_m[] = {4, 10, 15};
static const struct bound divided[] = {{5, 0.99, 0.02}, {10, 0.99, 0.02}, {15, 0.99, 0.02}, {30, 0.98, 0.02}};

static bool holds(const char *where, double swept_m, double found, double invented, const struct bound *bound)
{
    bool ok = found >= bound->found && invented <= bound->invented;
    printf("  %s: of %.1f km found %.2f %%, invented %.2f %%%s\n", where, swept_m / 1000, found * 100,
           invented * 100, ok ? "" : ": FAILS");
    return ok;
}

static bool hold(const struct drive_town *town, size_t way, double error_m, uint64_t seeds)
{
    struct drive_score s = {0};
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct drive_case c = {.seed = seed,
                               .length_m = 25000,
                               .error_m = error_m,
                               .interval_s = bounds[way].interval_s,
                               .speed_kmh = 7.9,
                               .says_speed = seed % 2 == 0};
        drive_case_run(town, &c, &s);
    }
    printf("error %2.0f m, each %2.0f s\n", error_m, bounds[way].interval_s);
    bool ok = holds("all roads", s.swept_m, s.found_m / s.swept_m, s.invented_m / s.swept_m, &bounds[way]);
    return holds("divided roads", s.divided_swept_m, s.divided_found_m / s.divided_swept_m,
                 s.divided_invented_m / s.divided_swept_m, &divided[way]) &&
           ok;
}

int main(int count, char **words)
{
    struct drive_town town;
    uint64_t seeds = count > 1 && strcmp(words[1], "all") == 0 ? 10 : 2;
    bool ok = drive_town_init(&town), all = ok;
    for (size_t i = 0; ok && i < sizeof bounds / sizeof bounds[0]; i++)
        for (size_t k = 0; k < sizeof errors_m / sizeof errors_m[0]; k++)
            all = hold(&town, i, errors_m[k], seeds) && all;
    drive_town_fini(&town);
    return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
