#include "case_gather.h"

#include "archive_walk.h"
#include "array.h"
#include "json_tree.h"
#include "json_write.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_MS       INT64_C(86400000)
#define REPEAT_MS    (30 * DAY_MS)
#define LOOK_BACK_MS (3 * DAY_MS) /* for the last fix before a silence */
#define TEXTS_MAX    ((size_t)64 << 20)
#define RAW_MAX      ((size_t)1 << 30)

/* An entry, copied. */
struct telling {
    struct archive_position at;
    int64_t rev;
    struct text event, fields;
    bool stands; /* no later one has its rev */
};

struct gathering {
    struct archive_look *look;
    const struct case_asked *asked;
    struct case_gathered *g;
    struct telling *tellings;
    size_t count, cap;
    struct cutting *cut;
    struct cutting_span span;
    enum case_gathering error;
};

static bool fail(struct gathering *w, enum case_gathering error)
{
    w->error = error;
    return false;
}

int case_position_order(const struct archive_position *a, const struct archive_position *b)
{
    if (a->life != b->life)
        return a->life < b->life ? -1 : 1;
    if (a->ms != b->ms)
        return a->ms < b->ms ? -1 : 1;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

struct text gather_field(struct arena *arena, struct text fields, const char *name)
{
    struct json_tree tree = {0};
    struct text found = TEXT("");
    if (json_tree_read(&tree, fields, NULL) == JSON_TREE_OK) {
        const struct json_node *n = json_node_member(tree.nodes, name);
        if (json_node_is(n, JSON_NODE_STRING))
            found = json_node_text(n);
    }
    if (!arena_copy_text(arena, found, &found))
        found = TEXT("");
    json_tree_fini(&tree);
    return found;
}

/* ---- what was told ---- */

static bool on_telling(void *arg, const struct archive_row *row)
{
    struct gathering *w = arg;
    if (case_position_order(&row->at, &w->asked->tellings) > 0)
        return true;
    if (!array_reserve(&w->tellings, &w->cap, w->count + 1, sizeof *w->tellings))
        return fail(w, CASE_NO_MEMORY);
    struct telling *t = &w->tellings[w->count];
    *t = (struct telling){.at = row->at, .rev = row->rev, .stands = true};
    if (!arena_copy_text(&w->g->arena, row->event, &t->event) ||
        !arena_copy_text(&w->g->arena, row->fields, &t->fields))
        return fail(w, CASE_NO_MEMORY);
    for (size_t i = 0; i < w->count; i++)
        w->tellings[i].stands = w->tellings[i].stands && w->tellings[i].rev != row->rev;
    w->count++;
    return true;
}

static int by_rev(const void *a, const void *b)
{
    const struct telling *x = a, *y = b;
    return x->rev != y->rev ? (x->rev < y->rev ? -1 : 1) : case_position_order(&x->at, &y->at);
}

static void read_header(struct gathering *w, const struct telling *last)
{
    struct arena *a = &w->g->arena;
    struct sealed_header *h = &w->g->sealed.header;
    arena_copy_text(a, w->asked->id, &h->id);
    h->kind = gather_field(a, last->fields, "kind");
    h->vehicle = gather_field(a, last->fields, "vehicle");
    h->ruleset = gather_field(a, last->fields, "ruleset");
    h->start_ms = text_whole(gather_field(a, last->fields, "start"));
    h->end_ms = text_whole(gather_field(a, last->fields, "end"));
    h->rev = (uint32_t)last->rev;
    h->withdrawn = text_equal(last->event, TEXT("withdrawn"));
    w->g->plate = gather_field(a, last->fields, "plate");
    w->g->company = gather_field(a, last->fields, "company");
    w->g->severity = gather_field(a, last->fields, "severity");
    w->g->jurisdiction = gather_field(a, last->fields, "jurisdiction");
    w->g->fence = gather_field(a, last->fields, "fence");
}

static bool gather_tellings(struct gathering *w)
{
    const struct archive_entries_asked asked = {
        .stream = TEXT("violations"), .id = w->asked->id, .since_ms = INT64_MIN};
    struct buf *out = &w->g->violation;
    if (!archive_look_entries(w->look, &asked, on_telling, w))
        return w->error == CASE_GATHERED ? fail(w, CASE_DAMAGED) : false;
    if (w->count == 0)
        return fail(w, CASE_UNKNOWN);
    qsort(w->tellings, w->count, sizeof *w->tellings, by_rev);
    buf_puts(out, "{\"id\":");
    json_put_string(out, w->asked->id);
    buf_puts(out, ",\"revisions\":[");
    const char *between = "\n";
    for (size_t i = 0; i < w->count; i++)
        if (w->tellings[i].stands) {
            buf_puts(out, between);
            buf_put_text(out, w->tellings[i].fields);
            between = ",\n";
            read_header(w, &w->tellings[i]);
        }
    buf_puts(out, "\n]}\n");
    return true;
}

/* ---- what was done about it ---- */

static void put_entry(struct buf *out, const struct archive_row *row)
{
    long long ms = (long long)row->at.ms;
    buf_printf(out,
               "{\"stream\":\"%.*s\",\"at\":%lld,\"entry\":\"%lld-%llu\",\"fields\":", TEXT_ARG(row->stream),
               ms, ms, (unsigned long long)row->at.seq);
    buf_put_text(out, row->fields);
    buf_puts(out, "}\n");
}

static bool on_handling(void *arg, const struct archive_row *row)
{
    struct gathering *w = arg;
    struct sealed_header *h = &w->g->sealed.header;
    struct text action = gather_field(&w->g->arena, row->fields, "action");
    bool looked = text_equal(row->stream, TEXT("audit"));
    if (looked ? row->at.ms > w->asked->actions.ms : case_position_order(&row->at, &w->asked->actions) > 0)
        return true;
    put_entry(&w->g->actions, row);
    if (looked)
        return true; /* that somebody looked asks for no edition of its own */
    h->actions_rev = (uint32_t)text_whole(gather_field(&w->g->arena, row->fields, "rev"));
    bool review = text_equal(action, TEXT("review"));
    if (review || text_equal(action, TEXT("reopen"))) {
        struct text verdict = gather_field(&w->g->arena, row->fields, "verdict");
        h->reviewed = review && text_equal(verdict, TEXT("approve"));
        h->rejected = review && text_equal(verdict, TEXT("reject"));
    }
    return true;
}

static bool on_warning(void *arg, const struct archive_row *row)
{
    struct gathering *w = arg;
    if (row->at.ms <= w->asked->actions.ms)
        put_entry(&w->g->warnings, row);
    return true;
}

static bool gather_actions(struct gathering *w)
{
    const struct sealed_header *h = &w->g->sealed.header;
    return (archive_look_handling(w->look, w->asked->id, on_handling, w) &&
            archive_look_warnings(w->look, h->vehicle, h->id, on_warning, w)) ||
           fail(w, CASE_DAMAGED);
}

/* ---- what `repeat` counts ---- */

struct before {
    struct gathering *w;
    struct names {
        struct text *ids;
        size_t count, cap;
    } seen;
    struct buf ids;
    uint32_t count;
};

static bool on_before(void *arg, const struct archive_row *row)
{
    struct before *b = arg;
    const struct sealed_header *h = &b->w->g->sealed.header;
    if (text_equal(row->id, h->id) || row->start_ms > h->start_ms ||
        row->start_ms <= h->start_ms - REPEAT_MS ||
        case_position_order(&row->at, &b->w->asked->tellings) > 0 ||
        !text_equal(gather_field(&b->w->g->arena, row->fields, "kind"), h->kind))
        return true;
    size_t i = 0;
    while (i < b->seen.count && !text_equal(b->seen.ids[i], row->id))
        i++;
    if (i < b->seen.count)
        return true;
    if (!array_reserve(&b->seen.ids, &b->seen.cap, i + 1, sizeof *b->seen.ids) ||
        !arena_copy_text(&b->w->g->arena, row->id, &b->seen.ids[b->seen.count]))
        return fail(b->w, CASE_NO_MEMORY);
    b->seen.count++;
    buf_printf(&b->ids, "%s\n{\"id\":\"%.*s\",\"start\":%lld}", b->count++ > 0 ? "," : "", TEXT_ARG(row->id),
               (long long)row->start_ms);
    return true;
}

static bool gather_earlier(struct gathering *w)
{
    const struct sealed_header *h = &w->g->sealed.header;
    const struct archive_entries_asked asked = {
        .stream = TEXT("violations"), .vehicle = h->vehicle, .since_ms = h->start_ms - REPEAT_MS - DAY_MS};
    struct before b = {.w = w};
    buf_init(&b.ids, TEXTS_MAX);
    bool ok = archive_look_entries(w->look, &asked, on_before, &b) ||
              fail(w, w->error != CASE_GATHERED ? w->error : CASE_DAMAGED);
    buf_printf(&w->g->earlier, "{\"kind\":\"%.*s\",\"count\":%u,\"ids\":[", TEXT_ARG(h->kind), b.count);
    buf_put_text(&w->g->earlier, buf_text(&b.ids));
    buf_puts(&w->g->earlier, "\n]}\n");
    buf_fini(&b.ids);
    free(b.seen.ids);
    return ok;
}

/* ---- the track ---- */

static bool on_trip(void *arg, const struct archive_row *row)
{
    struct gathering *w = arg;
    w->span.loaded_ms = text_whole(gather_field(&w->g->arena, row->fields, "loaded"));
    return true;
}

static void find_loading(struct gathering *w, struct text trip)
{
    const struct archive_entries_asked asked = {.stream = TEXT("trips"), .id = trip, .since_ms = INT64_MIN};
    if (trip.len == 0)
        return;
    if (text_equal(trip, w->asked->trip))
        w->span.loaded_ms = w->asked->trip_loaded_ms;
    archive_look_entries(w->look, &asked, on_trip, w);
}

static bool on_line(void *arg, const struct archive_line *line)
{
    struct gathering *w = arg;
    const struct cutting_line taken = {line->kind, line->at, line->line};
    return cutting_take(w->cut, &taken) || fail(w, CASE_TOO_LARGE);
}

static bool on_hole(void *arg, const struct archive_hole *hole)
{
    struct gathering *w = arg;
    const struct cutting_hole taken = {hole->at, hole->batch, hole->received_ms, hole->hole, hole->seen};
    return cutting_take_hole(w->cut, &taken) || fail(w, CASE_NO_MEMORY);
}

/* Samples of the machine's clock while the case went on; behind the marks that a replay takes. */
static bool on_clock(void *arg, const struct archive_mark *mark)
{
    struct gathering *w = arg;
    buf_printf(&w->g->marks, "{\"at\":%lld,\"entry\":\"%lld-%llu\",\"clock\":", (long long)mark->received_ms,
               (long long)mark->at.ms, (unsigned long long)mark->at.seq);
    buf_put_text(&w->g->marks, mark->line);
    buf_puts(&w->g->marks, "}\n");
    return true;
}

typedef bool in_day(struct gathering *w, struct archive_day *day);

static bool each_day(struct gathering *w, int64_t from_ms, in_day *each)
{
    size_t count;
    const int32_t *days = archive_look_days(w->look, &count);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        if (days[i] < (int32_t)(from_ms / DAY_MS))
            continue;
        struct archive_day *day = archive_day_begin(w->look, days[i]);
        ok = day == NULL || each(w, day);
        archive_day_end(day);
    }
    return ok;
}

