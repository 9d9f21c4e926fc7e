/*
 * The register against a plain list: random entries in random order, random questions, all pages of each. What goes when
 * there is too much; cursors that were made up; packing; symbols.
 */
#include "../cmocka_all.h"
#include "../codec/random.h"
#include "json_tree.h"
#include "packed_fields.h"
#include "register.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALERTS = 400, ROUNDS = 12, QUESTIONS = 60 };

static const struct hash_key key = {11, 22};
static const int64_t now_ms = INT64_C(1780243200000), HOUR_MS = 3600000;

/* ---- a plain list ---- */

struct plain {
    char id[DESK_ID_LENGTH + 1], kind[16], severity[16], vehicle[16], plate[16], company[16],
        jurisdiction[40], fence[16], to[16], by[16];
    int64_t start_ms, end_ms, told_ms, until_ms;
    unsigned rev;
    bool there, begun, over, withdrawn; /* begun: its first entry was told */
    enum work_state work;
    unsigned work_rev;
    int64_t reopened_ms, done_ms[STEP_COUNT];
    bool approved, rejected;
    char reason[16];
};

static const char *const kinds[] = {"speeding", "spill", "no_permit", "tamper"};
static const char *const severities[] = {"minor", "major", "critical"};
static const char *const companies[] = {"", "green", "earth works", "绿源"};
static const char *const places[] = {"", "city/north", "city/north/east", "city/northern", "city", "town"};
static const char *const reasons[] = {"drift", "fence", "twice"};
static const char *const people[] = {"", "ann", "bob", "unit 7"};

static const char *one_of(struct random *r, const char *const *words, size_t count)
{
    return words[random_below(r, (unsigned)count)];
}
#define ONE_OF(words) one_of(random, words, sizeof(words) / sizeof *(words))

static void name_of(unsigned i, char *out)
{
    memset(out, 'a', DESK_ID_LENGTH);
    for (int at = DESK_ID_LENGTH - 1; i > 0; at--, i /= 26)
        out[at] = (char)('a' + i % 26);
    out[DESK_ID_LENGTH] = '\0';
}

static struct fields put(struct field *items, struct fields f, const char *name, const char *value)
{
    if (value[0] != '\0')
        items[f.count++] = (struct field){text_of(name), text_of(value)};
    f.items = items;
    return f;
}

/* One entry of a violation, into the register and, where it tells more, into the list. */
static void tell(struct random *random, struct register_book *r, struct plain *p, unsigned rev, uint64_t n)
{
    struct field items[24];
    struct fields f = {items, 0};
    char start[24], end[24], number[16];
    static const char *const events[] = {"opened", "updated", "closed", "withdrawn"};
    const char *event = rev == 1 ? "opened" : ONE_OF(events);
    bool over =
        strcmp(event, "closed") == 0 || (strcmp(event, "updated") == 0 && random_below(random, 3) == 0);
    const char *severity = ONE_OF(severities), *fence = random_below(random, 2) == 0 ? "" : "ban-1";
    int64_t end_ms = p->start_ms + random_below(random, 100000);
    snprintf(number, sizeof number, "%u", rev);
    snprintf(start, sizeof start, "%lld", (long long)p->start_ms);
    snprintf(end, sizeof end, "%lld", over ? (long long)end_ms : 0);
    f = put(items, f, "event", event);
    f = put(items, f, "id", p->id);
    f = put(items, f, "rev", number);
    f = put(items, f, "kind", p->kind);
    f = put(items, f, "severity", severity);
    f = put(items, f, "vehicle", p->vehicle);
    f = put(items, f, "plate", p->plate);
    f = put(items, f, "company", p->company);
    f = put(items, f, "jurisdiction", p->jurisdiction);
    f = put(items, f, "fence", fence);
    f = put(items, f, "start", start);
    f = put(items, f, "end", over ? end : "");
    struct register_place place = {0, {now_ms - 50 * HOUR_MS + (int64_t)n, n}};
    enum register_taken taken = register_take_violation(r, place, f);
    assert_true(taken == REGISTER_NEW || taken == REGISTER_CHANGED);
    assert_int_equal(register_take_violation(r, place, f), REGISTER_KNOWN);
    int64_t earliest_ms = rev == 1 || place.id.ms < p->start_ms ? place.id.ms : p->start_ms;
    bool first = rev == 1 && !p->begun;
    if (first || (p->begun == (rev == 1) && (p->told_ms == 0 || earliest_ms < p->told_ms)))
        p->told_ms = earliest_ms;
    p->begun = p->begun || rev == 1;
    if (p->there && rev < p->rev)
        return;
    strcpy(p->severity, severity);
    strcpy(p->fence, fence);
    p->there = true;
    p->rev = rev;
    p->over = over;
    p->withdrawn = strcmp(event, "withdrawn") == 0;
    p->end_ms = over ? end_ms : 0;
}

