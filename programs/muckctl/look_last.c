/*
 * Ids are kept in the order of their entries and then sorted; of equal ones the last stays.
 */
#include "look_last.h"

#include "array.h"
#include "violation_id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { IDS_MAX = 8 << 20 };

struct last {
    char id[VIOLATION_ID_LENGTH + 1];
    uint64_t ms, number; /* the entry's place */
};

struct lasts {
    const struct look_last *which;
    struct look_visitor visitor;
    struct last *items;
    size_t count, cap;
};

static struct last last_of(const struct lasts *l, struct text entry, const struct reply *fields)
{
    struct last last = {.ms = 0};
    char place[64], *dash;
    snprintf(place, sizeof place, "%.*s", TEXT_ARG(entry));
    snprintf(last.id, sizeof last.id, "%.*s", TEXT_ARG(reply_field(fields, l->which->id_name)));
    last.ms = strtoull(place, &dash, 10);
    last.number = *dash == '-' ? strtoull(dash + 1, NULL, 10) : 0;
    return last;
}

static int compare_places(const struct last *a, const struct last *b)
{
    if (a->ms != b->ms)
        return a->ms < b->ms ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static int compare_lasts(const void *a, const void *b)
{
    int order = strcmp(((const struct last *)a)->id, ((const struct last *)b)->id);
    return order != 0 ? order : compare_places(a, b);
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(((const struct last *)a)->id, ((const struct last *)b)->id);
}

static void keep_lasts(struct lasts *l)
{
    size_t kept = 0;
    if (l->count > 0)
        qsort(l->items, l->count, sizeof *l->items, compare_lasts);
    for (size_t i = 0; i < l->count; i++)
        if (i + 1 == l->count || compare_ids(&l->items[i], &l->items[i + 1]) != 0)
            l->items[kept++] = l->items[i];
    l->count = kept;
}

/* When there is no more room they are thinned out first: an id has few entries, but a stream many. What then is left
 * takes at most half of it, so that each thinning is paid for by as many entries. */
static bool make_room(struct lasts *l)
{
    if (l->count < l->cap)
        return true;
    keep_lasts(l);
    if (l->count < l->cap / 2)
        return true;
    return l->count < IDS_MAX && array_reserve(&l->items, &l->cap, l->cap + 1, sizeof *l->items);
}

static int note(void *context, struct text entry, const struct reply *fields)
{
    struct lasts *l = context;
    if (!make_room(l)) {
        fprintf(stderr, "%s: too many to tell which stand; ask with a later --since\n", l->which->command);
        return EX_OSERR;
    }
    l->items[l->count++] = last_of(l, entry, fields);
    return EX_OK;
}

static int pass_on(void *context, struct text entry, const struct reply *fields)
{
    const struct lasts *l = context;
    struct last last = last_of(l, entry, fields);
    const struct last *stands =
        l->count > 0 ? bsearch(&last, l->items, l->count, sizeof last, compare_ids) : NULL;
    if (stands == NULL || compare_places(stands, &last) != 0)
        return EX_OK;
    return l->visitor.visit(l->visitor.context, entry, fields);
}

int look_last(struct look *look, const struct look_last *which, struct look_visitor visitor)
{
    struct lasts l = {.which = which, .visitor = visitor};
    int code = look_stream(look, which->command, which->key, which->from, (struct look_visitor){note, &l});
    keep_lasts(&l);
    if (code == EX_OK)
        code = look_stream(look, which->command, which->key, which->from, (struct look_visitor){pass_on, &l});
    free(l.items);
    return code;
}
