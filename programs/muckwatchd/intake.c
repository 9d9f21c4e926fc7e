/*
 * intake: what a message says, judged, and what that causes, collected in the batch.
 *
 * Everything here happens while nothing is under way to the store. What cannot be kept in the batch (memory)
 * is not judged either: the connection is dropped, and the broker delivers it again.
 */
#include "daemon.h"
#include "fix_json.h"
#include "log.h"
#include "owntracks.h"
#include "status_json.h"
#include "vehicle_id.h"

#include <muckwatch/contract.h>

#include <stdlib.h>

enum topic { TOPIC_NONE, TOPIC_FIX, TOPIC_LIVE, TOPIC_STATUS, TOPIC_OWNTRACKS, TOPIC_DROPS };

static const char drops_topic[] = "$SYS/broker/publish/messages/dropped";

static bool begins_with(struct text t, const char *prefix)
{
    size_t n = strlen(prefix);
    return t.len >= n && memcmp(t.data, prefix, n) == 0;
}

static bool ends_with(struct text t, const char *suffix)
{
    size_t n = strlen(suffix);
    return t.len >= n && memcmp(t.data + t.len - n, suffix, n) == 0;
}

static struct text cut(struct text t, const char *prefix, const char *suffix)
{
    size_t before = strlen(prefix), after = strlen(suffix);
    return t.len >= before + after ? (struct text){t.data + before, t.len - before - after} : TEXT("");
}

static enum topic read_topic(struct text topic, struct text *out_vehicle)
{
    static const struct {
        const char *suffix;
        enum topic topic;
    } suffixes[] = {{MW_TOPIC_FIX, TOPIC_FIX}, {MW_TOPIC_LIVE, TOPIC_LIVE}, {MW_TOPIC_STATUS, TOPIC_STATUS}};
    if (begins_with(topic, MW_TOPIC_PREFIX))
        for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
            if (ends_with(topic, suffixes[i].suffix)) {
                *out_vehicle = cut(topic, MW_TOPIC_PREFIX, suffixes[i].suffix);
                return suffixes[i].topic;
            }
    if (begins_with(topic, MW_TOPIC_OWNTRACKS)) {
        size_t at = topic.len;
        while (at > 0 && topic.data[at - 1] != '/')
            at--;
        *out_vehicle = (struct text){topic.data + at, topic.len - at};
        return TOPIC_OWNTRACKS;
    }
    return text_equal(topic, text_of(drops_topic)) ? TOPIC_DROPS : TOPIC_NONE;
}

static struct arrival arrival_now(const struct daemon *d)
{
    return (struct arrival){.received_ms = d->batch.received.ms, .clock_ms = d->batch.clock_ms};
}

/* Room in `shown` for a new place. */
static bool show_place(struct daemon *d, uint32_t place)
{
    if (place < d->shown_places)
        return true;
    uint32_t places = d->shown_places < 1024 ? 1024 : d->shown_places;
    while (places <= place)
        places *= 2;
    uint16_t *grown = realloc(d->shown, places * sizeof *grown);
    if (grown == NULL)
        return false;
    for (uint32_t i = d->shown_places; i < places; i++)
        grown[i] = COMMIT_SHOWN_UNKNOWN;
    d->shown = grown;
    d->shown_places = places;
    return true;
}

static void drop(struct daemon *d)
{
    log_error("out_of_memory", LOG_INT("groups", d->batch.count));
    mqtt_drop(d->mqtt, "out of memory");
}

struct batch_group *intake_group(struct daemon *d, uint32_t place)
{
    struct batch_group *g = show_place(d, place) ? batch_group(&d->batch, d->fleet, place) : NULL;
    if (g == NULL)
        drop(d);
    return g;
}

static void count_guess(struct daemon *d)
{
    metrics_add(d->metrics, METRIC_GUESSED, 0, 1);
    log_warn("holidays_unknown",
             LOG_STR("judged",
                     "as if the year had none: add its file to city.calendar, or to city.school_calendar"));
}

