/*
 * Compares what came with what was expected, and one variant with another.
 *
 * An expectation is "=> EVENT KIND VEHICLE key=value..." or "=> trip VEHICLE key=value...". Its keys must
 * match; keys it does not name are free; a value A..B is a range. For each vehicle the expectations in the
 * file's order are all that came, in the order it came. Warnings before an episode opens, and trips, are only
 * compared in files that expect at least one or say `check warnings`, `check trips`.
 */
#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>

static bool starts(const char *text, const char *word)
{
    size_t n = strlen(word);
    return strncmp(text, word, n) == 0 && (text[n] == ' ' || text[n] == '\0');
}

static bool checks(const struct scenario *s, const char *event, const char *plural)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct line *l = &s->lines[i];
        if (l->count > 1 && ((strcmp(l->tokens[0], "=>") == 0 && strcmp(l->tokens[1], event) == 0) ||
                             (strcmp(l->tokens[0], "check") == 0 && strcmp(l->tokens[1], plural) == 0)))
            return true;
    }
    return false;
}

/* The value of a key in a rendered record, or an empty text. */
static struct text record_value(const char *record, const char *key)
{
    size_t n = strlen(key);
    for (const char *at = strchr(record, ' '); at != NULL; at = strchr(at + 1, ' ')) {
        if (strncmp(at + 1, key, n) != 0 || at[1 + n] != '=')
            continue;
        const char *value = at + n + 2, *end = value;
        /* Values with blanks (names of places) run to the next key=. */
        while (*end != '\0') {
            const char *blank = strchr(end, ' ');
            if (blank == NULL)
                return text_of(value);
            const char *equals = strchr(blank, '='), *next = strchr(blank + 1, ' ');
            if (equals != NULL && (next == NULL || equals < next))
                return (struct text){value, (size_t)(blank - value)};
            end = blank + 1;
        }
        return text_of(value);
    }
    return TEXT("");
}

static bool is_time_key(const char *key)
{
    static const char *const keys[] = {
        "start=", "at=", "end=", "trip=", "departed=", "arrived=", "unloaded=", "loaded="};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strncmp(key, keys[i], strlen(keys[i])) == 0)
            return true;
    return false;
}

static bool in_range(const char *range, struct text actual)
{
    char low[32];
    const char *dots = strstr(range, "..");
    if (dots - range >= (ptrdiff_t)sizeof low || actual.len == 0)
        return false;
    snprintf(low, sizeof low, "%.*s", (int)(dots - range), range);
    double value = strtod(actual.data, NULL);
    return strtod(low, NULL) <= value && value <= strtod(dots + 2, NULL);
}

static bool is_number(const char *text)
{
    char *end;
    strtod(text, &end);
    return end != text && *end == '\0';
}

static bool value_matches(const struct scenario *s, const struct line *line, const char *token, int day,
                          const char *record)
{
    char key[32], time[32];
    const char *expected = strchr(token, '=') + 1;
    snprintf(key, sizeof key, "%.*s", (int)(expected - 1 - token), token);
    struct text actual = record_value(record, key);
    if (is_time_key(token) && *expected != '\0')
        expected = format_time(s, parse_time(s, line, expected, day), time);
    else if (strstr(expected, "..") != NULL)
        return in_range(expected, actual);
    else if (is_number(expected) && actual.len > 0)
        return strtod(expected, NULL) == strtod(actual.data, NULL);
    return text_equal(text_of(expected), actual);
}

struct expected {
    const struct line *line;
    const char *vehicle;
    char head[64]; /* event and kind */
    unsigned first_key;
    int day;
    bool met;
};

static bool matches(const struct scenario *s, const struct expected *e, const struct record *r)
{
    if (strcmp(e->vehicle, r->vehicle) != 0 || !starts(r->text, e->head))
        return false;
    for (unsigned i = e->first_key; i < e->line->count; i++)
        if (strchr(e->line->tokens[i], '=') == NULL)
            scenario_fail(s, e->line, "\"%s\" is not key=value", e->line->tokens[i]);
        else if (!value_matches(s, e->line, e->line->tokens[i], e->day, r->text))
            return false;
    return true;
}

static size_t read_expected(const struct scenario *s, struct expected *list)
{
    size_t n = 0;
    int day = s->first_day;
    for (size_t i = s->run_at; i < s->count; i++) {
        const struct line *l = &s->lines[i];
        if (strcmp(l->tokens[0], "day") == 0 && l->count == 2)
            day = parse_date(s, l, l->tokens[1]);
        if (strcmp(l->tokens[0], "=>") != 0)
            continue;
        bool trip = l->count > 2 && strcmp(l->tokens[1], "trip") == 0;
        if (l->count < (trip ? 3u : 4u))
            scenario_fail(s, l, "expected => EVENT KIND VEHICLE key=value...");
        struct expected *e = &list[n++];
        *e = (struct expected){.line = l, .day = day, .first_key = trip ? 3 : 4};
        e->vehicle = l->tokens[e->first_key - 1];
        snprintf(e->head, sizeof e->head, "%s%s%s", l->tokens[1], trip ? "" : " ", trip ? "" : l->tokens[2]);
    }
    return n;
}

