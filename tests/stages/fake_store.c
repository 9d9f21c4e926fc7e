#include "fake_store.h"

#include "../cmocka_all.h"
#include "fake_command.h"
#include "fake_late.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 2 };

struct fake_store *fake_store_new(void)
{
    struct fake_store *s = calloc(1, sizeof *s);
    assert_non_null(s);
    return s;
}

void fake_store_free(struct fake_store *s)
{
    if (s == NULL)
        return;
    struct fake_list *lists[] = {&s->tracks, &s->rejects, &s->violations, &s->states,  &s->rulesets,
                                 &s->texts,  &s->record,  &s->told,       &s->streams, &s->said,
                                 &s->hashes, &s->asks,    &s->answers};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        fake_list_fini(lists[i]);
    free(s->applied);
    free(s->rest);
    free(s);
}

struct fake_store *fake_store_copy(const struct fake_store *s)
{
    struct fake_store *c = fake_store_new();
    *c = *s;
    c->tracks = fake_list_copy(&s->tracks);
    c->rejects = fake_list_copy(&s->rejects);
    c->violations = fake_list_copy(&s->violations);
    c->states = fake_list_copy(&s->states);
    c->rulesets = fake_list_copy(&s->rulesets);
    c->texts = fake_list_copy(&s->texts);
    c->record = fake_list_copy(&s->record);
    c->told = fake_list_copy(&s->told);
    c->streams = fake_list_copy(&s->streams);
    c->said = fake_list_copy(&s->said);
    c->hashes = fake_list_copy(&s->hashes);
    c->asks = fake_list_copy(&s->asks);
    c->answers = fake_list_copy(&s->answers);
    c->applied = fake_bytes(s->applied, s->applied_len);
    c->rest = fake_bytes(s->rest, s->rest_len);
    c->breaking = c->forgetful = false;
    c->error = c->damaged = NULL;
    c->wrong_key[0] = '\0';
    return c;
}

/* ---- replies ---- */

static struct text keep(struct fake_reply *r, struct text t)
{
    r->kept = realloc(r->kept, (r->kept_count + 1) * sizeof *r->kept);
    assert_non_null(r->kept);
    r->kept[r->kept_count] = fake_bytes(t.data, t.len);
    return (struct text){r->kept[r->kept_count++], t.len};
}

static struct reply a_text(struct fake_reply *r, struct text t)
{
    char digits[24] = "";
    memcpy(digits, t.data, t.len < sizeof digits - 1 ? t.len : sizeof digits - 1);
    return (struct reply){.type = REPLY_TEXT, .text = keep(r, t), .integer = strtoll(digits, NULL, 10)};
}

static struct reply an_integer(int64_t n)
{
    return (struct reply){.type = REPLY_INTEGER, .text = {"", 0}, .integer = n};
}

static struct reply an_error(struct fake_reply *r, const char *words)
{
    return (struct reply){.type = REPLY_ERROR, .text = keep(r, text_of(words))};
}

static struct reply *an_array(struct fake_reply *r, size_t count)
{
    r->items = calloc(count > 0 ? count : 1, sizeof *r->items);
    assert_non_null(r->items);
    r->reply = (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = r->items, .count = count};
    return r->items;
}

static void say(struct fake_reply *r, const char *word, int64_t number)
{
    struct reply *items = an_array(r, 2);
    items[0] = a_text(r, text_of(word));
    items[1] = an_integer(number);
}

void fake_reply_fini(struct fake_reply *r)
{
    for (size_t i = 0; i < r->kept_count; i++)
        free(r->kept[i]);
    free(r->kept);
    free(r->items);
    free(r->inner);
    *r = (struct fake_reply){0};
}

/* ---- the partition ---- */

/* NULL: it is this commit's turn. */
static const char *turn(const struct fake_store *s, const struct command *c)
{
    int64_t epoch = command_number(c, 4);
    uint64_t batch = (uint64_t)command_number(c, 5);
    if (s->forgetful || s->instance[0] == '\0' || s->epoch < epoch || batch > s->batch + 1)
        return "behind";
    if (s->epoch > epoch || batch < s->batch || !command_is(c, 7, s->token))
        return "fenced";
    return batch == s->batch ? "done" : NULL;
}

static void beat(struct fake_store *s, int64_t now_ms, const struct command *c, struct fake_reply *out)
{
    const char *word = turn(s, c);
    if (word != NULL && strcmp(word, "done") == 0) {
        s->seen_ms = now_ms;
        s->clock_ms = command_number(c, 6);
        word = "alive";
    }
    say(out, word != NULL ? word : "behind", 0);
}

