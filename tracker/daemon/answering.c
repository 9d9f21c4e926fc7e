#include "answering.h"

#include "status_json.h"
#include "telemetry.h"

#include <muckwatch/contract.h>

#include <assert.h>

/* A list this long is carried out first; the acks that are left stay due, and the timer is set for them. */
enum { WARN_EXPIRES_S = 60, MS_PER_S = 1000, ACTIONS_FULL = 1 << 16 };

/* What is told so late that it would have expired is told nobody. */
static bool is_late(const struct shared *s, const struct batch *b)
{
    return s->now.mono.ms - b->begun.ms > (int64_t)WARN_EXPIRES_S * MS_PER_S;
}

static void warn(struct shared *s, struct partition *p, const struct batch_warning *w)
{
    const struct batch *b = &p->batch;
    uint32_t vehicle = fleet_state(p->fleet, b->groups[w->group].place)->vehicle;
    const struct publication told = {
        .vehicle = names_text(s->names, vehicle),
        .suffix = MW_TOPIC_WARN,
        .payload = batch_bytes(b, w->at, w->len),
        .qos = 1,
        .expiry_s = WARN_EXPIRES_S,
        .told = warned_add(&p->warned, vehicle, &w->about),
        .nobody = is_late(s, b),
    };
    actions_publish(&s->actions, &told);
    metrics_add(s->metrics, METRIC_WARNINGS, 0, !told.nobody);
}

void answering_warn(struct shared *s, struct partition *p)
{
    const struct batch *b = &p->batch;
    for (size_t i = 0; i < b->warning_count; i++) {
        const struct batch_warning *w = &b->warnings[i];
        const struct batch_group *g = &b->groups[w->group];
        if (g->quarantined || g->place == UINT32_MAX)
            continue;
        warn(s, p, w);
    }
}

static void acknowledge(struct shared *s, const struct vehicle_state *state)
{
    char bytes[256];
    struct buf payload = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    if (state->journal.boot_len == 0 || state->journal.restarted)
        return;
    /* A boot of odd bytes may grow in JSON; one that does not fit is never acknowledged, only kept. */
    ack_write((struct text){state->journal.boot, state->journal.boot_len}, state->journal.seq, &payload);
    if (!buf_ok(&payload))
        return;
    const struct publication told = {.vehicle = names_text(s->names, state->vehicle),
                                     .suffix = MW_TOPIC_ACK,
                                     .payload = buf_text(&payload)};
    actions_publish(&s->actions, &told);
    metrics_add(s->metrics, METRIC_ACKS, 0, 1);
}

void answering_acknowledge(struct shared *s, struct partition *p)
{
    uint32_t place;
    assert(p->batch.count == 0 && !committer_busy(&p->committer)); /* else a number may not be durable */
    while (s->broker_up && s->actions.count < ACTIONS_FULL && acks_next(&p->acks, s->now.mono.ms, &place))
        acknowledge(s, fleet_state(p->fleet, place));
}

void answering_owe_all(struct partition *p, struct now now)
{
    for (uint32_t place = 0; place < fleet_count(p->fleet); place++)
        if (fleet_state(p->fleet, place)->journal.boot_len > 0)
            acks_owe(&p->acks, place, now.mono.ms);
}
