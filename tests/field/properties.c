/*
 * Properties of what is found: a world and its drives are changed in a way that changes nothing that was
 * driven, and the same has to be found.
 *
 *   properties NAME [--worlds N] [--seed N] [--print DIR] [--kinds LIST]
 *   properties --can-fail [--worlds N]
 *
 * A run prints the seeds of the worlds in which something else was found, with what differs in the smallest
 * world that a few hundred tries made of the first. With --seed it tries one; --print writes that smallest
 * world and drive, before and after the change, as files for `muckctl replay`. Seeds that failed once are
 * kept in properties_seeds.txt and tried first.
 *
 * How "the same" is meant (properties_cuts.c and properties_changes.c say it for each). Findings, trips and
 * warnings are compared entry by entry, each finding as a whole, whatever the order of what is said at one
 * moment. All fields are equal but `ruleset`, which names the world, and:
 *
 * - cutting: `fence`, `fences`, the texts that name them (and the `disposal` of a trip where disposals are
 *   cut), and an `id` whose subject was renamed; where the first piece keeps the id, or the subject is empty,
 *   `id` is equal too. A corridor in pieces is measured in several planes: within 1 cm, so within 2 ms.
 * - names: `fence`, `fences`, texts, `id`, `trip`, and the permits: of several that nothing driven sets apart
 *   the first by id is named. In order: `id` and `trip`, with names put back.
 * - place: coordinates less the shift; to the north within what the ellipsoid changes over 2 km. No place that is
 *   told lies on a border to the centimetre: on which side it is then its decimals decide.
 * - time: times less the shift; texts are not compared.
 * - permits: the permits, texts, and an `id` whose subject is the permit. One of the two keeps all that the
 *   one named: each is judged by itself, so two with half of its routes each do not allow what it does.
 * - order: to the byte.
 * - intervals: kind, start and end of each finding, start and end within an interval, in drives whose stays
 *   are longer than interval and confirmation, and whose crossings are 60 m and more.
 */
#include "properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SHOWN = 3, SPOILT_WORLDS = 16 };

/* What of a world is left out, to make it small. */
struct less {
    bool fences[FENCES_MAX], vehicles[VEHICLES_MAX], permits[PERMITS_MAX];
    uint32_t from[VEHICLES_MAX], to[VEHICLES_MAX];
};

struct trial {
    const struct property *property;
    bool spoilt;
    struct world_made *made, *before, *after;
    struct telling_texts texts[2];
    struct buf found[2], difference;
    uint32_t count;
    bool refused; /* a world that the loader does not take: a fault of the generator */
};

static void trial_init(struct trial *t, const struct property *p, bool spoilt)
{
    *t = (struct trial){.property = p, .spoilt = spoilt};
    struct world_made **worlds[] = {&t->made, &t->before, &t->after};
    for (int i = 0; i < 3; i++)
        if ((*worlds[i] = calloc(1, sizeof **worlds[i])) == NULL)
            abort();
    t->made->seconds = seconds_new();
    for (int i = 0; i < 2; i++) {
        texts_init(&t->texts[i]);
        buf_init(&t->found[i], 64 << 20);
    }
    buf_init(&t->difference, 64 << 20);
}

static void trial_fini(struct trial *t)
{
    free(t->made->seconds);
    free(t->made);
    free(t->before);
    free(t->after);
    for (int i = 0; i < 2; i++) {
        texts_fini(&t->texts[i]);
        buf_fini(&t->found[i]);
    }
    buf_fini(&t->difference);
}

static void copy(struct world_made *to, const struct world_made *from)
{
    memcpy(to->fences, from->fences, from->fence_count * sizeof from->fences[0]);
    memcpy(to->vehicles, from->vehicles, sizeof from->vehicles);
    memcpy(to->permits, from->permits, sizeof from->permits);
    memcpy(to->drives, from->drives, sizeof from->drives);
    to->seed = from->seed;
    to->fence_count = from->fence_count;
    to->vehicle_count = from->vehicle_count;
    to->permit_count = from->permit_count;
    to->seconds = from->seconds;
    to->took = from->took;
    to->tipped = from->tipped;
}

static void leave_out(struct world_made *w, const struct less *less)
{
    for (uint32_t i = 0; i < w->fence_count; i++)
        w->fences[i].gone |= less->fences[i];
    for (uint32_t i = 0; i < w->permit_count; i++)
        w->permits[i].gone |= less->permits[i];
    for (uint32_t i = 0; i < w->vehicle_count; i++) {
        struct drive *d = &w->drives[i];
        w->vehicles[i].gone |= less->vehicles[i];
        d->from = less->from[i] < d->to ? less->from[i] : d->to;
        if (less->to[i] > 0 && less->to[i] < d->to)
            d->to = less->to[i];
    }
}