/* A step of somebody's work, as the desk leads it. */
static void work_on(struct random *random, struct register_book *r, struct plain *p, uint64_t n)
{
    struct field items[16];
    struct fields f = {items, 0};
    char rev[16], until[24];
    static const struct {
        const char *action;
        enum work_state to;
    } steps[] = {{"acknowledge", WORK_ACKNOWLEDGED},
                 {"assign", WORK_ASSIGNED},
                 {"handled", WORK_HANDLED},
                 {"close", WORK_CLOSED},
                 {"shelve", WORK_OPEN},
                 {"reopen", WORK_OPEN},
                 {"review", WORK_REVIEWED}};
    unsigned step = random_below(random, 7);
    bool shelve = step == 4, assign = step == 1, acknowledge = step == 0, reopen = step == 5;
    enum work_state to = shelve ? p->work : steps[step].to;
    bool review = step == 6, rejects = review && random_below(random, 2) == 0;
    const char *reason = ONE_OF(reasons);
    int64_t until_ms = now_ms + (int64_t)random_below(random, 4000) - 2000;
    const char *who = ONE_OF(people);
    snprintf(rev, sizeof rev, "%u", p->work_rev + 1);
    snprintf(until, sizeof until, "%lld", (long long)until_ms);
    f = put(items, f, "id", p->id);
    f = put(items, f, "action", steps[step].action);
    f = put(items, f, "rev", rev);
    f = put(items, f, "state", work_state_word(to));
    f = put(items, f, "who", who);
    f = put(items, f, "to", assign ? who : "");
    f = put(items, f, "until", shelve ? until : "");
    f = put(items, f, "verdict", !review ? "" : rejects ? "reject" : "approve");
    f = put(items, f, "reason", rejects ? reason : "");
    struct register_place place = {0, {now_ms - HOUR_MS + (int64_t)n, n}};
    assert_int_equal(register_take_action(r, place, f), REGISTER_CHANGED);
    assert_int_equal(register_take_action(r, place, f), REGISTER_KNOWN);
    p->work = to;
    p->work_rev++;
    if (review || reopen) {
        p->approved = review && !rejects;
        p->rejected = rejects;
        strcpy(p->reason, rejects ? reason : "");
    }
    if (shelve)
        p->until_ms = until_ms;
    if (assign || reopen)
        strcpy(p->to, assign ? who : "");
    if (acknowledge || reopen)
        strcpy(p->by, acknowledge ? who : "");
    if (reopen || step == 3)
        p->until_ms = 0;
    if (reopen)
        p->reopened_ms = place.id.ms;
    for (int i = 0; i < STEP_COUNT; i++) {
        static const unsigned step_of[STEP_COUNT] = {0, 2, 3};
        bool handled = step == step_of[i] || (i == STEP_HANDLE && review);
        if (reopen)
            p->done_ms[i] = 0;
        else if (handled && p->done_ms[i] == 0)
            p->done_ms[i] = place.id.ms;
    }
}

static void make(struct random *random, struct plain *p, unsigned i)
{
    memset(p, 0, sizeof *p);
    name_of(i, p->id);
    strcpy(p->kind, ONE_OF(kinds));
    snprintf(p->vehicle, sizeof p->vehicle, "truck-%u", random_below(random, 40));
    snprintf(p->plate, sizeof p->plate, random_below(random, 4) == 0 ? "" : "京A·%05u",
             random_below(random, 300));
    strcpy(p->company, ONE_OF(companies));
    strcpy(p->jurisdiction, ONE_OF(places));
    p->start_ms = now_ms - (int64_t)random_below(random, 50) * HOUR_MS; /* many begin at one time */
}

/* ---- a question, asked of the list ---- */

static int severity_of(const struct plain *p)
{
    return (int)alert_severity_of(text_of(p->severity));
}

static int64_t due_of(const struct plain *p)
{
    struct work work = {.state = p->work, .reopened_ms = p->reopened_ms};
    return desk_due(&desk_settings_usual, &work, (enum alert_severity)severity_of(p), p->told_ms);
}

static bool scope_covers(const void *context, struct text jurisdiction, struct text company)
{
    const char *in = context;
    return jurisdiction.len >= strlen(in) && memcmp(jurisdiction.data, in, strlen(in)) == 0 &&
           !text_equal(company, TEXT("green"));
}

static bool below(const char *t, const char *tree)
{
    return strcmp(t, tree) == 0 ||
           (strncmp(t, tree, strlen(tree)) == 0 && t[strlen(tree)] == '/' && tree[0] != '\0');
}

static const char *value_of(const struct plain *p, enum register_column column)
{
    switch (column) {
    case COLUMN_KIND:
        return p->kind;
    case COLUMN_VEHICLE:
        return p->vehicle;
    case COLUMN_COMPANY:
        return p->company;
    case COLUMN_JURISDICTION:
        return p->jurisdiction;
    case COLUMN_FENCE:
        return p->fence;
    case COLUMN_TO:
        return p->to;
    default:
        return "";
    }
}

/* What a search leaves out, for these plates. */
static void fold(const char *from, char *to)
{
    for (; *from != '\0'; from++)
        if (*from == '\xc2')
            from++;
        else if (*from != '-')
            *to++ = (char)(*from >= 'A' && *from <= 'Z' ? *from + 32 : *from);
    *to = '\0';
}

static bool has_part(const struct plain *p, struct text part)
{
    char plate[32], wanted[32];
    fold(p->plate[0] != '\0' ? p->plate : p->vehicle, plate);
    fold(part.data, wanted);
    return strstr(plate, wanted) != NULL;
}

static bool is(enum register_whether wanted, bool holds)
{
    return wanted == WHETHER_ANY || (wanted == WHETHER_YES) == holds;
}

static bool shelved(const struct plain *p)
{
    return p->until_ms > now_ms && p->work != WORK_CLOSED;
}

static bool to_do(const struct plain *p)
{
    return p->work != WORK_CLOSED && !(p->withdrawn && p->work_rev == 0) && !shelved(p);
}