void intake_outcome(struct daemon *d, struct batch_group *g)
{
    const struct outcome *o = &d->outcome;
    if (o->guessed)
        count_guess(d);
    if (o->full != 0)
        telemetry_count_bounds(d->metrics, o->full,
                               names_text(d->names, fleet_state(d->fleet, g->place)->vehicle));
    size_t before = g->ops.ops.len;
    for (uint32_t i = 0; i < o->transition_count; i++) {
        entry_of_transition(&d->entry, &o->transitions[i], d->names);
        commit_put_violation(&g->ops, &o->transitions[i], &d->entry);
        metrics_add(d->metrics, METRIC_TRANSITIONS, o->transitions[i].event, 1);
    }
    for (uint32_t i = 0; i < o->trip_count; i++) {
        entry_of_trip(&d->entry, &o->trips[i], d->names);
        commit_put_entry(&g->ops, "trips", &d->entry);
    }
    metrics_add(d->metrics, METRIC_TRIPS, 0, o->trip_count);
    batch_add_warnings(&d->batch, g, o, d->names);
    g->transitions += o->transition_count;
    g->state_changed |= o->state_changed;
    g->ack |= o->ack;
    d->batch.ops_bytes += g->ops.ops.len - before;
}

static void reject(struct daemon *d, struct batch_group *g, struct text vehicle, const char *reason,
                   struct text payload)
{
    entry_of_reject(&d->entry, vehicle, d->batch.received, reason, payload);
    commit_put_entry(&g->ops, "rejects", &d->entry);
    d->batch.ops_bytes += payload.len < REJECT_PAYLOAD_MAX ? payload.len : REJECT_PAYLOAD_MAX;
}

/* A message whose vehicle we cannot or will not keep. */
static void reject_message(struct daemon *d, struct text vehicle, int more, const char *reason,
                           struct text payload)
{
    struct batch_group *g = batch_nobody(&d->batch);
    if (g == NULL) {
        drop(d);
        return;
    }
    if (vehicle.len > VEHICLE_ID_MAX)
        vehicle.len = VEHICLE_ID_MAX;
    reject(d, g, vehicle, reason, payload);
    metrics_add(d->metrics, METRIC_REFUSED, telemetry_refused_label(more), 1);
}

static bool find_place(struct daemon *d, struct text vehicle, struct text payload, uint32_t *out_place)
{
    if (!vehicle_id_valid(vehicle)) {
        reject_message(d, vehicle, REFUSED_TOPIC, "topic", payload);
        return false;
    }
    if (fleet_find(d->fleet, vehicle, out_place))
        return true;
    if (fleet_place(d->fleet, vehicle, out_place))
        return true;
    metrics_set(d->metrics, METRIC_AT_LIMIT, LIMIT_VEHICLES, 1);
    log_error("vehicles_full", LOG_INT("limit", d->config.limits.vehicles), LOG_TEXT("vehicle", vehicle));
    reject_message(d, vehicle, REFUSED_VEHICLES, "too_many_vehicles", payload);
    return false;
}

/* Into the track, with the numbers that were given up; `fix`: empty if none was taken with them. */
static void put_track(struct daemon *d, struct batch_group *g, struct text vehicle, struct text fix)
{
    const struct outcome *o = &d->outcome;
    if (o->hole_to != 0)
        metrics_add(d->metrics, METRIC_HOLES, 0, o->hole_to - o->hole_from + 1);
    if (o->hole_seen) {
        metrics_add(d->metrics, METRIC_HOLES_SEEN, 0, o->hole_to - o->hole_from + 1);
        log_warn("hole_seen", LOG_TEXT("vehicle", vehicle), LOG_INT("from", (int64_t)o->hole_from),
                 LOG_INT("to", (int64_t)o->hole_to));
    }
    if (fix.len == 0 && o->hole_to == 0)
        return;
    const struct commit_track track = {
        .fix = fix,
        .received = d->batch.received,
        .late = o->verdict == VERDICT_LATE && fix.len > 0    ? "1"
                : o->verdict == VERDICT_CLOCK && fix.len > 0 ? "clock"
                                                             : NULL,
        .hole_from = o->hole_from,
        .hole_to = o->hole_to,
        .hole_seen = o->hole_seen,
        .batch = d->committer.number + 1,
    };
    commit_put_track(&g->ops, vehicle, &track);
    d->batch.tracked += fix.len > 0;
    d->batch.ops_bytes += fix.len;
}

