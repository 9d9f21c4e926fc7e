#include "partition.h"

#include <stdlib.h>

bool partition_init(struct partition *p, const struct partition_options *options)
{
    *p = (struct partition){
        .redoing = p->redoing, .number = options->number, .vehicle_limit = options->vehicle_limit};
    acks_init(&p->acks);
    backlog_init(&p->backlog);
    duty_stage_init(&p->duties, options->names);
    p->fleet = fleet_new(options->names, (struct fleet_options){.vehicle_limit = options->vehicle_limit,
                                                                .late_horizon_ms = options->late_horizon_ms});
    return p->fleet != NULL && batch_init(&p->batch, options->batch_groups, options->batch_bytes);
}

void partition_fini(struct partition *p)
{
    batch_fini(&p->batch);
    backlog_fini(&p->backlog);
    acks_fini(&p->acks);
    fleet_free(p->fleet);
    warned_fini(&p->warned);
    duty_stage_fini(&p->duties);
    free(p->shown);
    *p = (struct partition){0};
}

void partition_claimed(struct partition *p, const struct partition_claim *claim)
{
    p->epoch = claim->epoch;
    committer_init(&p->committer, claim->committed);
    p->attended = (struct attended){.counted_ms = claim->clock_ms};
    p->fired_ms = claim->clock_ms;
    p->recorded.known = false;
    p->ruleset_owed = true;
    fleet_clear(p->fleet);
    acks_clear(&p->acks);
    shares_clear(&p->shares);
    batch_clear(&p->batch);
    warned_given_up(&p->warned);
    asking_given_up(&p->asking);
    duty_stage_forget(&p->duties);
    backlog_clear(&p->backlog);
    for (uint32_t i = 0; i < p->shown_places; i++)
        p->shown[i] = commit_shown_unknown;
}

void partition_give_up(struct partition *p)
{
    committer_init(&p->committer, 0);
    batch_clear(&p->batch);
    warned_given_up(&p->warned);
    asking_given_up(&p->asking);
    duty_stage_forget(&p->duties);
    backlog_clear(&p->backlog);
}

/* What the wall clock may have jumped is taken out of attended time first. */
static void follow(struct partition *p, struct now now)
{
    attended_follow(&p->attended, now.wall, now.mono);
}

int64_t partition_clock_ms(struct partition *p, struct now now)
{
    follow(p, now);
    return attended_ms(&p->attended, now.wall);
}

void partition_unattend(struct partition *p, struct now now)
{
    follow(p, now);
    attended_stop(&p->attended, now.wall);
}

void partition_stamp(struct partition *p, struct now now)
{
    p->batch.begun = now.mono;
    p->batch.received = now.wall;
    p->batch.clock_ms = partition_clock_ms(p, now);
    p->batch.attended = p->attended.running;
}

bool partition_show(struct partition *p, uint32_t place)
{
    if (place < p->shown_places)
        return true;
    uint32_t places = p->shown_places < 1024 ? 1024 : p->shown_places;
    while (places <= place)
        places *= 2; /* vehicles are bounded far below 2^31 */
    struct commit_shown *grown = realloc(p->shown, places * sizeof *grown);
    if (grown == NULL)
        return false;
    for (uint32_t i = p->shown_places; i < places; i++)
        grown[i] = commit_shown_unknown;
    p->shown = grown;
    p->shown_places = places;
    return true;
}
