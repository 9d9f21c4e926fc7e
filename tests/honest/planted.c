#include "planted.h"

#include "street_net.h"
#include "timetable.h"
#include "town.h"

#include <stdlib.h>
#include <string.h>

struct planted *planted_add(struct planted_list *l, const struct planted *p)
{
    must_reserve(&l->list, &l->cap, l->count + 1, sizeof *l->list);
    l->list[l->count] = *p;
    return &l->list[l->count++];
}

void planted_free(struct planted_list *l)
{
    free(l->list);
    *l = (struct planted_list){0};
}

/* ---- which finding is about what ---- */

static bool in_time(const struct planted *p, const struct told *t, int64_t slack_ms)
{
    return t->start_ms >= p->start_ms - slack_ms && t->start_ms <= p->end_ms + slack_ms;
}

/* It was done when it was found, though it may have seemed to begin before. */
static bool was_opened_in(const struct planted *p, const struct told *t)
{
    return t->at_ms >= p->start_ms && t->at_ms <= p->end_ms && t->start_ms <= p->end_ms;
}

static bool is_about(const struct planted *p, const struct told *t, int64_t slack_ms)
{
    const struct deed_row *row = deed_row(p->deed);
    return row->kind == t->kind && (row->cause == NULL || strcmp(row->cause, t->cause) == 0) &&
           (in_time(p, t, slack_ms) || was_opened_in(p, t) ||
            (t->start_ms < p->start_ms && t->start_ms >= p->start_ms - 1000 * row->early_s));
}

static bool within(const struct planted *p, const struct told *t)
{
    return in_time(p, t, 0);
}

/* What was being done comes first, then what is to be found for sure, then what is nearest in time. */
static bool fits_better(const struct planted *a, const struct planted *b, const struct told *t)
{
    if (b == NULL)
        return true;
    if (within(a, t) != within(b, t))
        return within(a, t);
    if (a->depth != b->depth)
        return a->depth > b->depth;
    return llabs(a->start_ms - t->start_ms) < llabs(b->start_ms - t->start_ms);
}

void planted_match(struct planted_list *l, size_t first_planted, struct score *s, size_t first_told,
                   int interval_s)
{
    int64_t slack_ms = 2000 * (int64_t)interval_s + 5000;
    for (size_t i = first_told; i < s->count; i++) {
        struct told *t = &s->told[i];
        struct planted *own = NULL, *other = NULL;
        for (size_t k = first_planted; k < l->count; k++) {
            struct planted *p = &l->list[k];
            if (is_about(p, t, slack_ms) && fits_better(p, own, t))
                own = p;
            else if (in_time(p, t, slack_ms) && p->depth != DEPTH_VOID && fits_better(p, other, t))
                other = p;
        }
        if (own != NULL)
            t->planted = (uint32_t)(own - l->list) + 1;
        if (t->warning)
            continue;
        if (own != NULL)
            own->told++;
        else if (other != NULL)
            other->others++;
    }
}

/* ---- figures ---- */

struct planted_sum planted_sum(const struct planted_list *l, enum depth depth, enum deed deed)
{
    struct planted_sum sum = {0};
    for (size_t i = 0; i < l->count; i++) {
        const struct planted *p = &l->list[i];
        if (p->depth != depth || (deed != DEED_NONE && p->deed != deed))
            continue;
        sum.planted++;
        sum.found += p->told > 0;
        sum.twice += p->told > 1;
        sum.others += p->others > 0;
    }
    return sum;
}

static void print_row(const char *name, struct planted_sum sum, FILE *out)
{
    fprintf(out, "%-22s %8u %8u %8u %8u %8u %9.2f %%\n", name, sum.planted, sum.found, sum.twice, sum.others,
            sum.planted - sum.found, sum.planted > 0 ? sum.found * 100.0 / sum.planted : 0);
}

static void print_table(const struct planted_list *l, enum depth depth, const char *title, FILE *out)
{
    fprintf(out, "%-22s %8s %8s %8s %8s %8s %11s\n", title, "planted", "found", "twice", "as other", "missed",
            "found");
    for (int deed = 1; deed < DEED_COUNT; deed++) {
        struct planted_sum sum = planted_sum(l, depth, (enum deed)deed);
        if (sum.planted > 0)
            print_row(deed_row((enum deed)deed)->name, sum, out);
    }
    print_row("all", planted_sum(l, depth, DEED_NONE), out);
}

void planted_print(const struct planted_list *l, const struct score *s, FILE *out)
{
    uint32_t unplanted[KIND_COUNT] = {0}, sum = 0;
    print_table(l, DEPTH_DEEP, "to be found", out);
    print_table(l, DEPTH_SHALLOW, "shallow", out);
    print_table(l, DEPTH_VOID, "nobody can say", out);
    for (size_t i = 0; i < s->count; i++)
        if (!s->told[i].warning && s->told[i].planted == 0) {
            unplanted[s->told[i].kind]++;
            sum++;
        }
    fprintf(out, "findings of what was not planted: %u", sum);
    for (int k = 1; k < KIND_COUNT; k++)
        if (unplanted[k] > 0)
            fprintf(out, ", %s %u", kind_row((enum kind)k)->name, unplanted[k]);
    fprintf(out, "\n");
}

static void print_one(const struct planted *p, FILE *out)
{
    static const char *const depths[] = {"void", "shallow", "deep"};
    char vehicle[16], from[32], to[32];
    struct mw_point at = spot_point(p->at);
    town_vehicle_id(p->vehicle, vehicle);
    score_time(p->start_ms, from);
    score_time(p->end_ms, to);
    fprintf(out, "planted %s %s %s %s to %s at %.6f,%.6f held %.0f s inside %.0f m deepest %.0f m: ",
            deed_row(p->deed)->name, depths[p->depth], vehicle, from, to, at.lat_deg, at.lon_deg, p->held_s,
            p->inside_m, p->deepest_m);
    fprintf(out, "told %u, as other %u\n", p->told, p->others);
}

void planted_print_list(const struct planted_list *l, const struct score *s, FILE *out, bool all)
{
    for (size_t i = 0; i < l->count; i++) {
        const struct planted *p = &l->list[i];
        if (all || (p->depth == DEPTH_DEEP && (p->told != 1 || p->others > 0)))
            print_one(p, out);
    }
    for (size_t i = 0; i < s->count; i++)
        if (!s->told[i].warning && (all || s->told[i].planted == 0))
            score_list_row(&s->told[i], out);
}