static bool fits(const struct plain *p, const struct register_query *q)
{
    unsigned condition = p->withdrawn ? CONDITION_WITHDRAWN : p->over ? CONDITION_ENDED : CONDITION_ACTIVE;
    if (q->scope.covers != NULL &&
        !scope_covers(q->scope.context, text_of(p->jurisdiction), text_of(p->company)))
        return false;
    for (size_t i = 0; i < q->wanted_count; i++) {
        const struct register_wanted *w = &q->wanted[i];
        const char *value = value_of(p, w->column);
        bool any = false;
        for (size_t j = 0; j < w->count; j++)
            any |= w->column == COLUMN_JURISDICTION ? below(value, w->any[j].data)
                                                    : strcmp(value, w->any[j].data) == 0;
        if (!any)
            return false;
    }
    return p->there && (q->severities == 0 || (q->severities >> severity_of(p) & 1) != 0) &&
           (q->conditions == 0 || (q->conditions >> condition & 1) != 0) &&
           (q->work_states == 0 || (q->work_states >> p->work & 1) != 0) && p->start_ms >= q->from_ms &&
           (q->to_ms == 0 || p->start_ms < q->to_ms) &&
           (q->plate_part.len == 0 || has_part(p, q->plate_part)) && is(q->overdue, due_of(p) < now_ms) &&
           is(q->shelved, shelved(p)) && is(q->to_do, to_do(p));
}

static enum register_order sorting;

static int in_order(const void *a, const void *b)
{
    const struct plain *x = *(const struct plain *const *)a, *y = *(const struct plain *const *)b;
    if (sorting == ORDER_TO_DO) {
        if ((x->work == WORK_OPEN) != (y->work == WORK_OPEN))
            return x->work == WORK_OPEN ? -1 : 1;
        if (severity_of(x) != severity_of(y))
            return severity_of(x) > severity_of(y) ? -1 : 1;
    }
    if (x->start_ms != y->start_ms)
        return x->start_ms > y->start_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

/* ---- both asked ---- */

/* By cases, as docs/DISPATCH.md tells them. */
static void compare_steps(struct register_book *r, const struct register_query *q,
                          const struct plain *const *expected, size_t count)
{
    const int64_t *const within[STEP_COUNT] = {desk_settings_usual.ack_ms, desk_settings_usual.handle_ms,
                                               desk_settings_usual.close_ms};
    struct register_steps steps;
    static struct register_found found;
    const struct register_page page = {.steps = &steps};
    assert_int_equal(register_find(r, q, &page, &found), REGISTER_OK);
    for (int i = 0; i < STEP_COUNT; i++) {
        uint64_t in_time = 0, late = 0, pending = 0;
        for (size_t j = 0; j < count; j++) {
            const struct plain *p = expected[j];
            int64_t due_ms = p->told_ms > p->reopened_ms ? p->told_ms : p->reopened_ms;
            due_ms += within[i][severity_of(p)];
            if (p->done_ms[i] > 0) {
                in_time += p->done_ms[i] <= due_ms;
                late += p->done_ms[i] > due_ms;
            } else if (p->work != WORK_CLOSED && !(p->withdrawn && p->work_rev == 0)) {
                late += q->now_ms > due_ms;
                pending += q->now_ms <= due_ms;
            }
        }
        assert_true(steps.in_time[i] == in_time && steps.late[i] == late && steps.pending[i] == pending);
    }
}

/* How many of these have a value, approved and rejected ones, as the register has them. */
static void compare_tally(struct register_tally tally, const struct plain *const *expected, size_t count,
                          const char *(*of)(const struct plain *), struct text value)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(text_of(of(expected[i])), value)) {
            tally.alerts--;
            tally.approved -= expected[i]->approved;
            tally.rejected -= expected[i]->rejected;
        }
    assert_int_equal(tally.alerts, 0);
    assert_int_equal(tally.approved, 0);
    assert_int_equal(tally.rejected, 0);
}

static const char *company_of(const struct plain *p)
{
    return p->company;
}

static const char *reason_of(const struct plain *p)
{
    return p->reason;
}

static void compare_reasons(struct register_book *r, const struct register_query *q,
                            const struct plain *const *expected, size_t count)
{
    struct register_count counts[8];
    size_t values = 8, sum = 0;
    assert_int_equal(register_count(r, q, COLUMN_REASON, counts, &values), REGISTER_OK);
    for (size_t i = 0; i < values; i++) {
        struct text value = register_value(r, COLUMN_REASON, counts[i].value);
        compare_tally(counts[i].tally, expected, count, reason_of, value);
        sum += counts[i].tally.alerts;
    }
    assert_int_equal(sum, count);
}

/* Who had to acknowledge how much: counted anew for each hour that anything was acknowledged in. */
static void compare_paces(struct register_book *r, const struct register_query *q,
                          const struct plain *const *expected, size_t count)
{
    struct register_pace paces[8];
    size_t found = 8, sum = 0, all = 0;
    assert_int_equal(register_paces(r, q, paces, &found), REGISTER_OK);
    for (size_t i = 0; i < found; i++) {
        struct text who = register_value(r, COLUMN_TO, paces[i].who);
        unsigned alerts = 0, hours = 0, most = 0;
        for (size_t j = 0; j < count; j++) {
            unsigned same = 0, before = 0;
            for (size_t k = 0; k < count && i == 0; k++)
                if (text_equal(text_of(expected[k]->by), who) && expected[k]->done_ms[0] > 0 &&
                    expected[k]->done_ms[0] / HOUR_MS == expected[j]->done_ms[0] / HOUR_MS) {
                    same++;
                    before += k < j;
                }
            if (!text_equal(text_of(expected[j]->by), who) || expected[j]->done_ms[0] == 0)
                continue;
            alerts++;
            hours += before == 0;
            most = same > most ? same : most;
        }
        assert_int_equal(paces[i].alerts, alerts);
        assert_true(i > 0 || (paces[i].hours == hours && paces[i].most == most));
        assert_true(i == 0 || paces[i].alerts <= paces[i - 1].alerts);
        sum += alerts;
    }
    for (size_t j = 0; j < count; j++)
        all += expected[j]->by[0] != '\0' && expected[j]->done_ms[0] > 0;
    assert_int_equal(sum, all);
}

