/*
 * The feed against lists that are simply kept: entries of several streams, clients of several scopes that take what they like when they like,
 * go away and come back to where they were. Whoever it is, between two places it was told there is exactly one entry that its scope
 * covers, and in the end none behind the last; and where it believes vehicles to be is where they are.
 */
#include "../cmocka_all.h"
#include "../codec/random.h"
#include "feed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 2, ITEMS_MAX = 4000, CLIENTS = 12, VEHICLES = 300, ALERTS = 60, HELD_MAX = 4 << 20 };

static const struct hash_key key = {7, 9};
static const char *const districts[] = {"city/east", "city/west", ""};

struct told {
    struct entry_id id;
    char alert[DESK_ID_LENGTH];
    bool of_all;
};

struct listener {
    bool open, dropped, ended, whole;
    uint64_t ticket;
    struct feed_wish wish;
    struct scope scope;
    struct buf held;   /* pushed, and not taken */
    struct buf parsed; /* taken, and no whole event yet */
    struct feed_part parts[PARTS];
    struct feed_place place;
    uint64_t pushes, resets;
    double lat_deg[VEHICLES]; /* NAN: not known */
};

struct world {
    struct feed *feed;
    struct feed_log *log;
    struct register_book *book;
    struct fleet_now *fleet;
    struct told items[PARTS][FEED_STREAM_COUNT][ITEMS_MAX];
    size_t count[PARTS][FEED_STREAM_COUNT];
    struct listener listeners[CLIENTS];
    struct random random;
    int64_t now_ms;
    uint32_t revs[ALERTS];
};

static struct listener *of(struct world *w, uint64_t ticket)
{
    return &w->listeners[ticket % CLIENTS];
}

static bool push(void *arg, uint64_t ticket, struct web_chunk *chunk)
{
    struct listener *l = of(arg, ticket);
    assert_true(l->open && l->ticket == ticket && !l->ended);
    l->pushes++;
    buf_put(&l->held, chunk->bytes, chunk->len);
    assert_true(buf_ok(&l->held));
    return true;
}

static size_t unsent(void *arg, uint64_t ticket)
{
    return of(arg, ticket)->held.len;
}

static void end(void *arg, uint64_t ticket, bool politely)
{
    struct listener *l = of(arg, ticket);
    assert_true(l->open && l->ticket == ticket);
    l->ended = true;
    l->dropped = !politely;
}

/* East and west of a vehicle, as of a district. */
static bool covers(void *arg, const struct scope *scope, struct vehicle_now *v)
{
    (void)arg;
    const char *place = v->lat_deg < 50 ? "city/west" : "city/east";
    return scope_covers(scope, text_of(place), TEXT("green"));
}

static void beat(void *arg, struct buf *out)
{
    (void)arg;
    buf_puts(out, ",\"partitions\":[]");
}

static void alert_id(size_t n, char out[DESK_ID_LENGTH])
{
    memset(out, 'a', DESK_ID_LENGTH);
    out[0] = (char)('a' + n / 26);
    out[1] = (char)('a' + n % 26);
}

/* ---- what a listener hears ---- */

static bool is_covered(struct world *w, const struct listener *l, const struct told *t)
{
    uint32_t number;
    if (t->of_all)
        return true;
    if (t->alert[0] == '\0' || !register_look(w->book, (struct text){t->alert, DESK_ID_LENGTH},
                                              (struct register_scope){NULL, NULL}, &number))
        return false;
    return scope_covers(&l->scope, register_of(w->book, number, COLUMN_JURISDICTION),
                        register_of(w->book, number, COLUMN_COMPANY));
}

static size_t covered_between(struct world *w, const struct listener *l, const struct feed_place *a,
                              const struct feed_place *b)
{
    size_t n = 0;
    for (size_t p = 0; p < PARTS; p++)
        for (size_t s = 0; s < FEED_STREAM_COUNT; s++) {
            assert_true(entry_id_compare(a->parts[p].at[s], b->parts[p].at[s]) <= 0);
            for (size_t i = w->count[p][s];
                 i-- > 0 && entry_id_compare(w->items[p][s][i].id, a->parts[p].at[s]) > 0;)
                n += entry_id_compare(w->items[p][s][i].id, b->parts[p].at[s]) <= 0 &&
                     is_covered(w, l, &w->items[p][s][i]);
        }
    return n;
}

