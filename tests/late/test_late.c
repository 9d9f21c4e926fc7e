/*
 * Whatever the order in which fixes come, what stands in the end is what a replay of them in order of time finds.
 *
 *     test_late [--seeds N] [--from SEED] [--print DIR]
 *
 * Each seed is a city with drives, or vehicles of the sample day, and an order of arrival. It is looked at
 *
 * - that the settled set is that of the same fixes in order of time, each once, judged with late off, but for what
 *   depends on arrival (offline, a wrong clock);
 * - with other distances of checkpoints and other waits, once more;
 * - that each id is told opened, then any of updated, closed, withdrawn, with revisions 1, 2, 3 and nothing twice;
 * - that in order late data changes nothing, to the byte, and repeats ask for nothing;
 * - that the same again gives the same bytes, also where what lies beyond the horizon is forgotten.
 */
#include "late_trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS INT64_C(3600000)

struct trial {
    uint64_t seed;
    const char *print_dir;
    struct chance c;
    struct world_made w;
    struct telling_texts texts;
    struct drives d;
    struct arrivals a;
    struct town *town;
    struct mark mark;
    bool sample, marked, repeats;
    bool
        many; /* findings of one vehicle: more than are remembered for `repeat`, which then depends on `offline` too */
    struct buf arriving, ordered, wrong;
    struct told expected, found, again;
    int64_t until_ms, horizon_ms;
    struct totals {
        uint64_t trials, worlds, phones, fixes, late, clock, added, too_late, redos, corrections, withdrawn,
            again;
        uint64_t settled, failed, many;
    } * totals;
};

static struct late_settings some_settings(struct chance *c, int64_t horizon_ms)
{
    static const int64_t checkpoints_s[] = {60, 300, 900, 900, 3600, 86400};
    static const int64_t quiets_s[] = {1, 10, 10, 60, 600}, waits_s[] = {30, 60, 60, 300, 3600};
    return (struct late_settings){.horizon_ms = horizon_ms,
                                  .quiet_ms = quiets_s[chance_below(c, 5)] * 1000,
                                  .max_wait_ms = waits_s[chance_below(c, 5)] * 1000,
                                  .checkpoint_ms = checkpoints_s[chance_below(c, 6)] * 1000};
}

/* Another world: one of its fences is elsewhere from then on, or there is none. */
static bool other_world(struct trial *t)
{
    if (t->w.fence_count == 0)
        return false;
    uint32_t i = chance_below(&t->c, t->w.fence_count);
    struct made_fence was = t->w.fences[i];
    static const struct telling how = {.lat = 30.5, .lon = 113};
    if (chance_one_in(&t->c, 2))
        t->w.fences[i].gone = true;
    else
        world_shape(&t->w, &t->w.fences[i], &t->c, 60, 700);
    texts_tell(&t->texts, &t->w, &how);
    t->w.fences[i] = was;
    return town_add(t->town, &t->texts);
}

static bool make_city(struct trial *t)
{
    static const unsigned themes[] = {THEME_ALL,   THEME_ALL,   THEME_BANS, THEME_PLACES | THEME_AREAS,
                                      THEME_HAULS, THEME_HAULS, THEME_ALL};
    static const struct telling how = {.lat = 30.5, .lon = 113};
    unsigned theme = themes[chance_below(&t->c, 7)];
    world_make(&t->w, t->seed, theme);
    drives_legs(&t->w, theme, &t->c);
    texts_tell(&t->texts, &t->w, &how);
    drives_make(&t->d, &t->w, &t->texts, &t->c);
    if (!town_add(t->town, &t->texts))
        return false;
    /* A world that names a gone thing is refused, and then there is none. */
    t->marked = chance_one_in(&t->c, 4) && other_world(t);
    return true;
}