static const char *weekday_word(const struct plain *p)
{
    static const char *const words[] = {"0", "1", "2", "3", "4", "5", "6"};
    return words[p->start_ms / (24 * HOUR_MS) % 7];
}

static unsigned weekday_of(const void *context, int64_t start_ms)
{
    (void)context;
    return (unsigned)(start_ms / (24 * HOUR_MS) % 7);
}

static void compare_page(struct register_book *r, const struct register_found *found,
                         const struct plain *const *expected)
{
    for (size_t i = 0; i < found->count; i++) {
        struct register_alert a;
        register_alert(r, found->alerts[i], &a);
        assert_memory_equal(a.id, expected[i]->id, DESK_ID_LENGTH);
        assert_int_equal(a.rev, expected[i]->rev);
        assert_int_equal(a.work.rev, expected[i]->work_rev);
        assert_true(text_equal(a.work.acknowledged_by, text_of(expected[i]->by)));
        assert_true(a.end_ms == expected[i]->end_ms && a.due_ms == due_of(expected[i]));
    }
}

static void compare_uncounted(struct register_book *r, const struct register_query *q,
                              enum register_order order, size_t limit, const struct plain *const *expected,
                              size_t count)
{
    static struct register_found found;
    char cursor[REGISTER_CURSOR_MAX] = "";
    size_t at = 0;
    do {
        const struct register_page page = {order, limit, text_of(cursor), NULL};
        assert_int_equal(register_find_uncounted(r, q, &page, &found), REGISTER_OK);
        assert_true(found.count == limit || found.next[0] == '\0');
        assert_true(found.count <= count - at);
        compare_page(r, &found, expected + at);
        at += found.count;
        strcpy(cursor, found.next);
    } while (cursor[0] != '\0');
    assert_int_equal(at, count);
}

static void ask_all(struct register_book *r, const struct plain *list, const struct register_query *q,
                    enum register_order order, size_t limit)
{
    static const struct plain *expected[ALERTS];
    static struct register_found found;
    size_t count = 0, at = 0, overdue = 0;
    char cursor[REGISTER_CURSOR_MAX] = "";
    for (size_t i = 0; i < ALERTS; i++)
        if (fits(&list[i], q)) {
            overdue += due_of(&list[i]) < now_ms;
            expected[count++] = &list[i];
        }
    sorting = order;
    qsort(expected, count, sizeof *expected, in_order);
    do {
        const struct register_page page = {order, limit, text_of(cursor), NULL};
        assert_int_equal(register_find(r, q, &page, &found), REGISTER_OK);
        assert_int_equal(found.total, count);
        assert_int_equal(found.overdue, overdue);
        assert_true(found.count == limit || found.next[0] == '\0');
        assert_true(found.count <= count - at);
        compare_page(r, &found, expected + at);
        at += found.count;
        strcpy(cursor, found.next);
    } while (cursor[0] != '\0');
    assert_int_equal(at, count);
    compare_uncounted(r, q, order, limit, expected, count);

    struct register_count counts[64];
    size_t values = 64, sum = 0;
    assert_int_equal(register_count(r, q, COLUMN_COMPANY, counts, &values), REGISTER_OK);
    for (size_t i = 0; i < values; i++) {
        struct text value = register_value(r, COLUMN_COMPANY, counts[i].value);
        compare_tally(counts[i].tally, expected, count, company_of, value);
        assert_true(i == 0 || counts[i].tally.alerts <= counts[i - 1].tally.alerts);
        sum += counts[i].tally.alerts;
    }
    assert_int_equal(sum, count);
    compare_steps(r, q, expected, count);
    compare_reasons(r, q, expected, count);
    compare_paces(r, q, expected, count);
    struct register_tally bins[7];
    assert_int_equal(register_bin(r, q, &(struct register_bins){weekday_of, NULL, bins, 7}), REGISTER_OK);
    for (unsigned bin = 0; bin < 7; bin++) {
        char word[2] = {(char)('0' + bin), '\0'};
        compare_tally(bins[bin], expected, count, weekday_word, text_of(word));
    }
}

