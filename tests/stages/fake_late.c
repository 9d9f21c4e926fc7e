#include "fake_late.h"

#include "../cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROW_MAX_BYTES = 1 << 20, DIGITS = 8 };

/* ---- words, one after the other, each behind its length ---- */

void fake_late_put_word(struct buf *b, struct text word)
{
    buf_printf(b, "%0*zu", DIGITS, word.len);
    buf_put_text(b, word);
}

static bool next_word(struct text *rest, struct text *out)
{
    char digits[DIGITS + 1] = "";
    if (rest->len == 0)
        return false;
    memcpy(digits, rest->data, DIGITS);
    size_t len = strtoul(digits, NULL, 10);
    *out = (struct text){rest->data + DIGITS, len};
    *rest = (struct text){rest->data + DIGITS + len, rest->len - DIGITS - len};
    return true;
}

struct text fake_late_field(const struct fake_row *row, const char *name)
{
    struct text rest = {row->value, row->len}, word, value;
    while (next_word(&rest, &word) && next_word(&rest, &value))
        if (text_equal(word, text_of(name)))
            return value;
    return TEXT("");
}

int64_t fake_late_number(const struct fake_row *row, const char *name)
{
    struct text value = fake_late_field(row, name);
    char bytes[32] = "";
    assert_true(value.len < sizeof bytes);
    memcpy(bytes, value.data, value.len);
    return strtoll(bytes, NULL, 10);
}

static size_t count_words(const struct fake_row *row)
{
    struct text rest = {row->value, row->len}, word;
    size_t n = 0;
    while (next_word(&rest, &word))
        n++;
    return n;
}

/* ---- ids of streams ---- */

struct id {
    uint64_t ms, n;
};

static struct id read_id(struct text t)
{
    char bytes[48] = "", *end;
    assert_true(t.len < sizeof bytes);
    memcpy(bytes, t.data, t.len);
    struct id id = {strtoull(bytes, &end, 10), 0};
    if (*end == '-')
        id.n = strtoull(end + 1, NULL, 10);
    return id;
}

static bool is_before(struct id a, struct id b)
{
    return a.ms != b.ms ? a.ms < b.ms : a.n < b.n;
}

static void new_id(struct fake_store *s, int64_t now_ms, char out[sizeof((struct fake_row *)0)->note])
{
    if (now_ms > s->id_ms) {
        s->id_ms = now_ms;
        s->id_n = 0;
    }
    snprintf(out, sizeof((struct fake_row *)0)->note, "%lld-%llu", (long long)s->id_ms,
             (unsigned long long)s->id_n++);
}

/* ---- what is written ---- */

static struct fake_row *find(struct fake_list *list, struct text key)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(text_of(list->rows[i].key), key))
            return &list->rows[i];
    return NULL;
}

static void remove_row(struct fake_list *list, size_t at)
{
    free(list->rows[at].key);
    free(list->rows[at].value);
    memmove(&list->rows[at], &list->rows[at + 1], (--list->count - at) * sizeof *list->rows);
}

static void add_entry(struct fake_store *s, int64_t now_ms, const struct command *c, size_t i, size_t n)
{
    struct buf b;
    buf_init(&b, ROW_MAX_BYTES);
    for (size_t k = 0; k < n; k++)
        fake_late_put_word(&b, c->args[i + k]);
    struct fake_row *row = fake_list_add(&s->streams, c->args[i - 2], buf_text(&b));
    new_id(s, now_ms, row->note);
    buf_fini(&b);
    struct text rest;
    if (!command_begins(c->args[i - 2], "past:", &rest))
        return;
    /* A checkpoint names the commit that it came with; of a batch that comes in pieces, the first. */
    int64_t batch = fake_late_number(row, "batch"), begun = (int64_t)s->begun;
    assert_true(batch == begun || (s->parts && batch > 0 && batch < begun));
}

static bool is_among(const struct command *c, size_t i, size_t n, size_t step, struct text name)
{
    for (size_t k = 0; k < n; k += step)
        if (text_equal(c->args[i + k], name))
            return true;
    return false;
}

/* The hash without the fields that are named, and then those that are set. */
static void write_hash(struct fake_store *s, const struct command *c, size_t i, size_t n, bool set)
{
    struct fake_row *row = find(&s->hashes, c->args[i - 2]);
    struct text rest = row != NULL ? (struct text){row->value, row->len} : TEXT(""), name, value;
    struct buf b;
    buf_init(&b, ROW_MAX_BYTES);
    while (next_word(&rest, &name) && next_word(&rest, &value))
        if (!is_among(c, i, n, set ? 2 : 1, name)) {
            fake_late_put_word(&b, name);
            fake_late_put_word(&b, value);
        }
    for (size_t k = 0; set && k < n; k++)
        fake_late_put_word(&b, c->args[i + k]);
    fake_list_put(&s->hashes, c->args[i - 2], buf_text(&b));
    buf_fini(&b);
}

