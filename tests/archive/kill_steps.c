/*
 * The archive over a real folder and a store that is made up, ended or failed at each call that it makes to the disk, one
 * run a call: before the call, or just after it was done. In the middle the store goes back by what it had acknowledged
 * last, and units send again. In the end every fix and every finding is there once, and what figures are made of has each of
 * them once.
 */
#include "../cmocka_all.h"
#include "archive.h"
#include "archive_folder.h"
#include "open_part.h"
#include "sqlite.h"
#include "track_chunk.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    VEHICLES = 3,
    STREAMS = VEHICLES + 20,
    ENTRIES = 400,
    PAIRS = 12,
    WORDS = 600,
    ITEMS = 40000,
    SEQS = 200
};

/* ---- the store ---- */

struct entry {
    int64_t ms;
    char id[24], values[PAIRS / 2][200];
    const char *names[PAIRS / 2];
    size_t pairs;
};

static struct stream {
    char key[48];
    struct entry entries[ENTRIES];
    size_t count;
} streams[STREAMS];
static size_t stream_count;

static struct registration {
    char archive[40], turn[24], batch[24];
} registration, registration_then;
static int64_t batch, batch_then, clock_ms;
static size_t counts_then[STREAMS];
static int made[VEHICLES], findings;

static struct stream *stream_of(const char *key)
{
    for (size_t i = 0; i < stream_count; i++)
        if (strcmp(streams[i].key, key) == 0)
            return &streams[i];
    assert_true(stream_count < STREAMS);
    struct stream *s = &streams[stream_count++];
    snprintf(s->key, sizeof s->key, "%s", key);
    s->count = 0;
    return s;
}

static struct entry *add(const char *key)
{
    struct stream *s = stream_of(key);
    assert_true(s->count < ENTRIES);
    struct entry *e = &s->entries[s->count++];
    *e = (struct entry){.ms = clock_ms++};
    snprintf(e->id, sizeof e->id, "%lld-0", (long long)e->ms);
    return e;
}

static void with(struct entry *e, const char *name, const char *value)
{
    e->names[e->pairs] = name;
    snprintf(e->values[e->pairs++], sizeof e->values[0], "%s", value);
}

static void with_number(struct entry *e, const char *name, int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)value);
    with(e, name, digits);
}

static void add_fix(int vehicle, int seq)
{
    char key[48], fix[200];
    snprintf(key, sizeof key, "muck:{0}:track:v%d", vehicle);
    snprintf(fix, sizeof fix, "{\"time\":%d,\"lat\":30.5,\"lon\":112.9,\"mode\":3,\"boot\":\"b\",\"seq\":%d}",
             1770000000 + seq, seq);
    struct entry *e = add(key);
    with(e, "fix", fix);
    with_number(e, "received", clock_ms);
    with_number(e, "batch", batch);
}

static void add_finding(int number)
{
    char id[40];
    struct entry *e = add("muck:{0}:violations");
    snprintf(id, sizeof id, "f%d", number);
    with(e, "id", id);
    with(e, "rev", "1");
    with(e, "vehicle", "v0");
    with_number(e, "start", number);
}

static void commit_batch(void)
{
    batch++;
    for (int v = 0; v < VEHICLES; v++)
        for (int i = 0; i < 2 + v; i++)
            add_fix(v, ++made[v]);
    add_finding(++findings);
    struct entry *mark = add("muck:{0}:marks");
    with(mark, "kind", "life");
    with(mark, "vehicle", "v0");
    with_number(mark, "received", clock_ms);
    with_number(mark, "clock", batch);
    with_number(mark, "batch", batch);
    clock_ms += 1000;
}

static void remember(void)
{
    registration_then = registration;
    batch_then = batch;
    for (size_t i = 0; i < STREAMS; i++)
        counts_then[i] = i < stream_count ? streams[i].count : 0;
}

