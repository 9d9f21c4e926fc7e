#include "receiving.h"

#include "fix_json.h"
#include "judging.h"
#include "message_topic.h"
#include "owntracks.h"
#include "redoing.h"
#include "status_json.h"
#include "telemetry.h"
#include "vehicle_id.h"

#include <math.h>
#include <stdlib.h>

static const char drops_topic[] = "$SYS/broker/publish/messages/dropped";

/* A message being taken: whose it is, and of which place. */
struct taking {
    struct shared *shared;
    struct partition *partition;
    struct text vehicle;
    uint32_t place;
    enum topic topic;
    struct arrival arrival;   /* of the whole batch */
    struct fix_reader reader; /* over its fixes */
    bool cut;                 /* the batch is full, and there may be more of them */
    bool failed;              /* it could not be kept, and has to come again */
};

/* A message whose vehicle we cannot or will not keep. */
static void reject_message(struct taking *t, int more, const char *reason, struct text payload)
{
    struct shared *s = t->shared;
    struct batch_group *g = batch_nobody(&t->partition->batch);
    if (g == NULL) {
        judging_drop(s, t->partition);
        return;
    }
    struct text vehicle = t->vehicle;
    if (vehicle.len > VEHICLE_ID_MAX)
        vehicle.len = VEHICLE_ID_MAX;
    judging_refuse(s, t->partition, g, &(struct refusal){vehicle, reason, payload});
    metrics_add(s->metrics, METRIC_REFUSED, telemetry_refused_label(more), 1);
}

static bool find_place(struct taking *t, struct text payload)
{
    struct shared *s = t->shared;
    struct fleet *fleet = t->partition->fleet;
    if (!vehicle_id_valid(t->vehicle)) {
        reject_message(t, REFUSED_TOPIC, "topic", payload);
        return false;
    }
    if (fleet_find(fleet, t->vehicle, &t->place) || fleet_place(fleet, t->vehicle, &t->place))
        return true;
    if (!fleet_is_full(fleet)) {
        s->actions.failed = true; /* no memory for it is no fault of its, and no reason to answer it */
        return false;
    }
    metrics_set(s->metrics, METRIC_AT_LIMIT, LIMIT_VEHICLES, 1);
    tell_error(&s->actions, "vehicles_full", LOG_INT("limit", t->partition->vehicle_limit),
               LOG_TEXT("vehicle", t->vehicle));
    reject_message(t, REFUSED_VEHICLES, "too_many_vehicles", payload);
    return false;
}

/* Into the track, with the numbers that were given up; `fix`: empty if none was taken with them. */
static void track(struct taking *t, struct batch_group *g, struct text fix)
{
    struct shared *s = t->shared;
    struct partition *p = t->partition;
    const struct outcome *o = &s->outcome;
    if (o->hole_to != 0)
        metrics_add(s->metrics, METRIC_HOLES, 0, o->hole_to - o->hole_from + 1);
    if (o->hole_seen) {
        metrics_add(s->metrics, METRIC_HOLES_SEEN, 0, o->hole_to - o->hole_from + 1);
        tell_warn(&s->actions, "hole_seen", LOG_TEXT("vehicle", t->vehicle),
                  LOG_INT("from", (int64_t)o->hole_from), LOG_INT("to", (int64_t)o->hole_to));
    }
    if (fix.len == 0 && o->hole_to == 0)
        return;
    const struct commit_track row = {
        .fix = fix,
        .received = p->batch.received,
        .late = o->verdict == VERDICT_LATE && fix.len > 0    ? "1"
                : o->verdict == VERDICT_CLOCK && fix.len > 0 ? "clock"
                                                             : NULL,
        .hole_from = o->hole_from,
        .hole_to = o->hole_to,
        .hole_seen = o->hole_seen,
        .batch = p->committer.number + 1,
    };
    commit_put_track(&g->ops, t->vehicle, &row);
    p->batch.tracked += fix.len > 0;
    batch_weigh(&p->batch, g);
}