static bool make_trial(struct trial *t)
{
    t->c = chance_of(t->seed, 77);
    t->town = town_new();
    drives_init(&t->d);
    t->sample = t->seed % 16 == 15;
    t->marked = false;
    if (t->sample ? !drives_sample(&t->d, &t->c) || !town_add_sample(t->town) : !make_city(t))
        return false;
    t->repeats = chance_one_in(&t->c, 12);
    t->horizon_ms = chance_one_in(&t->c, 4) ? (int64_t)chance_between(&t->c, 0.5, 6) * HOUR_MS : 24 * HOUR_MS;
    t->horizon_ms = t->horizon_ms > 0 ? t->horizon_ms : HOUR_MS / 2;
    struct arrival_wish wish = {.in_order = t->repeats, .no_latency = t->marked, .horizon_ms = t->horizon_ms};
    arrivals_make(&t->a, &t->d, &wish, &t->c);
    t->mark.at_ms = t->marked ? arrivals_pause(&t->a, &t->d, &t->c) : TIME_NONE_MS;
    t->marked = t->mark.at_ms != TIME_NONE_MS;
    t->mark.hash = t->marked ? town_hash(t->town, 1) : NULL;
    lines_arriving(&t->a, &t->d, t->marked ? &t->mark : NULL, &t->arriving);
    lines_in_order(&t->a, &t->d, t->marked ? &t->mark : NULL, &t->ordered);
    t->until_ms = t->a.list[t->a.count - 1].received_ms + 30 * HOUR_MS;
    return true;
}

static void say(struct trial *t, const char *what, size_t before)
{
    if (t->wrong.len > before)
        buf_printf(&t->wrong, "  ^ %s\n", what);
}

static void run(struct trial *t, struct buf *lines, struct late_settings late, struct told *out)
{
    struct run_wish wish = {.late = late, .until_ms = t->until_ms, .forgets = out == &t->again};
    if (!town_run(t->town, buf_text(lines), &wish, out))
        buf_puts(&t->wrong, "  the replay ended early\n");
}

static bool same_bytes(const struct buf *a, const struct buf *b)
{
    return text_equal(buf_text(a), buf_text(b));
}

static void check_order(struct trial *t, struct late_settings late)
{
    size_t before = t->wrong.len;
    sequences_check(buf_text(&t->expected.stream), buf_text(&t->expected.settled), &t->wrong);
    say(t, "sequences in order", before);
    t->many = settled_most(buf_text(&t->expected.settled)) > 40;
    t->totals->many += t->many;
    run(t, &t->ordered, late, &t->found);
    if (t->found.redos + t->found.corrections > 0 || !same_bytes(&t->found.stream, &t->expected.stream))
        buf_puts(&t->wrong, "  in order, late data changed something\n");
}

/* Nothing but repeats came late: all is told as if late data were left alone. */
static void check_repeats(struct trial *t)
{
    run(t, &t->arriving, (struct late_settings){0}, &t->again);
    if (t->found.corrections > 0 || !same_bytes(&t->again.stream, &t->found.stream))
        buf_puts(&t->wrong, "  repeats alone were corrected\n");
}

static void check_arrivals(struct trial *t, struct late_settings late)
{
    run(t, &t->arriving, late, &t->found);
    size_t before = t->wrong.len;
    if (!t->many)
        settled_compare(buf_text(&t->expected.settled), buf_text(&t->found.settled), &t->wrong);
    say(t, "settled", before);
    before = t->wrong.len;
    t->totals->again += sequences_check(buf_text(&t->found.stream), buf_text(&t->found.settled), &t->wrong);
    say(t, "sequences", before);
    if (t->repeats)
        check_repeats(t);
    if (!chance_one_in(&t->c, 4))
        return;
    run(t, &t->arriving, late, &t->again);
    if (!same_bytes(&t->again.stream, &t->found.stream))
        buf_puts(&t->wrong, "  the same again gave other bytes\n");
}

static void print_file(const char *dir, const char *name, struct text bytes)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    if (f == NULL || fwrite(bytes.data, 1, bytes.len, f) != bytes.len || fclose(f) != 0)
        fprintf(stderr, "%s: not written\n", path);
}

static void print_trial(struct trial *t)
{
    static const struct telling how = {.lat = 30.5, .lon = 113};
    for (int i = 0; i < FILES && !t->sample; i++) {
        texts_tell(&t->texts, &t->w, &how);
        print_file(t->print_dir, file_names[i], buf_text(&t->texts.files[i]));
    }
    print_file(t->print_dir, "arriving.ndjson", buf_text(&t->arriving));
    print_file(t->print_dir, "ordered.ndjson", buf_text(&t->ordered));
    print_file(t->print_dir, "stream.ndjson", buf_text(&t->found.stream));
    print_file(t->print_dir, "found.ndjson", buf_text(&t->found.settled));
    print_file(t->print_dir, "expected.ndjson", buf_text(&t->expected.settled));
}