/* The store is as it was then; its clock goes on, and units send again what it has lost. */
static void go_back(void)
{
    int stored[VEHICLES] = {0}, told = 0;
    registration = registration_then;
    batch = batch_then;
    for (size_t i = 0; i < stream_count; i++) {
        streams[i].count = counts_then[i];
        for (int v = 0; v < VEHICLES; v++) {
            char key[48];
            snprintf(key, sizeof key, "muck:{0}:track:v%d", v);
            if (strcmp(key, streams[i].key) == 0)
                stored[v] = (int)streams[i].count;
        }
        if (strcmp(streams[i].key, "muck:{0}:violations") == 0)
            told = (int)streams[i].count;
    }
    batch++;
    for (int v = 0; v < VEHICLES; v++)
        for (int seq = stored[v] + 1; seq <= made[v]; seq++)
            add_fix(v, seq);
    for (int n = told + 1; n <= findings; n++)
        add_finding(n);
}

/* ---- what it answers ---- */

static char words[WORDS][256];
static size_t word_count;
static struct archive_answer items[ITEMS];
static size_t item_count;
static char numbers[4][32];

static void parse(struct text command)
{
    const char *p = command.data;
    long n = strtol(p + 1, (char **)&p, 10);
    word_count = 0;
    for (p += 2; n > 0; n--) {
        long len = strtol(p + 1, (char **)&p, 10);
        assert_true(word_count < WORDS && len < 256);
        memcpy(words[word_count], p + 2, (size_t)len);
        words[word_count++][len] = '\0';
        p += 2 + len + 2;
    }
    assert_ptr_equal(p, command.data + command.len);
}

static struct archive_answer a_text(const char *text)
{
    return text[0] == '\0'
               ? (struct archive_answer){.type = ANSWER_NIL}
               : (struct archive_answer){ANSWER_TEXT, text_of(text), text_whole(text_of(text)), NULL, 0};
}

static struct archive_answer *some(size_t count)
{
    assert_true(item_count + count <= ITEMS);
    item_count += count;
    return &items[item_count - count];
}

static struct archive_answer a_list(const struct archive_answer *list, size_t count)
{
    return (struct archive_answer){.type = ANSWER_LIST, .items = list, .count = count};
}

static struct archive_answer an_entry(const struct entry *e)
{
    struct archive_answer *both = some(2), *pairs = some(2 * e->pairs);
    for (size_t i = 0; i < e->pairs; i++) {
        pairs[2 * i] = a_text(e->names[i]);
        pairs[2 * i + 1] = a_text(e->values[i]);
    }
    both[0] = a_text(e->id);
    both[1] = a_list(pairs, 2 * e->pairs);
    return a_list(both, 2);
}

static struct archive_answer answer_read(void)
{
    size_t count = (word_count - 4) / 2, found = 0;
    struct archive_answer *all = some(count);
    for (size_t k = 0; k < count; k++) {
        struct stream *s = NULL;
        for (size_t i = 0; i < stream_count; i++)
            if (strcmp(streams[i].key, words[4 + k]) == 0)
                s = &streams[i];
        int64_t after = atoll(words[4 + count + k]);
        size_t from = 0;
        while (s != NULL && from < s->count && s->entries[from].ms <= after)
            from++;
        if (s == NULL || from == s->count)
            continue;
        size_t n = s->count - from < (size_t)atoi(words[2]) ? s->count - from : (size_t)atoi(words[2]);
        struct archive_answer *both = some(2), *entries = some(n);
        for (size_t i = 0; i < n; i++)
            entries[i] = an_entry(&s->entries[from + i]);
        both[0] = a_text(s->key);
        both[1] = a_list(entries, n);
        all[found++] = a_list(both, 2);
    }
    return a_list(all, found);
}

static struct archive_answer answer_back(void)
{
    struct stream *s = stream_of(words[1]);
    int64_t before = words[2][0] == '+' ? INT64_MAX : atoll(words[2] + 1);
    size_t to = s->count, n = 0, most = (size_t)atoi(words[5]);
    while (to > 0 && s->entries[to - 1].ms >= before)
        to--;
    struct archive_answer *entries = some(most);
    for (; n < most && n < to; n++)
        entries[n] = an_entry(&s->entries[to - 1 - n]);
    return a_list(entries, n);
}

