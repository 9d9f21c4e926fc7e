#include "city_doubts.h"

#include "array.h"
#include "city_doubts_private.h"
#include "text_fold.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* More than this no road vehicle of a city is high, and less than this none is rated for. */
static const double height_doubt_m = 5, load_doubt_kg = 100;

void doubts_tell(const struct doubts *d, const struct city_fact *fact, const char *format, ...)
{
    char reason[400];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    d->judging->tell(d->judging->context, fact, reason);
}

/* ---- names that are the same, or nearly ---- */

/* A name somebody uses, and who. */
struct mention {
    struct text name, folded;
    const struct city_fact *fact;
    size_t order;
};

struct mentions {
    struct mention *items;
    size_t count, cap;
    struct arena arena; /* of what is folded */
    bool ok;
};

static struct mentions mentions_new(void)
{
    struct mentions m = {.ok = true};
    arena_init(&m.arena);
    return m;
}

/* Whether all went well. */
static bool mentions_end(struct mentions *m)
{
    arena_fini(&m->arena);
    free(m->items);
    return m->ok;
}

static void mention(struct mentions *m, const struct city_fact *fact, struct text name, unsigned how)
{
    struct mention item = {.name = name, .fact = fact, .order = m->count};
    if (name.len == 0)
        return;
    char *folded = arena_take(&m->arena, name.len, 1);
    m->ok = m->ok && folded != NULL && array_reserve(&m->items, &m->cap, m->count + 1, sizeof item);
    if (!m->ok)
        return;
    item.folded = (struct text){folded, text_fold(name, how, folded)};
    m->items[m->count++] = item;
}

