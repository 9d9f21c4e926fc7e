#include "feed_state.h"

#include <assert.h>
#include <stdlib.h>

enum { EVENT_MAX = 1 << 20 };

/* ---- places ---- */

bool feed_place_make(const struct feed *f, struct feed_place *out)
{
    const struct feed_place *end = feed_log_end(f->log);
    out->count = end->count;
    out->parts = calloc(end->count + 1, sizeof *out->parts);
    return out->parts != NULL;
}

void feed_place_copy(struct feed_place *out, const struct feed_place *from)
{
    assert(out->count == from->count);
    memcpy(out->parts, from->parts, from->count * sizeof *from->parts);
}

bool feed_place_same(const struct feed_place *a, const struct feed_place *b)
{
    for (size_t p = 0; p < a->count; p++)
        for (enum feed_stream s = 0; s < FEED_STREAM_COUNT; s++)
            if (entry_id_compare(a->parts[p].at[s], b->parts[p].at[s]) != 0)
                return false;
    return true;
}

/* ---- beginning and end ---- */

struct feed *feed_new(struct feed_log *log, const struct feed_sink *sink, size_t most)
{
    struct feed *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->log = log;
    f->sink = *sink;
    f->most = most < FEED_STREAMS_MAX ? most : FEED_STREAMS_MAX;
    buf_init(&f->event, EVENT_MAX);
    buf_init(&f->data, EVENT_MAX);
    f->clients = calloc(f->most + 1, sizeof *f->clients);
    bool made = f->clients != NULL && feed_place_make(f, &f->flushed) && feed_place_make(f, &f->scratch);
    for (size_t i = 0; i < KEPT_PIECES; i++)
        made = made && feed_place_make(f, &f->pieces[i].from) && feed_place_make(f, &f->pieces[i].to);
    if (made)
        return f;
    feed_free(f);
    return NULL;
}

void feed_free(struct feed *f)
{
    if (f == NULL)
        return;
    while (f->count > 0)
        feed_forget_client(f, f->count - 1);
    for (size_t i = 0; i < KEPT_PIECES; i++) {
        web_chunk_drop(f->pieces[i].chunk);
        free(f->pieces[i].from.parts);
        free(f->pieces[i].to.parts);
    }
    free(f->clients);
    free(f->flushed.parts);
    free(f->scratch.parts);
    buf_fini(&f->event);
    buf_fini(&f->data);
    free(f);
}

void feed_use(struct feed *f, const struct feed_memory *memory)
{
    f->memory = *memory;
}

struct feed_figures feed_figures(const struct feed *f)
{
    struct feed_figures figures = f->figures;
    figures.streams = f->count;
    figures.log_bytes = feed_log_bytes(f->log);
    for (const struct feed_group *g = f->groups; g != NULL; g = g->next)
        figures.groups++;
    return figures;
}

/* ---- groups ---- */

static void put_texts(struct buf *out, struct text_list list)
{
    buf_put_u64(out, list.count);
    buf_put_char(out, ':');
    for (size_t i = 0; i < list.count; i++) {
        buf_put_u64(out, list.items[i].len);
        buf_put_char(out, ':');
        buf_put_text(out, list.items[i]);
    }
}

/* All that decides about what is told, in one text. */
static void put_key(const struct feed_wish *wish, struct buf *out)
{
    buf_put_u64(out, wish->pos_s);
    buf_put_char(out, wish->boxed ? 'b' : 'n');
    if (wish->boxed)
        buf_put(out, &wish->box, sizeof wish->box);
    put_texts(out, wish->scope->jurisdictions);
    put_texts(out, wish->scope->companies);
}

static bool copy_texts(struct text_list list, struct text_list *out)
{
    out->items = calloc(list.count + 1, sizeof *out->items);
    for (size_t i = 0; out->items != NULL && i < list.count; i++) {
        char *own = malloc(list.items[i].len + 1);
        if (own == NULL)
            return false;
        memcpy(own, list.items[i].data, list.items[i].len);
        out->items[out->count++] = (struct text){own, list.items[i].len};
    }
    return out->items != NULL;
}

static void free_texts(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free((void *)(uintptr_t)list->items[i].data);
    free(list->items);
}

static void free_group(struct feed_group *g)
{
    free_texts(&g->scope.jurisdictions);
    free_texts(&g->scope.companies);
    buf_fini(&g->pending);
    web_chunk_drop(g->chunk);
    free(g->told);
    free(g->key);
    free(g);
}

static struct feed_group *make_group(struct feed *f, const struct feed_wish *wish, struct text key)
{
    struct feed_group *g = calloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    g->key = malloc(key.len);
    if (g->key == NULL || !copy_texts(wish->scope->jurisdictions, &g->scope.jurisdictions) ||
        !copy_texts(wish->scope->companies, &g->scope.companies)) {
        free_group(g);
        return NULL;
    }
    memcpy(g->key, key.data, key.len);
    g->key_len = key.len;
    g->pos_s = wish->pos_s;
    g->boxed = wish->boxed;
    g->box = wish->box;
    buf_init(&g->pending, PENDING_MAX);
    g->next = f->groups;
    f->groups = g;
    return g;
}