static struct archive_answer answer_register(void)
{
    for (size_t i = 2; i + 1 < word_count; i += 2)
        if (strcmp(words[i], "archive") == 0)
            snprintf(registration.archive, sizeof registration.archive, "%.39s", words[i + 1]);
        else if (strcmp(words[i], "turn") == 0)
            snprintf(registration.turn, sizeof registration.turn, "%.23s", words[i + 1]);
        else if (strcmp(words[i], "batch") == 0)
            snprintf(registration.batch, sizeof registration.batch, "%.23s", words[i + 1]);
    return (struct archive_answer){.type = ANSWER_INTEGER};
}

static struct archive_answer answer(void)
{
    static const char *const ids[VEHICLES] = {"v0", "v1", "v2"};
    struct archive_answer *list = some(VEHICLES);
    if (strcmp(words[0], "XREAD") == 0)
        return answer_read();
    if (strcmp(words[0], "XREVRANGE") == 0)
        return answer_back();
    if (strcmp(words[0], "XINFO") == 0)
        return (struct archive_answer){.type = ANSWER_ERROR, .text = TEXT("ERR no such key")};
    if (strcmp(words[0], "HSET") == 0)
        return answer_register();
    if (strcmp(words[0], "HLEN") == 0)
        return (struct archive_answer){.type = ANSWER_INTEGER, .integer = VEHICLES};
    if (strcmp(words[0], "TIME") == 0) {
        snprintf(numbers[0], sizeof numbers[0], "%lld", (long long)(clock_ms / 1000));
        list[0] = a_text(numbers[0]);
        list[1] = a_text("0");
        return a_list(list, 2);
    }
    if (strcmp(words[0], "HGET") == 0) {
        snprintf(numbers[1], sizeof numbers[1], "%lld", (long long)batch);
        return a_text(numbers[1]);
    }
    if (strcmp(words[0], "HMGET") == 0 && strstr(words[1], "evidence") != NULL)
        return (struct archive_answer){.type = ANSWER_LIST};
    if (strcmp(words[0], "HMGET") == 0) {
        list[0] = a_text(registration.archive);
        list[1] = a_text(registration.turn);
        list[2] = a_text(registration.batch);
        return a_list(list, 3);
    }
    assert_string_equal(words[0], "HKEYS");
    for (size_t i = 0; i < VEHICLES; i++)
        list[i] = a_text(ids[i]);
    return a_list(list, VEHICLES);
}

/* ---- the disk, which breaks off at one call ---- */

enum way { ENDED_BEFORE, ENDED_AFTER, FAILED, WAYS };

static const struct archive_disk *real;
static struct archive_disk disk;
static int calls, broken_at;
static enum way way;
static bool broken;

/* Whether the call is not to be done, or not to be told of. */
static bool breaks(enum way before_or_after)
{
    bool now = before_or_after == ENDED_AFTER ? calls == broken_at && way == ENDED_AFTER
                                              : ++calls == broken_at && way != ENDED_AFTER;
    broken = broken || now;
    return now;
}

#define SHIM(name, parameters, arguments)                                                                    \
    static bool name parameters                                                                              \
    {                                                                                                        \
        return !breaks(ENDED_BEFORE) && real->name arguments && !breaks(ENDED_AFTER);                        \
    }

SHIM(begin, (void *c, int32_t file), (c, file))
SHIM(commit, (void *c, int32_t file), (c, file))
SHIM(put_state, (void *c, const struct archive_state *s), (c, s))
SHIM(put_life, (void *c, const struct archive_life *l), (c, l))
SHIM(put_row, (void *c, const struct archive_row *r), (c, r))
SHIM(put_cursor, (void *c, int32_t file, const struct archive_cursor *k), (c, file, k))
SHIM(put_tail, (void *c, int32_t day, uint32_t part, struct text body), (c, day, part, body))
SHIM(drop_tail, (void *c, int32_t day, uint32_t part), (c, day, part))
SHIM(put_chunk, (void *c, int32_t day, const struct archive_chunk *k), (c, day, k))
SHIM(put_mark, (void *c, int32_t day, const struct archive_mark *m), (c, day, m))
SHIM(put_orphan, (void *c, struct text s, const unsigned char key[ARCHIVE_ENTRY_HASH], int64_t ms),
     (c, s, key, ms))
SHIM(shrink, (void *c, int32_t day), (c, day))
SHIM(put_day_sum, (void *c, const struct archive_day_sum *s), (c, s))
SHIM(settle_chunks, (void *c, int32_t file, struct text v, const struct archive_due *due, bool wholly),
     (c, file, v, due, wholly))

