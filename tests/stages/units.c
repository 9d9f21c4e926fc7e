/* Units and the broker. */
#include "../cmocka_all.h"
#include "town.h"

#include <stdio.h>
#include <stdlib.h>

static struct posted *post(struct town *t, uint32_t unit, const char *suffix)
{
    struct broker *b = &t->broker;
    if (b->count == POSTED_MAX)
        return NULL;
    struct posted *p = &b->queue[b->count++];
    *p = (struct posted){.qos = 1, .unit = unit};
    snprintf(p->topic, sizeof p->topic, "muck/v1/%s%s", t->units[unit].id, suffix);
    return p;
}

static uint32_t unnumbered_waiting(const struct town *t)
{
    uint32_t n = 0;
    for (size_t i = 0; i < t->broker.count; i++)
        n += t->broker.queue[i].fix != 0 ? t->broker.queue[i].to + 1 - t->broker.queue[i].fix : 0;
    return n;
}

bool unit_spoils_fix(const struct town *t, const struct unit *u, uint32_t k)
{
    return t->spoils && u != &t->units[NUMBERED] && k % 5 == 3;
}

/* One that keeps fixes begins with the newest of a few; those before it are sent later, in some order. */
static int64_t choose_time(struct town *t, struct unit *u)
{
    bool kept = t->live_first && u->kept > 0 && random_below(&t->random, 5) > 0;
    if (kept && random_below(&t->random, 6) == 0) /* once more, under another number */
        return u->kept_ms[random_below(&t->random, u->kept)];
    if (kept && u->backwards)
        return u->kept_ms[--u->kept];
    if (kept) {
        int64_t first_ms = u->kept_ms[0];
        memmove(u->kept_ms, u->kept_ms + 1, --u->kept * sizeof u->kept_ms[0]);
        return first_ms;
    }
    u->time_ms = u->time_ms + 1000 > t->wall_ms ? u->time_ms + 1000 : t->wall_ms;
    if (t->live_first && u->kept == 0 && random_below(&t->random, 4) == 0) {
        u->backwards = random_below(&t->random, 2) == 0;
        for (uint32_t more = 1 + random_below(&t->random, KEPT_MAX); more > 0; more--) {
            u->kept_ms[u->kept++] = u->time_ms;
            u->time_ms += 1000;
        }
    }
    return u->time_ms;
}

/* A fix of its own bytes, that stands where its time says. Now and then it spills. */
static void write_fix(struct town *t, struct unit *u, bool numbered)
{
    uint32_t k = ++u->made;
    char number[64] = "";
    bool bad = unit_spoils_fix(t, u, k);
    int64_t time_ms = choose_time(t, u);
    if (numbered)
        snprintf(number, sizeof number, ",\"boot\":\"boot-%s\",\"seq\":%u", u->id, k);
    snprintf(u->fixes[k], sizeof u->fixes[k],
             "{\"k\":%u,\"time\":%lld.%03lld,\"lat\":%d.%05lld,\"lon\":114.3,\"speed\":5,"
             "\"sensors\":{\"spill\":%s}%s}",
             k, (long long)time_ms / 1000, (long long)time_ms % 1000, bad ? 95 : 30,
             (long long)time_ms / 1000 % 10000 * 5, time_ms / 4000 % 2 ? "true" : "false", number);
}

bool unit_makes_fix(struct town *t, uint32_t unit)
{
    struct unit *u = &t->units[unit];
    bool numbered = unit < NUMBERED;
    if (u->made == FIXES_MAX || (!numbered && unnumbered_waiting(t) >= UNNUMBERED_MAX))
        return false;
    struct posted *p = post(t, unit, "/fix");
    if (p == NULL)
        return false;
    write_fix(t, u, numbered);
    if (numbered || u->made + UNNUMBERED_IN_ONE - 1 > FIXES_MAX) {
        p->fix = p->to = numbered ? 0 : u->made;
        snprintf(p->payload, sizeof p->payload, "%s", u->fixes[u->made]);
        return true;
    }
    /* Nobody sends these again but the broker: its answer is for all of them. */
    write_fix(t, u, false);
    write_fix(t, u, false);
    p->fix = u->made + 1 - UNNUMBERED_IN_ONE;
    p->to = u->made;
    snprintf(p->payload, sizeof p->payload, "[%s,%s,%s]", u->fixes[p->fix], u->fixes[p->fix + 1],
             u->fixes[p->to]);
    return true;
}

