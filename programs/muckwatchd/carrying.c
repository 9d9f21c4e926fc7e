/*
 * carrying: the list of actions, carried out in order.
 */
#include "daemon.h"
#include "failpoint.h"
#include "log.h"
#include "notify.h"

#include <sysexits.h>

/* ---- the store ---- */

static void send(struct daemon *d, const struct action *a)
{
    struct redis *redis = a->send.link == LINK_TO_RECORDER ? d->recorder : d->redis;
    struct text command = actions_command(&d->stages.shared.actions, a);
    enum ask ask = a->send.ask;
    struct asked *asked = ask == ASK_CHORE   ? &d->asked_chores[a->send.slot]
                          : ask == ASK_TRACK ? &d->asked_tracks[a->send.slot]
                          : ask == ASK_LATE  ? &d->asked_late[a->send.slot]
                                             : &d->asked[ask];
    redis_answer *answer = ask != ASK_NOTHING ? hearing_answer : NULL;
    bool borrowed = a->send.bytes.len == 0; /* it stays where it lies until its answer */
    bool sent =
        redis != NULL && (borrowed ? redis_send_borrowed(redis, command, a->send.more_ms, answer, asked)
                                   : redis_send_formatted(redis, command, answer, asked));
    if (!sent && ask != ASK_NOTHING)
        hearing_tell(d, (struct fact){.kind = FACT_UNSENT, .answer = {.ask = ask, .slot = a->send.slot}});
}

static void open_recorder(struct daemon *d, size_t size)
{
    d->recorder = daemon_new_redis(d, &hearing_recorder);
    if (d->recorder == NULL) {
        hearing_tell(d, (struct fact){.kind = FACT_UNSENT, .answer = {.ask = ASK_TEXTS}});
        return;
    }
    redis_set_patience(d->redis, redis_digest_ms(size));
    redis_start(d->recorder);
}

static void close_recorder(struct daemon *d)
{
    struct redis *gone = d->recorder;
    d->recorder = NULL;
    redis_free(gone);
    redis_set_patience(d->redis, 0);
}

/* ---- the broker ---- */

static void listen(struct daemon *d)
{
    failpoint_pass("acks_queued");
    mqtt_start(d->mqtt); /* they were stopped if the store was away for long */
    mqtt_start(d->live);
    mqtt_release(d->mqtt); /* first, so that its turn comes first */
    mqtt_release(d->live);
    failpoint_pass("acks_sent");
}

static void hold(struct daemon *d)
{
    mqtt_hold(d->mqtt);
    mqtt_hold(d->live);
}

static void leave(struct daemon *d)
{
    hold(d); /* so that stopping acknowledges nothing */
    mqtt_stop(d->mqtt);
    mqtt_stop(d->live);
}

static void publish(struct daemon *d, const struct action *a)
{
    const struct actions *list = &d->stages.shared.actions;
    struct mqtt_publication p = {.topic = actions_bytes(list, a->publish.topic).data,
                                 .payload = actions_bytes(list, a->publish.payload),
                                 .qos = a->publish.qos,
                                 .expiry_s = a->publish.expiry_s};
    /* Best effort: a lost ack is asked for again. A warning that finds too many before it goes without an
     * answer. */
    int id = 0;
    enum mqtt_error error = a->publish.nobody ? MQTT_OFFLINE : mqtt_publish(d->mqtt, &p, &id);
    if (error == MQTT_FULL) {
        p.qos = 0;
        error = mqtt_publish(d->mqtt, &p, NULL);
    }
    if (a->publish.told)
        hearing_tell(d,
                     (struct fact){.kind = FACT_WARNED, .handing = {error == MQTT_OK, p.qos > 0 ? id : 0}});
}

/* ---- the rest ---- */

static void set_timer(struct daemon *d, const struct action *a)
{
    struct loop_timer *timer = d->due[a->set.timer].loop_timer;
    if (a->set.after_ms < 0)
        loop_timer_clear(timer);
    else
        loop_timer_set(timer, a->set.after_ms);
}

static void write_log(struct daemon *d, const struct action *a)
{
    struct log_field fields[TOLD_FIELDS_MAX + 1];
    actions_fields(&d->stages.shared.actions, a, fields);
    log_event(a->log.level, a->log.event, fields);
}

static void end(struct daemon *d, int exit_code)
{
    d->exit_code = exit_code;
    loop_stop(d->loop);
}

static void carry_out(struct daemon *d, const struct action *a)
{
    switch (a->kind) {
    case ACTION_SEND:
        send(d, a);
        break;
    case ACTION_DROP_STORE:
        redis_drop(d->redis, a->word);
        break;
    case ACTION_OPEN_RECORDER:
        open_recorder(d, a->size);
        break;
    case ACTION_CLOSE_RECORDER:
        close_recorder(d);
        break;
    case ACTION_LISTEN:
        listen(d);
        break;
    case ACTION_HOLD:
        hold(d);
        break;
    case ACTION_LEAVE:
        leave(d);
        break;
    case ACTION_DROP_BROKER:
        mqtt_drop(d->mqtt, a->word);
        break;
    case ACTION_PUBLISH:
        publish(d, a);
        break;
    case ACTION_SET_TIMER:
        set_timer(d, a);
        break;
    case ACTION_BUILD:
        building_begin(d);
        break;
    case ACTION_CLEAR:
        building_clear(d, a->gone);
        break;
    case ACTION_LOG:
        write_log(d, a);
        break;
    case ACTION_NOTIFY:
        notify_send(a->word);
        break;
    case ACTION_END:
        end(d, a->exit_code);
        break;
    }
}

/* What is to be done cannot even be said: as by a kill, nothing more leaves. */
static void die(struct daemon *d)
{
    log_error("out_of_memory", LOG_STR("meaning", "what was not durable stays unacknowledged"));
    hold(d);
    end(d, EX_OSERR);
}

void carrying_out(struct daemon *d)
{
    struct actions *list = &d->stages.shared.actions;
    if (d->carrying)
        return; /* a fact that came of an action: what it asks for is at the end of the same list */
    d->carrying = true;
    for (size_t i = 0; i < list->count && !list->failed; i++) {
        const struct action action = list->list[i]; /* the list may move */
        carry_out(d, &action);
    }
    if (list->failed)
        die(d);
    actions_clear(list);
    d->carrying = false;
}