static struct archive_press press;

static void lay_shims(void)
{
    disk = *real;
    press = *real->press;
    press.at_bytes = 250; /* of a vehicle some lines are pressed, and some not yet */
    disk.press = &press;
    disk.begin = begin;
    disk.commit = commit;
    disk.put_state = put_state;
    disk.put_life = put_life;
    disk.put_row = put_row;
    disk.put_cursor = put_cursor;
    disk.put_tail = put_tail;
    disk.drop_tail = drop_tail;
    disk.put_chunk = put_chunk;
    disk.put_mark = put_mark;
    disk.put_orphan = put_orphan;
    disk.shrink = shrink;
    disk.put_day_sum = put_day_sum;
    disk.settle_chunks = settle_chunks;
}

/* ---- a run ---- */

static struct archive *archive;
static int64_t wall_ms;

static struct archive *begun(void)
{
    static const struct city_days days = {0};
    const struct archive_options options = {.disk = &disk,
                                            .days = &days,
                                            .gap_ms = 300000,
                                            .track_ms = INT64_C(86400000) * 180,
                                            .findings_ms = INT64_C(86400000) * 1830,
                                            .part_bytes = 2400,
                                            .turn_bytes = 700};
    struct archive *a = archive_new(&options);
    assert_non_null(a);
    return a;
}

/* Takes steps until it sleeps. Ended: it begins anew, as after a kill, with a new connection. */
static void run_until_asleep(void)
{
    struct archive_fact fact = {.kind = ARCHIVE_DUE, .wall = {wall_ms += 500}, .mono = {wall_ms}};
    struct archive_answer said;
    for (int steps = 0; steps < 10000; steps++) {
        struct archive_step step = archive_take(archive, &fact);
        if (broken && way != FAILED) {
            archive_free(archive); /* what was begun is undone: nothing of it was committed */
            archive = begun();
            fact.kind = ARCHIVE_CONNECTED;
            broken = false;
            continue;
        }
        if (step.kind != ARCHIVE_ASK)
            return;
        item_count = 0;
        parse(step.command);
        said = answer();
        fact.kind = ARCHIVE_ANSWERED;
        fact.answer = &said;
    }
    fail_msg("it does not come to rest");
}

static void connect_archive(void)
{
    const struct archive_fact fact = {.kind = ARCHIVE_LOST, .wall = {wall_ms}, .mono = {wall_ms}};
    archive_take(archive, &fact);
    struct archive_fact up = {.kind = ARCHIVE_CONNECTED, .wall = {wall_ms}, .mono = {wall_ms}};
    struct archive_step step = archive_take(archive, &up);
    struct archive_answer said;
    for (; step.kind == ARCHIVE_ASK && !(broken && way != FAILED);) {
        item_count = 0;
        parse(step.command);
        said = answer();
        up.kind = ARCHIVE_ANSWERED;
        up.answer = &said;
        step = archive_take(archive, &up);
    }
    if (broken && way != FAILED) {
        archive_free(archive);
        archive = begun();
        broken = false;
        connect_archive();
    }
}

/* ---- what is there in the end ---- */

static int seen[VEHICLES][SEQS];

static void see(int vehicle, struct text line)
{
    char text[256];
    snprintf(text, sizeof text, "%.*s", TEXT_ARG(line));
    int seq = atoi(strstr(text, "\"seq\":") + 6);
    assert_true(seq > 0 && seq < SEQS);
    seen[vehicle][seq]++;
}

static bool on_chunk(void *arg, int64_t life, struct text lines, struct text places)
{
    while (lines.len > 0) {
        const char *feed = memchr(lines.data, '\n', lines.len);
        struct text line = {lines.data, (size_t)(feed - lines.data)};
        see(*(int *)arg, line);
        lines = (struct text){feed + 1, lines.len - line.len - 1};
    }
    return true;
}

static bool on_tail(void *arg, int32_t day, uint32_t part, struct text body)
{
    struct text vehicle, line;
    struct part_line at;
    bool closed;
    while (part_read(&body, &vehicle, &at, &line)) {
        assert_true(real->is_closed(real->context, day, part, vehicle, &closed));
        if (!closed)
            see(vehicle.data[1] - '0', line);
    }
    return body.len == 0;
}

