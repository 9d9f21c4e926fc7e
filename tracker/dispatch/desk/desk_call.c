#include "desk_call.h"

#include <assert.h>

extern const char desk_script[];
extern const size_t desk_script_len;

enum { WORDS_MAX = 96 };

/* What the hash knows of the violation, which may have left its stream by the time somebody asks. */
static const char *const kept_of_alert[] = {"kind",    "severity", "vehicle",      "plate",
                                            "company", "start",    "jurisdiction", NULL};

struct words {
    struct text items[WORDS_MAX];
    size_t count;
};

static void add(struct words *w, const char *name, struct text value)
{
    assert(w->count + 2 <= WORDS_MAX);
    w->items[w->count++] = text_of(name);
    w->items[w->count++] = value;
}

static void add_told(struct words *w, const char *name, struct text value)
{
    if (value.len > 0)
        add(w, name, value);
}

void store_command_begin(struct buf *out, size_t words)
{
    buf_put_char(out, '*');
    buf_put_u64(out, words);
    buf_puts(out, "\r\n");
}

void store_command_word(struct buf *out, struct text word)
{
    buf_put_char(out, '$');
    buf_put_u64(out, word.len);
    buf_puts(out, "\r\n");
    buf_put_text(out, word);
    buf_puts(out, "\r\n");
}

static void put_whole(struct buf *out, int64_t n)
{
    char digits[24];
    struct buf b = {.data = digits, .cap = sizeof digits, .limit = sizeof digits};
    buf_put_i64(&b, n);
    store_command_word(out, buf_text(&b));
}

static void put_key(struct buf *out, uint32_t partition, const char *tail, struct text id)
{
    char bytes[64 + DESK_ID_LENGTH];
    struct buf b = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    buf_puts(&b, "muck:{");
    buf_put_u64(&b, partition);
    buf_puts(&b, "}:");
    buf_puts(&b, tail);
    buf_put_text(&b, id);
    store_command_word(out, buf_text(&b));
}

static struct text verdict_of(enum desk_action action)
{
    return action == DESK_APPROVE  ? TEXT("approve")
           : action == DESK_REJECT ? TEXT("reject")
                                   : (struct text){"", 0};
}

/* What the action alone says; of an entry, and of the hash until the next one says otherwise. */
static void add_said(struct words *w, const struct desk_request *r, struct text until)
{
    add_told(w, "to", r->to);
    add_told(w, "found", r->found);
    add_told(w, "media", r->media);
    add_told(w, "verdict", verdict_of(r->action));
    add_told(w, "reason", r->reason);
    add_told(w, "until", until);
    add_told(w, "of", r->of);
}

static void add_hash(struct words *w, const struct desk_call *call, struct text until)
{
    const struct desk_request *r = call->request;
    if (r->rev == 0)
        for (const char *const *name = kept_of_alert; *name != NULL; name++)
            add_told(w, *name, fields_value(call->alert, *name));
    if (r->action == DESK_REOPEN) {
        static const char *const begun_anew[] = {"to",    "of",    "until",   "acknowledge_by",
                                                 "found", "media", "verdict", "reason"};
        for (size_t i = 0; i < sizeof begun_anew / sizeof *begun_anew; i++)
            add(w, begun_anew[i], TEXT(""));
    }
    if (r->action == DESK_CLOSE)
        add(w, "until", TEXT(""));
    add_said(w, r, until);
}

static struct text decimal(int64_t n, char digits[24])
{
    struct buf b = {.data = digits, .cap = 24, .limit = 24};
    buf_put_i64(&b, n);
    return buf_text(&b);
}

static struct text until_of(const struct desk_request *r, char digits[24])
{
    return r->action == DESK_SHELVE ? decimal(r->until_ms, digits) : (struct text){"", 0};
}

void desk_call_entry(const struct desk_call *call, struct desk_entry *out)
{
    const struct desk_request *r = call->request;
    struct words w = {0};
    add(&w, "id", r->id);
    add(&w, "action", text_of(desk_action_word(r->action)));
    add(&w, "rev", decimal((int64_t)r->rev + 1, out->rev));
    add(&w, "state", text_of(work_state_word(call->next)));
    add(&w, "who", call->person->who);
    add_told(&w, "from", call->person->from);
    add_told(&w, "why", r->why);
    add_said(&w, r, until_of(r, out->until));
    add(&w, "request", r->request);
    assert(w.count / 2 <= DESK_ENTRY_FIELDS_MAX);
    out->fields = (struct fields){out->items, w.count / 2};
    for (size_t i = 0; i < w.count; i += 2)
        out->items[i / 2] = (struct field){w.items[i], w.items[i + 1]};
}

void desk_call_write(const struct desk_call *call, struct buf *out)
{
    const struct desk_request *r = call->request;
    struct words hash = {0};
    struct desk_entry entry;
    char until[24];
    add_hash(&hash, call, until_of(r, until));
    desk_call_entry(call, &entry);

    store_command_begin(out, 12 + hash.count + 2 * entry.fields.count);
    store_command_word(out, TEXT("EVAL"));
    store_command_word(out, (struct text){desk_script, desk_script_len});
    store_command_word(out, TEXT("2"));
    put_key(out, call->partition, "actions", (struct text){"", 0});
    put_key(out, call->partition, "alert:", r->id);
    store_command_word(out, r->request);
    put_whole(out, r->rev);
    store_command_word(out, text_of(work_state_word(call->next)));
    store_command_word(out, text_of(desk_action_word(r->action)));
    store_command_word(out, call->person->who);
    put_whole(out, call->next == WORK_CLOSED ? DESK_KEEP_MS : 0);
    put_whole(out, (int64_t)hash.count);
    for (size_t i = 0; i < hash.count; i++)
        store_command_word(out, hash.items[i]);
    for (size_t i = 0; i < entry.fields.count; i++) {
        store_command_word(out, entry.items[i].name);
        store_command_word(out, entry.items[i].value);
    }
}
