#include "place_words.h"

#include "fence_times.h"
#include "json_members.h"
#include "wording.h"

#include <math.h>
#include <stdlib.h>

enum { HOLDING_MAX = 64, HOLDING_ANY_MAX = 256, SENTENCE_MAX = 512 };

#define REACH_M 5000.0
#define HALF_PI 1.5707963267948966
#define SECTOR  (HALF_PI / 2)

/* What people name places by, best first; 0: nothing to name one by. A district is too large to find a truck in. */
static int rank_of(const struct fence *f)
{
    static const int ranks[FENCE_KIND_COUNT] = {
        [FENCE_SITE] = 9,   [FENCE_DISPOSAL] = 8, [FENCE_DEPOT] = 7,     [FENCE_COLLECTION] = 6,
        [FENCE_WASH] = 5,   [FENCE_ROUTE] = 4,    [FENCE_SWEEP] = 4,     [FENCE_AREA] = 3,
        [FENCE_BANNED] = 2, [FENCE_SPEED] = 2,    [FENCE_NO_TIPPING] = 2};
    return f->name.len > 0 ? ranks[f->kind] : 0;
}

struct nearby {
    const struct fence *fence; /* NULL: none */
    uint32_t number;
    double distance_m;
};

/* What a sentence is made of. */
struct whereabouts {
    const struct world *world;
    struct mw_point at;
    const struct fence *in; /* NULL: no named one */
    struct nearby by;
};

static struct nearby nearest(const struct world *world, struct mw_point at)
{
    static uint32_t around[MW_AROUND_MAX];
    struct nearby found = {.distance_m = REACH_M};
    bool more;
    size_t count = mw_index_around(world->index, at, REACH_M, around, &more);
    for (size_t i = 0; i < count; i++) {
        struct mw_distance d;
        const struct fence *f = &world->fences[around[i]];
        if (rank_of(f) == 0 || !mw_index_distance(world->index, around[i], at, found.distance_m, &d))
            continue;
        double distance_m = d.distance_m > 0 ? d.distance_m : 0;
        if (distance_m < found.distance_m)
            found = (struct nearby){f, around[i], distance_m};
    }
    return found;
}

static const struct fence *best_holding(const struct world *world, const uint32_t *fences, size_t count)
{
    const struct fence *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct fence *f = &world->fences[fences[i]];
        if (rank_of(f) > 0 && (best == NULL || rank_of(f) > rank_of(best)))
            best = f;
    }
    return best;
}

/* From the middle of the fence to the place, in eighths of a turn. */
static unsigned direction_of(const struct world *world, uint32_t fence, struct mw_point at)
{
    struct mw_bounds b = mw_index_fence_bounds(world->index, fence);
    double east = mw_east_deg(b.south_west, b.north_east) / 2;
    struct mw_point middle = {(b.south_west.lat_deg + b.north_east.lat_deg) / 2, b.south_west.lon_deg + east};
    double dx = mw_east_deg(middle, at) * cos(at.lat_deg * HALF_PI / 90), dy = at.lat_deg - middle.lat_deg;
    return (unsigned)lround(atan2(dx, dy) / SECTOR + 8) % 8;
}

static void put_name(struct buf *out, const struct fence *f, enum phrase_language language)
{
    wording_put_quoted(out, language == PHRASE_EN && f->name_en.len > 0 ? f->name_en : f->name);
}

/* To the nearest ten metres, as nobody measures it. */
static void put_distance(struct buf *out, double distance_m)
{
    buf_put_i64(out, distance_m < 10 ? 10 : (int64_t)(distance_m / 10 + 0.5) * 10);
}

static void put_sentence(const struct whereabouts *x, enum phrase_language language, struct buf *out)
{
    const struct fence *in = x->in;
    const struct nearby *by = &x->by;
    struct mw_point at = x->at;
    static const char *const zh[] = {"以北", "东北", "以东", "东南", "以南", "西南", "以西", "西北"};
    static const char *const en[] = {"north", "north-east", "east", "south-east",
                                     "south", "south-west", "west", "north-west"};
    if (in != NULL) {
        buf_puts(out, language == PHRASE_EN ? "in " : "在");
        put_name(out, in, language);
        buf_puts(out, language == PHRASE_EN ? "" : "内");
    } else if (by->fence == NULL) {
        wording_put_position(out, at.lat_deg, at.lon_deg, language);
    } else if (language == PHRASE_EN) {
        put_distance(out, by->distance_m);
        buf_printf(out, " m %s of ", en[direction_of(x->world, by->number, at)]);
        put_name(out, by->fence, language);
    } else {
        put_name(out, by->fence, language);
        buf_puts(out, zh[direction_of(x->world, by->number, at)]);
        buf_puts(out, "约");
        put_distance(out, by->distance_m);
        buf_puts(out, "米");
    }
}

static void write_text(const struct whereabouts *x, struct json_writer *w)
{
    struct buf words;
    buf_init(&words, SENTENCE_MAX);
    json_write_key(w, "text");
    json_write_begin_object(w);
    for (int language = PHRASE_ZH; language <= PHRASE_EN; language++) {
        buf_clear(&words);
        put_sentence(x, (enum phrase_language)language, &words);
        json_write_key(w, language == PHRASE_ZH ? "zh" : "en");
        json_write_string(w, buf_text(&words));
    }
    json_write_end_object(w);
    buf_fini(&words);
}

static void write_fence(const struct world *world, const struct fence *f, struct wall now,
                        struct json_writer *w)
{
    json_write_begin_object(w);
    json_write_table(w, JSON_TEXT("id", names_text(world->names, f->id)),
                     JSON_WORD("kind", fence_kind_name(f->kind)), JSON_TEXT("name", f->name),
                     JSON_TEXT("name_en", f->name_en), JSON_TEXT("jurisdiction", f->jurisdiction),
                     JSON_TRUTH("in_force", fence_in_force(world, f, now.ms)));
    json_write_end_object(w);
}

void place_words_write(const struct world *world, struct mw_point at, struct wall now, struct json_writer *w)
{
    uint32_t holding[HOLDING_MAX];
    size_t all = mw_index_point(world->index, at, holding, HOLDING_MAX);
    size_t count = all < HOLDING_MAX ? all : HOLDING_MAX;
    struct whereabouts x = {world, at, best_holding(world, holding, count), {0}};
    if (x.in == NULL)
        x.by = nearest(world, at);
    json_write_begin_object(w);
    json_write_key(w, "world");
    json_write_string(w, text_of(world->hash));
    write_text(&x, w);
    json_write_key(w, "fences");
    json_write_begin_array(w);
    for (size_t i = 0; i < count; i++)
        write_fence(world, &world->fences[holding[i]], now, w);
    json_write_end_array(w);
    json_write_key(w, "more");
    json_write_u64(w, all - count);
    json_write_end_object(w);
}

struct text place_jurisdiction(const struct world *world, struct mw_point at)
{
    uint32_t holding[HOLDING_ANY_MAX];
    struct text found = {0};
    size_t all = mw_index_point(world->index, at, holding, HOLDING_ANY_MAX);
    for (size_t i = 0; i < all && i < HOLDING_ANY_MAX; i++) {
        const struct fence *f = &world->fences[holding[i]];
        if (f->kind == FENCE_DISTRICT && f->jurisdiction.len > found.len)
            found = f->jurisdiction;
    }
    return found;
}
