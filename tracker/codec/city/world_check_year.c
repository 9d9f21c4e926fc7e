/* Whether the calendars of a world know a year that its hours may ask for. */
#include "world_load.h"

#include "problem.h"

/* A fence, permit or duty with hours; id 0: none. */
struct holder {
    const char *what;
    uint32_t id;
};

/* The first whose hours ask for holidays by `asks`. */
static struct holder find_asking(const struct world *world, bool (*asks)(const struct mw_hours *))
{
    for (uint32_t i = 0; i < world->fence_count; i++)
        if (world->fences[i].hours != NULL && asks(world->fences[i].hours))
            return (struct holder){"fence", world->fences[i].id};
    for (uint32_t i = 0; i < world->permit_count; i++)
        if (world->permits[i].hours != NULL && asks(world->permits[i].hours))
            return (struct holder){"permit", world->permits[i].id};
    for (uint32_t i = 0; i < world->duty_count; i++)
        if (world->duties[i].days != NULL && asks(world->duties[i].days))
            return (struct holder){"duty", world->duties[i].id};
    return (struct holder){NULL, 0};
}

static bool fail_year(const struct world *world, struct holder holder, const char *school, int year,
                      struct problem *out_problem)
{
    struct text name = names_text(world->names, holder.id);
    problem_set(out_problem,
                "%s \"%.*s\": its hours ask for %sholidays, and no %scalendar file says those of %d",
                holder.what, PROBLEM_ARG(name), school, school, year);
    return false;
}

bool world_check_year(const struct world *world, int year, struct problem *out_problem)
{
    struct holder holder = {NULL, 0};
    if (!mw_calendar_has_year(world->calendar, year))
        holder = find_asking(world, mw_hours_uses_holidays);
    if (holder.id != 0)
        return fail_year(world, holder, "", year, out_problem);
    if (!mw_calendar_has_school_year(world->calendar, year))
        holder = find_asking(world, mw_hours_uses_school_holidays);
    return holder.id == 0 || fail_year(world, holder, "school ", year, out_problem);
}