static bool fine(const struct fake_store *s, const struct command *c)
{
    for (size_t i = 8; i < c->count;) {
        char key[160];
        size_t n = (size_t)command_number(c, i + 2);
        assert_true(n > 0 && i + 2 + n < c->count);
        snprintf(key, sizeof key, "%.*s", TEXT_ARG(c->args[i + 1]));
        if (strcmp(key, s->wrong_key) == 0)
            return false;
        i += 3 + n;
    }
    return true;
}

static void append(struct fake_store *s, const struct command *c, size_t i, size_t n, uint64_t batch)
{
    struct text stream = c->args[i - 2], vehicle, note = TEXT("");
    struct fake_row *row = NULL;
    record_append(s, c, i, n);
    if (command_begins(stream, "track:", &vehicle)) {
        row = fake_list_add(&s->tracks, vehicle, command_field(c, i, n, "fix"));
        note = command_field(c, i, n, "late");
    } else if (text_equal(stream, TEXT("rejects"))) {
        row =
            fake_list_add(&s->rejects, command_field(c, i, n, "vehicle"), command_field(c, i, n, "payload"));
        note = command_field(c, i, n, "reason");
    } else if (text_equal(stream, TEXT("violations"))) {
        row = fake_list_add(&s->violations, command_field(c, i, n, "id"), command_field(c, i, n, "event"));
        note = command_field(c, i, n, "rev");
    } else if (text_equal(stream, TEXT("rulesets"))) {
        row = fake_list_add(&s->rulesets, command_field(c, i, n, "ruleset"), TEXT(""));
    }
    if (row == NULL)
        return;
    row->batch = batch;
    snprintf(row->note, sizeof row->note, "%.*s", TEXT_ARG(note));
}

/* ---- reloads that somebody asks for ---- */

void fake_store_question(struct fake_store *s, const char *expect)
{
    char id[24];
    snprintf(id, sizeof id, "%u-0", ++s->asked);
    fake_list_add(&s->asks, text_of(id), text_of(expect));
}

static void drop_ask(struct fake_store *s, struct text id)
{
    for (size_t i = 0; i < s->asks.count; i++)
        if (text_equal(text_of(s->asks.rows[i].key), id)) {
            free(s->asks.rows[i].key);
            free(s->asks.rows[i].value);
            memmove(&s->asks.rows[i], &s->asks.rows[i + 1], (--s->asks.count - i) * sizeof s->asks.rows[0]);
            return;
        }
}

static void note_told(struct fake_store *s, const struct command *c, size_t i, size_t n)
{
    struct text stream = c->args[i - 2], id = command_field(c, i, n, "ask"),
                sent = command_field(c, i, n, "sent");
    char key[24];
    if (text_equal(stream, TEXT("warnings"))) {
        s->warnings++;
        if (!text_equal(sent, TEXT("expired")) && (sent.len == 0 || sent.data[0] < '1' || sent.data[0] > '9'))
            s->fault = "a warning of which nobody knows what became of it";
    }
    if (!text_equal(stream, TEXT("reload:done")))
        return;
    snprintf(key, sizeof key, "%.*s", TEXT_ARG(id));
    if (fake_list_find(&s->answers, key) != NULL)
        s->fault = "a question was answered twice";
    fake_list_add(&s->answers, id, command_field(c, i, n, "result"));
}

/* Whether it was about them. */
static bool write_asks(struct fake_store *s, const struct command *c, size_t i, size_t n)
{
    if (command_is(c, i - 3, "XADD"))
        note_told(s, c, i, n);
    if (command_is(c, i - 3, "XDEL") && text_equal(c->args[i - 2], TEXT("reload:ask")))
        drop_ask(s, c->args[i]);
    return text_equal(c->args[i - 2], TEXT("reload:ask")) || text_equal(c->args[i - 2], TEXT("reload:done"));
}

