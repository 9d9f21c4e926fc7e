#include "cab.h"

#include "fix_item.h"
#include "fix_write.h"
#include "journal_record.h"
#include "unit_json.h"

#include <muckwatch/contract.h>

#include <assert.h>

/* A silent receiver and a failing journal are looked for once a second, a change that waits for a position
 * more. */
enum { LOOK_MS = 1000, LOOK_FOR_POSITION_MS = 250 };

void cab_init(struct cab *c, const struct cab_options *o, struct mono now)
{
    *c = (struct cab){.agent = o->agent, .sender_options = o->sending, .silent_ms = o->sampling.standing_ms};
    sender_init(&c->sender, &c->sender_options, 0);
    sampler_init(&c->sampler, &o->sampling, o->floor, now);
    sensor_filter_init(&c->sensors, o->sensors);
    buf_init(&c->json, JOURNAL_PAYLOAD_MAX);
    buf_init(&c->payload, CAB_PAYLOAD_MAX);
}

void cab_fini(struct cab *c)
{
    buf_fini(&c->json);
    buf_fini(&c->payload);
}

static void tell_journal(struct cab *c)
{
    sender_journal(&c->sender, journal_first(c->journal), journal_last(c->journal), journal_used(c->journal));
}

void cab_use_journal(struct cab *c, struct journal *journal, struct mono now)
{
    bool was_online = c->sender.online;
    c->journal = journal;
    sender_init(&c->sender, &c->sender_options, journal_acked(journal));
    tell_journal(c);
    if (was_online)
        sender_online(&c->sender, now);
}

/* ---- fixes ---- */

static enum cab_kept keep(struct cab *c, const struct fix *fix, struct wall now)
{
    uint64_t seq;
    buf_clear(&c->json);
    fix_write(fix, &c->json);
    if (!buf_ok(&c->json))
        return CAB_NOTHING;
    if (c->journal == NULL || journal_append(c->journal, buf_text(&c->json), now, &seq) != JOURNAL_OK)
        return CAB_UNNUMBERED;
    tell_journal(c);
    return CAB_JOURNALED;
}

enum cab_kept cab_take_position(struct cab *c, const struct fix *position, struct sampler_now now,
                                enum sampler_verdict *out_verdict)
{
    struct sensors sensors = sensor_filter_values(&c->sensors);
    struct fix fix;
    c->position_at = now.mono;
    c->position_seen = true;
    struct sampler_taken taken = sampler_take(&c->sampler, position, &sensors, now, &fix);
    *out_verdict = taken.verdict;
    return taken.given ? keep(c, &fix, now.wall) : CAB_NOTHING;
}

bool cab_take_sensors(struct cab *c, struct text datagram, struct mono now)
{
    struct sensors heard;
    if (!unit_sensors_read(datagram, &heard))
        return false;
    sensor_filter_hear(&c->sensors, &heard, now);
    return true;
}

enum cab_kept cab_settle(struct cab *c, struct sampler_now now)
{
    if (sensor_filter_settle(&c->sensors, now.mono))
        sampler_sensor_changed(&c->sampler, now.mono);
    bool silent = !c->position_seen || now.mono.ms - c->position_at.ms >= c->silent_ms;
    struct sensors sensors = sensor_filter_values(&c->sensors);
    struct fix fix;
    if (!sampler_tick(&c->sampler, &sensors, silent, now, &fix))
        return CAB_NOTHING;
    return keep(c, &fix, now.wall);
}

/* ---- the broker ---- */

void cab_online(struct cab *c, struct mono now)
{
    sender_online(&c->sender, now);
}

void cab_offline(struct cab *c)
{
    sender_offline(&c->sender);
}

struct cab_ack cab_take_ack(struct cab *c, struct text payload, struct mono now)
{
    static const enum cab_ack_verdict verdicts[] = {
        [SENDER_ACK_SAME] = CAB_ACK_SAME,
        [SENDER_ACK_FORWARD] = CAB_ACK_FORWARD,
        [SENDER_ACK_BACK] = CAB_ACK_BACK,
        [SENDER_ACK_BEYOND] = CAB_ACK_BEYOND,
    };
    struct unit_ack said;
    if (!unit_ack_read(payload, &said))
        return (struct cab_ack){CAB_ACK_BAD, 0, 0};
    struct cab_ack ack = {CAB_ACK_FOREIGN, said.seq, 0};
    if (c->journal == NULL || !text_equal(said.boot, journal_boot(c->journal)))
        return ack;
    ack.used = journal_used(c->journal);
    ack.verdict = verdicts[sender_acked(&c->sender, ack.seq, now)];
    if (ack.verdict == CAB_ACK_FORWARD || ack.verdict == CAB_ACK_BACK)
        journal_ack(c->journal, ack.seq);
    return ack;
}