static int compare_folded(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    int order = text_compare(x->folded, y->folded);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static int compare_names(const void *a, const void *b)
{
    const struct mention *x = a, *y = b;
    int order = text_compare(x->name, y->name);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static void sort(struct mentions *m, int (*compare)(const void *, const void *))
{
    if (m->ok && m->count > 0)
        qsort(m->items, m->count, sizeof *m->items, compare);
}

/* Each name once; the first that uses it stays. `m` is sorted by name. */
static void drop_repeats(struct mentions *m)
{
    size_t kept = 0;
    for (size_t i = 0; i < m->count; i++)
        if (kept == 0 || !text_equal(m->items[kept - 1].name, m->items[i].name))
            m->items[kept++] = m->items[i];
    m->count = kept;
}

/* ---- names that match nobody ---- */

/* The known name that this one may be meant to be; NULL: none. */
static const struct mention *likely(const struct mentions *known, struct text name, unsigned *out_distance)
{
    enum { LOOKED_AT = 4096 };
    const struct mention *best = NULL;
    *out_distance = TEXT_UNLIKE;
    for (size_t i = 0; i < known->count && i<LOOKED_AT && * out_distance> 0; i++) {
        unsigned distance = text_distance(name, known->items[i].name);
        if (distance < *out_distance) {
            *out_distance = distance;
            best = &known->items[i];
        }
    }
    return best;
}

static bool knows(const struct mentions *known, struct text name)
{
    struct mention key = {.name = name};
    size_t from = 0, to = known->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = text_compare(key.name, known->items[middle].name);
        if (order == 0)
            return true;
        *(order < 0 ? &to : &from) = order < 0 ? middle : middle + 1;
    }
    return false;
}

/* `says` is the sentence, with the name in it; `known` NULL: no likely one is looked for. */
static void tell_unknown(const struct doubts *d, const struct mentions *known, const struct mention *m,
                         size_t uses, const char *says)
{
    char sentence[160], more[48] = "", meant[120] = "";
    unsigned distance;
    const struct mention *best = known != NULL ? likely(known, m->name, &distance) : NULL;
    snprintf(sentence, sizeof sentence, says, PROBLEM_ARG(m->name));
    if (uses > 1)
        snprintf(more, sizeof more, " (so say %zu)", uses);
    if (best != NULL)
        snprintf(meant, sizeof meant,
                 distance == 0 ? "; \"%.*s\" differs only in blanks, width or case"
                               : "; is it meant to be \"%.*s\"?",
                 PROBLEM_ARG(best->name));
    doubts_tell(d, m->fact, "%s%s%s", sentence, more, meant);
}

/* Of more names than this nobody reads what each may be meant to be, and with thousands of vehicles each takes long. */
enum { GUESSES_MAX = 500 };

/* Both are spent. */
static bool tell_all_unknown(const struct doubts *d, struct mentions *known, struct mentions *used,
                             const char *says)
{
    sort(known, compare_names);
    drop_repeats(known);
    sort(used, compare_names);
    size_t guessed = 0;
    for (size_t i = 0, uses; known->ok && used->ok && i < used->count; i += uses) {
        for (uses = 1; i + uses < used->count && text_equal(used->items[i].name, used->items[i + uses].name);)
            uses++;
        if (!knows(known, used->items[i].name))
            tell_unknown(d, guessed++ < GUESSES_MAX ? known : NULL, &used->items[i], uses, says);
    }
    bool ok = mentions_end(known);
    return mentions_end(used) && ok;
}

static bool classes(const struct doubts *d)
{
    static const struct city_fact settings = {0};
    struct mentions known = mentions_new(), used = mentions_new();
    for (size_t i = 0; i < d->facts->vehicle_count; i++)
        mention(&known, &d->facts->vehicles[i].fact, d->facts->vehicles[i].class_name, 0);
    for (size_t i = 0; i < d->facts->fence_count; i++)
        for (size_t k = 0; k < d->facts->fences[i].class_count; k++)
            mention(&used, &d->facts->fences[i].fact, d->facts->fences[i].classes[k], 0);
    for (size_t i = 0; i < d->facts->duty_count; i++)
        for (size_t k = 0; k < d->facts->duties[i].class_count; k++)
            mention(&used, &d->facts->duties[i].fact, d->facts->duties[i].classes[k], 0);
    for (size_t i = 0; i < d->judging->config->override_count; i++)
        mention(&used, &settings, d->judging->config->overrides[i].class_name, 0);
    return tell_all_unknown(d, &known, &used, "classes: no vehicle is of class \"%.*s\"");
}

static bool companies(const struct doubts *d)
{
    struct mentions known = mentions_new(), used = mentions_new();
    for (size_t i = 0; i < d->facts->vehicle_count; i++)
        mention(&known, &d->facts->vehicles[i].fact, d->facts->vehicles[i].company, 0);
    for (size_t i = 0; i < d->facts->fence_count; i++)
        mention(&used, &d->facts->fences[i].fact, d->facts->fences[i].company, 0);
    for (size_t i = 0; i < d->facts->duty_count; i++)
        mention(&used, &d->facts->duties[i].fact, d->facts->duties[i].company, 0);
    return tell_all_unknown(d, &known, &used, "company: no vehicle is of company \"%.*s\"");
}

static bool named_vehicles(const struct doubts *d)
{
    struct mentions known = mentions_new(), used = mentions_new();
    for (size_t i = 0; i < d->facts->vehicle_count; i++)
        mention(&known, &d->facts->vehicles[i].fact, d->facts->vehicles[i].fact.id, 0);
    for (size_t i = 0; i < d->facts->permit_count; i++)
        for (size_t k = 0; k < d->facts->permits[i].vehicle_count; k++)
            mention(&used, &d->facts->permits[i].fact, d->facts->permits[i].vehicles[k], 0);
    for (size_t i = 0; i < d->facts->duty_count; i++)
        for (size_t k = 0; k < d->facts->duties[i].vehicle_count; k++)
            mention(&used, &d->facts->duties[i].fact, d->facts->duties[i].vehicles[k], 0);
    return tell_all_unknown(d, &known, &used, "vehicles: no file has a vehicle \"%.*s\"");
}

/* ---- two that look like one ---- */

/* Tells of each whose folded name is that of the one before; `same` also where they are equal to the byte.
 * Spent. */
static bool tell_alike(const struct doubts *d, struct mentions *m, bool same, const char *key)
{
    sort(m, compare_folded);
    for (size_t i = 1; m->ok && i < m->count; i++) {
        const struct mention *a = &m->items[i - 1], *b = &m->items[i];
        bool equal = text_equal(a->name, b->name);
        if (!text_equal(a->folded, b->folded) || (equal && !same))
            continue;
        char written[100] = "";
        if (!equal)
            snprintf(written, sizeof written, ", written \"%.*s\"", PROBLEM_ARG(a->name));
        doubts_tell(d, b->fact, "%s: \"%.*s\" is that of %s \"%.*s\" too%s", key, PROBLEM_ARG(b->name),
                    a->fact->what, PROBLEM_ARG(a->fact->id), written);
    }
    return mentions_end(m);
}

static bool plates(const struct doubts *d)
{
    struct mentions m = mentions_new();
    for (size_t i = 0; i < d->facts->vehicle_count; i++)
        mention(&m, &d->facts->vehicles[i].fact, d->facts->vehicles[i].plate,
                TEXT_FOLD_CASE | TEXT_FOLD_MARKS);
    return tell_alike(d, &m, true, "plate");
}

static bool ids(const struct doubts *d)
{
    struct mentions fences = mentions_new(), vehicles = mentions_new(), permits = mentions_new();
    for (size_t i = 0; i < d->facts->fence_count; i++)
        mention(&fences, &d->facts->fences[i].fact, d->facts->fences[i].fact.id, 0);
    for (size_t i = 0; i < d->facts->vehicle_count; i++)
        mention(&vehicles, &d->facts->vehicles[i].fact, d->facts->vehicles[i].fact.id, TEXT_FOLD_CASE);
    for (size_t i = 0; i < d->facts->permit_count; i++)
        mention(&permits, &d->facts->permits[i].fact, d->facts->permits[i].fact.id, 0);
    bool ok = tell_alike(d, &fences, false, "id");
    ok = tell_alike(d, &vehicles, false, "id") && ok;
    return tell_alike(d, &permits, false, "id") && ok;
}

static bool names_of_fences(const struct doubts *d)
{
    struct mentions m = mentions_new();
    for (size_t i = 0; i < d->facts->fence_count; i++)
        mention(&m, &d->facts->fences[i].fact, d->facts->fences[i].name, 0);
    return tell_alike(d, &m, false, "name");
}

/* ---- figures ---- */

static void figures(const struct doubts *d)
{
    for (size_t i = 0; i < d->facts->vehicle_count; i++) {
        const struct vehicle_fact *v = &d->facts->vehicles[i];
        if (v->max_load_kg > 0 && v->max_load_kg < load_doubt_kg)
            doubts_tell(d, &v->fact, "max_load_kg: %g kg is little: are these tonnes? Then it is %g",
                        v->max_load_kg, v->max_load_kg * 1000);
        if (v->max_height_m > height_doubt_m)
            doubts_tell(d, &v->fact, "max_height_m: %g m is much for a vehicle: is the unit right?",
                        v->max_height_m);
    }
}

static int64_t end_ms(const struct doubts *d, const struct when_spec *when)
{
    if (when->type == WHEN_INSTANT)
        return when->instant.ms;
    if (when->type != WHEN_DATE || d->judging->zone == NULL)
        return INT64_MAX;
    int32_t days = mw_civil_to_days(when->year, when->month, when->day) + 1;
    return mw_zone_day_start_ms(d->judging->zone, days);
}

static void expired_permits(const struct doubts *d)
{
    for (size_t i = 0; i < d->facts->permit_count; i++) {
        const struct permit_fact *p = &d->facts->permits[i];
        int64_t to_ms = end_ms(d, &p->valid_to);
        if (p->status != PERMIT_ACTIVE || to_ms > d->judging->now_ms)
            continue;
        if (p->valid_to.type == WHEN_DATE)
            doubts_tell(d, &p->fact, "has expired: valid_to is %04d-%02d-%02d", p->valid_to.year,
                        p->valid_to.month, p->valid_to.day);
        else
            doubts_tell(d, &p->fact, "has expired: valid_to is past");
    }
}

bool city_doubts_find(const struct city_facts *facts, const struct city_judging *judging)
{
    const struct doubts d = {facts, judging};
    bool ok = classes(&d) && companies(&d) && named_vehicles(&d) && plates(&d) && ids(&d) &&
              names_of_fences(&d) && doubts_of_places(&d);
    figures(&d);
    expired_permits(&d);
    return ok;
}