static void hear_moves(struct listener *l, const char *data)
{
    if (strstr(data, "\"whole\":true") != NULL)
        for (size_t i = 0; i < VEHICLES; i++)
            l->lat_deg[i] = NAN;
    for (const char *at = data; (at = strstr(at, "[\"v")) != NULL && at < strstr(data, "\"gone\""); at++)
        l->lat_deg[atoi(at + 3)] = atof(strchr(at, ',') + 1);
    for (const char *at = strstr(data, "\"gone\""); (at = strstr(at, "\"v")) != NULL; at++)
        l->lat_deg[atoi(at + 2)] = NAN;
}

static void hear(struct world *w, struct listener *l, char *event)
{
    char *id = strstr(event, "\nid: "), *data = strstr(event, "\ndata: ");
    assert_non_null(data);
    if (strncmp(event, "event: pos", 10) == 0) {
        hear_moves(l, data);
        return;
    }
    if (strncmp(event, "event: reset", 12) == 0)
        l->resets++;
    if (id == NULL || id > data)
        return;
    struct feed_part parts[PARTS];
    struct feed_place place = {parts, PARTS};
    memcpy(parts, l->parts, sizeof parts);
    assert_int_equal(feed_place_read((struct text){id + 5, strcspn(id + 5, "\n")}, &place), FEED_PLACE_OK);
    if (strncmp(event, "event: reset", 12) != 0)
        assert_int_equal(covered_between(w, l, &l->place, &place), 1);
    memcpy(l->parts, parts, sizeof parts);
}

/* Some of what was pushed, or all. */
static void take(struct world *w, struct listener *l, size_t most)
{
    size_t n = l->held.len < most ? l->held.len : most;
    buf_put(&l->parsed, l->held.data, n);
    if (n > 0)
        memmove(l->held.data, l->held.data + n, l->held.len - n);
    l->held.len -= n;
    buf_put_char(&l->parsed, '\0');
    assert_true(buf_ok(&l->parsed));
    l->parsed.len--;
    char *at = l->parsed.data, *stop;
    while ((stop = strstr(at, "\n\n")) != NULL) {
        *stop = '\0';
        hear(w, l, at);
        at = stop + 2;
    }
    l->parsed.len -= (size_t)(at - l->parsed.data);
    memmove(l->parsed.data, at, l->parsed.len);
    if (n > 0 && l->held.len == 0 && !l->ended)
        feed_drained(w->feed, l->ticket, w->now_ms);
}

static void open_one(struct world *w, struct listener *l)
{
    l->ticket += CLIENTS;
    l->ended = l->dropped = false;
    buf_clear(&l->held);
    buf_clear(&l->parsed);
    l->wish.from = &l->place;
    l->wish.scope = &l->scope;
    l->open = feed_open(w->feed, l->ticket, &l->wish) == FEED_OPENED;
    assert_true(l->open);
}

/* ---- what happens ---- */

static uint64_t below(struct world *w, uint64_t n)
{
    return random_below(&w->random, (unsigned)n);
}

static void put(struct world *w, size_t part, enum feed_stream s, const struct feed_item *item, bool of_all)
{
    struct told *t = &w->items[part][s][w->count[part][s]++];
    assert_true(w->count[part][s] < ITEMS_MAX);
    *t = (struct told){.id = item->id, .of_all = of_all};
    if (item->kind == FEED_ALERT || item->kind == FEED_ACTION)
        memcpy(t->alert, item->alert, DESK_ID_LENGTH);
    feed_take(w->feed, part, s, item, w->now_ms);
}