static void put_said(struct fake_store *s, const struct command *c, size_t i)
{
    struct fake_list *list = &s->said;
    for (size_t k = 0; k < list->count; k++)
        if (text_equal(text_of(list->rows[k].key), c->args[i - 2]) &&
            text_equal(text_of(list->rows[k].value), c->args[i + 1])) {
            snprintf(list->rows[k].note, sizeof list->rows[k].note, "%.*s", TEXT_ARG(c->args[i]));
            return;
        }
    struct fake_row *row = fake_list_add(list, c->args[i - 2], c->args[i + 1]);
    snprintf(row->note, sizeof row->note, "%.*s", TEXT_ARG(c->args[i]));
}

/* What has no score any more. */
static void take_out_said(struct fake_store *s, struct text key, struct text member)
{
    for (size_t k = 0; k < s->said.count; k++)
        if (text_equal(text_of(s->said.rows[k].key), key) &&
            text_equal(text_of(s->said.rows[k].value), member)) {
            remove_row(&s->said, k);
            return;
        }
}

/* Rows of a key whose note stands before a bound, or is it. */
static void take_out(struct fake_list *list, struct text key, struct text bound, bool just_it)
{
    struct id to = read_id(bound);
    for (size_t k = 0; k < list->count;) {
        const struct fake_row *row = &list->rows[k];
        struct id is = read_id(text_of(row->note));
        bool goes = just_it ? !is_before(is, to) && !is_before(to, is) : is_before(is, to);
        if (goes && text_equal(text_of(row->key), key))
            remove_row(list, k);
        else
            k++;
    }
}

static void forget_hash(struct fake_store *s, struct text key)
{
    struct fake_row *row = find(&s->hashes, key);
    if (row != NULL)
        remove_row(&s->hashes, (size_t)(row - s->hashes.rows));
}

void fake_late_write(struct fake_store *s, int64_t now_ms, const struct command *c, size_t i, size_t n)
{
    struct text key = c->args[i - 2], rest;
    bool past = command_begins(key, "past:", &rest), said = command_begins(key, "said:", &rest);
    bool open = text_equal(key, TEXT("open"));
    bool track = command_begins(key, "track:", &rest), ledger = command_begins(key, "ledger:", &rest);
    bool haul = command_begins(key, "trip:", &rest);
    size_t op = i - 3;
    if (command_is(c, op, "XADD") && (past || track || text_equal(key, TEXT("rulesets"))))
        add_entry(s, now_ms, c, i, n);
    else if (command_is(c, op, "XTRIM") && past)
        take_out(&s->streams, key, c->args[i], false);
    else if (command_is(c, op, "XDEL") && past)
        take_out(&s->streams, key, c->args[i], true);
    else if (command_is(c, op, "ZADD") && (said || open))
        put_said(s, c, i);
    else if (command_is(c, op, "ZREM") && open)
        take_out_said(s, key, c->args[i]);
    else if (command_is(c, op, "ZTRIM") && said)
        take_out(&s->said, key, c->args[i], false);
    else if (command_is(c, op, "DEL") && (ledger || haul))
        forget_hash(s, key);
    else if ((command_is(c, op, "HSET") || command_is(c, op, "HDEL")) &&
             (ledger || haul || command_begins(key, "violation:", &rest)))
        write_hash(s, c, i, n, command_is(c, op, "HSET"));
    else if (command_is(c, op, "XTRIM") || command_is(c, op, "XDEL") || command_is(c, op, "ZTRIM") ||
             command_is(c, op, "DEL"))
        fail_msg("%.*s of %.*s", TEXT_ARG(c->args[op]), TEXT_ARG(key));
}

/* ---- what is asked ---- */

static struct reply a_word(struct fake_reply *r, struct text t)
{
    char digits[24] = "";
    memcpy(digits, t.data, t.len < sizeof digits - 1 ? t.len : sizeof digits - 1);
    r->kept = realloc(r->kept, (r->kept_count + 1) * sizeof *r->kept);
    assert_non_null(r->kept);
    r->kept[r->kept_count] = fake_bytes(t.data, t.len);
    return (struct reply){
        .type = REPLY_TEXT, .text = {r->kept[r->kept_count++], t.len}, .integer = strtoll(digits, NULL, 10)};
}