static void ask_at_random(struct random *random, struct register_book *r, const struct plain *list)
{
    static const enum register_column columns[] = {COLUMN_KIND,         COLUMN_VEHICLE, COLUMN_COMPANY,
                                                   COLUMN_JURISDICTION, COLUMN_FENCE,   COLUMN_TO};
    struct text values[4];
    struct register_wanted wanted[2];
    struct register_query q = {.now_ms = now_ms, .wanted = wanted, .wanted_count = random_below(random, 3)};
    for (size_t i = 0; i < q.wanted_count; i++) {
        enum register_column column = columns[random_below(random, 6)];
        const struct plain *like = &list[random_below(random, ALERTS)];
        values[2 * i] = text_of(value_of(like, column));
        values[2 * i + 1] = text_of(random_below(random, 2) == 0 ? "nothing" : value_of(&list[0], column));
        wanted[i] = (struct register_wanted){column, &values[2 * i], 1 + random_below(random, 2)};
    }
    static const char *const parts[] = {"A000", "a·00", "京a", "truck1", "7", "zz"};
    static const char *const scopes[] = {"", "city", "town", "city/north"};
    if (random_below(random, 3) == 0)
        q.plate_part = text_of(ONE_OF(parts));
    if (random_below(random, 3) == 0)
        q.scope = (struct register_scope){scope_covers, ONE_OF(scopes)};
    if (random_below(random, 3) == 0)
        q.severities = 1 + random_below(random, 7);
    if (random_below(random, 3) == 0)
        q.conditions = 1 + random_below(random, 7);
    if (random_below(random, 3) == 0)
        q.work_states = 1 + random_below(random, 63);
    if (random_below(random, 3) == 0) {
        q.from_ms = now_ms - (int64_t)random_below(random, 50) * HOUR_MS;
        q.to_ms = q.from_ms + (int64_t)random_below(random, 20) * HOUR_MS;
    }
    q.overdue = random_below(random, 5) == 0   ? WHETHER_YES
                : random_below(random, 6) == 0 ? WHETHER_NO
                                               : WHETHER_ANY;
    q.shelved = random_below(random, 8) == 0 ? WHETHER_YES : WHETHER_ANY;
    q.to_do = random_below(random, 3) == 0 ? WHETHER_YES : WHETHER_ANY;
    ask_all(r, list, &q, (enum register_order)random_below(random, ORDER_COUNT),
            1 + random_below(random, 60));
}

static struct register_book *book_of(size_t bytes_max)
{
    const struct register_settings settings = {bytes_max, REGISTER_KEEP_MS, key, &desk_settings_usual};
    struct register_book *r = register_new(&settings);
    assert_non_null(r);
    return r;
}

static void test_against_a_list(void **state)
{
    static struct plain list[ALERTS];
    struct random seeded = random_seeded(16), *random = &seeded;
    uint64_t n = 0;
    struct register_book *r = book_of(REGISTER_BYTES_MAX);
    for (unsigned i = 0; i < ALERTS; i++)
        make(random, &list[i], i);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < ALERTS / 2; i++) {
            struct plain *p = &list[random_below(random, ALERTS)];
            /* Also one before the last. */
            unsigned back = random_below(random, 5) == 0 && p->rev > 1 ? 2u : 0u;
            unsigned rev = p->there ? p->rev + 1 - back : 1 + random_below(random, 3);
            tell(random, r, p, rev, ++n);
            if (random_below(random, 2) == 0)
                work_on(random, r, p, ++n);
        }
        for (unsigned i = 0; i < QUESTIONS; i++)
            ask_at_random(random, r, list);
    }
    register_free(r);
}

/* ---- one by one ---- */

static enum register_taken take(struct register_book *r, unsigned i, int64_t start_ms, const char *event,
                                const char *rev)
{
    struct field items[8];
    char id[DESK_ID_LENGTH + 1], start[24];
    struct fields f = {items, 0};
    name_of(i, id);
    snprintf(start, sizeof start, "%lld", (long long)start_ms);
    f = put(items, f, "event", event);
    f = put(items, f, "id", id);
    f = put(items, f, "rev", rev);
    f = put(items, f, "vehicle", "truck-1");
    f = put(items, f, "start", start);
    return register_take_violation(r, (struct register_place){0, {start_ms, i}}, f);
}

/* One action, the first of an alert, at a time. */
static void act(struct register_book *r, unsigned i, int64_t at_ms, const char *action, const char *state)
{
    struct field items[4];
    char id[DESK_ID_LENGTH + 1];
    struct fields f = {items, 0};
    name_of(i, id);
    f = put(items, f, "id", id);
    f = put(items, f, "action", action);
    f = put(items, f, "rev", "1");
    f = put(items, f, "state", state);
    assert_int_equal(register_take_action(r, (struct register_place){0, {at_ms, i}}, f), REGISTER_CHANGED);
}

static void close_work(struct register_book *r, unsigned i)
{
    act(r, i, now_ms, "close", "closed");
}

static unsigned count_overdue(struct register_book *r, int64_t at_ms)
{
    unsigned count = 0;
    for (uint32_t n = 0; register_next_overdue(r, at_ms, &n); n++)
        count++;
    return count;
}

/* Told an hour ago, of a severity that nobody said, which is the gravest: two minutes to acknowledge, two hours to handle. */
static void test_what_is_behind_and_what_was_done(void **state)
{
    (void)state;
    const struct register_scope whole = {NULL, NULL}, town = {scope_covers, "town"};
    struct register_book *r = book_of(REGISTER_BYTES_MAX);
    uint32_t number = 0, actions;
    for (unsigned i = 0; i < 5; i++)
        take(r, i, now_ms - HOUR_MS, "opened", "1");
    take(r, 5, now_ms - HOUR_MS, "withdrawn", "1"); /* it never was, and nobody has touched it */
    take(r, 6, now_ms, "opened", "1");
    assert_int_equal(count_overdue(r, now_ms), 5);
    assert_false(register_next_done(r, 0, whole, &number, &actions));
    act(r, 0, now_ms - 5, "acknowledge", "acknowledged"); /* not behind its next time */
    close_work(r, 1);
    assert_int_equal(count_overdue(r, now_ms), 3);
    assert_int_equal(count_overdue(r, now_ms + 2 * HOUR_MS), 5); /* and number 6 */
    number = 0;
    assert_true(register_next_done(r, now_ms - 5, whole, &number, &actions) && actions == 1);
    number = 0;
    assert_false(register_next_done(r, now_ms + 1000 * HOUR_MS, whole, &number, &actions));
    number = 0;
    assert_false(register_next_done(r, 0, town, &number, &actions)); /* theirs are of no district */
    register_free(r);
}