static struct feed_group *take_group(struct feed *f, const struct feed_wish *wish)
{
    buf_clear(&f->data);
    put_key(wish, &f->data);
    if (!buf_ok(&f->data))
        return NULL;
    for (struct feed_group *g = f->groups; g != NULL; g = g->next)
        if (text_equal(buf_text(&f->data), (struct text){g->key, g->key_len}))
            return g;
    return make_group(f, wish, buf_text(&f->data));
}

static void leave_group(struct feed *f, struct feed_group *g)
{
    if (--g->clients > 0)
        return;
    for (size_t i = 0; i < KEPT_PIECES; i++)
        if (f->pieces[i].group == g)
            f->pieces[i].group = NULL; /* another may be made in its place */
    struct feed_group **at = &f->groups;
    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    free_group(g);
}

/* ---- clients ---- */

static size_t streams_of(const struct feed *f, const struct feed_owner *owner)
{
    const struct text name = {owner->name, owner->name_length};
    size_t n = 0;
    for (size_t i = 0; i < f->count; i++)
        n += text_equal(name, (struct text){f->clients[i]->owner.name, f->clients[i]->owner.name_length});
    return n;
}

enum feed_opened feed_open(struct feed *f, uint64_t ticket, const struct feed_wish *wish)
{
    if (f->count >= f->most)
        return FEED_FULL;
    if (streams_of(f, &wish->owner) >= FEED_STREAMS_A_USER)
        return FEED_USER_FULL;
    struct feed_client *c = calloc(1, sizeof *c);
    if (c == NULL || !feed_place_make(f, &c->at) || (c->group = take_group(f, wish)) == NULL) {
        if (c != NULL)
            free(c->at.parts);
        free(c);
        return FEED_NO_MEMORY;
    }
    feed_place_copy(&c->at, wish->from != NULL ? wish->from : feed_log_end(f->log));
    c->ticket = ticket;
    c->strange = wish->strange;
    c->owner = wish->owner;
    c->group->clients++;
    f->clients[f->count++] = c;
    f->figures.opened++;
    return FEED_OPENED;
}

void feed_forget_client(struct feed *f, size_t i)
{
    struct feed_client *c = f->clients[i];
    f->clients[i] = f->clients[--f->count];
    leave_group(f, c->group);
    free(c->at.parts);
    free(c);
}

void feed_gone(struct feed *f, uint64_t ticket)
{
    for (size_t i = 0; i < f->count; i++)
        if (f->clients[i]->ticket == ticket) {
            feed_forget_client(f, i);
            return;
        }
}

void feed_end(struct feed *f, size_t i, bool politely)
{
    f->sink.end(f->sink.arg, f->clients[i]->ticket, politely);
    feed_forget_client(f, i);
}

bool feed_push(struct feed *f, size_t i, struct web_chunk *chunk)
{
    struct feed_client *c = f->clients[i];
    f->figures.pieces++;
    if (f->sink.unsent(f->sink.arg, c->ticket) + chunk->len > FEED_UNSENT_MAX) {
        f->figures.dropped++;
        feed_end(f, i, false);
        return false;
    }
    if (f->sink.push(f->sink.arg, c->ticket, chunk))
        return true;
    feed_forget_client(f, i);
    return false;
}

void feed_settle(struct feed *f, bool (*keeps)(void *arg, const struct feed_owner *owner), void *arg)
{
    for (size_t i = f->count; i-- > 0;)
        if (!keeps(arg, &f->clients[i]->owner))
            feed_end(f, i, false);
}

void feed_throw_back(struct feed *f, struct feed_group *g)
{
    for (size_t i = 0; i < f->count; i++) {
        struct feed_client *c = f->clients[i];
        if (c->group != g || !c->live)
            continue;
        c->live = c->sweeps = false;
        feed_place_copy(&c->at, &f->flushed);
    }
    buf_clear(&g->pending);
}

void feed_forget(struct feed *f)
{
    buf_clear(&f->data);
    feed_begin_event("reset", NULL, &f->data);
    buf_puts(&f->data, "{\"why\":\"store\"}");
    feed_end_event(&f->data);
    struct web_chunk *chunk = buf_ok(&f->data) ? web_chunk_new(buf_text(&f->data)) : NULL;
    for (size_t i = f->count; i-- > 0;)
        if (chunk == NULL || feed_push(f, i, chunk))
            feed_end(f, i, true);
    web_chunk_drop(chunk);
    feed_log_clear(f->log);
    feed_place_copy(&f->flushed, feed_log_end(f->log));
    f->memory = (struct feed_memory){NULL, NULL};
}