static bool holes_of(struct gathering *w, struct archive_day *day)
{
    return archive_day_holes(day, w->g->sealed.header.vehicle, on_hole, w);
}

static bool clock_of(struct gathering *w, struct archive_day *day)
{
    const struct archive_marks_between asked = {TEXT("clock"), cutting_from_ms(&w->span),
                                                cutting_to_ms(&w->span)};
    return archive_day_marks_between(day, &asked, on_clock, w);
}

static bool walk_from(struct gathering *w, int64_t from_ms)
{
    struct archive_walk walk = archive_walk_all();
    bool no_memory = false;
    int64_t to = cutting_to_ms(&w->span);
    cutting_free(w->cut);
    w->cut = cutting_new(w->g->sealed.header.vehicle, &w->span);
    if (w->cut == NULL)
        return fail(w, CASE_NO_MEMORY);
    walk.vehicles = &w->g->sealed.header.vehicle;
    walk.vehicle_count = 1;
    walk.span = (struct archive_span){from_ms, to == INT64_MAX ? to : to + 1, NULL};
    walk.first_day = (int32_t)(from_ms / DAY_MS);
    walk.each = on_line;
    walk.arg = w;
    if (archive_walk(w->look, &walk, &no_memory) && !no_memory)
        return true;
    return fail(w, no_memory ? CASE_NO_MEMORY : w->error != CASE_GATHERED ? w->error : CASE_DAMAGED);
}