static void read_asks(const struct fake_store *s, const struct command *c, struct fake_reply *out)
{
    bool newest = command_is(c, 0, "XREVRANGE");
    unsigned after = newest ? 0 : (unsigned)strtoul(c->args[2].data + 1, NULL, 10);
    size_t at = newest && s->asks.count > 0 ? s->asks.count - 1 : 0;
    while (at < s->asks.count && (unsigned)atoi(s->asks.rows[at].key) <= after)
        at++;
    struct reply *items = an_array(out, at < s->asks.count);
    if (at == s->asks.count)
        return;
    out->inner = calloc(6, sizeof *out->inner);
    assert_non_null(out->inner);
    const struct fake_row *row = &s->asks.rows[at];
    struct reply *fields = out->inner + 2;
    fields[0] = a_text(out, TEXT("request"));
    fields[1] = a_text(out, text_of(row->key));
    fields[2] = a_text(out, TEXT("expect"));
    fields[3] = a_text(out, (struct text){row->value, row->len});
    out->inner[0] = a_text(out, text_of(row->key));
    out->inner[1] = (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = fields, .count = 4};
    items[0] = (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = out->inner, .count = 2};
}

static void keep_rest(struct fake_store *s, struct text bytes, uint64_t batch)
{
    free(s->rest);
    s->rest = fake_bytes(bytes.data, bytes.len);
    s->rest_len = bytes.len;
    s->rest_at = 8;
    s->begun = batch;
}

/* Operation by operation; what is done is not done again. False: it broke, and the answer says so. */
static bool write_rest(struct fake_store *s, int64_t now_ms, struct fake_reply *out)
{
    static struct command c;
    command_parse((struct text){s->rest, s->rest_len}, &c);
    while (s->rest_at < c.count) {
        size_t i = s->rest_at, n = (size_t)command_number(&c, i + 2);
        if (s->breaking && s->operations-- == 0) {
            s->operations = s->breaks++ % 3;
            out->reply = an_error(out, "BROKEN in the middle");
            return false;
        }
        if (command_is(&c, i, "XADD"))
            append(s, &c, i + 3, n, s->begun);
        else if (command_is(&c, i, "STATE"))
            fake_list_put(&s->states, c.args[i + 3], c.args[i + 4]);
        if (!write_asks(s, &c, i + 3, n))
            fake_late_write(s, now_ms, &c, i + 3, n);
        s->rest_at += 3 + n;
    }
    s->batch = s->begun;
    s->seen_ms = now_ms;
    s->clock_ms = command_number(&c, 6);
    free(s->applied);
    s->applied = s->rest;
    s->applied_len = s->rest_len;
    s->rest = NULL;
    s->rest_len = 0;
    return true;
}

static void claim(struct fake_store *s, int64_t now_ms, const struct command *c, struct fake_reply *out)
{
    char instance[64];
    snprintf(instance, sizeof instance, "%.*s", TEXT_ARG(c->args[4]));
    int64_t age_ms = now_ms - s->seen_ms;
    if (s->instance[0] != '\0' && strcmp(s->instance, instance) != 0 && !command_is(c, 6, "1") &&
        age_ms < command_number(c, 5) && age_ms > -command_number(c, 5)) {
        struct reply *items = an_array(out, 3);
        items[0] = a_text(out, TEXT("held"));
        items[1] = a_text(out, text_of(s->instance));
        items[2] = an_integer(age_ms);
        return;
    }
    if (s->begun > s->batch && !write_rest(s, now_ms, out))
        return;
    memcpy(s->instance, instance, sizeof s->instance);
    snprintf(s->token, sizeof s->token, "%.*s", TEXT_ARG(c->args[7]));
    s->epoch++;
    s->seen_ms = now_ms;
    struct reply *items = an_array(out, 4);
    items[0] = a_text(out, TEXT("claimed"));
    items[1] = an_integer(s->epoch);
    items[2] = an_integer((int64_t)s->batch);
    items[3] = an_integer(s->clock_ms);
}

void fake_store_take_over(struct fake_store *s, int64_t now_ms)
{
    struct fake_reply unheard = {0};
    bool whole = s->begun <= s->batch || write_rest(s, now_ms, &unheard);
    fake_reply_fini(&unheard);
    if (!whole)
        return;
    snprintf(s->instance, sizeof s->instance, "another");
    snprintf(s->token, sizeof s->token, "another-%lld", (long long)++s->others);
    s->epoch++;
    s->seen_ms = now_ms;
}

