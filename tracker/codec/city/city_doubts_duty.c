/* Duties that contradict each other: one side of a road given to two modes at once. */
#include "city_doubts.h"

#include "problem.h"

#include <stdio.h>
#include <stdlib.h>

/* So many days are looked at from today on; so many doubts are told. */
enum { DAYS = 371, TOLD_MAX = 20 };

struct side_use {
    uint32_t fence, duty;
    uint8_t sides;
};

static int compare_uses(const void *a, const void *b)
{
    const struct side_use *x = a, *y = b;
    if (x->fence != y->fence)
        return x->fence < y->fence ? -1 : 1;
    return (x->duty > y->duty) - (x->duty < y->duty);
}

static bool windows_meet(const struct duty *a, const struct duty *b)
{
    for (uint32_t i = 0; i < a->window_count; i++)
        for (uint32_t k = 0; k < b->window_count; k++)
            if (a->windows[i].from_min < b->windows[k].to_min &&
                b->windows[k].from_min < a->windows[i].to_min)
                return true;
    return false;
}

static bool days_meet(const struct world *world, const struct duty *a, const struct duty *b, int32_t today)
{
    for (int32_t day = today; day < today + DAYS; day++)
        if (world_duty_on(world, a, day) && world_duty_on(world, b, day))
            return true;
    return false;
}

/* Each pair of duties is told once, with the first segment. */
struct pairs {
    uint64_t told[TOLD_MAX];
    size_t count;
};

static bool is_new(struct pairs *p, const struct side_use *a, const struct side_use *b)
{
    uint64_t pair = (uint64_t)a->duty << 32 | b->duty;
    for (size_t i = 0; i < p->count; i++)
        if (p->told[i] == pair)
            return false;
    if (p->count == TOLD_MAX)
        return false;
    p->told[p->count++] = pair;
    return true;
}

bool city_doubts_of_duties(const struct world *world, int64_t now_ms,
                           void (*tell)(void *context, const struct duty *duty, const char *reason),
                           void *context)
{
    struct pairs pairs = {.count = 0};
    int32_t today = (int32_t)(now_ms / 86400000);
    size_t count = 0;
    for (uint32_t i = 0; i < world->duty_count; i++)
        count += world->duties[i].segment_count;
    struct side_use *uses = malloc((count + 1) * sizeof *uses);
    if (uses == NULL)
        return false;
    count = 0;
    for (uint32_t i = 0; i < world->duty_count; i++)
        for (uint32_t k = 0; k < world->duties[i].segment_count; k++)
            uses[count++] =
                (struct side_use){world->duties[i].segments[k].fence, i, world->duties[i].segments[k].sides};
    qsort(uses, count, sizeof *uses, compare_uses);
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count && uses[k].fence == uses[i].fence && pairs.count < TOLD_MAX; k++) {
            const struct duty *a = &world->duties[uses[i].duty], *b = &world->duties[uses[k].duty];
            if ((uses[i].sides & uses[k].sides) == 0 || a->mode == b->mode || !windows_meet(a, b) ||
                !days_meet(world, a, b, today) || !is_new(&pairs, &uses[i], &uses[k]))
                continue;
            char reason[300];
            struct text fence = names_text(world->names, world->fences[uses[i].fence].id);
            struct text other = names_text(world->names, a->id);
            snprintf(reason, sizeof reason,
                     "segment \"%.*s\": duty \"%.*s\" gives a side of it to %s at the same time",
                     PROBLEM_ARG(fence), PROBLEM_ARG(other), work_mode_name(a->mode));
            tell(context, b, reason);
        }
    free(uses);
    return true;
}
