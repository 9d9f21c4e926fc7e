/* Drives of a made city, several a vehicle, and those of the sample day. */
#include "late.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   INT64_C(3600000)

enum { REST_MAX = 1024, DAY_VEHICLES = 3 };

void drives_init(struct drives *d)
{
    memset(d, 0, sizeof *d);
    buf_init(&d->bytes, 256 << 20);
}

void drives_fini(struct drives *d)
{
    free(d->list);
    buf_fini(&d->bytes);
}

void drives_add(struct drives *d, const struct made_fix *fix, struct text rest)
{
    if (d->fixes == d->cap) {
        d->cap = d->cap * 2 + 256;
        d->list = realloc(d->list, d->cap * sizeof *d->list);
        if (d->list == NULL)
            abort();
    }
    struct made_fix *f = &d->list[d->fixes++];
    *f = *fix;
    f->at = d->bytes.len;
    f->len = rest.len;
    buf_put_text(&d->bytes, rest);
}

static uint32_t who_is(struct drives *d, struct text name)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (text_equal(name, text_of(d->names[i])))
            return i;
    if (d->count == WHO_MAX || name.len >= NAME_MAX_BYTES)
        abort();
    memcpy(d->names[d->count], name.data, name.len);
    return d->count++;
}

static int by_making(const void *a, const void *b)
{
    const struct made_fix *f = a, *g = b;
    if (f->made_ms != g->made_ms)
        return f->made_ms < g->made_ms ? -1 : 1;
    if (f->who != g->who)
        return f->who < g->who ? -1 : 1;
    if (f->added != g->added)
        return f->added ? 1 : -1;
    return f->at < g->at ? -1 : f->at > g->at;
}

static void sort(struct drives *d)
{
    if (d->fixes > 0)
        qsort(d->list, d->fixes, sizeof *d->list, by_making);
}

/* ---- legs ---- */

/* Rows behind the vehicles hold more drives of them, or the first haul once more. */
void drives_legs(struct world_made *w, unsigned themes, struct chance *c)
{
    uint32_t vehicles = w->vehicle_count;
    int64_t free_ms[VEHICLES_MAX];
    for (uint32_t i = 0; i < vehicles; i++)
        free_ms[i] = w->drives[i].start_ms + w->drives[i].count * INT64_C(1000);
    for (uint32_t row = vehicles; row < VEHICLES_MAX; row++) {
        uint32_t who = chance_below(c, vehicles);
        bool again = (themes & THEME_HAULS) && chance_one_in(c, 2);
        if (again) {
            who = 0;
            w->drives[row] = w->drives[0];
        } else {
            drive_make(w, row, themes);
        }
        int64_t rest_ms = (int64_t)(chance_one_in(c, 4) ? chance_between(c, 1, 5) * HOUR_MS
                                                        : chance_between(c, 2, 25) * MINUTE_MS);
        if (row + 1 == VEHICLES_MAX && chance_one_in(c, 3))
            rest_ms += 19 * HOUR_MS + (int64_t)(chance_between(c, 0, 4) * HOUR_MS);
        w->drives[row].vehicle = who;
        w->drives[row].start_ms = free_ms[who] + rest_ms;
        free_ms[who] = w->drives[row].start_ms + w->drives[row].count * INT64_C(1000);
        w->vehicles[row] = (struct made_vehicle){0};
        snprintf(w->vehicles[row].id, sizeof w->vehicles[row].id, "leg%u", row);
    }
    w->vehicle_count = VEHICLES_MAX;
}

/* ---- reading what was told ---- */

static bool value_of(struct text line, const char *key, struct text *out)
{
    size_t n = strlen(key);
    for (size_t i = 0; i + n < line.len; i++) {
        if (memcmp(line.data + i, key, n) != 0)
            continue;
        size_t from = i + n, to = from;
        while (to < line.len && line.data[to] != ',' && line.data[to] != '}' && line.data[to] != '"')
            to++;
        *out = (struct text){line.data + from, to - from};
        return true;
    }
    return false;
}

/* "SECONDS.MMM" */
static int64_t read_seconds(struct text t)
{
    int64_t ms = 0;
    for (size_t i = 0; i < t.len; i++)
        if (t.data[i] != '.')
            ms = ms * 10 + (t.data[i] - '0');
    return ms;
}