static void violation(struct world *w, struct feed_item *item)
{
    char rev[16], start[24];
    size_t n = below(w, ALERTS);
    alert_id(n, item->alert);
    snprintf(rev, sizeof rev, "%u", ++w->revs[n]);
    snprintf(start, sizeof start, "%lld", (long long)(1000 + n));
    const struct field fields[] = {{TEXT("id"), {item->alert, DESK_ID_LENGTH}},
                                   {TEXT("rev"), text_of(rev)},
                                   {TEXT("event"), TEXT("opened")},
                                   {TEXT("vehicle"), TEXT("v")},
                                   {TEXT("start"), text_of(start)},
                                   {TEXT("company"), TEXT("green")},
                                   {TEXT("jurisdiction"), text_of(districts[n % 3])}};
    assert_int_not_equal(
        register_take_violation(w->book, (struct register_place){0, item->id}, (struct fields){fields, 7}),
        REGISTER_STRANGE);
    item->kind = FEED_ALERT;
}

static void happen(struct world *w)
{
    static char shift[] = "{\"rev\":1}";
    size_t part = below(w, PARTS), n = below(w, ALERTS);
    enum feed_stream s = (enum feed_stream)below(w, FEED_STREAM_COUNT);
    /* Several in one millisecond. */
    w->now_ms += (int64_t)below(w, 3) / 2;
    const struct entry_id *last = &feed_log_end(w->log)->parts[part].at[s];
    struct feed_item item = {.id = {w->now_ms, last->ms == w->now_ms ? last->n + 1 : 0}};
    if (s == FEED_VIOLATIONS) {
        violation(w, &item);
    } else if (s == FEED_ACTIONS && w->revs[n] > 0) {
        alert_id(n, item.alert);
        item.kind = FEED_ACTION;
    } else if (s == FEED_SHIFTS || s == FEED_WORLDS) {
        item.kind = s == FEED_SHIFTS ? FEED_SHIFT : FEED_WORLD;
    }
    if (item.kind != FEED_NOTHING && item.kind != FEED_ALERT) {
        item.bytes = shift;
        item.len = sizeof shift - 1;
    }
    put(w, part, s, &item, item.kind == FEED_SHIFT || item.kind == FEED_WORLD);
}

static void move(struct world *w)
{
    char moves[96];
    snprintf(moves, sizeof moves, "[[\"v%u\",%u,%u,3,4,5,1]]", (unsigned)below(w, VEHICLES),
             (unsigned)below(w, 90), (unsigned)below(w, 180));
    assert_true(fleet_now_take_moves(w->fleet, 0, text_of(moves)));
}

/* Some vehicles go. */
static void sweep(struct world *w)
{
    fleet_now_sweep_begin(w->fleet, 0);
    for (size_t i = 0; i < VEHICLES; i++)
        move(w);
    fleet_now_sweep_end(w->fleet, 0);
}

static void tick(struct world *w)
{
    w->now_ms += FEED_TICK_MS;
    feed_tick(w->feed, 1, w->now_ms, w->now_ms);
}

static void come_and_go(struct world *w, struct listener *l)
{
    if (l->open && (l->ended || below(w, 40) == 0)) {
        if (!l->ended)
            feed_gone(w->feed, l->ticket);
        l->open = false;
        l->ended = true;
    } else if (!l->open && below(w, 4) == 0) {
        open_one(w, l);
    }
}

static void begin(struct world *w, size_t log_bytes)
{
    static const uint32_t partitions[PARTS] = {3, 0};
    static struct text east = {"city/east", 9}, company = {"green", 5};
    static const struct register_settings settings = {
        REGISTER_BYTES_MAX, REGISTER_KEEP_MS, {1, 2}, &desk_settings_usual};
    const struct feed_sink sink = {push, unsent, end, covers, beat, w};
    w->now_ms = 1000000;
    w->log = feed_log_new(partitions, PARTS, log_bytes);
    w->feed = feed_new(w->log, &sink, 100);
    w->book = register_new(&settings);
    w->fleet = fleet_now_new(key, VEHICLES);
    feed_use(w->feed, &(struct feed_memory){w->book, w->fleet});
    for (size_t i = 0; i < CLIENTS; i++) {
        struct listener *l = &w->listeners[i];
        l->ticket = i;
        l->place = (struct feed_place){l->parts, PARTS};
        memcpy(l->parts, feed_log_end(w->log)->parts, sizeof l->parts);
        l->wish.pos_s = (unsigned)(i % 3);
        if (i % 4 == 1)
            l->scope.jurisdictions = (struct text_list){.items = &east, .count = 1};
        if (i % 4 == 2)
            l->scope.companies = (struct text_list){.items = &company, .count = 1};
        l->wish.boxed = i % 5 == 4;
        l->wish.box = (struct feed_box){20, 10, 100, 70};
        buf_init(&l->held, HELD_MAX);
        buf_init(&l->parsed, HELD_MAX);
        l->wish.owner.name[0] = (char)('a' + i);
        l->wish.owner.name_length = 1;
    }
}