static bool gather_track(struct gathering *w)
{
    const struct sealed_header *h = &w->g->sealed.header;
    const struct telling *last = &w->tellings[w->count - 1];
    w->span = (struct cutting_span){.start_ms = h->start_ms,
                                    .end_ms = h->end_ms,
                                    .told_ms = text_whole(gather_field(&w->g->arena, last->fields, "at")),
                                    .pre_ms = w->asked->pre_ms,
                                    .post_ms = w->asked->post_ms,
                                    .gap_ms = w->asked->gap_ms};
    find_loading(w, gather_field(&w->g->arena, last->fields, "trip"));
    int64_t from = cutting_from_ms(&w->span);
    if (!walk_from(w, from - w->span.gap_ms))
        return false;
    if (!cutting_is_joined(w->cut) && !walk_from(w, from - LOOK_BACK_MS))
        return false;
    if (!each_day(w, from, holes_of))
        return fail(w, w->error != CASE_GATHERED ? w->error : CASE_DAMAGED);
    if (!cutting_put(w->cut, &w->g->raw, &w->g->marks, &w->g->fixes))
        return fail(w, CASE_TOO_LARGE);
    return each_day(w, from, clock_of) || fail(w, CASE_DAMAGED);
}

/* ---- worlds ---- */

static bool add_world(struct gathering *w, struct text hash)
{
    struct case_gathered *g = w->g;
    for (size_t i = 0; i < g->world_count; i++)
        if (text_equal(g->worlds[i].hash, hash))
            return true;
    if (hash.len == 0 || hash.len > 64)
        return true;
    if (!array_reserve(&g->worlds, &g->world_cap, g->world_count + 1, sizeof *g->worlds))
        return fail(w, CASE_NO_MEMORY);
    struct case_world *world = &g->worlds[g->world_count];
    *world = (struct case_world){0};
    buf_init(&world->canonical, RAW_MAX);
    if (!arena_copy_text(&g->arena, hash, &world->hash))
        return fail(w, CASE_NO_MEMORY);
    if (g->world_count == 0)
        snprintf(world->path, sizeof world->path, "data/world.json");
    else
        snprintf(world->path, sizeof world->path, "data/worlds/%.*s.json", TEXT_ARG(hash));
    if (archive_look_world(w->look, hash, &world->canonical))
        g->world_count++;
    else
        buf_fini(&world->canonical); /* the archive lacks it, and the case says so by not having it */
    return true;
}