static void count(struct trial *t)
{
    struct totals *n = t->totals;
    n->trials++;
    n->fixes += t->a.count;
    n->late += t->found.late;
    n->redos += t->found.redos;
    n->corrections += t->found.corrections;
    n->withdrawn += t->found.withdrawn;
    n->clock += t->found.clock;
    n->added += t->found.added;
    n->too_late += t->found.too_late;
    n->worlds += t->marked;
    for (uint32_t i = 0; i < t->d.count; i++)
        n->phones += t->d.phone[i];
    n->settled += settled_count(buf_text(&t->expected.settled));
    n->failed += t->wrong.len > 0;
}

static void try_seed(struct trial *t)
{
    struct late_settings off = {0};
    buf_clear(&t->arriving);
    buf_clear(&t->ordered);
    buf_clear(&t->wrong);
    if (!make_trial(t)) {
        buf_puts(&t->wrong, "  the city was refused\n");
    } else {
        run(t, &t->ordered, off, &t->expected);
        check_order(t, some_settings(&t->c, t->horizon_ms));
        struct late_settings late = some_settings(&t->c, t->horizon_ms);
        check_arrivals(t, late);
        buf_printf(&t->wrong, t->wrong.len > 0 ? "  quiet %lld max_wait %lld checkpoint %lld%s\n" : "",
                   (long long)late.quiet_ms / 1000, (long long)late.max_wait_ms / 1000,
                   (long long)late.checkpoint_ms / 1000, t->marked ? " two worlds" : "");
        if (t->wrong.len == 0 && chance_one_in(&t->c, 3))
            check_arrivals(t, some_settings(&t->c, t->horizon_ms));
    }
    count(t);
    if (t->wrong.len > 0)
        fprintf(stderr, "seed %llu:\n%.*s", (unsigned long long)t->seed, (int)t->wrong.len, t->wrong.data);
    if (t->print_dir != NULL)
        print_trial(t);
    arrivals_fini(&t->a);
    drives_fini(&t->d);
    town_free(t->town);
}

static void trial_init(struct trial *t, struct totals *totals)
{
    memset(t, 0, sizeof *t);
    t->totals = totals;
    t->w.seconds = seconds_new();
    texts_init(&t->texts);
    buf_init(&t->arriving, 256 << 20);
    buf_init(&t->ordered, 256 << 20);
    buf_init(&t->wrong, 1 << 20);
    told_init(&t->expected);
    told_init(&t->found);
    told_init(&t->again);
}

static void trial_fini(struct trial *t)
{
    free(t->w.seconds);
    texts_fini(&t->texts);
    buf_fini(&t->arriving);
    buf_fini(&t->ordered);
    buf_fini(&t->wrong);
    told_fini(&t->expected);
    told_fini(&t->found);
    told_fini(&t->again);
}

static void print_totals(const struct totals *n)
{
    printf("%llu seeds, %llu of them over two worlds, %llu phones; %llu messages: %llu late, %llu too late, "
           "%llu by a "
           "wrong clock, %llu additions\n",
           (unsigned long long)n->trials, (unsigned long long)n->worlds, (unsigned long long)n->phones,
           (unsigned long long)n->fixes, (unsigned long long)n->late, (unsigned long long)n->too_late,
           (unsigned long long)n->clock, (unsigned long long)n->added);
    printf("%llu stretches judged again, %llu corrections, %llu of them withdrawn, %llu found again; %llu "
           "findings in the end; %llu seeds with too many findings for their repeats; %llu failed\n",
           (unsigned long long)n->redos, (unsigned long long)n->corrections, (unsigned long long)n->withdrawn,
           (unsigned long long)n->again, (unsigned long long)n->settled, (unsigned long long)n->many,
           (unsigned long long)n->failed);
}

int main(int argc, char **argv)
{
    static struct trial t;
    static struct totals n;
    uint64_t from = 1, seeds = 100;
    trial_init(&t, &n);
    for (int i = 1; i + 1 < argc; i += 2)
        if (strcmp(argv[i], "--seeds") == 0)
            seeds = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--from") == 0)
            from = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--print") == 0)
            t.print_dir = argv[i + 1];
    for (t.seed = from; t.seed < from + seeds; t.seed++)
        try_seed(&t);
    print_totals(&n);
    trial_fini(&t);
    /* A run in which nothing was late, or nothing found, shows nothing. */
    return n.failed == 0 && n.withdrawn > 0 && n.settled > 0 ? 0 : 1;
}