static void read_line(struct drives *d, struct text line)
{
    struct text name, time;
    if (!value_of(line, "\"vehicle\":\"", &name) || !value_of(line, "\"time\":", &time))
        abort();
    const char *rest = time.data + time.len + 1, *end = line.data + line.len - 1;
    struct made_fix f = {.who = who_is(d, name), .ms = read_seconds(time)};
    f.made_ms = f.ms;
    drives_add(d, &f, (struct text){rest, (size_t)(end - rest)});
}

/* ---- what a unit may do beside driving ---- */

/* The place of a fix, `"lon":X,"lat":Y`. */
static struct text place_of(const struct drives *d, const struct made_fix *f)
{
    struct text rest = {d->bytes.data + f->at, f->len}, lat;
    if (!value_of(rest, "\"lat\":", &lat))
        return (struct text){NULL, 0};
    return (struct text){rest.data, (size_t)(lat.data + lat.len - rest.data)};
}

static void replace(struct drives *d, struct made_fix *f, const char *rest)
{
    f->at = d->bytes.len;
    f->len = strlen(rest);
    buf_puts(&d->bytes, rest);
}

/* Where two drives of a vehicle do not meet it is parked, and may say so. */
static void park(struct drives *d, struct chance *c)
{
    size_t last[WHO_MAX], known = d->fixes;
    bool has[WHO_MAX] = {false};
    for (size_t i = 0; i < known; i++) {
        uint32_t who = d->list[i].who;
        size_t before = last[who];
        bool gap = has[who] && d->list[i].ms - d->list[before].ms > 2 * MINUTE_MS;
        last[who] = i;
        has[who] = true;
        struct text place = gap ? place_of(d, &d->list[before]) : (struct text){NULL, 0};
        if (!gap || place.len == 0 || chance_one_in(c, 3))
            continue;
        char rest[REST_MAX];
        int64_t every_ms = (int64_t)(chance_between(c, 15, 240) * 1000);
        snprintf(rest, sizeof rest, "%.*s,\"mode\":3,\"speed\":0.00,\"eph\":5.0", TEXT_ARG(place));
        struct made_fix f = {.who = who};
        int64_t end_ms = d->list[i].ms - MINUTE_MS - (int64_t)chance_below(c, 60000);
        for (f.ms = d->list[before].ms + every_ms; f.ms < end_ms; f.ms += every_ms) {
            f.made_ms = f.ms;
            drives_add(d, &f, text_of(rest));
        }
    }
    sort(d);
}

enum spoil { SPOIL_DARK, SPOIL_FROZEN, SPOIL_JUMP, SPOIL_SENSED, SPOIL_ADDED, SPOILS };

static void spoil_fix(struct drives *d, size_t i, enum spoil how, struct text first, struct chance *c)
{
    static const char *const words[] = {
        "\"antenna\":\"cut\"", "\"power\":\"backup\"",  "\"load\":\"loaded\"", "\"body\":\"raised\"",
        "\"spill\":true",      "\"load\":\"overload\"", "\"cover\":\"open\"",  "\"load\":\"empty\"",
        "\"antenna\":\"ok\"",  "\"power\":\"main\"",    "\"spill\":false",     "\"body\":\"down\""};
    char rest[REST_MAX];
    struct made_fix *f = &d->list[i];
    struct text place = place_of(d, f);
    const char *word = words[chance_below(c, sizeof words / sizeof words[0])];
    if (how == SPOIL_DARK) {
        replace(d, f, "\"mode\":1");
    } else if (how == SPOIL_FROZEN && first.len > 0) {
        snprintf(rest, sizeof rest, "%.*s,\"mode\":3,\"speed\":9.00,\"track\":10.0,\"eph\":5.0",
                 TEXT_ARG(first));
        replace(d, f, rest);
    } else if (how == SPOIL_JUMP) {
        snprintf(rest, sizeof rest,
                 "\"lon\":101.5,\"lat\":29.%04u,\"mode\":3,\"speed\":3.00,\"track\":10.0,\"eph\":5.0",
                 1000 + chance_below(c, 100));
        replace(d, f, rest);
    } else if (how == SPOIL_SENSED && place.len > 0) {
        snprintf(rest, sizeof rest,
                 "%.*s,\"mode\":3,\"speed\":4.00,\"track\":10.0,\"eph\":5.0,\"sensors\":{%s}",
                 TEXT_ARG(place), word);
        replace(d, f, rest);
    } else if (how == SPOIL_ADDED && chance_one_in(c, 3)) {
        struct made_fix more = *f;
        more.added = true;
        snprintf(rest, sizeof rest, "\"sensors\":{%s}", word);
        drives_add(d, &more, text_of(rest));
    }
}