static void test_cursors(void **state)
{
    struct register_book *r = book_of(REGISTER_BYTES_MAX);
    static struct register_found found;
    const struct register_query all = {.now_ms = now_ms};
    for (unsigned i = 1; i <= 20; i++)
        take(r, i, now_ms + i, "opened", "1");
    assert_int_equal(register_find(r, &all, &(struct register_page){ORDER_TIME, 10, {"", 0}, NULL}, &found),
                     REGISTER_OK);
    char cursor[REGISTER_CURSOR_MAX];
    strcpy(cursor, found.next);
    /* What comes meanwhile moves nothing. */
    for (unsigned i = 21; i <= 40; i++)
        take(r, i, now_ms + i, "opened", "1");
    const struct register_page second = {ORDER_TIME, 500, text_of(cursor), NULL};
    assert_int_equal(register_find(r, &all, &second, &found), REGISTER_OK);
    assert_int_equal(found.count, 10);
    assert_int_equal(found.total, 40);
    assert_string_equal(found.next, "");
    /* Of another order, of another register, changed in any place, cut. */
    struct register_page forged = {ORDER_TO_DO, 10, text_of(cursor), NULL};
    assert_int_equal(register_find(r, &all, &forged, &found), REGISTER_CURSOR);
    for (size_t i = 0; cursor[i] != '\0'; i++) {
        char was = cursor[i];
        cursor[i] = was == '0' ? '1' : '0';
        assert_int_equal(register_find(r, &all, &second, &found), REGISTER_CURSOR);
        cursor[i] = 'x';
        assert_int_equal(register_find(r, &all, &second, &found), REGISTER_CURSOR);
        cursor[i] = was;
    }
    forged = (struct register_page){ORDER_TIME, 10, {cursor, strlen(cursor) - 2}, NULL};
    assert_int_equal(register_find(r, &all, &forged, &found), REGISTER_CURSOR);
    /* It carries no rights. */
    const struct register_query scoped = {.now_ms = now_ms, .scope = {scope_covers, "town"}};
    assert_int_equal(register_find(r, &scoped, &second, &found), REGISTER_OK);
    assert_int_equal(found.count, 0);
    assert_int_equal(found.total, 0);
    uint32_t number;
    char id[DESK_ID_LENGTH + 1];
    name_of(7, id);
    assert_true(register_look(r, text_of(id), all.scope, &number));
    assert_false(register_look(r, text_of(id), scoped.scope, &number));
    register_free(r);
}

static void test_bound(void **state)
{
    const size_t bound = 1 << 20;
    struct register_book *r = book_of(bound);
    struct register_figures f;
    uint32_t number;
    char id[DESK_ID_LENGTH + 1];
    /* By four: goes on, over, over and closed, over and closed. */
    for (unsigned i = 0; i < 20000; i++) {
        take(r, i, now_ms + i, "opened", "1");
        if (i % 4 != 0)
            take(r, i, now_ms + i, "closed", "2");
        if (i % 4 >= 2)
            close_work(r, i);
        register_trim(r, now_ms);
        register_figures(r, &f);
        /* Only what may not go may be too much. */
        assert_true(f.bytes <= bound || f.alerts <= i / 4 + 2);
    }
    assert_true(f.left_closed > 9000);
    assert_true(f.left_unclosed > 0);
    for (unsigned i = 0; i < 20000; i += 4) {
        name_of(i, id);
        assert_true(register_look(r, text_of(id), (struct register_scope){NULL, NULL}, &number));
    }
    static struct register_found found;
    assert_int_equal(
        register_find(r, &(struct register_query){.now_ms = now_ms}, &(struct register_page){0}, &found),
        REGISTER_OK);
    assert_true(found.truncated);
    register_free(r);
}

static void test_the_oldest_go_first(void **state)
{
    struct register_book *r = book_of(1 << 20);
    struct register_figures f = {0};
    unsigned i = 0;
    for (; f.left_closed == 0; i++) {
        take(r, i, now_ms + i, "closed", "1");
        close_work(r, i);
        register_trim(r, now_ms);
        register_figures(r, &f);
    }
    uint32_t number;
    char id[DESK_ID_LENGTH + 1];
    bool there = false;
    for (unsigned k = 0; k < i; k++) {
        name_of(k, id);
        bool is_there = register_look(r, text_of(id), (struct register_scope){NULL, NULL}, &number);
        assert_true(is_there || !there);
        there = is_there;
    }
    assert_int_equal(f.left_unclosed, 0);
    assert_true(f.left_closed < i / 8);
    register_trim(r, now_ms + REGISTER_KEEP_MS * 2);
    register_figures(r, &f);
    assert_int_equal(f.alerts, 0);
    register_free(r);
}