static void commit(struct fake_store *s, int64_t now_ms, struct text bytes, const struct command *c,
                   struct fake_reply *out)
{
    uint64_t batch = (uint64_t)command_number(c, 5);
    const char *word = turn(s, c);
    if (word != NULL) {
        if (strcmp(word, "done") == 0 && !text_equal(bytes, (struct text){s->applied, s->applied_len}))
            s->fault = "another commit under a number that was used";
        say(out, word, (int64_t)s->batch);
        return;
    }
    if (!s->log_new)
        s->fault = "a commit behind what a crash may have left in the file";
    if (s->begun == batch) { /* it broke */
        if (!text_equal(bytes, (struct text){s->rest, s->rest_len}))
            s->fault = "another commit under the number of one that broke";
        if (write_rest(s, now_ms, out))
            say(out, "applied", (int64_t)batch);
        return;
    }
    if (!fine(s, c)) {
        s->parts = true;
        out->reply = an_error(out, "MUCK type a key");
        return;
    }
    keep_rest(s, bytes, batch);
    if (write_rest(s, now_ms, out))
        say(out, "applied", (int64_t)batch);
}

/* ---- other commands ---- */

static void scan(const struct fake_store *s, const struct command *c, struct fake_reply *out)
{
    size_t from = (size_t)command_number(c, 2),
           to = from + PAGE < s->states.count ? from + PAGE : s->states.count;
    char cursor[24];
    snprintf(cursor, sizeof cursor, "%zu", to == s->states.count ? 0 : to);
    struct reply *items = an_array(out, 2);
    out->inner = calloc(2 * PAGE, sizeof *out->inner);
    assert_non_null(out->inner);
    for (size_t i = from; i < to; i++) {
        out->inner[2 * (i - from)] = a_text(out, text_of(s->states.rows[i].key));
        out->inner[2 * (i - from) + 1] =
            a_text(out, (struct text){s->states.rows[i].value, s->states.rows[i].len});
    }
    items[0] = a_text(out, text_of(cursor));
    items[1] =
        (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = out->inner, .count = 2 * (to - from)};
}

/* The keys of all tracks, at once. */
static void scan_keys(const struct fake_store *s, struct fake_reply *out)
{
    struct reply *items = an_array(out, 2);
    size_t count = 0;
    out->inner = calloc(s->tracks.count + 1, sizeof *out->inner);
    assert_non_null(out->inner);
    for (size_t i = 0; i < s->tracks.count; i++) {
        char key[160];
        if (fake_list_find(&s->tracks, s->tracks.rows[i].key) != &s->tracks.rows[i])
            continue; /* not its first */
        snprintf(key, sizeof key, "muck:{0}:track:%s", s->tracks.rows[i].key);
        out->inner[count++] = a_text(out, text_of(key));
    }
    items[0] = a_text(out, TEXT("0"));
    items[1] = (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = out->inner, .count = count};
}

/* Entries of a track, the newest first: each its id, and its fields. */
static void read_track(const struct fake_store *s, const struct command *c, struct fake_reply *out)
{
    struct text vehicle;
    size_t count = 0, max = (size_t)command_number(c, 5);
    if (!command_begins(c->args[1], "muck:{0}:track:", &vehicle)) {
        an_array(out, 0); /* of other streams it keeps nothing */
        return;
    }
    struct reply *items = an_array(out, max);
    out->inner = calloc(6 * max, sizeof *out->inner);
    assert_non_null(out->inner);
    for (size_t i = s->tracks.count; i > 0 && count < max; i--) {
        const struct fake_row *row = &s->tracks.rows[i - 1];
        if (!text_equal(text_of(row->key), vehicle))
            continue;
        struct reply *entry = out->inner + 6 * count, *fields = entry + 2;
        fields[0] = a_text(out, TEXT("fix"));
        fields[1] = a_text(out, (struct text){row->value, row->len});
        fields[2] = a_text(out, TEXT("late"));
        fields[3] = a_text(out, text_of(row->note));
        entry[0] = a_text(out, TEXT("1-1"));
        entry[1] = (struct reply){
            .type = REPLY_ARRAY, .text = {"", 0}, .items = fields, .count = row->note[0] != '\0' ? 4 : 2};
        items[count++] = (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = entry, .count = 2};
    }
    out->reply.count = count;
}

static void tell_persistence(const struct fake_store *s, struct fake_reply *out)
{
    char words[160];
    snprintf(words, sizeof words,
             "aof_enabled:1\r\naof_rewrite_in_progress:0\r\naof_rewrite_scheduled:0\r\n"
             "aof_last_rewrite_time_sec:%d\r\n",
             s->log_new ? 0 : -1);
    out->reply = a_text(out, text_of(words));
}

static void begin_log(struct fake_store *s, struct fake_reply *out)
{
    s->log_new = s->saving == 0;
    s->saving -= s->saving > 0;
    out->reply = a_text(out, text_of(s->log_new ? "Background append only file rewriting started"
                                                : "Background append only file rewriting scheduled"));
}

