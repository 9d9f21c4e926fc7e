#include "shift.h"

#include "desk_call.h"

#include <assert.h>

extern const char shift_script[];
extern const size_t shift_script_len;

enum { WORDS_MAX = 32 };

static const char *const events[SHIFT_EVENT_COUNT] = {"take", "offer", "accept", "cancel"};
static const char *const refusal_texts[SHIFT_REFUSAL_COUNT] = {
    [SHIFT_OK] = "done",
    [SHIFT_ROLE] = "your role has no watch",
    [SHIFT_STALE] = "somebody was faster",
    [SHIFT_HELD] = "somebody has the watch; to take it from them needs a reason",
    [SHIFT_NOT_ON] = "only whoever has the watch offers it, or takes the offer back",
    [SHIFT_NOT_TO] = "the watch is not offered to you",
    [SHIFT_TO_SELF] = "nobody hands over to themselves",
};

const char *shift_event_word(enum shift_event event)
{
    return events[event];
}

bool shift_event_find(struct text word, enum shift_event *out)
{
    for (size_t i = 0; i < SHIFT_EVENT_COUNT; i++)
        if (text_equal(word, text_of(events[i]))) {
            *out = (enum shift_event)i;
            return true;
        }
    return false;
}

const char *shift_refusal_text(enum shift_refusal refusal)
{
    return refusal_texts[refusal];
}

enum shift_refusal shift_decide(const struct shift *now, const struct shift_request *request,
                                const struct desk_person *person)
{
    bool has_it = now->on.len > 0 && text_equal(now->on, person->who);
    if (!person->works)
        return SHIFT_ROLE;
    if (request->rev != now->rev)
        return SHIFT_STALE;
    switch (request->event) {
    case SHIFT_TAKE:
        return now->on.len == 0 || (!has_it && request->why.len > 0) ? SHIFT_OK : SHIFT_HELD;
    case SHIFT_OFFER:
        if (!has_it)
            return SHIFT_NOT_ON;
        return text_equal(request->to, person->who) || request->to.len == 0 ? SHIFT_TO_SELF : SHIFT_OK;
    case SHIFT_ACCEPT:
        return now->to.len > 0 && text_equal(now->to, person->who) ? SHIFT_OK : SHIFT_NOT_TO;
    case SHIFT_CANCEL:
        return has_it && now->to.len > 0 ? SHIFT_OK : SHIFT_NOT_ON;
    case SHIFT_EVENT_COUNT:
        break;
    }
    return SHIFT_ROLE;
}

bool shift_take_entry(struct shift *shift, struct fields entry, int64_t at_ms)
{
    int64_t rev = fields_whole(entry, "rev", 0);
    enum shift_event event;
    if (rev <= (int64_t)shift->rev || !shift_event_find(fields_value(entry, "event"), &event))
        return false;
    bool begins = event == SHIFT_TAKE || event == SHIFT_ACCEPT;
    *shift = (struct shift){.rev = (uint64_t)rev,
                            .number = (uint64_t)fields_whole(entry, "shift", 0),
                            .on = fields_value(entry, "on"),
                            .since_ms = begins ? at_ms : fields_whole(entry, "since", at_ms),
                            .to = fields_value(entry, "to")};
    return true;
}

struct words {
    struct text items[WORDS_MAX];
    size_t count;
};

static void add(struct words *w, const char *name, struct text value)
{
    assert(w->count + 2 <= WORDS_MAX);
    if (value.len == 0)
        return;
    w->items[w->count++] = text_of(name);
    w->items[w->count++] = value;
}

struct whole {
    char digits[24];
};

static struct text whole_text(int64_t n, struct whole *w)
{
    struct buf b = {.data = w->digits, .cap = sizeof w->digits, .limit = sizeof w->digits};
    buf_put_i64(&b, n);
    return buf_text(&b);
}

void shift_call_write(const struct shift *now, const struct shift_request *request,
                      const struct desk_person *person, struct text document, struct buf *out)
{
    bool begins = request->event == SHIFT_TAKE || request->event == SHIFT_ACCEPT;
    struct whole seen, rev, number, since;
    struct words w = {0};
    add(&w, "event", text_of(events[request->event]));
    add(&w, "rev", whole_text((int64_t)now->rev + 1, &rev));
    add(&w, "shift", whole_text((int64_t)now->number + begins, &number));
    add(&w, "on", begins ? person->who : now->on);
    if (!begins)
        add(&w, "since", whole_text(now->since_ms, &since));
    if (begins)
        add(&w, "before", now->on);
    if (request->event == SHIFT_OFFER)
        add(&w, "to", request->to);
    add(&w, "who", person->who);
    add(&w, "from", person->from);
    add(&w, "why", request->why);
    add(&w, "document", document);
    add(&w, "request", request->request);
    store_command_begin(out, 6 + w.count);
    store_command_word(out, TEXT("EVAL"));
    store_command_word(out, (struct text){shift_script, shift_script_len});
    store_command_word(out, TEXT("1"));
    store_command_word(out, TEXT("muck:{0}:shifts"));
    store_command_word(out, request->request);
    store_command_word(out, whole_text((int64_t)now->rev, &seen));
    for (size_t i = 0; i < w.count; i++)
        store_command_word(out, w.items[i]);
}