static void check(const char *folder)
{
    char path[256], why[256];
    memset(seen, 0, sizeof seen);
    for (int v = 0; v < VEHICLES; v++) {
        char id[16];
        snprintf(id, sizeof id, "v%d", v);
        const struct archive_search all = {INT32_MIN + 1, text_of(id), {0}};
        assert_true(real->each_chunk(real->context, &all, on_chunk, &v));
    }
    assert_true(real->each_tail(real->context, on_tail, NULL));
    for (int v = 0; v < VEHICLES; v++)
        for (int seq = 1; seq <= made[v]; seq++)
            if (seen[v][seq] != 1)
                fail_msg("way %d, call %d: fix %d of v%d stands %d times", way, broken_at, seq, v,
                         seen[v][seq]);
    snprintf(path, sizeof path, "%s/city.db", folder);
    struct sqlite *db = sqlite_open(path, SQLITE_TO_READ, why, sizeof why);
    assert_non_null(db);
    struct sqlite_query *q = sqlite_ask(db, "SELECT count(*), count(DISTINCT id) FROM entries");
    assert_int_equal(sqlite_next(db, q), SQLITE_CAME_ROW);
    assert_int_equal(sqlite_whole(q, 0), findings);
    assert_int_equal(sqlite_whole(q, 1), findings);
    sqlite_leave(q);
    int fixes = 0;
    for (int v = 0; v < VEHICLES; v++)
        fixes += made[v];
    q = sqlite_ask(db,
                   "SELECT (SELECT count(*) FROM finding_figures), (SELECT sum(fixes) FROM track_figures), "
                   "(SELECT count(*) FROM track_figures)");
    assert_int_equal(sqlite_next(db, q), SQLITE_CAME_ROW);
    assert_int_equal(sqlite_whole(q, 0), findings);
    if (sqlite_whole(q, 1) != fixes)
        fail_msg("way %d, call %d: %d of %d fixes are summed", way, broken_at, (int)sqlite_whole(q, 1),
                 fixes);
    assert_int_equal(sqlite_whole(q, 2), VEHICLES);
    sqlite_close(db);
}

static void run_once(void)
{
    /* Where syncing costs nothing, if there is such a place: some hundred runs sync a hundred times each. */
    char folder[64], why[256], command[80];
    snprintf(folder, sizeof folder, "%s/mw-archive-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    struct archive_folder *opened;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(archive_folder_open(folder, &opened, why, sizeof why), ARCHIVE_FOLDER_OK);
    real = archive_folder_disk(opened);
    lay_shims();
    stream_count = 0;
    batch = findings = calls = 0;
    broken = false;
    memset(made, 0, sizeof made);
    registration = (struct registration){0};
    wall_ms = clock_ms = INT64_C(1770000000000);
    archive = begun();
    connect_archive();
    for (int i = 0; i < 9; i++) {
        commit_batch();
        if (i == 3)
            remember();
        if (i == 5) {
            run_until_asleep();
            go_back();
            connect_archive();
        }
        run_until_asleep();
    }
    for (int i = 0; i < 6; i++)
        run_until_asleep();
    /* The day is over: all is closed, and summed. */
    wall_ms += INT64_C(3) * 86400000;
    for (int i = 0; i < 16; i++) {
        wall_ms += 61000;
        run_until_asleep();
    }
    check(folder);
    archive_free(archive);
    archive_folder_close(opened);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

static void every_call(enum way which)
{
    way = which;
    int last = 0;
    for (broken_at = 1; last == 0; broken_at++) {
        run_once();
        if (calls < broken_at)
            last = broken_at;
    }
    assert_true(last > 100); /* otherwise nothing was tried */
}

static void ended_before_each_call(void **state)
{
    every_call(ENDED_BEFORE);
}

static void ended_after_each_call(void **state)
{
    every_call(ENDED_AFTER);
}

static void failed_at_each_call(void **state)
{
    every_call(FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ended_before_each_call),
        cmocka_unit_test(ended_after_each_call),
        cmocka_unit_test(failed_at_each_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