/* ---- messages ---- */

void cab_write_status(const struct cab *c, bool online, struct buf *out)
{
    struct unit_range ranges[JOURNAL_SKIPS_MAX];
    struct status_message status = {.online = online, .agent = c->agent};
    if (c->journal != NULL) {
        const struct journal_range *skips;
        status.skipped_count = journal_skips(c->journal, &skips);
        assert(status.skipped_count <= JOURNAL_SKIPS_MAX);
        for (size_t i = 0; i < status.skipped_count; i++)
            ranges[i] = (struct unit_range){skips[i].first, skips[i].last};
        status.skipped = ranges;
        status.boot = journal_boot(c->journal);
        status.first = journal_first(c->journal);
    }
    buf_clear(out);
    unit_status_write(&status, out);
}

/* Puts fixes from the journal into the payload; how many, and the last one's number. */
static uint32_t gather(struct cab *c, const struct sender_action *action, uint64_t *out_to)
{
    struct journal_entry entry;
    uint64_t from = action->from;
    uint32_t count = 0;
    buf_clear(&c->payload);
    buf_put_char(&c->payload, '[');
    while (count < action->fixes && journal_read(c->journal, from, &entry) == JOURNAL_OK) {
        size_t before = c->payload.len;
        if (count > 0)
            buf_put_char(&c->payload, ',');
        unit_fix_put_numbers(entry.payload, journal_boot(c->journal), entry.seq, &c->payload);
        if (count > 0 && c->payload.len >= action->bytes) {
            c->payload.len = before;
            break;
        }
        assert(entry.seq >= from);
        *out_to = entry.seq;
        from = entry.seq + 1;
        count++;
    }
    buf_put_char(&c->payload, ']');
    assert(count <= 1 || c->payload.len <= action->bytes);
    return buf_ok(&c->payload) ? count : 0;
}

static bool fixes_message(struct cab *c, const struct sender_action *action, struct cab_message *out)
{
    uint64_t to = 0;
    uint32_t count = gather(c, action, &to);
    if (count == 0) {
        sender_missing(&c->sender);
        return false;
    }
    struct text payload = buf_text(&c->payload);
    if (count == 1) /* an object by itself */
        payload = (struct text){payload.data + 1, payload.len - 2};
    *out = (struct cab_message){SENDER_FIXES, MW_TOPIC_FIX, payload, 1, false, to, count};
    return true;
}

static bool live_message(struct cab *c, struct mono now, struct cab_message *out)
{
    struct journal_entry entry;
    if (journal_read(c->journal, journal_last(c->journal), &entry) != JOURNAL_OK) {
        sender_sent_live(&c->sender, now); /* there is nothing to show: not again at once */
        return false;
    }
    *out = (struct cab_message){.verb = SENDER_LIVE, .suffix = MW_TOPIC_LIVE, .payload = entry.payload};
    return true;
}

bool cab_next(struct cab *c, struct mono now, struct cab_message *out)
{
    bool found = false;
    while (c->journal != NULL && !found) {
        struct sender_action action = sender_next(&c->sender, now);
        switch (action.verb) {
        case SENDER_NOTHING:
            return false;
        case SENDER_STATUS:
            cab_write_status(c, true, &c->payload);
            *out = (struct cab_message){SENDER_STATUS, MW_TOPIC_STATUS, buf_text(&c->payload), 1, true, 0, 0};
            found = true;
            break;
        case SENDER_LIVE:
            found = live_message(c, now, out);
            break;
        case SENDER_FIXES:
            found = fixes_message(c, &action, out);
            break;
        }
    }
    return found;
}

void cab_sent(struct cab *c, const struct cab_message *m, int token, struct mono now)
{
    if (m->verb == SENDER_STATUS)
        sender_sent_status(&c->sender);
    else if (m->verb == SENDER_LIVE)
        sender_sent_live(&c->sender, now);
    else
        sender_sent_fixes(&c->sender, (struct sender_sent){m->to, m->fixes, (uint32_t)m->payload.len, token},
                          now);
}

/* ---- time ---- */

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return b_ms >= 0 && b_ms < a_ms ? b_ms : a_ms;
}

int64_t cab_wait_ms(struct cab *c, struct mono now, struct wall wall)
{
    int64_t wait_ms = c->sampler.sensor_due ? LOOK_FOR_POSITION_MS : LOOK_MS;
    if (c->journal != NULL) {
        wait_ms = sooner(wait_ms, journal_tick(c->journal, now, wall));
        wait_ms = sooner(wait_ms, sender_wait_ms(&c->sender, now));
    }
    return sooner(wait_ms, sensor_filter_wait_ms(&c->sensors, now));
}