/* A refused fix uses up its number, if that could be read; it is recorded once. */
static void take_refused(struct daemon *d, struct batch_group *g, uint32_t place, struct text vehicle,
                         const struct fix_item *item)
{
    enum verdict verdict = VERDICT_NONE;
    if (fix_has(&item->fix, FIX_HAS_SEQ)) {
        bool again;
        do {
            again = fleet_take_refused(d->fleet, place, item->fix.boot, item->fix.seq, arrival_now(d),
                                       &d->outcome);
            intake_outcome(d, g);
        } while (again);
        verdict = d->outcome.verdict;
        put_track(d, g, vehicle, TEXT(""));
    }
    if (verdict == VERDICT_DUPLICATE || verdict == VERDICT_HOLE)
        return;
    metrics_add(d->metrics, METRIC_REFUSED, item->error, 1);
    reject(d, g, vehicle, fix_error_name(item->error), item->json);
}

static void take_fix(struct daemon *d, struct batch_group *g, uint32_t place, struct text vehicle,
                     const struct fix_item *item)
{
    struct arrival arrival = arrival_now(d);
    bool again;
    do {
        again = fleet_take_fix(d->fleet, place, &item->fix, arrival, &d->outcome);
        intake_outcome(d, g);
    } while (again);
    const struct outcome *o = &d->outcome;
    metrics_add(d->metrics, METRIC_VERDICTS, o->verdict, 1);
    if (o->restarted) {
        metrics_add(d->metrics, METRIC_RESTARTED, 0, 1);
        log_warn("counter_restarted", LOG_TEXT("vehicle", vehicle), LOG_INT("seq", (int64_t)item->fix.seq));
    }
    if (o->verdict == VERDICT_DUPLICATE || o->verdict == VERDICT_HOLE) {
        put_track(d, g, vehicle, TEXT(""));
        return;
    }
    telemetry_count_unknown(d->metrics, item->unknown);
    if (o->distrust != DISTRUST_NONE)
        metrics_add(d->metrics, METRIC_DISTRUST, o->distrust, 1);
    put_track(d, g, vehicle, item->json);
}

static void take_item(struct daemon *d, uint32_t place, struct text vehicle, const struct fix_item *item)
{
    struct batch_group *g = intake_group(d, place);
    bool numbered = fix_has(&item->fix, FIX_HAS_SEQ);
    if (g == NULL)
        return;
    d->batch.fixes++;
    metrics_add(d->metrics, METRIC_FIXES, 0, 1);
    if (!batch_add_item(&d->batch, g, numbered ? item->fix.boot : TEXT(""), numbered ? item->fix.seq : 0,
                        item->json))
        drop(d);
    else if (item->error != FIX_OK)
        take_refused(d, g, place, vehicle, item);
    else
        take_fix(d, g, place, vehicle, item);
}

static void take_fixes(struct daemon *d, uint32_t place, struct text vehicle, struct text payload)
{
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, payload);
    while (fix_reader_next(&reader, &item))
        take_item(d, place, vehicle, &item);
}

/* One fix of the broker's memory. What is wrong with it is nobody's fault now, and comes with every connect.
 */
static void show_retained(struct daemon *d, uint32_t place, struct text vehicle, const struct fix_item *item)
{
    struct batch_group *g = item->error == FIX_OK ? intake_group(d, place) : NULL;
    if (g == NULL)
        return;
    bool again;
    do {
        again = fleet_take_retained(d->fleet, place, &item->fix, arrival_now(d), &d->outcome);
        intake_outcome(d, g);
    } while (again);
    if (d->outcome.shown)
        commit_put_live(&g->ops, vehicle, &item->fix);
}

static void take_retained(struct daemon *d, uint32_t place, struct text vehicle, enum topic topic,
                          struct text payload)
{
    struct fix_reader reader;
    struct fix_item item;
    metrics_add(d->metrics, METRIC_RETAINED, 0, 1);
    if (topic == TOPIC_OWNTRACKS) {
        if (owntracks_read(payload, &item))
            show_retained(d, place, vehicle, &item);
        return;
    }
    fix_reader_init(&reader, payload);
    while (fix_reader_next(&reader, &item))
        show_retained(d, place, vehicle, &item);
}