/* A refused fix uses up its number, if that could be read; it is recorded once. */
static void take_refused(struct taking *t, struct batch_group *g, const struct fix_item *item)
{
    struct shared *s = t->shared;
    enum verdict verdict = VERDICT_NONE;
    if (fix_has(&item->fix, FIX_HAS_SEQ)) {
        const struct fix_number number = {item->fix.boot, item->fix.seq};
        bool again;
        do {
            again = fleet_take_refused(t->partition->fleet, t->place, number, t->arrival, &s->outcome);
            judging_outcome(s, t->partition, g);
        } while (again);
        verdict = s->outcome.verdict;
        track(t, g, TEXT(""));
    }
    if (verdict == VERDICT_DUPLICATE || verdict == VERDICT_HOLE)
        return;
    metrics_add(s->metrics, METRIC_REFUSED, item->error, 1);
    judging_refuse(s, t->partition, g,
                   &(struct refusal){t->vehicle, fix_error_name(item->error), item->json});
}

static void take_good(struct taking *t, struct batch_group *g, const struct fix_item *item)
{
    struct shared *s = t->shared;
    struct redoing *redoing = t->partition->redoing;
    bool again;
    redoing_before(redoing, t->partition, t->place, &item->fix);
    do {
        again = fleet_take_fix(t->partition->fleet, t->place, &item->fix, t->arrival, &s->outcome);
        judging_outcome(s, t->partition, g);
    } while (again);
    const struct outcome *o = &s->outcome;
    metrics_add(s->metrics, METRIC_VERDICTS, o->verdict, 1);
    if (o->restarted) {
        metrics_add(s->metrics, METRIC_RESTARTED, 0, 1);
        tell_warn(&s->actions, "counter_restarted", LOG_TEXT("vehicle", t->vehicle),
                  LOG_INT("seq", (int64_t)item->fix.seq));
    }
    if (o->verdict == VERDICT_DUPLICATE || o->verdict == VERDICT_HOLE) {
        track(t, g, TEXT(""));
        return;
    }
    telemetry_count_unknown(s->metrics, item->unknown);
    if (o->distrust != DISTRUST_NONE)
        metrics_add(s->metrics, METRIC_DISTRUST, o->distrust, 1);
    redoing_after(redoing, s, t->partition, g,
                  &item->fix); /* a checkpoint stands before the fix that passed it */
    track(t, g, item->json);
}

/*
 * More than the vehicle's share. A numbered fix is left: its unit sees `ack` stand still and sends it again. One
 * without is refused, since nobody would send it again.
 */
static bool pass_over(struct taking *t, const struct fix_item *item)
{
    struct shared *s = t->shared;
    metrics_add(s->metrics, METRIC_OVER_SHARE, 0, 1);
    if (fix_has(&item->fix, FIX_HAS_SEQ))
        return true;
    struct batch_group *g = judging_group(s, t->partition, t->place);
    if (g == NULL)
        return false;
    metrics_add(s->metrics, METRIC_REFUSED, telemetry_refused_label(REFUSED_SHARE), 1);
    judging_refuse(s, t->partition, g, &(struct refusal){t->vehicle, "too_much", item->json});
    return true;
}

/* False: it could not be kept, and was not judged. What comes behind it must not be judged then either. */
static bool take_item(struct taking *t, const struct fix_item *item)
{
    struct partition *p = t->partition;
    bool numbered = fix_has(&item->fix, FIX_HAS_SEQ);
    metrics_add(t->shared->metrics, METRIC_FIXES, 0, 1);
    if (shares_over(&p->shares, t->place, SHARE_WRITTEN, 0, t->shared->now.mono) &&
        (numbered || item->error == FIX_OK))
        return pass_over(t, item);
    struct batch_group *g = judging_group(t->shared, p, t->place);
    if (g == NULL)
        return false;
    p->batch.fixes++;
    /* One that is refused anyway, with no number and no entry of its own, is no more than a count. */
    bool kept = numbered || item->error == FIX_OK || g->refused_told < REFUSALS_TOLD;
    g->refused_unkept += !kept;
    if (kept && !batch_add_item(&p->batch, g, numbered ? item->fix.boot : TEXT(""),
                                numbered ? item->fix.seq : 0, item->json)) {
        judging_drop(t->shared, p);
        return false;
    }
    if (item->error != FIX_OK)
        take_refused(t, g, item);
    else
        take_good(t, g, item);
    return true;
}

/* A part of a message was read: that is the vehicle's to pay off. */
static void weigh_reading(struct taking *t, size_t bytes, size_t elements)
{
    struct batch_group *g =
        bytes < SHARE_MESSAGE_NOTED ? NULL : judging_group(t->shared, t->partition, t->place);
    if (g != NULL)
        g->read += bytes + elements * SHARE_OF_ELEMENT;
}