static void finish(struct world *w)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        buf_fini(&w->listeners[i].held);
        buf_fini(&w->listeners[i].parsed);
    }
    feed_free(w->feed);
    feed_log_free(w->log);
    register_free(w->book);
    fleet_now_free(w->fleet);
}

static void check_moves(struct world *w, const struct listener *l)
{
    for (size_t n = 0; n < VEHICLES; n++) {
        char id[16];
        snprintf(id, sizeof id, "v%zu", n);
        struct vehicle_now *v = fleet_now_find(w->fleet, text_of(id));
        bool covered = v != NULL && (scope_is_whole(&l->scope) || covers(NULL, &l->scope, v));
        const struct feed_box *box = &l->wish.box;
        if (covered && l->wish.boxed)
            covered = v->lat_deg >= box->south && v->lat_deg <= box->north && v->lon_deg >= box->west &&
                      v->lon_deg <= box->east;
        if (l->wish.pos_s == 0 || !covered)
            assert_true(isnan(l->lat_deg[n]));
        else
            assert_true(l->lat_deg[n] == v->lat_deg);
    }
}

static void play(uint64_t seed)
{
    struct world *w = calloc(1, sizeof *w);
    w->random = random_seeded(seed);
    begin(w, FEED_LOG_BYTES);
    for (size_t i = 0; i < CLIENTS; i++)
        for (size_t n = 0; n < VEHICLES; n++)
            w->listeners[i].lat_deg[n] = NAN;
    for (unsigned round = 0; round < 250; round++) {
        /* Now and then far more at once than a piece holds. */
        for (uint64_t n = below(w, round % 50 == 7 ? 1200 : 8); n > 0; n--)
            happen(w);
        for (uint64_t n = below(w, 30); n > 0; n--)
            move(w);
        if (round % 100 == 50)
            sweep(w);
        for (size_t i = 0; i < CLIENTS; i++) {
            struct listener *l = &w->listeners[i];
            come_and_go(w, l);
            if (l->open && below(w, 3) > 0)
                take(w, l, below(w, 2) > 0 ? HELD_MAX : below(w, 3000));
        }
        tick(w);
    }
    for (size_t i = 0; i < CLIENTS; i++)
        if (!w->listeners[i].open || w->listeners[i].ended)
            open_one(w, &w->listeners[i]);
    for (unsigned round = 0; round < 100; round++) {
        tick(w);
        for (size_t i = 0; i < CLIENTS; i++)
            take(w, &w->listeners[i], HELD_MAX);
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        struct listener *l = &w->listeners[i];
        assert_int_equal(covered_between(w, l, &l->place, feed_log_end(w->log)), 0);
        assert_int_equal(l->resets, 0);
        check_moves(w, l);
    }
    finish(w);
    free(w);
}

static void test_exactly_once(void **state)
{
    for (uint64_t seed = 1; seed <= 2; seed++)
        play(seed);
}

/* One listener alone, of everything, live. */
static struct world *one_live(size_t log_bytes)
{
    struct world *w = calloc(1, sizeof *w);
    w->random = random_seeded(5);
    begin(w, log_bytes);
    open_one(w, &w->listeners[0]);
    tick(w);
    take(w, &w->listeners[0], HELD_MAX);
    return w;
}

