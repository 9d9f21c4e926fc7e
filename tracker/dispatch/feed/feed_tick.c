/*
 * feed_tick: entries as they come, and the ticks in which they go out; and those who catch up, piece by piece.
 */
#include "feed_state.h"

/* ---- an entry ---- */

void feed_take(struct feed *f, size_t part, enum feed_stream stream, const struct feed_item *item,
               int64_t now_ms)
{
    f->now_ms = now_ms;
    feed_log_put(f->log, part, stream, item);
    f->figures.events += item->kind != FEED_NOTHING;
    buf_clear(&f->event); /* the whole text, once it is needed: it is the same for all */
    for (struct feed_group *g = f->groups; g != NULL; g = g->next) {
        struct feed_telling how = {TOLD_NOTHING, 0};
        how.told = feed_tells(f, item, &g->scope, &how.number);
        if (how.told == TOLD_GONE)
            feed_write_item(f, item, &how, feed_log_end(f->log), &g->pending);
        if (how.told != TOLD_WHOLE)
            continue;
        if (f->event.len == 0)
            feed_write_item(f, item, &how, feed_log_end(f->log), &f->event);
        g->pending.failed = g->pending.failed || !buf_ok(&f->event);
        buf_put_text(&g->pending, buf_text(&f->event));
    }
}

/* ---- those who catch up ---- */

static struct kept_piece *find_piece(struct feed *f, const struct feed_client *c)
{
    for (size_t i = 0; i < KEPT_PIECES; i++)
        if (f->pieces[i].group == c->group && feed_place_same(&f->pieces[i].from, &c->at))
            return &f->pieces[i];
    return NULL;
}

/*
 * Where a piece ends is known by its last item, wherever it began: after one piece those who came back from different places are at
 * the same one, and share the next. Else a thousand who were cut off at a thousand places would each have texts of their own made until the
 * last of them is live.
 */
static bool ends_piece(const struct feed_item *item)
{
    return ((uint64_t)item->id.ms * 31 + item->id.n) % PIECE_ITEMS == 0;
}

/* What comes behind the client's place, up to a piece; as far as the tick's work goes. */
static struct kept_piece *make_piece(struct feed *f, const struct feed_client *c)
{
    struct kept_piece *piece = &f->pieces[f->piece_next++ % KEPT_PIECES];
    web_chunk_drop(piece->chunk);
    piece->chunk = NULL;
    piece->group = c->group;
    piece->tick = f->tick;
    feed_place_copy(&piece->from, &c->at);
    feed_place_copy(&piece->to, &c->at);
    buf_clear(&f->event);
    const struct feed_item *item;
    while (f->budget > 0 && f->event.len < PIECE_BYTES &&
           (item = feed_log_next(f->log, &piece->to)) != NULL) {
        struct feed_telling how = {TOLD_NOTHING, 0};
        how.told = feed_tells(f, item, &c->group->scope, &how.number);
        f->budget -= how.told == TOLD_NOTHING ? 1 : EVENT_COST;
        if (how.told != TOLD_NOTHING)
            feed_write_item(f, item, &how, &piece->to, &f->event);
        if (ends_piece(item))
            break;
    }
    if (f->event.len > 0 && buf_ok(&f->event))
        piece->chunk = web_chunk_new(buf_text(&f->event));
    bool failed = f->event.len > 0 && piece->chunk == NULL;
    if (failed || feed_place_same(&piece->from, &piece->to)) /* there may be more by then */
        piece->group = NULL;
    return failed ? NULL : piece;
}

/* Those that are old: what they have of an alert may be another district's by now. */
static void forget_pieces(struct feed *f)
{
    for (size_t i = 0; i < KEPT_PIECES; i++) {
        if (f->pieces[i].group == NULL || f->tick - f->pieces[i].tick < KEPT_TICKS)
            continue;
        web_chunk_drop(f->pieces[i].chunk);
        f->pieces[i].chunk = NULL;
        f->pieces[i].group = NULL;
    }
}

/* It cannot be gone on from its place. With the `id` of now a client that knows no better goes on from here. */
static void reset(struct feed *f, size_t i, enum feed_resume how)
{
    static const char *const words[] = {
        [FEED_TRIMMED] = "trimmed", [FEED_AHEAD] = "ahead", [FEED_STRANGE] = "strange"};
    buf_clear(&f->event);
    feed_begin_event("reset", feed_log_end(f->log), &f->event);
    buf_printf(&f->event, "{\"why\":\"%s\"}", words[how]);
    feed_end_event(&f->event);
    struct web_chunk *chunk = buf_ok(&f->event) ? web_chunk_new(buf_text(&f->event)) : NULL;
    f->figures.resets++;
    if (chunk == NULL || feed_push(f, i, chunk))
        feed_end(f, i, true);
    web_chunk_drop(chunk);
}