/* A stretch of one vehicle that is not as it was. */
static void spoil(struct drives *d, struct chance *c)
{
    size_t known = d->fixes, from = chance_below(c, (uint32_t)known);
    uint32_t who = d->list[from].who, n = 1 + chance_below(c, 40);
    enum spoil how = (enum spoil)chance_below(c, SPOILS);
    struct text first = place_of(d, &d->list[from]);
    char kept[128];
    snprintf(kept, sizeof kept, "%.*s", TEXT_ARG(first)); /* the bytes move */
    for (size_t i = from; i < known && n > 0; i++) {
        if (d->list[i].who != who || d->list[i].added)
            continue;
        spoil_fix(d, i, how, text_of(kept), c);
        n--;
    }
    sort(d);
}

/* What comes right after a silence, with times of where it began, would be what was stored then. */
static bool after_silence(const struct drives *d, size_t from)
{
    int64_t next_ms = d->list[from].ms;
    for (size_t i = from; i > 0 && d->list[from].ms - next_ms < 20 * MINUTE_MS; i--) {
        if (d->list[i - 1].who != d->list[from].who)
            continue;
        if (next_ms - d->list[i - 1].ms > 10 * MINUTE_MS)
            return true;
        next_ms = d->list[i - 1].ms;
    }
    return d->list[from].ms - next_ms < 20 * MINUTE_MS;
}

/* A stretch of live fixes by a clock that is behind, long enough to be known as one. */
static void clock_behind(struct drives *d, struct chance *c)
{
    enum { LEAST = 25 };
    size_t from = chance_below(c, (uint32_t)d->fixes), seen = 0;
    uint32_t who = d->list[from].who, most = LEAST + chance_below(c, 40);
    int64_t behind_ms = (int64_t)(chance_between(c, 0.5, 23) * HOUR_MS), last_ms = 0;
    size_t run[LEAST + 40];
    for (size_t i = from; !after_silence(d, from) && i < d->fixes && seen < most; i++) {
        struct made_fix *f = &d->list[i];
        if (f->who != who)
            continue;
        if (f->added || (seen > 0 && (f->ms - last_ms > 30000 || f->ms - last_ms < 1000)))
            break;
        last_ms = f->ms;
        run[seen++] = i;
    }
    for (size_t k = 0; seen >= LEAST && k < seen; k++) {
        d->list[run[k]].ms -= behind_ms;
        d->list[run[k]].wrong = true;
    }
}

/* Phones say whole seconds, and nothing of sensors. */
static void make_phone(struct drives *d, uint32_t who)
{
    d->phone[who] = true;
    for (size_t i = 0; i < d->fixes; i++) {
        struct made_fix *f = &d->list[i];
        char rest[REST_MAX];
        struct text place = place_of(d, f);
        if (f->who != who)
            continue;
        f->ms = f->made_ms = f->ms / 1000 * 1000;
        if (place.len == 0)
            snprintf(rest, sizeof rest, "\"lon\":101.5,\"lat\":29.5");
        else
            snprintf(rest, sizeof rest, "%.*s,\"acc\":8,\"vel\":%u", TEXT_ARG(place), (unsigned)(i % 3 * 12));
        replace(d, f, rest);
    }
    sort(d);
}

static bool is_sound(const struct drives *d, uint32_t who)
{
    for (size_t i = 0; i < d->fixes; i++)
        if (d->list[i].who == who && (d->list[i].added || d->list[i].wrong))
            return false;
    return true;
}