static void test_one_piece_a_tick(void **state)
{
    struct world *w = one_live(FEED_LOG_BYTES);
    struct listener *l = &w->listeners[0];
    uint64_t before = l->pushes;
    tick(w);
    assert_int_equal(l->pushes, before);
    for (unsigned i = 0; i < 50; i++)
        happen(w);
    assert_int_equal(l->pushes, before);
    tick(w);
    assert_int_equal(l->pushes, before + 1);
    finish(w);
    free(w);
}

static void test_who_takes_nothing(void **state)
{
    struct world *w = one_live(FEED_LOG_BYTES);
    struct listener *l = &w->listeners[0];
    size_t held = 0;
    while (!l->ended && w->count[0][0] + 20 < ITEMS_MAX) {
        held = l->held.len;
        for (unsigned i = 0; i < 20; i++)
            happen(w);
        tick(w);
    }
    assert_true(l->ended && l->dropped && held <= FEED_UNSENT_MAX && held > FEED_UNSENT_MAX / 2);
    assert_int_equal(feed_figures(w->feed).dropped, 1);
    assert_int_equal(feed_figures(w->feed).streams, 0);
    assert_int_equal(feed_figures(w->feed).groups, 0);
    finish(w);
    free(w);
}

static void test_how_many(void **state)
{
    struct world *w = one_live(FEED_LOG_BYTES);
    struct scope scope = {0};
    struct feed_wish wish = {.scope = &scope, .owner = {.name = "a", .name_length = 1}};
    for (unsigned i = 1; i < FEED_STREAMS_A_USER; i++)
        assert_int_equal(feed_open(w->feed, 1000 + i, &wish), FEED_OPENED);
    assert_int_equal(feed_open(w->feed, 2000, &wish), FEED_USER_FULL);
    for (unsigned i = FEED_STREAMS_A_USER; i < 100; i++) {
        wish.owner.name_length = (size_t)snprintf(wish.owner.name, sizeof wish.owner.name, "u%u", i);
        assert_int_equal(feed_open(w->feed, 1000 + i, &wish), FEED_OPENED);
    }
    assert_int_equal(feed_open(w->feed, 2000, &wish), FEED_FULL);
    feed_gone(w->feed, 1001);
    assert_int_equal(feed_open(w->feed, 2000, &wish), FEED_OPENED);
    finish(w);
    free(w);
}

static bool keeps_none(void *arg, const struct feed_owner *owner)
{
    (void)arg, (void)owner;
    return false;
}

static void test_ends(void **state)
{
    struct world *w = one_live(FEED_LOG_BYTES);
    struct listener *l = &w->listeners[0];
    feed_settle(w->feed, keeps_none, NULL);
    assert_true(l->ended && l->dropped);
    open_one(w, l);
    happen(w);
    feed_forget(w->feed);
    assert_true(l->ended && !l->dropped);
    assert_non_null(strstr(l->held.data, "event: reset\ndata: {\"why\":\"store\"}"));
    assert_int_equal(feed_figures(w->feed).log_bytes, 0);
    finish(w);
    free(w);
}

/* From where nothing is known: before the log, behind its end, between its entries, and of other partitions. */
static void test_resets(void **state)
{
    static const char *const words[] = {"trimmed", "ahead", "strange", "strange"};
    struct world *w = one_live(20000);
    for (unsigned i = 0; i < 2000; i++)
        happen(w);
    assert_true(feed_figures(w->feed).log_bytes <= 20000);
    struct listener *l = &w->listeners[1];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        memcpy(l->parts, feed_log_end(w->log)->parts, sizeof l->parts);
        struct entry_id *id = &l->parts[1].at[FEED_ACTIONS];
        *id = i == 0   ? (struct entry_id){1, 0}
              : i == 1 ? (struct entry_id){id->ms + 5000, 0}
              : i == 2 ? (struct entry_id){id->ms - 1, 999}
                       : *id;
        l->wish.strange = i == 3;
        open_one(w, l);
        tick(w);
        assert_true(l->ended && !l->dropped);
        char why[32];
        snprintf(why, sizeof why, "{\"why\":\"%s\"}", words[i]);
        buf_put_char(&l->held, '\0');
        assert_non_null(strstr(l->held.data, why));
        l->open = false;
    }
    finish(w);
    free(w);
}