/* False: the client has gone. */
static bool go_live(struct feed *f, size_t i)
{
    struct feed_client *c = f->clients[i];
    buf_clear(&f->event);
    feed_write_beat(f, &f->event);
    struct web_chunk *chunk = buf_ok(&f->event) ? web_chunk_new(buf_text(&f->event)) : NULL;
    c->live = true;
    c->sweeps = c->begins = c->group->pos_s > 0;
    c->sweep_at = 0;
    bool there = chunk == NULL || feed_push(f, i, chunk);
    web_chunk_drop(chunk);
    return there;
}

/* One piece of the log. False: the client has gone. */
static bool give_piece(struct feed *f, size_t i)
{
    struct feed_client *c = f->clients[i];
    enum feed_resume how = c->strange ? FEED_STRANGE : feed_log_resume(f->log, &c->at);
    if (how != FEED_GOES_ON) {
        reset(f, i, how);
        return false;
    }
    struct kept_piece *piece = find_piece(f, c);
    if (piece == NULL && f->budget > 0)
        piece = make_piece(f, c);
    if (piece == NULL)
        return true;
    feed_place_copy(&c->at, &piece->to);
    return piece->chunk == NULL || feed_push(f, i, piece->chunk);
}

/* Hands out what a client may have now that it has taken most. False: it has gone. */
static bool step(struct feed *f, size_t i)
{
    struct feed_client *c = f->clients[i];
    for (int n = 0; n < PIECES_A_STEP; n++) {
        if (f->sink.unsent(f->sink.arg, c->ticket) > MORE_BELOW)
            return true;
        bool at_end = feed_place_same(&c->at, feed_log_end(f->log));
        if (!c->live && (!at_end || c->strange)) {
            if (!give_piece(f, i))
                return false;
        } else if (!c->live) {
            if (!f->between)
                return true;
            if (!go_live(f, i))
                return false;
        } else if (c->sweeps) {
            if (!feed_sweep(f, i))
                return false;
        } else {
            return true;
        }
    }
    return true;
}

void feed_drained(struct feed *f, uint64_t ticket, int64_t now_ms)
{
    f->now_ms = now_ms;
    for (size_t i = 0; i < f->count; i++)
        if (f->clients[i]->ticket == ticket) {
            if (!f->clients[i]->live || f->clients[i]->sweeps)
                step(f, i);
            return;
        }
}

/* ---- a tick ---- */

static void flush(struct feed *f)
{
    for (struct feed_group *g = f->groups; g != NULL; g = g->next) {
        if (!buf_ok(&g->pending))
            feed_throw_back(f, g);
        else if (g->pending.len > 0 && (g->chunk = web_chunk_new(buf_text(&g->pending))) == NULL)
            feed_throw_back(f, g);
        buf_clear(&g->pending);
    }
    for (size_t i = f->count; i-- > 0;)
        if (f->clients[i]->live && f->clients[i]->group->chunk != NULL)
            feed_push(f, i, f->clients[i]->group->chunk);
    for (struct feed_group *g = f->groups; g != NULL; g = g->next) {
        web_chunk_drop(g->chunk);
        g->chunk = NULL;
    }
    feed_place_copy(&f->flushed, feed_log_end(f->log));
}

/* Each once; who is reached when the work is done is the first in the next tick. */
static void catch_up(struct feed *f)
{
    f->between = true;
    for (size_t n = f->count; n > 0 && f->count > 0 && f->budget > BUDGET / 2; n--) {
        size_t i = f->next % f->count;
        struct feed_client *c = f->clients[i];
        if ((c->live && !c->sweeps) || step(f, i))
            f->next = i + 1;
    }
    f->between = false;
}

void feed_tick(struct feed *f, uint32_t world, int64_t ticks_ms, int64_t now_ms)
{
    f->now_ms = now_ms;
    f->world = world;
    f->budget = BUDGET;
    f->tick++;
    bool beat = ticks_ms >= f->beat_ms;
    if (beat)
        f->beat_ms = ticks_ms + FEED_BEAT_MS;
    for (struct feed_group *g = f->groups; g != NULL; g = g->next) {
        if (beat)
            feed_write_beat(f, &g->pending);
        if (g->pos_s > 0)
            feed_moves(f, g, ticks_ms);
    }
    flush(f);
    forget_pieces(f);
    catch_up(f);
}
