/* Changes that draw the same fences in other pieces (properties_changes.c has their rows). */
#include "properties.h"

#include <stdio.h>
#include <string.h>

/* Of two that open at one moment the one named first is counted first in `repeat`. */
static const char *const renamed_pieces[] = {"fence", "fences", "text", "text_zh", "text_en", "repeat", NULL};
static const char *const pieces[] = {"fence", "fences", "text", "text_zh", "text_en", NULL};
static const char *const disposals[] = {"fence", "fences", "text", "text_zh", "text_en", "disposal", NULL};

bool made_is_kind(const struct made_fence *f, const char *kinds)
{
    const char *at = strstr(kinds, f->kind);
    return !f->gone && at != NULL && (at[strlen(f->kind)] == ' ' || at[strlen(f->kind)] == '\0');
}

/* Deals the parts of a fence to `count` fences, itself the first; more are added behind. */
static void deal(struct world_made *w, struct made_fence *f, struct chance *c, uint32_t count, bool keep)
{
    struct made_fence *all[PARTS_MAX];
    for (uint32_t k = 0; k < count; k++) {
        struct made_fence *g = k == 0 ? f : &w->fences[w->fence_count++];
        if (k > 0) {
            *g = *f;
            snprintf(g->id, sizeof g->id, "%.12s-%u", f->id, k);
        }
        all[k] = g;
    }
    struct shape shape = f->shape;
    for (uint32_t k = 0; k < count; k++) {
        all[k]->shape.part_count = 0;
        all[k]->shape.whole = false;
        if (!keep) {
            char was[NAME_MAX_BYTES];
            memcpy(was, all[k]->id, sizeof was);
            snprintf(all[k]->id, sizeof was, "%c%.20s", 'a' + (int)chance_below(c, 26), was);
        }
    }
    for (uint32_t i = 0; i < shape.part_count; i++) {
        struct shape *s = &all[i < count ? i : chance_below(c, count)]->shape;
        s->parts[s->part_count++] = shape.parts[i];
    }
}

static void cut_kinds(struct world_made *w, struct chance *c, const char *kinds, bool keep)
{
    uint64_t seed = chance_next(c);
    uint32_t count = w->fence_count;
    for (uint32_t i = 0; i < count; i++) {
        struct made_fence *f = &w->fences[i];
        struct chance own = chance_of(seed, f->key);
        if (!made_is_kind(f, kinds) || f->shape.outline == OUTLINE_CIRCLE)
            continue;
        shape_cut(&f->shape, &own, 1 + chance_below(&own, 6));
        uint32_t parts = f->shape.part_count,
                 into = chance_one_in(&own, 3) ? 1 + chance_below(&own, 3) : parts;
        into = into < parts ? into : parts;
        if (into > 0 && parts > 1 && w->fence_count + into <= FENCES_MAX && !made_is_kind(f, "site"))
            deal(w, f, &own, into, keep);
    }
}

/* Where a line is cut, its pieces are measured in planes of their own: within a centimetre. */
static void cut_same(struct sameness *how, const char *const *ignored, const char *const *other_id)
{
    how->ignored = ignored;
    how->other_id = other_id;
    how->within_ms = 2;
    how->within = 0.1;
}

void cut_bans(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    static const char *const renamed[] = {"banned_area", NULL};
    bool keep = chance_one_in(c, 2);
    (void)after;
    cut_same(how, keep ? pieces : renamed_pieces, keep ? NULL : renamed);
    cut_kinds(w, c, "banned", keep);
}

void cut_limits(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    (void)after;
    cut_same(how, pieces, NULL);
    cut_kinds(w, c, "speed", chance_one_in(c, 2));
}

void cut_areas(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    static const char *const renamed[] = {"wrong_hours", NULL};
    bool keep = chance_one_in(c, 2);
    (void)after;
    cut_same(how, keep ? pieces : renamed_pieces, keep ? NULL : renamed);
    cut_kinds(w, c, "area", keep);
}

void cut_places(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    static const char *const renamed[] = {"wrong_site", NULL};
    (void)after;
    cut_same(how, disposals, renamed);
    cut_kinds(w, c, "disposal depot no_tipping district collection sweep wash site", chance_one_in(c, 2));
}

void cut_routes(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    (void)after;
    cut_same(how, pieces, NULL);
    cut_kinds(w, c, "route", chance_one_in(c, 2));
}

void forget_pieces(struct world_made *w, struct telling *after)
{
    (void)after;
    for (uint32_t i = 0; i < w->fence_count; i++)
        for (uint32_t k = i + 1; k < w->fence_count; k++)
            if (w->fences[k].thing == w->fences[i].thing)
                w->fences[k].gone = true;
}

/* Parts that do not touch. */
void take_apart(struct world_made *w, struct chance *c)
{
    uint64_t seed = chance_next(c);
    for (uint32_t i = 0; i < w->fence_count; i++) {
        struct made_fence *f = &w->fences[i];
        struct chance own = chance_of(seed, f->key);
        if (!made_is_kind(f, "banned speed area") || f->shape.outline == OUTLINE_CIRCLE)
            continue;
        shape_cut(&f->shape, &own, 2 + chance_below(&own, 6));
        if (f->shape.outline == OUTLINE_LINE)
            shape_gaps(&f->shape, chance_between(&own, 0, 120));
        else if (f->shape.part_count > 2) {
            uint32_t last = --f->shape.part_count;
            f->shape.parts[chance_below(&own, last)] = f->shape.parts[last];
        }
    }
}

void part_group(struct world_made *w, struct chance *c, struct telling *after, struct sameness *how)
{
    uint64_t seed = chance_next(c);
    uint32_t count = w->fence_count;
    (void)after;
    cut_same(how, pieces, NULL);
    for (uint32_t i = 0; i < count; i++) {
        struct made_fence *f = &w->fences[i];
        struct chance own = chance_of(seed, f->key);
        uint32_t parts = f->shape.part_count;
        if (f->shape.whole || parts < 2 || !made_is_kind(f, "banned speed area") ||
            w->fence_count + parts > FENCES_MAX)
            continue;
        if (f->group[0] == '\0')
            snprintf(f->group, sizeof f->group, "own%u", f->key);
        deal(w, f, &own, parts, true);
    }
}