static void test_strange_entries(void **state)
{
    struct register_book *r = book_of(REGISTER_BYTES_MAX);
    struct field items[8];
    struct fields f = {items, 0};
    const struct register_place place = {0, {1, 0}};
    assert_int_equal(register_take_violation(r, place, f), REGISTER_STRANGE);
    f = put(items, f, "id", "../../etc/passwd-aaaaaaaaaa");
    assert_int_equal(register_take_violation(r, place, f), REGISTER_STRANGE);
    assert_int_equal(register_take_action(r, place, f), REGISTER_STRANGE);
    assert_int_equal(take(r, 1, now_ms, "opened", "0"), REGISTER_STRANGE);
    assert_int_equal(take(r, 1, now_ms, "opened", "x"), REGISTER_STRANGE);
    assert_int_equal(take(r, 1, -5, "opened", "1"), REGISTER_STRANGE);
    struct register_figures figures;
    register_figures(r, &figures);
    assert_int_equal(figures.alerts, 0);
    assert_int_equal(figures.strange, 6);
    register_free(r);
}

/* A point that nobody came to: its duty stands in the vehicle's place, and is found as a plate is. */
static void test_about_a_duty(void **state)
{
    struct register_book *r = book_of(REGISTER_BYTES_MAX);
    struct field items[8];
    struct fields f = {items, 0};
    const struct register_place place = {0, {1, 0}};
    uint32_t number;
    f = put(items, f, "id", "aaaaaaaaaaaaaaaaaaaaaaaaaa");
    f = put(items, f, "rev", "1");
    f = put(items, f, "event", "opened");
    f = put(items, f, "kind", "missed_collection");
    f = put(items, f, "start", "1790000000000");
    assert_int_equal(register_take_violation(r, place, f), REGISTER_STRANGE);
    f = put(items, f, "duty", "Kitchen-07");
    assert_int_equal(register_take_violation(r, place, f), REGISTER_NEW);
    assert_true(register_look(r, text_of("aaaaaaaaaaaaaaaaaaaaaaaaaa"), (struct register_scope){0}, &number));
    assert_true(text_equal(register_of(r, number, COLUMN_VEHICLE), TEXT("")));
    assert_true(text_equal(register_of(r, number, COLUMN_PLATE), TEXT("kitchen07")));
    register_free(r);
}

static void test_hash_of_what_left_the_stream(void **state)
{
    struct register_book *r = book_of(REGISTER_BYTES_MAX);
    char id[DESK_ID_LENGTH + 1];
    struct field items[12];
    struct fields f = {items, 0};
    name_of(5, id);
    f = put(items, f, "rev", "3");
    f = put(items, f, "state", "assigned");
    f = put(items, f, "to", "ann");
    f = put(items, f, "kind", "spill");
    f = put(items, f, "severity", "major");
    f = put(items, f, "vehicle", "truck-9");
    f = put(items, f, "jurisdiction", "town");
    f = put(items, f, "start", "1780000000000");
    assert_int_equal(register_take_hash(r, 2, text_of(id), f), REGISTER_NEW);
    assert_int_equal(register_take_hash(r, 2, text_of(id), f), REGISTER_KNOWN);
    uint32_t number;
    struct buf out;
    buf_init(&out, 1 << 16);
    assert_true(register_look(r, text_of(id), (struct register_scope){scope_covers, "town"}, &number));
    register_write(r, number, now_ms, &out);
    buf_put_char(&out, '\0');
    assert_string_equal(
        out.data, "{\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaf\",\"kind\":\"spill\",\"severity\":\"major\","
                  "\"vehicle\":\"truck-9\",\"jurisdiction\":\"town\",\"start\":1780000000000,\"partition\":2,"
                  "\"told\":1780000000000,\"condition\":\"ended\",\"work\":{\"state\":\"assigned\",\"rev\":3,"
                  "\"assignee\":\"ann\",\"due\":1780028800000},\"overdue\":true,\"shelved\":false}");
    buf_fini(&out);
    register_free(r);
}

/* Of which the store has let go of the first entries, and one after the other comes from elsewhere. */
static void test_told_of_what_is_partly_left(void **state)
{
    (void)state;
    static const struct {
        const char *rev;
        int64_t at_ms, start_ms, told_ms;
    } steps[] = {{"3", 1780000900000, 1780000000000, 1780000000000},
                 {"4", 1780000950000, 1780000000000, 1780000000000},
                 {"2", 1780000800000, 1780000850000, 1780000000000},
                 {"1", 1780000700000, 1780000000000, 1780000700000},
                 {"5", 1780000990000, 1780000000000, 1780000700000}};
    struct register_book *r = book_of(REGISTER_BYTES_MAX);
    char id[DESK_ID_LENGTH + 1], start[24];
    name_of(7, id);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct field items[8];
        struct fields f = {items, 0};
        struct register_alert a;
        uint32_t number;
        snprintf(start, sizeof start, "%lld", (long long)steps[i].start_ms);
        f = put(items, f, "event", "updated");
        f = put(items, f, "id", id);
        f = put(items, f, "rev", steps[i].rev);
        f = put(items, f, "severity", "major");
        f = put(items, f, "vehicle", "t");
        f = put(items, f, "start", start);
        const struct register_place place = {0, {steps[i].at_ms, 0}};
        assert_int_not_equal(register_take_violation(r, place, f), REGISTER_STRANGE);
        assert_true(register_look(r, text_of(id), (struct register_scope){NULL, NULL}, &number));
        register_alert(r, number, &a);
        assert_int_equal(a.told_ms, steps[i].told_ms);
        assert_int_equal(a.due_ms, steps[i].told_ms + desk_settings_usual.ack_ms[SEVERITY_MAJOR_ALERT]);
    }
    register_free(r);
}