static void take_fixes(struct taking *t)
{
    struct fix_item item;
    const char *from = t->reader.scan.at;
    size_t elements = 0;
    while (!t->cut && !t->failed && fix_reader_next(&t->reader, &item)) {
        elements++;
        t->failed = !take_item(t, &item);
        t->cut = fix_reader_in_array(&t->reader) && batch_full(&t->partition->batch);
    }
    weigh_reading(t, (size_t)(t->reader.scan.at - from), elements);
}

static void show(struct taking *t, struct batch_group *g, const struct fix *fix)
{
    g->live = (struct commit_live){.time_ms = fix->time.ms,
                                   .lat_deg = fix->lat_deg,
                                   .lon_deg = fix->lon_deg,
                                   .speed_mps = fix_has(fix, FIX_HAS_SPEED) ? fix->speed_mps : NAN,
                                   .track_deg = fix_has(fix, FIX_HAS_TRACK) ? fix->track_deg : NAN};
    commit_put_live(&g->ops, t->vehicle, &g->live, &t->partition->shown[t->place]);
    batch_weigh(&t->partition->batch, g);
}

/* One fix of the broker's memory. What is wrong with it is nobody's fault now, and comes with every connect.
 */
static void show_retained(struct taking *t, const struct fix_item *item)
{
    struct shared *s = t->shared;
    struct batch_group *g = item->error == FIX_OK ? judging_group(s, t->partition, t->place) : NULL;
    if (g == NULL)
        return;
    bool again;
    do {
        again = fleet_take_retained(t->partition->fleet, t->place, &item->fix, t->arrival, &s->outcome);
        judging_outcome(s, t->partition, g);
    } while (again);
    if (s->outcome.shown)
        show(t, g, &item->fix);
}

static void take_retained(struct taking *t, struct text payload)
{
    struct fix_reader reader;
    struct fix_item item;
    metrics_add(t->shared->metrics, METRIC_RETAINED, 0, 1);
    if (t->topic == TOPIC_OWNTRACKS) {
        if (owntracks_read(payload, &item))
            show_retained(t, &item);
        return;
    }
    fix_reader_init(&reader, payload);
    while (fix_reader_next(&reader, &item))
        show_retained(t, &item);
}

static void take_live(struct taking *t, struct text payload)
{
    struct shared *s = t->shared;
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, payload);
    metrics_add(s->metrics, METRIC_LIVE, 0, 1);
    struct batch_group *g = judging_group(s, t->partition, t->place);
    if (g == NULL || !fix_reader_next(&reader, &item) || item.error != FIX_OK)
        return;
    bool again;
    do {
        again = fleet_take_live(t->partition->fleet, t->place, &item.fix, t->arrival, &s->outcome);
        judging_outcome(s, t->partition, g);
    } while (again);
    if (s->outcome.shown)
        show(t, g, &item.fix);
}

static void take_status(struct taking *t, const struct message *m)
{
    struct shared *s = t->shared;
    uint64_t ranges[STATUS_RANGES_MAX][2];
    struct unit_status status;
    struct batch_group *g = judging_group(s, t->partition, t->place);
    if (g == NULL || m->payload.len == 0) /* empty: a retained status was deleted */
        return;
    if (!status_read(m->payload, ranges, &status)) {
        judging_refuse(s, t->partition, g, &(struct refusal){t->vehicle, "status", m->payload});
        metrics_add(s->metrics, METRIC_REFUSED, telemetry_refused_label(REFUSED_STATUS), 1);
        return;
    }
    status.retained = m->retain;
    bool again;
    do {
        again = fleet_take_status(t->partition->fleet, t->place, &status, t->arrival, &s->outcome);
        judging_outcome(s, t->partition, g);
    } while (again);
    track(t, g, TEXT(""));
}

bool receiving_told(struct shared *s, const struct message *m)
{
    if (!text_equal(m->topic, text_of(drops_topic)))
        return false;
    char digits[24] = "";
    memcpy(digits, m->payload.data, m->payload.len < sizeof digits - 1 ? m->payload.len : sizeof digits - 1);
    double dropped = (double)strtoll(digits, NULL, 10);
    if (dropped > metrics_get(s->metrics, METRIC_BROKER_DROPS, 0))
        tell_warn(&s->actions, "broker_drops", LOG_INT("messages", (int64_t)dropped));
    metrics_set(s->metrics, METRIC_BROKER_DROPS, 0, dropped);
    return true;
}