/* An alert that becomes another district's is gone for whoever knows the first alone. */
static void test_becomes_anothers(void **state)
{
    struct world *w = one_live(FEED_LOG_BYTES);
    struct listener *east = &w->listeners[1];
    static char was[] = "city/east\0green";
    struct feed_item item = {.id = {w->now_ms, 0}, .kind = FEED_ALERT};
    open_one(w, east);
    tick(w);
    buf_clear(&east->held);
    w->revs[1] = 1;
    alert_id(1, item.alert);
    const struct field fields[] = {{TEXT("id"), {item.alert, DESK_ID_LENGTH}},
                                   {TEXT("rev"), TEXT("9")},
                                   {TEXT("event"), TEXT("updated")},
                                   {TEXT("vehicle"), TEXT("v")},
                                   {TEXT("start"), TEXT("1001")},
                                   {TEXT("jurisdiction"), TEXT("city/west")}};
    register_take_violation(w->book, (struct register_place){0, item.id}, (struct fields){fields, 6});
    feed_take(w->feed, 0, FEED_VIOLATIONS, &item, w->now_ms);
    tick(w);
    assert_int_equal(east->held.len, 0);
    item.id.n++;
    item.bytes = was;
    item.len = sizeof was - 1;
    feed_take(w->feed, 0, FEED_VIOLATIONS, &item, w->now_ms);
    tick(w);
    buf_put_char(&east->held, '\0');
    assert_non_null(strstr(east->held.data, "\"gone\":true}"));
    assert_null(strstr(east->held.data, "city/west"));
    finish(w);
    free(w);
}

static void test_places(void **state)
{
    static const char *const good[] = {"3.1.2.3.4_0.0.0.0.0",
                                       "0.9-1.18446744073709551615-18446744073709551615.0.0_3.0.0.0.0"};
    static const char *const bad[] = {"",
                                      "3",
                                      "3.1.2.3",
                                      "3.1.2.3.4_",
                                      "3.1.2.3.4.",
                                      "3.1.2.3.4.5",
                                      "3.1.2.3.-4",
                                      "3.1.2.3.04",
                                      "3.1.2.3.4-0",
                                      "3.1.2.3.4-",
                                      " 3.1.2.3.4",
                                      "3.1.2.3.4 ",
                                      "3.1.2.3.4__0.0.0.0.0",
                                      "x.1.2.3.4",
                                      "3.9223372036854775808.2.3.4",
                                      "4294967296.1.2.3.4",
                                      "3.1.2.3.18446744073709551616",
                                      "_3.1.2.3.4",
                                      "3..2.3.4"};
    struct feed_part parts[PARTS] = {{.partition = 3}, {.partition = 0}};
    struct feed_place place = {parts, PARTS};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(feed_place_read(text_of(good[i]), &place), i == 0 ? FEED_PLACE_OK : FEED_PLACE_NONE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(feed_place_read(text_of(bad[i]), &place), FEED_PLACE_NONE);
    assert_int_equal(feed_place_read(TEXT("3.1.2.3.4_7.0.0.0.0"), &place), FEED_PLACE_OTHER);
    assert_int_equal(feed_place_read(TEXT("0.5.6-7.0.0_3.1.2.3.4-5"), &place), FEED_PLACE_OK);
    struct buf out;
    buf_init(&out, 1000);
    feed_place_write(&place, &out);
    assert_true(text_equal(buf_text(&out), TEXT("3.1.2.3.4-5_0.5.6-7.0.0")));
    buf_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exactly_once),
                                       cmocka_unit_test(test_one_piece_a_tick),
                                       cmocka_unit_test(test_who_takes_nothing),
                                       cmocka_unit_test(test_how_many),
                                       cmocka_unit_test(test_ends),
                                       cmocka_unit_test(test_resets),
                                       cmocka_unit_test(test_becomes_anothers),
                                       cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