/* All that is not acknowledged, up to four fixes a message. */
bool unit_sends_again(struct town *t, uint32_t unit)
{
    struct unit *u = &t->units[unit];
    if (unit >= NUMBERED || u->acked >= u->made || t->broker.count > POSTED_MAX / 2)
        return false;
    for (uint32_t k = u->acked + 1; k <= u->made;) {
        struct posted *p = post(t, unit, "/fix");
        if (p == NULL)
            return true;
        size_t at = 0;
        for (int i = 0; i < 4 && k <= u->made; i++, k++)
            at += (size_t)snprintf(p->payload + at, sizeof p->payload - at, "%s%s", i > 0 ? "," : "[",
                                   u->fixes[k]);
        snprintf(p->payload + at, sizeof p->payload - at, "]");
    }
    return true;
}

bool unit_tells_status(struct town *t, uint32_t unit)
{
    struct posted *p = unit < NUMBERED ? post(t, unit, "/status") : NULL;
    if (p == NULL)
        return false;
    p->retain = random_below(&t->random, 4) == 0;
    snprintf(p->payload, sizeof p->payload, "{\"online\":true,\"boot\":\"boot-%s\",\"first\":1}",
             t->units[unit].id);
    return true;
}

/* ---- what is heard ---- */

static void hear_ack(struct town *t, struct unit *u, const char *payload)
{
    const char *seq = strstr(payload, "\"seq\":");
    assert_non_null(seq);
    uint32_t n = (uint32_t)strtoul(seq + 6, NULL, 10);
    assert_true(n <= u->made);
    for (uint32_t k = 1; k <= n; k++) {
        assert_true(u->ever[k]); /* nothing is acknowledged that is not durable */
        if (!t->restored && !t->damaged)
            assert_int_equal(u->tracked[k] + u->refused[k], 1);
    }
    u->acked = n;
    t->acks++;
}

/* A warning of something that opened or closed goes out after the commit that records it. */
static void hear_warning(struct town *t, const char *payload)
{
    char id[32] = "";
    const char *at = strstr(payload, "\"id\":\"");
    assert_non_null(at);
    snprintf(id, sizeof id, "%.*s", (int)strcspn(at + 6, "\""), at + 6);
    if (!t->restored && strstr(payload, "\"event\":\"warning\"") == NULL)
        assert_non_null(fake_list_find(&t->store->violations, id));
}

void unit_hears(struct town *t, struct text topic, struct text payload)
{
    char bytes[2048];
    snprintf(bytes, sizeof bytes, "%.*s", TEXT_ARG(payload));
    for (uint32_t i = 0; i < UNITS; i++) {
        char ack[64], warn[64];
        snprintf(ack, sizeof ack, "muck/v1/%s/ack", t->units[i].id);
        snprintf(warn, sizeof warn, "muck/v1/%s/warn", t->units[i].id);
        if (text_equal(topic, text_of(ack)))
            hear_ack(t, &t->units[i], bytes);
        if (text_equal(topic, text_of(warn)))
            hear_warning(t, bytes);
    }
}

/* ---- the broker ---- */

/* What was read is answered: the broker forgets it. The unit without numbers then has nobody else. */
void broker_answers(struct town *t)
{
    struct broker *b = &t->broker;
    for (size_t i = 0; i < b->delivered; i++) {
        const struct posted *p = &b->queue[i];
        for (uint32_t k = p->fix; k != 0 && k <= p->to; k++)
            assert_true(t->units[p->unit].ever[k]);
    }
    t->answered += b->delivered;
    memmove(b->queue, b->queue + b->delivered, (b->count - b->delivered) * sizeof *b->queue);
    b->count -= b->delivered;
    b->delivered = 0;
}

void broker_loses_connection(struct town *t)
{
    struct broker *b = &t->broker;
    b->connected = b->subscribed = b->held = false;
    b->delivered = 0; /* it delivers them again */
}

static void deliver(struct town *t, struct posted message)
{
    town_tell(t, (struct fact){.kind = FACT_MESSAGE,
                               .message = {.topic = text_of(message.topic),
                                           .payload = text_of(message.payload),
                                           .qos = message.qos,
                                           .retain = message.retain}});
}

bool broker_delivers(struct town *t)
{
    struct broker *b = &t->broker;
    if (!b->connected || b->held || b->delivered == b->count || b->delivered >= GROUPS + 32)
        return false;
    deliver(t, b->queue[b->delivered++]);
    return true;
}

bool broker_reads_on(struct town *t)
{
    struct broker *b = &t->broker;
    if ((b->connected && !b->held) || b->delivered == b->count || b->delivered >= GROUPS + 32)
        return false;
    t->reading_on = true;
    deliver(t, b->queue[b->connected ? b->delivered++ : b->delivered]);
    t->reading_on = false;
    return true;
}
