/*
 * The states that the tracker keeps in Redis are put into a fleet under the old world, where time runs up to
 * the last message heard, and then the new world comes into force, as in a reload: what closes then, closes.
 * What a new threshold changes shows only with a vehicle's next fix; that nobody can tell beforehand.
 */
#include "against.h"

#include "entry.h"
#include "fleet.h"
#include "state_codec.h"
#include "world_diff.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { OUT_MAX_BYTES = 256 << 20, VEHICLES_MAX = 2000000, PAGE = 500 };

struct trial {
    struct city *city;
    struct look *look;
    const char *command;
    struct fleet *fleet;
    struct outcome outcome;
    int64_t clock_ms; /* of the tracker, when it last heard anything */
    uint32_t open, closing, unread;
};

static int print_differences(const struct world_texts *old, const struct world_texts *new,
                             const char *command)
{
    struct buf out;
    uint32_t count;
    buf_init(&out, OUT_MAX_BYTES);
    bool ok = world_diff_write(old->canonical, new->canonical, &out, &count);
    if (ok)
        printf("%.*s%u differences\n", (int)out.len, out.data, count);
    else
        fprintf(stderr, "%s: out of memory\n", command);
    buf_fini(&out);
    return ok ? EX_OK : EX_OSERR;
}

static void take_state(struct trial *t, struct text vehicle, struct text bytes)
{
    struct vehicle_state state;
    uint32_t symbol;
    if (!names_intern(t->city->names, vehicle, &symbol) ||
        state_read(bytes, symbol, t->city->names, &state) != STATE_OK || !fleet_restore(t->fleet, &state)) {
        t->unread++;
        return;
    }
    t->open += vehicle_open_count(&state);
    if (state.clock_ms > t->clock_ms)
        t->clock_ms = state.clock_ms;
    if (state.message_clock_ms > t->clock_ms)
        t->clock_ms = state.message_clock_ms;
    if (state.heard.clock_ms > t->clock_ms)
        t->clock_ms = state.heard.clock_ms;
}

static int read_states(struct trial *t)
{
    char key[MW_KEY_MAX], cursor[32] = "0", count[16];
    snprintf(count, sizeof count, "%d", PAGE);
    do {
        const struct text words[] = {TEXT("HSCAN"), text_of(look_key(t->look, key, MW_KEY_STATE, TEXT(""))),
                                     text_of(cursor), TEXT("COUNT"), text_of(count)};
        const struct reply *reply;
        if (!store_command(t->look->store, words, 5, 0, &reply) || reply->count != 2)
            return look_failed(t->look, t->command);
        snprintf(cursor, sizeof cursor, "%.*s", TEXT_ARG(reply->items[0].text));
        const struct reply *pairs = &reply->items[1];
        for (size_t i = 0; i + 1 < pairs->count; i += 2)
            take_state(t, pairs->items[i].text, pairs->items[i + 1].text);
    } while (strcmp(cursor, "0") != 0);
    return EX_OK;
}

static void print_closing(struct trial *t, const struct transition *c)
{
    char id[VIOLATION_ID_LENGTH + 1];
    struct text vehicle = names_text(t->city->names, c->vehicle);
    struct text fence = names_text(t->city->names, c->fence), permit = names_text(t->city->names, c->permit);
    transition_id_write(c, t->city->names, id);
    printf("closes %s of %.*s%s%.*s%s%.*s, %s: %s\n", kind_row(c->kind)->name, TEXT_ARG(vehicle),
           fence.len > 0 ? " at " : "", TEXT_ARG(fence), permit.len > 0 ? " under " : "", TEXT_ARG(permit),
           close_reason_name(c->reason), id);
    t->closing++;
}

static void settle(struct trial *t, bool print)
{
    uint32_t place;
    while (fleet_settle(t->fleet, t->clock_ms, &place, &t->outcome))
        for (uint32_t i = 0; i < t->outcome.transition_count; i++)
            if (print && t->outcome.transitions[i].event == TRANSITION_CLOSED)
                print_closing(t, &t->outcome.transitions[i]);
}

static int try_states(struct trial *t, const struct world *old)
{
    t->fleet = fleet_new(t->city->names, (struct fleet_options){.vehicle_limit = VEHICLES_MAX});
    if (t->fleet == NULL || !fleet_set_world(t->fleet, old))
        return EX_OSERR;
    int code = look_open(t->look, t->command);
    if (code == EX_OK)
        code = read_states(t);
    if (code != EX_OK)
        return code;
    settle(t, false);
    if (!fleet_set_world(t->fleet, t->city->world))
        return EX_OSERR;
    settle(t, true);
    printf("%u of %u open violations would close at once; others go on by the new rules\n", t->closing,
           t->open);
    if (t->unread > 0)
        fprintf(stderr, "%s: the states of %u vehicles could not be read\n", t->command, t->unread);
    return EX_OK;
}

static int run_trial(struct city *city, const struct world *old, struct look *look, const char *command)
{
    struct trial *t = calloc(1, sizeof *t);
    if (t == NULL)
        return EX_OSERR;
    t->city = city;
    t->look = look;
    t->command = command;
    int code = try_states(t, old);
    look_close(look);
    fleet_free(t->fleet);
    free(t);
    return code;
}

int against(struct city *city, const struct world_texts *texts, const char *old_config, struct look *look,
            const char *command)
{
    struct city old;
    struct world_texts old_texts = {0};
    int code = city_open_beside(&old, city->names, command, old_config, &old_texts);
    if (code == EX_OK)
        code = print_differences(&old_texts, texts, command);
    if (code == EX_OK && look != NULL)
        code = run_trial(city, old.world, look, command);
    world_texts_fini(&old_texts);
    city_fini_beside(&old);
    return code;
}