/*
 * True: its vehicle has had its share of reading, and the message, or what is left of it, is not looked into. A unit
 * that numbers its fixes sends them again; of another's a message is refused as a whole.
 */
static bool leave_unread(struct taking *t, const struct message *m)
{
    struct shared *s = t->shared;
    struct partition *p = t->partition;
    if (m->payload.len < SHARE_MESSAGE_NOTED)
        return false;
    struct batch_group *g = judging_group(s, p, t->place);
    t->failed = g == NULL;
    if (g == NULL || !shares_over(&p->shares, t->place, SHARE_READ, g->read, s->now.mono))
        return t->failed;
    metrics_add(s->metrics, METRIC_UNREAD, 0, 1);
    bool fixes = (t->topic == TOPIC_FIX || t->topic == TOPIC_OWNTRACKS) && !m->retain;
    if (fixes && fleet_state(p->fleet, t->place)->journal.boot_len == 0) {
        metrics_add(s->metrics, METRIC_REFUSED, telemetry_refused_label(REFUSED_SHARE), 1);
        judging_refuse(s, p, g, &(struct refusal){t->vehicle, "too_much", m->payload});
    }
    return true;
}

static void take_message(struct taking *t, const struct message *m)
{
    struct fix_item item;
    fleet_expect(t->partition->fleet, t->place);
    if (leave_unread(t, m))
        return;
    if (m->retain && t->topic != TOPIC_STATUS)
        take_retained(t, m->payload);
    else if (t->topic == TOPIC_FIX)
        take_fixes(t);
    else if (t->topic == TOPIC_LIVE)
        take_live(t, m->payload);
    else if (t->topic == TOPIC_STATUS)
        take_status(t, m);
    else if (owntracks_read(m->payload, &item))
        t->failed = !take_item(t, &item);
    if (t->topic != TOPIC_FIX || m->retain)
        weigh_reading(t, m->payload.len, 1);
}

/* Takes a message, or goes on with one, in the batch in hand. */
static void begin(struct taking *t, struct shared *s, struct partition *p, const struct message *m)
{
    *t = (struct taking){.shared = s, .partition = p, .vehicle = TEXT("")};
    t->topic = message_topic(m->topic, &t->vehicle);
    if (p->batch.messages++ == 0)
        partition_stamp(p, s->now);
    t->arrival = (struct arrival){.received_ms = p->batch.received.ms, .clock_ms = p->batch.clock_ms};
    fix_reader_init(&t->reader, m->payload);
}

static void hold_back(struct shared *s, struct partition *p, const struct message *m,
                      const struct fix_reader *begun)
{
    if (backlog_add(&p->backlog, m, begun))
        return;
    backlog_clear(&p->backlog); /* with the connection all of it comes again */
    judging_drop(s, p);
}

void receiving_take(struct shared *s, struct partition *p, const struct message *m)
{
    struct taking t;
    bool full = batch_full(&p->batch);
    if (m->qos == 0 && full) {
        metrics_add(s->metrics, METRIC_SHED, 0, 1);
        return;
    }
    if (full) {
        hold_back(s, p, m, NULL);
        return;
    }
    begin(&t, s, p, m);
    metrics_add(s->metrics, METRIC_MESSAGES, t.topic, 1);
    if (t.topic != TOPIC_NONE && find_place(&t, m->payload))
        take_message(&t, m);
    if (t.cut)
        hold_back(s, p, m, &t.reader);
    if (batch_full(&p->batch)) {
        metrics_set(s->metrics, METRIC_AT_LIMIT, LIMIT_BATCH, 1);
        actions_put_kind(&s->actions, ACTION_HOLD);
    }
}

void receiving_go_on(struct shared *s, struct partition *p)
{
    struct message m;
    struct taking t;
    struct fix_reader reader;
    while (!backlog_empty(&p->backlog) && !batch_full(&p->batch)) {
        bool begun = backlog_first(&p->backlog, &m, &reader);
        begin(&t, s, p, &m);
        if (begun)
            t.reader = reader;
        else
            metrics_add(s->metrics, METRIC_MESSAGES, t.topic, 1);
        if (t.topic != TOPIC_NONE && find_place(&t, m.payload))
            take_message(&t, &m);
        if (t.failed)
            backlog_clear(&p->backlog);
        else if (t.cut)
            backlog_cut(&p->backlog, &t.reader);
        else
            backlog_pop(&p->backlog);
    }
}
