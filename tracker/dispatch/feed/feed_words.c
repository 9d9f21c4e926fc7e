/*
 * feed_words: events as they are read: `event`, `id` where it can be gone on from, and one line of `data`, which has no line feed,
 * since JSON writes those of texts otherwise.
 */
#include "feed_state.h"

void feed_begin_event(const char *word, const struct feed_place *id, struct buf *out)
{
    buf_puts(out, "event: ");
    buf_puts(out, word);
    if (id != NULL) {
        buf_puts(out, "\nid: ");
        feed_place_write(id, out);
    }
    buf_puts(out, "\ndata: ");
}

void feed_end_event(struct buf *out)
{
    buf_puts(out, "\n\n");
}

static bool covers(const void *context, struct text jurisdiction, struct text company)
{
    return scope_covers(context, jurisdiction, company);
}

/* Whether it was somebody's before it became another's: "jurisdiction\0company". */
static bool was_covered(const struct feed_item *item, const struct scope *scope)
{
    const char *end = item->len > 0 ? memchr(item->bytes, '\0', item->len) : NULL;
    if (item->kind != FEED_ALERT || end == NULL)
        return false;
    size_t n = (size_t)(end - item->bytes);
    return scope_covers(scope, (struct text){item->bytes, n}, (struct text){end + 1, item->len - n - 1});
}

static void write_alert(struct feed *f, const struct feed_item *item, uint32_t number, struct buf *out)
{
    struct json_writer w;
    if (item->kind == FEED_ALERT) {
        register_write(f->memory.book, number, f->now_ms, out);
        return;
    }
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "id");
    json_write_string(&w, (struct text){item->alert, DESK_ID_LENGTH});
    json_write_key(&w, "action");
    json_write_raw(&w, (struct text){item->bytes, item->len});
    register_write_work(f->memory.book, number, f->now_ms, &w);
    json_write_end_object(&w);
}

static void write_gone(const struct feed_item *item, struct buf *out)
{
    buf_puts(out, "{\"id\":\"");
    buf_put(out, item->alert, DESK_ID_LENGTH);
    buf_puts(out, "\",\"gone\":true}");
}

enum feed_told feed_tells(const struct feed *f, const struct feed_item *item, const struct scope *scope,
                          uint32_t *out_number)
{
    const struct register_scope alerts = {scope_is_whole(scope) ? NULL : covers, scope};
    if (item->kind == FEED_NOTHING)
        return TOLD_NOTHING;
    if (item->kind != FEED_ALERT && item->kind != FEED_ACTION)
        return TOLD_WHOLE;
    if (register_look(f->memory.book, (struct text){item->alert, DESK_ID_LENGTH}, alerts, out_number))
        return TOLD_WHOLE;
    return was_covered(item, scope) ? TOLD_GONE : TOLD_NOTHING;
}

void feed_write_item(struct feed *f, const struct feed_item *item, const struct feed_telling *how,
                     const struct feed_place *id, struct buf *out)
{
    feed_begin_event(feed_kind_word(item->kind), id, out);
    if (how->told == TOLD_GONE)
        write_gone(item, out);
    else if (item->kind == FEED_ALERT || item->kind == FEED_ACTION)
        write_alert(f, item, how->number, out);
    else
        buf_put(out, item->bytes, item->len);
    feed_end_event(out);
}

void feed_write_beat(struct feed *f, struct buf *out)
{
    feed_begin_event("beat", NULL, out);
    buf_puts(out, "{\"now\":");
    buf_put_i64(out, f->now_ms);
    f->sink.beat(f->sink.arg, out);
    buf_puts(out, "}");
    feed_end_event(out);
}
