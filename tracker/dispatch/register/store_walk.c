#include "store_walk.h"

#include "desk_call.h"

static const char *const names[WALK_STREAM_COUNT] = {"violations", "actions", "shifts",
                                                     "rulesets",   "trips",   "live"};

void store_walk_init(struct store_walk *w, uint32_t partition)
{
    *w = (struct store_walk){.partition = partition};
}

/* The watch is one for all partitions. */
static bool has_stream(const struct store_walk *w, enum walk_stream stream)
{
    return stream != WALK_SHIFTS || w->partition == 0;
}

static void begin(struct store_walk *w, enum walk_stream from)
{
    w->stream = from;
    while (w->stream < WALK_STREAM_COUNT && !has_stream(w, w->stream))
        w->stream++;
    if (w->stream == WALK_STREAM_COUNT) {
        w->stage = WALK_WAIT;
        return;
    }
    w->stage = w->has_last[w->stream] ? WALK_LAST : WALK_PAGES;
}

void store_walk_connected(struct store_walk *w)
{
    begin(w, WALK_VIOLATIONS);
}

void store_walk_lost(struct store_walk *w)
{
    w->stage = WALK_AWAY;
}

static size_t page_of(enum walk_stream stream)
{
    return stream == WALK_LIVE ? WALK_LIVE_PAGE : WALK_PAGE;
}

/* ---- asking ---- */

static struct text key_of(const struct store_walk *w, enum walk_stream stream, char bytes[64])
{
    struct buf b = {.data = bytes, .cap = 64, .limit = 64};
    buf_puts(&b, "muck:{");
    buf_put_u64(&b, w->partition);
    buf_puts(&b, "}:");
    buf_puts(&b, names[stream]);
    return buf_text(&b);
}

static void put_id(struct buf *out, const char *before, struct entry_id id)
{
    char bytes[64];
    struct buf b = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    buf_puts(&b, before);
    buf_put_i64(&b, id.ms);
    buf_put_char(&b, '-');
    buf_put_u64(&b, id.n);
    store_command_word(out, buf_text(&b));
}

static void ask_range(const struct store_walk *w, struct buf *out)
{
    char key[64];
    struct entry_id last = w->last[w->stream];
    store_command_begin(out, 6);
    store_command_word(out, TEXT("XRANGE"));
    store_command_word(out, key_of(w, w->stream, key));
    if (w->stage == WALK_FIRST || !w->has_last[w->stream])
        store_command_word(out, TEXT("-"));
    else
        put_id(out, w->stage == WALK_LAST ? "" : "(", last);
    if (w->stage == WALK_LAST)
        put_id(out, "", last);
    else
        store_command_word(out, TEXT("+"));
    store_command_word(out, TEXT("COUNT"));
    store_command_word(out, w->stage != WALK_PAGES   ? TEXT("1")
                            : w->stream == WALK_LIVE ? TEXT("50")
                                                     : TEXT("1000"));
}
_Static_assert(WALK_PAGE == 1000 && WALK_LIVE_PAGE == 50, "as it is asked for");

static void ask_wait(const struct store_walk *w, struct buf *out)
{
    char key[64];
    size_t streams = 0;
    for (enum walk_stream s = 0; s < WALK_STREAM_COUNT; s++)
        streams += has_stream(w, s);
    store_command_begin(out, 6 + 2 * streams);
    store_command_word(out, TEXT("XREAD"));
    store_command_word(out, TEXT("COUNT"));
    store_command_word(out, TEXT("50"));
    store_command_word(out, TEXT("BLOCK"));
    store_command_word(out, TEXT("1000"));
    store_command_word(out, TEXT("STREAMS"));
    for (enum walk_stream s = 0; s < WALK_STREAM_COUNT; s++)
        if (has_stream(w, s))
            store_command_word(out, key_of(w, s, key));
    for (enum walk_stream s = 0; s < WALK_STREAM_COUNT; s++)
        if (has_stream(w, s))
            put_id(out, "", w->last[s]);
}
_Static_assert(WALK_BLOCK_MS == 1000, "as it is asked for");

void store_walk_ask(const struct store_walk *w, struct buf *out)
{
    if (w->stage == WALK_WAIT)
        ask_wait(w, out);
    else if (w->stage != WALK_AWAY)
        ask_range(w, out);
}

/* ---- answers ---- */

bool store_walk_find(const struct store_walk *w, struct text key, enum walk_stream *out)
{
    char bytes[64];
    for (enum walk_stream s = 0; s < WALK_STREAM_COUNT; s++)
        if (has_stream(w, s) && text_equal(key, key_of(w, s, bytes))) {
            *out = s;
            return true;
        }
    return false;
}

bool store_walk_entry(struct store_walk *w, enum walk_stream stream, struct entry_id id)
{
    w->seen = id;
    w->live_entries += stream == WALK_LIVE;
    if (w->stage != WALK_PAGES && w->stage != WALK_WAIT)
        return false;
    w->last[stream] = id;
    w->has_last[stream] = true;
    w->entries++;
    return true;
}

static enum walk_result next_stream(struct store_walk *w)
{
    begin(w, w->stream + 1);
    bool first = w->stage == WALK_WAIT && !w->caught_up;
    w->caught_up = w->caught_up || first;
    return first ? WALK_CAUGHT_UP : WALK_ON;
}

enum walk_result store_walk_answered(struct store_walk *w, size_t entries)
{
    size_t live = w->live_entries;
    w->live_entries = 0;
    switch (w->stage) {
    case WALK_LAST:
        w->stage = entries > 0 ? WALK_PAGES : WALK_FIRST;
        return WALK_ON;
    case WALK_FIRST:
        if (entries == 0 || entry_id_compare(w->seen, w->last[w->stream]) <= 0)
            return WALK_WENT_BACK;
        w->live_missed = w->live_missed || w->stream == WALK_LIVE;
        w->stage = WALK_PAGES;
        return WALK_ON;
    case WALK_PAGES:
        return entries < page_of(w->stream) ? next_stream(w) : WALK_ON;
    case WALK_WAIT:
        /* As many as an answer takes: there are more, and the oldest of them may be gone. */
        w->live_missed = w->live_missed || live >= WALK_LIVE_PAGE;
        break;
    case WALK_AWAY:
        break;
    }
    return WALK_ON;
}
