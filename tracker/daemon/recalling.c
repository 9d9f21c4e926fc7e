#include "recalling.h"

#include "array.h"
#include "refusal.h"
#include "track_entry.h"
#include "vehicle_id.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SCAN_COUNT = 10000,
    ENTRIES_MAX = 64, /* looked at of each: more than what is told apart by its bytes */
};

void recalling_fini(struct recalling *r)
{
    free(r->places);
    r->places = NULL;
}

void recalling_forget(struct recalling *r)
{
    r->count = r->next = 0;
    r->open = 0;
    r->asking = r->failed = false;
    r->walk++;
}

bool recalling_add(struct recalling *r, struct shared *s, struct partition *p, struct text vehicle)
{
    uint32_t place;
    if (!fleet_place(p->fleet, vehicle, &place)) {
        s->actions.failed |= !fleet_is_full(p->fleet); /* no memory: its fixes would be taken twice */
        return false;
    }
    if (!array_reserve(&r->places, &r->cap, r->count + 1, sizeof *r->places)) {
        s->actions.failed = true;
        return false;
    }
    r->places[r->count++] = place;
    return true;
}

/* ---- vehicles with a track and no state ---- */

void recalling_scan(struct shared *s, const struct partition *p, struct text cursor)
{
    char match[MW_KEY_MAX], count[16];
    snprintf(match, sizeof match, MW_KEY_TRACK, (unsigned)p->number, 1, "*");
    snprintf(count, sizeof count, "%d", SCAN_COUNT);
    const struct text argv[] = {TEXT("SCAN"),   cursor,        TEXT("MATCH"),
                                text_of(match), TEXT("COUNT"), text_of(count)};
    actions_send(&s->actions, (struct sending){.ask = ASK_KEYS}, sizeof argv / sizeof *argv, argv);
}

static bool is_vehicle_of_track(const struct partition *p, struct text key, struct text *out)
{
    char prefix[MW_KEY_MAX];
    int n = snprintf(prefix, sizeof prefix, MW_KEY_TRACK, (unsigned)p->number, 0, "");
    if (key.len <= (size_t)n || memcmp(key.data, prefix, (size_t)n) != 0)
        return false;
    *out = (struct text){key.data + n, key.len - (size_t)n};
    return vehicle_id_valid(*out);
}

void recalling_keys(struct recalling *r, struct shared *s, struct partition *p, const struct reply *reply,
                    struct text *out_cursor)
{
    const struct reply keys = reply_at(reply, 1);
    for (size_t i = 0; i < keys.count; i++) {
        struct text vehicle;
        uint32_t place;
        if (!is_vehicle_of_track(p, keys.items[i].text, &vehicle) || fleet_find(p->fleet, vehicle, &place))
            continue;
        if (!recalling_add(r, s, p, vehicle))
            tell_error(&s->actions, "journal_not_recalled", LOG_TEXT("vehicle", vehicle),
                       LOG_STR("reason", "more vehicles than limits.vehicles"));
    }
    *out_cursor = reply_at(reply, 0).text;
    if (text_equal(*out_cursor, TEXT("0")))
        *out_cursor = TEXT("");
}

/* ---- tracks ---- */

static struct recalling_slot *free_slot(struct recalling *r)
{
    for (uint32_t i = 0; i < RECALLING_AT_A_TIME; i++)
        if (!r->slots[i].asked)
            return &r->slots[i];
    return NULL; /* of an earlier walk: they come back */
}

static void ask(struct recalling *r, struct recalling_slot *slot, struct shared *s, const struct partition *p)
{
    char key[MW_KEY_MAX], count[16];
    *slot = (struct recalling_slot){true, r->places[r->next++], r->walk};
    r->open++;
    struct text vehicle = names_text(s->names, fleet_state(p->fleet, slot->place)->vehicle);
    snprintf(key, sizeof key, MW_KEY_TRACK, (unsigned)p->number, TEXT_ARG(vehicle));
    snprintf(count, sizeof count, "%d", ENTRIES_MAX);
    const struct text argv[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                TEXT("-"),         TEXT("COUNT"), text_of(count)};
    actions_send(&s->actions, (struct sending){.ask = ASK_TRACK, .slot = (uint32_t)(slot - r->slots)},
                 sizeof argv / sizeof *argv, argv);
}

enum recalling_step recalling_ask(struct recalling *r, struct shared *s, const struct partition *p)
{
    struct recalling_slot *slot;
    if (r->failed)
        return RECALLING_GOES_ON;
    r->asking = true;
    while (r->next < r->count && (slot = free_slot(r)) != NULL)
        ask(r, slot, s, p);
    if (r->open > 0 || r->next < r->count)
        return RECALLING_GOES_ON;
    r->asking = false;
    if (r->count > 0)
        tell_warn(&s->actions, "journals_recalled", LOG_INT("vehicles", (int64_t)r->count),
                  LOG_STR("meaning", "their states are missing or damaged: judged as if never seen"));
    return RECALLING_DONE;
}

enum recalling_step recalling_unsent(struct recalling *r, uint32_t slot)
{
    assert(slot < RECALLING_AT_A_TIME && r->slots[slot].asked);
    bool now = r->slots[slot].walk == r->walk && !r->failed;
    r->slots[slot].asked = false;
    r->failed |= now;
    return now ? RECALLING_AGAIN : RECALLING_GOES_ON;
}

/* The newest entries, the newest first. */
enum recalling_step recalling_answered(struct recalling *r, struct shared *s, struct partition *p,
                                       uint32_t slot, const struct reply *reply)
{
    assert(slot < RECALLING_AT_A_TIME && r->slots[slot].asked);
    const struct recalling_slot asked = r->slots[slot];
    struct track_entry entry;
    if (reply->type == REPLY_ERROR && !refusal_is_type(reply->text))
        return recalling_unsent(r, slot);
    r->slots[slot].asked = false;
    if (reply->type == REPLY_NOTHING)
        return RECALLING_GOES_ON; /* the next connection begins the walk anew */
    if (asked.walk == r->walk) {
        for (size_t i = reply->count; i > 0; i--) {
            const struct reply fields = reply_at(&reply->items[i - 1], 1);
            if (track_entry_read(&fields, &entry))
                fleet_recall(p->fleet, asked.place, &entry.fix, entry.verdict);
        }
        r->open--;
    }
    /* One of an earlier walk may come while this one is not so far, or is over. */
    return r->asking ? recalling_ask(r, s, p) : RECALLING_GOES_ON;
}