static void settings(const struct fake_store *s, struct fake_reply *out)
{
    const char *const words[] = {"appendonly",
                                 "yes",
                                 "appendfsync",
                                 s->everysec ? "everysec" : "always",
                                 "no-appendfsync-on-rewrite",
                                 "no",
                                 "maxmemory-policy",
                                 "noeviction",
                                 "aof-load-truncated",
                                 "yes"};
    struct reply *items = an_array(out, 10);
    for (size_t i = 0; i < 10; i++)
        items[i] = a_text(out, text_of(words[i]));
}

static void default_user(const struct fake_store *s, struct fake_reply *out)
{
    const char *rules = s->user_rules != NULL ? s->user_rules : "+@all";
    const char *const words[] = {"commands", rules, "keys", "~*", "channels", "&*"};
    struct reply *items = an_array(out, 6);
    for (size_t i = 0; i < 6; i++)
        items[i] = a_text(out, text_of(words[i]));
}

/* A field of a hash, by both names. */
static void write_field(const struct command *c, char out[160])
{
    snprintf(out, 160, "%.*s %.*s", TEXT_ARG(c->args[1]), TEXT_ARG(c->args[2]));
}

static void put_text(struct fake_store *s, const struct command *c)
{
    char key[160];
    write_field(c, key);
    fake_list_put(&s->texts, text_of(key), c->args[3]);
}

static void call(struct fake_store *s, int64_t now_ms, struct text bytes, const struct command *c,
                 struct fake_reply *out)
{
    s->calls++;
    if (!s->library)
        out->reply = an_error(out, "ERR Function not found");
    else if (s->damaged != NULL)
        out->reply = an_error(out, s->damaged);
    else if (command_is(c, 1, "muckwatch_v4_claim"))
        claim(s, now_ms, c, out);
    else if (command_is(c, 1, "muckwatch_v4_beat"))
        beat(s, now_ms, c, out);
    else
        commit(s, now_ms, bytes, c, out);
}

/* Rights and commands are taken away one by one; the log that may not be begun anew is another matter. */
static bool for_calls(const char *error)
{
    return strncmp(error, "ERR", 3) == 0 || strncmp(error, "NOPERM", 6) == 0;
}

void fake_store_ask(struct fake_store *s, int64_t now_ms, struct text bytes, struct fake_reply *out)
{
    static struct command c;
    command_parse(bytes, &c);
    *out = (struct fake_reply){.reply = {.type = REPLY_TEXT, .text = {"OK", 2}}};
    if (s->error != NULL && (command_is(&c, 0, "FCALL") || !for_calls(s->error))) {
        out->reply = an_error(out, s->error);
    } else if (command_is(&c, 0, "FCALL")) {
        call(s, now_ms, bytes, &c, out);
    } else if (command_is(&c, 0, "FUNCTION")) {
        s->library = true;
    } else if (command_is(&c, 0, "CONFIG")) {
        settings(s, out);
    } else if (command_is(&c, 0, "ACL")) {
        default_user(s, out);
    } else if (command_is(&c, 0, "SCAN")) {
        scan_keys(s, out);
    } else if (command_is(&c, 1, "muck:{0}:reload:ask")) {
        read_asks(s, &c, out);
    } else if (command_is(&c, 0, "XREVRANGE") && !command_is(&c, 1, "muck:{0}:rulesets")) {
        read_track(s, &c, out);
    } else if (command_is(&c, 0, "BGREWRITEAOF")) {
        begin_log(s, out);
    } else if (command_is(&c, 1, "persistence")) {
        tell_persistence(s, out);
    } else if (command_is(&c, 0, "INFO")) {
        out->reply = a_text(out, TEXT("redis_version:7.0.15\r\nused_memory:5\r\nmaxmemory:0\r\n"));
    } else if (command_is(&c, 0, "HSET")) {
        put_text(s, &c);
    } else if (command_is(&c, 0, "HEXISTS")) {
        char key[160];
        write_field(&c, key);
        out->reply = an_integer(fake_list_find(&s->texts, key) != NULL);
    } else if (command_is(&c, 0, "HSCAN")) {
        scan(s, &c, out);
    } else if (!fake_late_ask(s, &c, out) && (command_is(&c, 0, "XINFO") || command_is(&c, 0, "XRANGE"))) {
        an_array(out, 0);
    }
}