/* The next expectation about this vehicle that no record has met. */
static struct expected *next_of(struct expected *list, size_t count, const char *vehicle)
{
    for (size_t i = 0; i < count; i++)
        if (!list[i].met && strcmp(list[i].vehicle, vehicle) == 0)
            return &list[i];
    return NULL;
}

static void print_expected(const struct expected *e)
{
    fprintf(stderr, "  - ");
    for (unsigned i = 1; i < e->line->count; i++)
        fprintf(stderr, "%s ", e->line->tokens[i]);
    fprintf(stderr, "  (line %u)\n", e->line->number);
}

unsigned check_expected(const struct scenario *s, const struct records *r)
{
    struct expected *list = calloc(s->count + 1, sizeof *list);
    size_t count = read_expected(s, list);
    bool warnings = checks(s, "warning", "warnings"), trips = checks(s, "trip", "trips");
    unsigned wrong = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct record *record = &r->list[i];
        if (record->twin || (!warnings && starts(record->text, "warning")) ||
            (!trips && starts(record->text, "trip")))
            continue;
        struct expected *e = next_of(list, count, record->vehicle);
        bool fits = e != NULL && matches(s, e, record);
        if (!fits) {
            if (wrong++ == 0)
                fprintf(stderr, "%s: - expected, + came\n", s->path);
            if (e != NULL)
                print_expected(e);
            fprintf(stderr, "  + %s: %s\n", record->vehicle, record->text);
        }
        if (e != NULL)
            e->met = true;
    }
    for (size_t i = 0; i < count; i++)
        if (!list[i].met) {
            if (wrong++ == 0)
                fprintf(stderr, "%s: - expected, + came\n", s->path);
            print_expected(&list[i]);
        }
    free(list);
    return wrong;
}

/* The next record of a vehicle (of its twin), from *at on. */
static const struct record *next_record(const struct records *r, const char *vehicle, bool twin, size_t *at)
{
    while (*at < r->count) {
        const struct record *record = &r->list[(*at)++];
        if (record->twin == twin && strcmp(record->vehicle, vehicle) == 0)
            return record;
    }
    return NULL;
}

static unsigned same_records(const struct scenario *s, const struct records *a, const struct records *b,
                             const char *vehicle, bool twin, const char *what)
{
    size_t i = 0, k = 0;
    for (;;) {
        const struct record *x = next_record(a, vehicle, false, &i);
        const struct record *y = next_record(b, vehicle, twin, &k);
        if (x == NULL && y == NULL)
            return 0;
        if (x != NULL && y != NULL && strcmp(x->text, y->text) == 0)
            continue;
        fprintf(stderr, "%s: %s%s: not as with eager timers\n  - %s: %s\n  + %s: %s\n", s->path, what,
                twin ? " (the twin)" : "", vehicle, x == NULL ? "nothing" : x->text, vehicle,
                y == NULL ? "nothing" : y->text);
        return 1;
    }
}

/* Every vehicle of the list once. */
static bool first_of(const struct records *r, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(r->list[i].vehicle, r->list[at].vehicle) == 0)
            return false;
    return true;
}

static unsigned same_states(const struct scenario *s, const struct records *a, const struct records *b,
                            const char *what)
{
    unsigned wrong = a->state_count != b->state_count;
    for (size_t i = 0; i < a->state_count && i < b->state_count; i++) {
        const unsigned char *x = (const unsigned char *)&a->states[i];
        const unsigned char *y = (const unsigned char *)&b->states[i];
        size_t at = 0;
        while (at < sizeof(struct vehicle_state) && x[at] == y[at])
            at++;
        if (at == sizeof(struct vehicle_state))
            continue;
        fprintf(stderr, "%s: %s: the state of vehicle %zu (symbol %u, %u) differs at byte %zu\n", s->path,
                what, i, a->states[i].vehicle, b->states[i].vehicle, at);
        wrong++;
    }
    return wrong;
}

unsigned check_same(const struct scenario *s, const struct records *a, const struct records *b,
                    unsigned variant)
{
    unsigned wrong = 0;
    const char *what = variant_name(variant);
    for (size_t i = 0; i < a->count; i++) {
        if (!first_of(a, i))
            continue;
        wrong += same_records(s, a, b, a->list[i].vehicle, false, what);
        if ((variant & VARIANT_TWIN) != 0)
            wrong += same_records(s, a, b, a->list[i].vehicle, true, what);
    }
    for (size_t i = 0; i < b->count; i++)
        if (first_of(b, i))
            wrong += same_records(s, a, b, b->list[i].vehicle, false, what) && wrong == 0;
    return wrong + same_states(s, a, b, what);
}
