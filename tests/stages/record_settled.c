/* What stands in the end, beside a replay of the same fixes in the order of their time. */
#include "../cmocka_all.h"
#include "fake_late.h"
#include "record.h"
#include "replay.h"
#include "town.h"

#include <stdio.h>
#include <stdlib.h>

struct sorted {
    int64_t time_ms;
    size_t at; /* among the entries of streams */
};

static int by_time(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static int64_t time_of(struct text fix)
{
    long long s, ms;
    unsigned k;
    assert_int_equal(sscanf(fix.data, "{\"k\":%u,\"time\":%lld.%lld", &k, &s, &ms), 3);
    return s * 1000 + ms;
}

/* The tracked fixes of a vehicle in their order; each time once. False: some of them nobody was to judge. */
static bool sort_fixes(const struct fake_store *s, const char *vehicle, struct sorted *out, size_t *out_count)
{
    char key[32];
    size_t n = 0;
    snprintf(key, sizeof key, "track:%s", vehicle);
    for (size_t i = 0; i < s->streams.count; i++) {
        const struct fake_row *row = &s->streams.rows[i];
        struct text fix = fake_late_field(row, "fix");
        if (strcmp(row->key, key) != 0 || fix.len == 0)
            continue;
        if (text_equal(fake_late_field(row, "late"), TEXT("clock")))
            return false;
        assert_true(n < FIXES_MAX);
        out[n++] = (struct sorted){time_of(fix), i};
    }
    qsort(out, n, sizeof *out, by_time);
    *out_count = 0;
    for (size_t i = 0; i < n; i++)
        if (i == 0 || out[i].time_ms != out[i - 1].time_ms)
            out[(*out_count)++] = out[i];
    return true;
}

/* Without its number: numbers are those of the order of sending. */
static void play_fix(struct replay *r, const char *vehicle, struct text fix, struct buf *out)
{
    char line[512];
    int len =
        snprintf(line, sizeof line, "{\"vehicle\":\"%s\",%.*s", vehicle, (int)fix.len - 1, fix.data + 1);
    char *boot = strstr(line, ",\"boot\"");
    assert_true(len > 0 && (size_t)len < sizeof line);
    if (boot != NULL)
        memcpy(boot, "}", 2);
    assert_int_equal(replay_line(r, text_of(line), out), REPLAY_OK);
}

static bool tells_of_arrival(struct text kind)
{
    return text_equal(kind, TEXT("offline")) || text_equal(kind, TEXT("no_fix"));
}

/* `name:value,` of all that it says. */
static void write_hash(const struct fake_row *row, struct buf *out)
{
    static const char *const names[] = {"id",     "kind",     "vehicle", "start",  "end",    "at",
                                        "lat",    "lon",      "value",   "limit",  "repeat", "fence",
                                        "permit", "severity", "speed",   "ruleset"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text value = fake_late_field(row, names[i]);
        if (value.len > 0)
            buf_printf(out, "%s:%.*s,", names[i], TEXT_ARG(value));
    }
}

/* The same of a line of what stands in a replay: read as a hash. */
static struct fake_row read_line(struct text line, struct buf *words)
{
    buf_clear(words);
    for (size_t i = 1; i < line.len;) { /* "name":value or "name":"value" */
        const char *name = line.data + i + 1;
        size_t name_len = (size_t)((const char *)memchr(name, '"', line.len - i - 1) - name);
        const char *value = name + name_len + 2;
        bool quoted = *value == '"';
        value += quoted;
        size_t len = strcspn(value, quoted ? "\"" : ",}");
        fake_late_put_word(words, (struct text){name, name_len});
        fake_late_put_word(words, (struct text){value, len});
        i = (size_t)(value - line.data) + len + quoted + 1;
    }
    return (struct fake_row){.value = words->data, .len = words->len};
}

static int by_value(const void *a, const void *b)
{
    return strcmp(((const struct fake_row *)a)->value, ((const struct fake_row *)b)->value);
}

static void add_if_stands(struct fake_list *list, const struct fake_row *row)
{
    struct buf b;
    if (tells_of_arrival(fake_late_field(row, "kind")) ||
        text_equal(fake_late_field(row, "event"), TEXT("withdrawn")))
        return;
    buf_init(&b, 1 << 16);
    write_hash(row, &b);
    fake_list_add(list, fake_late_field(row, "id"), buf_text(&b));
    buf_fini(&b);
}

static struct fake_list stands_in_store(const struct fake_store *s, const char *vehicle)
{
    struct fake_list list = {0};
    for (size_t i = 0; i < s->hashes.count; i++)
        if (text_equal(fake_late_field(&s->hashes.rows[i], "vehicle"), text_of(vehicle)))
            add_if_stands(&list, &s->hashes.rows[i]);
    return list;
}

static struct fake_list stands_in_replay(struct replay *r)
{
    struct fake_list list = {0};
    struct buf out, words;
    buf_init(&out, 1 << 24);
    buf_init(&words, 1 << 16);
    replay_settled(r, &out);
    for (struct text lines = buf_text(&out); lines.len > 0;) {
        size_t n = (size_t)((const char *)memchr(lines.data, '\n', lines.len) - lines.data);
        struct fake_row row = read_line((struct text){lines.data, n}, &words);
        add_if_stands(&list, &row);
        lines = (struct text){lines.data + n + 1, lines.len - n - 1};
    }
    buf_fini(&words);
    buf_fini(&out);
    return list;
}

static void print_fixes(const struct fake_store *s, const char *vehicle)
{
    for (size_t i = 0; i < s->streams.count; i++)
        if (strstr(s->streams.rows[i].key, vehicle) != NULL)
            printf("%s %s upto %.*s batch %.*s settled %.*s stored %.*s ruleset %.*s\n",
                   s->streams.rows[i].key, s->streams.rows[i].note,
                   TEXT_ARG(fake_late_field(&s->streams.rows[i], "upto")),
                   TEXT_ARG(fake_late_field(&s->streams.rows[i], "batch")),
                   TEXT_ARG(fake_late_field(&s->streams.rows[i], "settled")),
                   TEXT_ARG(fake_late_field(&s->streams.rows[i], "stored")),
                   (int)(fake_late_field(&s->streams.rows[i], "ruleset").len > 0 ? 8 : 0),
                   fake_late_field(&s->streams.rows[i], "ruleset").data);
    for (size_t i = 0; i < s->record.count; i++)
        if (strstr(s->record.rows[i].value, vehicle) != NULL || s->record.rows[i].value[2] != 'v')
            printf("%s %s\n", s->record.rows[i].key, s->record.rows[i].value);
}

static uint64_t compare(const struct fake_store *s, const char *vehicle, struct replay *r)
{
    struct fake_list is = stands_in_store(s, vehicle), want = stands_in_replay(r);
    uint64_t count = is.count;
    if (is.count > 0)
        qsort(is.rows, is.count, sizeof *is.rows, by_value);
    if (want.count > 0)
        qsort(want.rows, want.count, sizeof *want.rows, by_value);
    for (size_t i = 0; i < is.count || i < want.count; i++) {
        const char *a = i < is.count ? is.rows[i].value : "nothing",
                   *b = i < want.count ? want.rows[i].value : "nothing";
        if (strcmp(a, b) == 0)
            continue;
        print_fixes(s, vehicle);
        fail_msg("stands:   %s\nin order: %s", a, b);
    }
    fake_list_fini(&is);
    fake_list_fini(&want);
    return count;
}

static bool is_among_open(const struct fake_store *s, struct text id)
{
    for (size_t i = 0; i < s->said.count; i++)
        if (strcmp(s->said.rows[i].key, "open") == 0 && text_equal(text_of(s->said.rows[i].value), id))
            return true;
    return false;
}

/* Among the open ones is what was neither closed nor withdrawn, and nothing else. */
static void check_open(const struct fake_store *s)
{
    size_t open = 0, listed = 0;
    for (size_t i = 0; i < s->hashes.count; i++) {
        const struct fake_row *row = &s->hashes.rows[i];
        if (strncmp(row->key, "violation:", 10) != 0)
            continue;
        struct text event = fake_late_field(row, "event"), id = fake_late_field(row, "id");
        bool goes_on = fake_late_field(row, "end").len == 0 && !text_equal(event, TEXT("withdrawn"));
        if (goes_on != is_among_open(s, id))
            fail_msg("%s is %samong the open ones: %.*s", row->key, goes_on ? "not " : "", TEXT_ARG(event));
        open += goes_on;
    }
    for (size_t i = 0; i < s->said.count; i++)
        listed += strcmp(s->said.rows[i].key, "open") == 0;
    assert_int_equal(listed, open);
}

uint64_t record_check_settled(const struct fake_store *s)
{
    uint64_t count = 0;
    check_open(s);
    if (s->rulesets.count == 0)
        return 0;
    for (size_t i = 1; i < s->rulesets.count; i++)
        if (strcmp(s->rulesets.rows[i].key, s->rulesets.rows[0].key) != 0)
            return 0;
    for (unsigned unit = 0; unit < UNITS; unit++) {
        struct sorted fixes[FIXES_MAX];
        size_t n;
        char vehicle[16];
        struct buf out;
        snprintf(vehicle, sizeof vehicle, "u%u", unit);
        if (!sort_fixes(s, vehicle, fixes, &n))
            continue;
        buf_init(&out, 16 << 20);
        struct names *names = names_new(1000);
        struct proposal p = town_world(names, (unsigned)strtoul(s->rulesets.rows[0].key, NULL, 10));
        struct replay *r =
            replay_new(names, p.world, &(struct replay_options){.vehicle_limit = 1, .settled = true});
        for (size_t i = 0; i < n; i++)
            play_fix(r, vehicle, fake_late_field(&s->streams.rows[fixes[i].at], "fix"), &out);
        count += compare(s, vehicle, r);
        replay_free(r);
        proposal_fini(&p);
        names_free(names);
        buf_fini(&out);
    }
    return count;
}