static void test_written_whole(void **state)
{
    struct register_book *r = book_of(REGISTER_BYTES_MAX);
    char id[DESK_ID_LENGTH + 1];
    struct field items[16];
    struct fields f = {items, 0};
    name_of(5, id);
    f = put(items, f, "event", "opened");
    f = put(items, f, "id", id);
    f = put(items, f, "rev", "1");
    f = put(items, f, "vehicle", "t");
    f = put(items, f, "plate", "<img onerror=\"x\">");
    f = put(items, f, "start", "1780000000000");
    f = put(items, f, "lat", "30.4856530");
    f = put(items, f, "value", "NaN");
    f = put(items, f, "fences", "[\"a\",\"b\",3]");
    f = put(items, f, "of_later", "\xff");
    assert_int_equal(register_take_violation(r, (struct register_place){0, {7, 0}}, f), REGISTER_NEW);
    uint32_t number;
    struct buf out;
    struct json_tree tree = {0};
    buf_init(&out, 1 << 16);
    assert_true(register_look(r, text_of(id), (struct register_scope){NULL, NULL}, &number));
    register_write(r, number, now_ms, &out);
    assert_int_equal(json_tree_read(&tree, buf_text(&out), NULL), JSON_TREE_OK);
    assert_true(json_node_is(json_node_member(tree.nodes, "lat"), JSON_NODE_NUMBER));
    assert_true(json_node_is(json_node_member(tree.nodes, "value"), JSON_NODE_STRING));
    assert_int_equal(json_node_length(json_node_member(tree.nodes, "fences")), 3);
    assert_true(
        text_equal(json_node_text(json_node_member(tree.nodes, "plate")), TEXT("<img onerror=\"x\">")));
    json_tree_fini(&tree);
    buf_fini(&out);
    register_free(r);
}

/* ---- packing ---- */

static void test_packing(void **state)
{
    struct random seeded = random_seeded(7), *random = &seeded;
    static const char *const pieces[] = {"鄂T13111D",
                                         "：作业中失联（",
                                         "，",
                                         " / ",
                                         "silent while in service",
                                         "0",
                                         "007",
                                         "1778221234000",
                                         "12345678901234567890",
                                         "-1.5",
                                         "“",
                                         "\xff\x00x",
                                         "_",
                                         "  ",
                                         "自2026年5月8日",
                                         "7ce968b1cde1b7115bd6beb2f240256e084422481de1125fba8b7508d6425a30",
                                         ""};
    struct dictionary d;
    struct buf packed, bytes;
    dictionary_init(&d, key, 20); /* so that it is full soon */
    buf_init(&packed, 1 << 20);
    buf_init(&bytes, 1 << 20);
    for (int round = 0; round < 2000; round++) {
        static char texts[6][512];
        struct field items[3], out;
        buf_clear(&packed);
        for (size_t i = 0; i < 6; i++) {
            size_t len = 0;
            for (unsigned n = random_below(random, 5); n > 0; n--) {
                const char *piece = ONE_OF(pieces);
                memcpy(texts[i] + len, piece, strlen(piece));
                len += strlen(piece);
            }
            texts[i][len] = '\0';
        }
        for (size_t i = 0; i < 3; i++)
            items[i] = (struct field){text_of(texts[2 * i]), text_of(texts[2 * i + 1])};
        fields_pack(&d, (struct fields){items, 3}, &packed);
        struct text left = buf_text(&packed);
        for (size_t i = 0; i < 3; i++) {
            assert_true(fields_unpack(&d, &left, &bytes, &out));
            assert_true(text_equal(out.name, items[i].name) && text_equal(out.value, items[i].value));
        }
        assert_false(fields_unpack(&d, &left, &bytes, &out));
    }
    buf_fini(&packed);
    buf_fini(&bytes);
    dictionary_fini(&d);
}

static void test_symbols(void **state)
{
    struct random seeded = random_seeded(9), *random = &seeded;
    static unsigned users[300];
    static uint32_t numbers[300];
    struct symbols s;
    symbols_init(&s, key);
    for (int step = 0; step < 60000; step++) {
        unsigned i = random_below(random, 300);
        char text[16];
        snprintf(text, sizeof text, "t%u", i);
        if (random_below(random, 2) == 0) {
            assert_true(symbols_use(&s, text_of(text), &numbers[i]));
            users[i]++;
        } else if (users[i] > 0) {
            symbols_leave(&s, numbers[i]);
            users[i]--;
        }
        assert_int_equal(symbols_find(&s, text_of(text)), users[i] > 0 ? numbers[i] : 0);
        if (users[i] > 0)
            assert_true(text_equal(symbols_text(&s, numbers[i]), text_of(text)));
    }
    assert_true(symbols_limit(&s) <= 301);
    symbols_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_a_list),
        cmocka_unit_test(test_cursors),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_the_oldest_go_first),
        cmocka_unit_test(test_strange_entries),
        cmocka_unit_test(test_about_a_duty),
        cmocka_unit_test(test_hash_of_what_left_the_stream),
        cmocka_unit_test(test_told_of_what_is_partly_left),
        cmocka_unit_test(test_written_whole),
        cmocka_unit_test(test_packing),
        cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_what_is_behind_and_what_was_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
