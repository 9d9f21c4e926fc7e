#include "sim_send.h"

#include "fix_write.h"
#include "sim_chance.h"
#include "topics.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <string.h>

struct sim_link *sim_link_of(struct sim_engine *e, uint32_t unit)
{
    return &e->links[e->link_count > 1 ? unit : 0];
}

void sim_enqueue(struct sim_engine *e, uint32_t unit)
{
    struct sim_unit *u = &e->units[unit];
    if (u->queued)
        return;
    assert(e->queue_count < e->unit_count); /* each stands in it once */
    u->queued = true;
    e->queue[(e->queue_head + e->queue_count++) % e->unit_count] = unit;
}

static enum mqtt_error publish(struct sim_engine *e, uint32_t unit, const char *suffix, int qos, int *out_id)
{
    char topic[TOPIC_SIZE + sizeof e->units[unit].id];
    size_t topic_len = topic_write(text_of(e->units[unit].id), suffix, topic, sizeof topic);
    struct mqtt_publication p = {
        .topic = topic,
        .payload = buf_text(&e->payload),
        .qos = qos,
        .retain = strcmp(suffix, MW_TOPIC_STATUS) == 0,
    };
    enum mqtt_error error = mqtt_publish(sim_link_of(e, unit)->mqtt, &p, out_id);
    assert(error != MQTT_OK || out_id == NULL || (*out_id >= 0 && *out_id < SIM_TOKENS));
    if (error == MQTT_OK) {
        e->report.messages++;
        e->report.bytes += e->payload.len + topic_len + 7; /* fixed header, lengths, id, properties */
    }
    return error;
}

static bool send_status(struct sim_engine *e, uint32_t unit)
{
    struct sim_unit *u = &e->units[unit];
    int id = 0;
    buf_clear(&e->payload);
    sim_unit_status(u, &e->payload);
    if (e->o->numbers && publish(e, unit, MW_TOPIC_STATUS, 1, &id) != MQTT_OK)
        return false;
    sim_link_of(e, unit)->tokens[id].to = 0;
    sender_sent_status(&u->sender);
    return true;
}

static bool send_live(struct sim_engine *e, uint32_t unit, struct mono now)
{
    struct sim_unit *u = &e->units[unit];
    struct fix fix = sim_unit_fix(u, u->made - 1, false);
    buf_clear(&e->payload);
    fix_write(&fix, &e->payload);
    if (publish(e, unit, MW_TOPIC_LIVE, 0, NULL) != MQTT_OK)
        return false;
    e->report.live++;
    sender_sent_live(&u->sender, now);
    return true;
}

static bool send_fixes(struct sim_engine *e, uint32_t unit, const struct sender_action *action,
                       struct mono now)
{
    struct sim_unit *u = &e->units[unit];
    int id = 0;
    buf_clear(&e->payload);
    struct sim_payload p = sim_unit_payload(u, action, e->o->numbers, &e->payload);
    if (p.fixes == 0) {
        sender_missing(&u->sender);
        return true;
    }
    if (publish(e, unit, MW_TOPIC_FIX, 1, &id) != MQTT_OK)
        return false;
    sim_link_of(e, unit)->tokens[id] = (struct sim_token){unit, p.to};
    sender_sent_fixes(&u->sender, (struct sender_sent){p.to, p.fixes, (uint32_t)e->payload.len, id}, now);
    e->report.sent_fixes += p.fixes;
    if (e->o->duplicates > 0 && sim_random_unit(&e->random) < e->o->duplicates &&
        publish(e, unit, MW_TOPIC_FIX, 1, &id) == MQTT_OK) {
        sim_link_of(e, unit)->tokens[id].to = 0;
        e->report.duplicates++;
    }
    return true;
}

/* Whatever the unit's sender wants now. False when the connection takes no more. */
static bool send_unit(struct sim_engine *e, uint32_t unit, struct mono now)
{
    struct sim_unit *u = &e->units[unit];
    for (;;) {
        struct sender_action action = sender_next(&u->sender, now);
        bool sent = true;
        if (action.verb == SENDER_NOTHING)
            return true;
        if (action.verb == SENDER_STATUS)
            sent = send_status(e, unit);
        else if (action.verb == SENDER_LIVE)
            sent = send_live(e, unit, now);
        else
            sent = send_fixes(e, unit, &action, now);
        if (!sent)
            return false;
    }
}

void sim_pump(struct sim_engine *e, struct mono now)
{
    /* Each unit once: those that come back to the queue wait for the next turn. */
    for (uint32_t n = e->queue_count; n > 0; n--) {
        uint32_t unit = e->queue[e->queue_head];
        e->queue_head = (e->queue_head + 1) % e->unit_count;
        e->queue_count--;
        e->units[unit].queued = false;
        if (!send_unit(e, unit, now)) {
            sim_enqueue(e, unit);
            if (e->link_count == 1)
                return;
        }
    }
}