/* Whether the world of this seed, or what is left of it, gives the same; what differs is in t->difference. */
static bool trial_same(struct trial *t, uint64_t seed, const struct less *less)
{
    struct chance c = chance_of(seed, 2);
    struct telling before = {.lat = 30.6, .lon = 104.06, .fine = t->property->fine}, after = before;
    struct sameness how = {0};
    world_make(t->made, seed, t->property->themes);
    copy(t->before, t->made);
    leave_out(t->before, less);
    if (t->property->prepare != NULL)
        t->property->prepare(t->before, &c);
    copy(t->after, t->before);
    t->property->change(t->after, &c, &after, &how);
    if (t->spoilt)
        t->property->spoil(t->after, &after);
    texts_tell(&t->texts[0], t->before, &before);
    texts_tell(&t->texts[1], t->after, &after);
    buf_clear(&t->difference);
    t->refused = false;
    for (int i = 0; i < 2; i++) {
        buf_clear(&t->found[i]);
        if (!texts_run(&t->texts[i], &t->found[i])) {
            buf_printf(&t->difference, "the world %s the change cannot be judged\n",
                       i == 0 ? "before" : "after");
            t->refused = true;
            return false;
        }
    }
    findings_compare(buf_text(&t->found[0]), buf_text(&t->found[1]), &how, &t->difference, &t->count);
    return t->difference.len == 0;
}

/* ---- making it small
 * ---------------------------------------------------------------------------------------------- */

static bool still(struct trial *t, uint64_t seed, const struct less *less)
{
    return !trial_same(t, seed, less) && !t->refused;
}

static void drop(struct trial *t, uint64_t seed, struct less *less, bool *flag)
{
    if (*flag)
        return;
    *flag = true;
    if (!still(t, seed, less))
        *flag = false;
}

/* Without what it names a permit would be another: an empty list means any. */
static bool named(const struct world_made *w, uint32_t thing)
{
    bool found = false;
    for (uint32_t i = 0; i < w->permit_count; i++) {
        const struct made_permit *p = &w->permits[i];
        found |= p->site == (int)thing;
        for (uint32_t k = 0; k < p->disposal_count; k++)
            found |= p->disposals[k] == thing;
        for (uint32_t k = 0; k < p->route_count; k++)
            found |= p->routes[k] == thing;
    }
    return found;
}

static void shorten(struct trial *t, uint64_t seed, struct less *less, uint32_t vehicle)
{
    const struct drive *d = &t->made->drives[vehicle];
    uint32_t every = d->every_s;
    if (less->to[vehicle] == 0)
        less->to[vehicle] = d->count;
    for (uint32_t step = d->count / 2 / every * every; step >= every; step = step / 2 / every * every) {
        struct less tried = *less;
        tried.to[vehicle] -= step < tried.to[vehicle] ? step : 0;
        if (tried.to[vehicle] > tried.from[vehicle] && still(t, seed, &tried))
            *less = tried;
        tried = *less;
        tried.from[vehicle] += step;
        if (tried.to[vehicle] > tried.from[vehicle] && still(t, seed, &tried))
            *less = tried;
    }
}

static void make_small(struct trial *t, uint64_t seed, struct less *less)
{
    world_make(t->made, seed, t->property->themes);
    uint32_t vehicles = t->made->vehicle_count, fences = t->made->fence_count,
             permits = t->made->permit_count;
    for (uint32_t i = 0; i < vehicles; i++)
        drop(t, seed, less, &less->vehicles[i]);
    for (uint32_t i = 0; i < fences; i++)
        if (!named(t->made, i))
            drop(t, seed, less, &less->fences[i]);
    for (uint32_t i = 0; i < permits; i++)
        drop(t, seed, less, &less->permits[i]);
    for (uint32_t i = 0; i < vehicles; i++)
        if (!less->vehicles[i] &&
            !(t->property->themes & THEME_PLAIN)) /* whose drives mean something only whole */
            shorten(t, seed, less, i);
    trial_same(t, seed, less);
}

/* ---- showing it
 * --------------------------------------------------------------------------------------------------- */

static bool write_file(const char *folder, const char *name, struct text bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    bool ok = f != NULL && fwrite(bytes.data, 1, bytes.len, f) == bytes.len;
    if (f == NULL || fclose(f) != 0 || !ok) {
        fprintf(stderr, "cannot write %s\n", path);
        return false;
    }
    return true;
}