void drives_make(struct drives *d, struct world_made *w, const struct telling_texts *t, struct chance *c)
{
    const char *at = t->fixes.data, *end = at + t->fixes.len;
    (void)w;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        read_line(d, (struct text){at, (size_t)(line_end - at)});
        at = line_end + 1;
    }
    if (d->fixes == 0)
        return;
    sort(d);
    park(d, c);
    for (uint32_t n = chance_below(c, 5); n > 0; n--)
        spoil(d, c);
    if (chance_one_in(c, 4))
        clock_behind(d, c);
    uint32_t who = chance_below(c, d->count);
    if (chance_one_in(c, 5) && is_sound(d, who))
        make_phone(d, who);
}

/* ---- the sample day ---- */

/* As the units of that day say it: `"2026-05-DDTHH:MM:SS`, with thousandths or a zone or both; or whole seconds. */
static int64_t read_time(struct text t)
{
    unsigned h, m, s, ms = 0, day;
    if (t.data[0] != '"')
        return read_seconds(t) * 1000;
    if (sscanf(t.data, "\"2026-05-%2uT%2u:%2u:%2u.%3u", &day, &h, &m, &s, &ms) < 4)
        abort();
    int64_t local_ms =
        INT64_C(1777593600000) + ((((day - 1) * INT64_C(24) + h) * 60 + m) * 60 + s) * 1000 + ms;
    return memchr(t.data, '+', t.len) != NULL ? local_ms - 8 * HOUR_MS : local_ms;
}

static bool time_of(struct text line, struct text *out)
{
    static const char key[] = "\"time\":";
    const char *at = memmem(line.data, line.len, key, sizeof key - 1);
    if (at == NULL)
        return false;
    at += sizeof key - 1;
    *out =
        (struct text){at, (size_t)((const char *)memchr(at, ',', (size_t)(line.data + line.len - at)) - at)};
    return true;
}

/* Copies a line's rest without its number and arrival. */
static void cut_out(struct text rest, char *out, size_t cap)
{
    static const char *const keys[] = {",\"boot\":", ",\"seq\":", ",\"received\":"};
    snprintf(out, cap, "%.*s", TEXT_ARG(rest));
    for (int k = 0; k < 3; k++) {
        char *at = strstr(out, keys[k]);
        if (at == NULL)
            continue;
        char *to = at + 1;
        while (*to != ',' && *to != '\0')
            to++;
        memmove(at, to, strlen(to) + 1);
    }
}

/* What was said of one moment in several messages. */
static void mark_added(struct drives *d)
{
    int64_t last_ms[WHO_MAX];
    for (uint32_t i = 0; i < WHO_MAX; i++)
        last_ms[i] = TIME_NONE_MS;
    for (size_t i = 0; i < d->fixes; i++) {
        struct made_fix *f = &d->list[i];
        f->added = last_ms[f->who] == f->ms;
        last_ms[f->who] = f->ms;
    }
}

bool drives_sample(struct drives *d, struct chance *c)
{
    static char line[4096];
    FILE *f = popen("xz -dc " MW_SOURCE_DIR "/fixtures/city/day.ndjson.xz", "r");
    uint32_t seen = 0, wanted = chance_below(c, 9);
    char skip[64][NAME_MAX_BYTES], rest[REST_MAX];
    if (f == NULL)
        return false;
    while (fgets(line, sizeof line, f) != NULL) {
        struct text t = {line, strcspn(line, "\n")}, name, time;
        if (!value_of(t, "\"vehicle\":\"", &name) || !time_of(t, &time))
            continue;
        uint32_t i = 0;
        while (i < seen && !text_equal(name, text_of(skip[i])))
            i++;
        if (i == seen && seen < 64)
            snprintf(skip[seen++], NAME_MAX_BYTES, "%.*s", TEXT_ARG(name));
        if (i / DAY_VEHICLES != wanted)
            continue;
        const char *from = time.data + time.len + 1, *end = line + t.len - 1;
        cut_out((struct text){from, (size_t)(end - from)}, rest, sizeof rest);
        struct made_fix fix = {.who = who_is(d, name), .ms = read_time(time)};
        fix.made_ms = fix.ms;
        drives_add(d, &fix, text_of(rest));
    }
    sort(d);
    mark_added(d);
    return pclose(f) == 0 && d->fixes > 0;
}