/* That of the finding first, then those that were in force while it was, and those of earlier tellings. */
static bool gather_worlds(struct gathering *w)
{
    static const char mark[] = "{\"ruleset\":\"";
    const struct text marks = buf_text(&w->g->marks);
    if (!add_world(w, w->g->sealed.header.ruleset))
        return false;
    for (size_t i = 0; i + sizeof mark - 1 + 64 <= marks.len; i++)
        if (memcmp(marks.data + i, mark, sizeof mark - 1) == 0 &&
            !add_world(w, (struct text){marks.data + i + sizeof mark - 1, 64}))
            return false;
    for (size_t i = 0; i < w->count; i++)
        if (!add_world(w, gather_field(&w->g->arena, w->tellings[i].fields, "ruleset")))
            return false;
    return true;
}

/* ---- all of it ---- */

static bool add(struct gathering *w, const char *path, const struct buf *bytes)
{
    if (!buf_ok(bytes))
        return fail(w, CASE_TOO_LARGE);
    return sealed_add(&w->g->sealed, text_of(path), buf_text(bytes)) || fail(w, CASE_NO_MEMORY);
}

static bool add_all(struct gathering *w)
{
    struct case_gathered *g = w->g;
    if (!add(w, "data/violation.json", &g->violation) || !add(w, "data/raw.jsonl", &g->raw) ||
        !add(w, "data/actions.jsonl", &g->actions) || !add(w, "data/marks.jsonl", &g->marks) ||
        !add(w, "data/warnings.jsonl", &g->warnings))
        return false;
    for (size_t i = 0; i < g->world_count; i++)
        if (!add(w, g->worlds[i].path, &g->worlds[i].canonical))
            return false;
    return add(w, "data/earlier.json", &g->earlier);
}

enum case_gathering case_gather(struct archive_look *look, const struct case_asked *asked,
                                struct case_gathered *out)
{
    struct gathering w = {.look = look, .asked = asked, .g = out};
    struct buf *const texts[] = {&out->violation, &out->marks, &out->actions, &out->warnings, &out->earlier};
    *out = (struct case_gathered){0};
    arena_init(&out->arena);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buf_init(texts[i], TEXTS_MAX);
    buf_init(&out->raw, RAW_MAX);
    if (gather_tellings(&w) && gather_actions(&w) && gather_earlier(&w) && gather_track(&w) &&
        gather_worlds(&w))
        add_all(&w);
    cutting_free(w.cut);
    free(w.tellings);
    return w.error;
}

void case_gathered_fini(struct case_gathered *g)
{
    struct buf *const texts[] = {&g->violation, &g->raw, &g->marks, &g->actions, &g->warnings, &g->earlier};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        buf_fini(texts[i]);
    for (size_t i = 0; i < g->world_count; i++)
        buf_fini(&g->worlds[i].canonical);
    free(g->worlds);
    sealed_fini(&g->sealed);
    arena_fini(&g->arena);
}