static void print_files(const struct trial *t, const char *folder)
{
    static const char *const sides[] = {"before", "after"};
    mkdir(folder, 0777);
    for (int i = 0; i < 2; i++) {
        char side[400];
        snprintf(side, sizeof side, "%s/%s", folder, sides[i]);
        mkdir(side, 0777);
        for (int k = 0; k < FILES; k++)
            write_file(side, file_names[k], buf_text(&t->texts[i].files[k]));
        write_file(side, "fixes.ndjson", buf_text(&t->texts[i].fixes));
        write_file(side, "found.ndjson", buf_text(&t->found[i]));
    }
    printf("  written: %s/before and %s/after; muckctl replay --config muckwatch.yaml fixes.ndjson\n", folder,
           folder);
}

/* One seed. True when the same is found. */
static bool try_seed(struct trial *t, uint64_t seed, bool small, const char *folder)
{
    struct less less = {0};
    bool same = trial_same(t, seed, &less);
    if (!same && small) {
        if (!t->refused)
            make_small(t, seed, &less);
        printf("%s, seed %llu:\n%.*s", t->property->name, (unsigned long long)seed,
               TEXT_ARG(buf_text(&t->difference)));
    }
    if (folder != NULL)
        print_files(t, folder);
    return same;
}

/* Seeds that once failed, "NAME SEED" a line. */
static uint32_t try_kept(struct trial *t)
{
    FILE *f = fopen(MW_SOURCE_DIR "/tests/field/properties_seeds.txt", "r");
    char line[128], name[64];
    unsigned long long seed;
    uint32_t failed = 0;
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "%63s %llu", name, &seed) == 2 && strcmp(name, t->property->name) == 0)
            failed += !try_seed(t, seed, true, NULL);
    if (f != NULL)
        fclose(f);
    return failed;
}

static uint32_t try_many(struct trial *t, uint32_t worlds, uint32_t shown, uint32_t *out_told)
{
    uint32_t failed = 0;
    *out_told = 0;
    for (uint64_t seed = 1; seed <= worlds; seed++) {
        bool same = try_seed(t, seed, failed < shown, NULL);
        *out_told += t->count > 0;
        same |= t->refused && t->spoilt;
        if (!same && failed++ >= shown && shown > 0)
            printf("%s%llu", failed == shown + 1 ? "also: " : " ", (unsigned long long)seed);
    }
    return failed;
}

static int run_property(const struct property *p, uint32_t worlds)
{
    struct trial t;
    uint32_t told;
    trial_init(&t, p, false);
    uint32_t failed = try_kept(&t) + try_many(&t, worlds, SHOWN, &told);
    printf("%s%s: %s: %u worlds from seed 1, in %u something was found, in %u not the same\n",
           failed > SHOWN ? "\n" : "", p->name, p->says, worlds, told, failed);
    trial_fini(&t);
    /* A world in which nothing is found shows little. */
    return failed > 0 || told < worlds / 4;
}

/* Each comparison sees what a slip would do, or it shows nothing. */
static int run_spoilt(uint32_t worlds)
{
    int wrong = 0;
    for (uint32_t i = 0; i < property_count; i++) {
        struct trial t;
        uint32_t told;
        trial_init(&t, &properties[i], true);
        uint32_t failed = try_many(&t, worlds, 0, &told);
        printf("%s: spoilt in %u worlds, seen in %u\n", properties[i].name, worlds, failed);
        wrong |= failed < worlds / 8;
        trial_fini(&t);
    }
    return wrong;
}

static const struct property *property_of(const char *name)
{
    for (uint32_t i = 0; i < property_count; i++)
        if (strcmp(properties[i].name, name) == 0)
            return &properties[i];
    return NULL;
}

int main(int argc, char **argv)
{
    const struct property *p = argc > 1 ? property_of(argv[1]) : NULL;
    uint32_t worlds = p != NULL ? p->worlds : SPOILT_WORLDS;
    uint64_t seed = 0;
    const char *folder = NULL;
    bool spoilt = argc > 1 && strcmp(argv[1], "--can-fail") == 0;
    for (int i = 2; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--worlds") == 0)
            worlds = (uint32_t)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--print") == 0)
            folder = argv[i + 1];
    if (p == NULL && !spoilt) {
        for (uint32_t i = 0; i < property_count; i++)
            fprintf(stderr, "%-16s %s\n", properties[i].name, properties[i].says);
        return 2;
    }
    if (p == NULL || seed == 0)
        return spoilt ? run_spoilt(worlds) : run_property(p, worlds);
    struct trial t;
    trial_init(&t, p, false);
    bool same = try_seed(&t, seed, true, folder);
    trial_fini(&t);
    return !same;
}