static void take_live(struct daemon *d, uint32_t place, struct text vehicle, struct text payload)
{
    struct fix_reader reader;
    struct fix_item item;
    fix_reader_init(&reader, payload);
    metrics_add(d->metrics, METRIC_LIVE, 0, 1);
    struct batch_group *g = intake_group(d, place);
    if (g == NULL || !fix_reader_next(&reader, &item) || item.error != FIX_OK)
        return;
    bool again;
    do {
        again = fleet_take_live(d->fleet, place, &item.fix, arrival_now(d), &d->outcome);
        intake_outcome(d, g);
    } while (again);
    if (d->outcome.shown)
        commit_put_live(&g->ops, vehicle, &item.fix);
}

static void take_status(struct daemon *d, uint32_t place, struct text vehicle, const struct mqtt_message *m)
{
    struct text payload = m->payload;
    uint64_t ranges[STATUS_RANGES_MAX][2];
    struct unit_status status;
    struct batch_group *g = intake_group(d, place);
    if (g == NULL || payload.len == 0) /* empty: a retained status was deleted */
        return;
    if (!status_read(payload, ranges, &status)) {
        reject(d, g, vehicle, "status", payload);
        metrics_add(d->metrics, METRIC_REFUSED, telemetry_refused_label(REFUSED_STATUS), 1);
        return;
    }
    status.retained = m->retain;
    bool again;
    do {
        again = fleet_take_status(d->fleet, place, &status, arrival_now(d), &d->outcome);
        intake_outcome(d, g);
    } while (again);
    put_track(d, g, vehicle, TEXT(""));
}

static void take_drops(struct daemon *d, struct text payload)
{
    char digits[24] = "";
    memcpy(digits, payload.data, payload.len < sizeof digits - 1 ? payload.len : sizeof digits - 1);
    double dropped = (double)strtoll(digits, NULL, 10);
    if (dropped > metrics_get(d->metrics, METRIC_BROKER_DROPS, 0))
        log_warn("broker_drops", LOG_INT("messages", (int64_t)dropped));
    metrics_set(d->metrics, METRIC_BROKER_DROPS, 0, dropped);
}

void intake_message(void *daemon, const struct mqtt_message *m)
{
    struct daemon *d = daemon;
    struct text vehicle = TEXT("");
    enum topic topic = read_topic(m->topic, &vehicle);
    d->last_message = loop_now(d->loop);
    if (topic == TOPIC_DROPS) {
        take_drops(d, m->payload);
        return;
    }
    if (d->stage != STAGE_RUNNING || committer_busy(&d->committer)) {
        /* Only after the connection was dropped in the middle of the library's reading. */
        mqtt_drop(d->mqtt, "a message came while none may");
        return;
    }
    if (m->qos == 0 && batch_full(&d->batch)) {
        metrics_add(d->metrics, METRIC_SHED, 0, 1);
        return;
    }
    if (d->batch.messages++ == 0)
        daemon_stamp_batch(d);
    metrics_add(d->metrics, METRIC_MESSAGES, topic, 1);
    uint32_t place;
    if (topic == TOPIC_NONE || !find_place(d, vehicle, m->payload, &place))
        return;
    fleet_expect(d->fleet, place);
    struct fix_item item;
    if (m->retain && topic != TOPIC_STATUS)
        take_retained(d, place, vehicle, topic, m->payload);
    else if (topic == TOPIC_FIX)
        take_fixes(d, place, vehicle, m->payload);
    else if (topic == TOPIC_LIVE)
        take_live(d, place, vehicle, m->payload);
    else if (topic == TOPIC_STATUS)
        take_status(d, place, vehicle, m);
    else if (owntracks_read(m->payload, &item))
        take_item(d, place, vehicle, &item);
    if (batch_full(&d->batch)) {
        metrics_set(d->metrics, METRIC_AT_LIMIT, LIMIT_BATCH, 1);
        daemon_hold(d);
    }
}