static void begin_array(struct fake_reply *r, size_t most, size_t inner)
{
    r->items = calloc(most + 1, sizeof *r->items);
    r->inner = calloc(inner + 1, sizeof *r->inner);
    assert_true(r->items != NULL && r->inner != NULL);
    r->reply = (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = r->items};
}

static struct text tail_of(struct text key)
{
    struct text tail;
    assert_true(command_begins(key, "muck:{0}:", &tail));
    return tail;
}

static size_t put_entry(struct fake_reply *out, const struct fake_row *row, size_t at)
{
    struct reply *entry = out->inner + at, *fields = entry + 2;
    struct text rest = {row->value, row->len}, word;
    size_t n = 0;
    while (next_word(&rest, &word))
        fields[n++] = a_word(out, word);
    entry[0] = a_word(out, text_of(row->note));
    entry[1] = (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = fields, .count = n};
    out->items[out->reply.count++] =
        (struct reply){.type = REPLY_ARRAY, .text = {"", 0}, .items = entry, .count = 2};
    return at + 2 + n;
}

/* All of them, the newest first: there are fewer than anybody asks for. */
static void read_back(const struct fake_store *s, const struct command *c, struct fake_reply *out)
{
    struct text key = tail_of(c->args[1]);
    const struct fake_list *list = &s->streams;
    size_t words = 0, at = 0;
    for (size_t i = 0; i < list->count; i++)
        words += 2 + count_words(&list->rows[i]);
    begin_array(out, list->count, words);
    for (size_t i = list->count; i > 0; i--)
        if (text_equal(text_of(list->rows[i - 1].key), key))
            at = put_entry(out, &list->rows[i - 1], at);
    assert_true(out->reply.count < (size_t)command_number(c, 5));
}

static void read_stream(const struct fake_store *s, const struct command *c, struct fake_reply *out)
{
    struct text key = tail_of(c->args[1]), from = c->args[2], behind;
    bool open = command_begins(from, "(", &behind), all = command_is(c, 2, "-");
    struct id first = all ? (struct id){0, 0} : read_id(open ? behind : from);
    size_t most = c->count > 4 ? (size_t)command_number(c, 5) : SIZE_MAX, words = 0, at = 0;
    const struct fake_list *list = &s->streams;
    for (size_t i = 0; i < list->count; i++)
        words += 2 + count_words(&list->rows[i]);
    begin_array(out, list->count, words);
    for (size_t i = 0; i < list->count && out->reply.count < most; i++) {
        const struct fake_row *row = &list->rows[i];
        struct id id = read_id(text_of(row->note));
        if (!text_equal(text_of(row->key), key) || is_before(id, first) || (open && !is_before(first, id)))
            continue;
        at = put_entry(out, row, at);
    }
}

static void read_said(const struct fake_store *s, const struct command *c, struct fake_reply *out)
{
    struct text key = tail_of(c->args[1]);
    int64_t from = command_is(c, 2, "-inf") ? INT64_MIN : command_number(c, 2);
    begin_array(out, s->said.count, 0);
    for (size_t i = 0; i < s->said.count; i++) {
        const struct fake_row *row = &s->said.rows[i];
        if (text_equal(text_of(row->key), key) && strtoll(row->note, NULL, 10) >= from)
            out->items[out->reply.count++] = a_word(out, (struct text){row->value, row->len});
    }
}

static void read_hash(const struct fake_store *s, const struct command *c, struct fake_reply *out)
{
    struct text tail = tail_of(c->args[1]), rest, word;
    char key[160];
    snprintf(key, sizeof key, "%.*s", TEXT_ARG(tail));
    const struct fake_row *row = fake_list_find(&s->hashes, key);
    begin_array(out, row != NULL ? count_words(row) : 0, 0);
    if (row == NULL)
        return;
    rest = (struct text){row->value, row->len};
    while (next_word(&rest, &word))
        out->items[out->reply.count++] = a_word(out, word);
}

bool fake_late_ask(const struct fake_store *s, const struct command *c, struct fake_reply *out)
{
    struct text rest;
    if (command_is(c, 0, "XRANGE") && (command_begins(c->args[1], "muck:{0}:past:", &rest) ||
                                       command_begins(c->args[1], "muck:{0}:track:", &rest)))
        read_stream(s, c, out);
    else if (command_is(c, 0, "XREVRANGE") && text_equal(c->args[1], TEXT("muck:{0}:rulesets")))
        read_back(s, c, out);
    else if (command_is(c, 0, "ZRANGEBYSCORE"))
        read_said(s, c, out);
    else if (command_is(c, 0, "HGETALL"))
        read_hash(s, c, out);
    else
        return false;
    return true;
}
