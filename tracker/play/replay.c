#include "replay_private.h"

#include "duty_entry.h"
#include "fix_content.h"
#include "fix_json.h"
#include "owntracks.h"
#include "vehicle_id.h"

#include <stdlib.h>

static void tell_duty(void *context, const struct duty_telling *telling)
{
    struct replay *r = context;
    const char *stream = duty_entry(&r->entry, telling, r->world, r->names);
    replay_write_entry(r, stream, r->told);
    if (telling->type != DUTY_TELLS_FINDING || r->duties == NULL)
        return;
    bool gone = telling->event == DUTY_GONE;
    const struct replay_duty_finding finding = {
        telling, gone ? NULL : duty_book_find(&r->book, telling->duty_symbol, telling->day), r->world,
        &r->entry};
    r->duties->found(r->duties->context, &finding);
}

void replay_set_duties(struct replay *r, const struct replay_duties *duties)
{
    r->duties = duties;
}

struct replay *replay_new(struct names *names, const struct world *world,
                          const struct replay_options *options)
{
    struct replay *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->names = names;
    duty_book_init(&r->book, names, (struct duty_listener){r, tell_duty});
    r->clock_ms = TIME_NONE;
    r->world = world;
    r->late.settings = options->late;
    r->late.settled = options->settled;
    replay_late_init(r);
    r->fleet = fleet_new(names, (struct fleet_options){.vehicle_limit = options->vehicle_limit,
                                                       .adopt_first = true,
                                                       .late_horizon_ms = options->late.horizon_ms});
    if (r->fleet == NULL || (world != NULL && (!fleet_set_world(r->fleet, world) || !replay_late_world(r)))) {
        replay_free(r);
        return NULL;
    }
    return r;
}

void replay_free(struct replay *r)
{
    if (r == NULL)
        return;
    replay_late_fini(r);
    duty_book_fini(&r->book);
    fleet_free(r->fleet);
    free(r);
}

const struct replay_counts *replay_counts(const struct replay *r)
{
    return &r->counts;
}

void replay_set_trace(struct replay *r, const struct trace *trace)
{
    fleet_set_trace(r->fleet, trace);
}

void replay_set_worlds(struct replay *r, struct replay_worlds worlds)
{
    r->worlds = worlds;
}

static void count_transition(struct replay_counts *c, enum transition_event event)
{
    c->opened += event == TRANSITION_OPENED;
    c->updated += event == TRANSITION_UPDATED;
    c->closed += event == TRANSITION_CLOSED;
}

static void count_verdict(struct replay_counts *c, enum verdict verdict)
{
    c->judged += verdict == VERDICT_JUDGED;
    c->late += verdict == VERDICT_LATE;
    c->clock += verdict == VERDICT_CLOCK;
    c->duplicates += verdict == VERDICT_DUPLICATE;
    c->holes += verdict == VERDICT_HOLE;
    c->added += verdict == VERDICT_ADDITION;
}

void replay_write_entry(struct replay *r, const char *stream, struct buf *out)
{
    entry_write_json(&r->entry, stream, out);
    buf_put_char(out, '\n');
}

static bool field_of_entry(const void *context, size_t place, struct text *out_name, struct text *out_value)
{
    const struct entry *e = context;
    if (place >= e->count)
        return false;
    *out_name = text_of(e->fields[place].name);
    *out_value = e->fields[place].value;
    return true;
}

/* What the entry in r->entry comes to, held against duties: as the store's stream is read. */
void replay_take_work(struct replay *r, struct buf *out)
{
    const struct entry_fields fields = {&r->entry, field_of_entry};
    const struct duty_work work = duty_work_read(&fields, r->names);
    r->told = out;
    if (r->book.judge.world != r->world)
        r->no_memory |= !duty_book_set_world(&r->book, r->world);
    r->no_memory |= !duty_book_take(&r->book, &work);
}

void replay_tell(struct replay *r, struct buf *out)
{
    const struct outcome *o = &r->outcome;
    count_verdict(&r->counts, o->verdict);
    r->counts.restarted += o->restarted;
    r->counts.guessed += o->guessed;
    for (size_t i = 0; o->full != 0 && i < BOUND_COUNT; i++)
        r->counts.bounds[i] += o->full >> i & 1u;
    for (uint32_t i = 0; i < o->transition_count; i++) {
        count_transition(&r->counts, o->transitions[i].event);
        entry_of_transition(&r->entry, &o->transitions[i], r->names);
        replay_write_entry(r, "violations", out);
        replay_late_said(r, o->transitions[i].vehicle, TOLD_IN_VIOLATIONS, o->transitions[i].at_ms);
    }
    for (uint32_t i = 0; i < o->trip_count; i++) {
        r->counts.trips++;
        entry_of_trip(&r->entry, &o->trips[i], r->names);
        replay_write_entry(r, "trips", out);
        replay_late_said(r, o->trips[i].vehicle, TOLD_IN_TRIPS, o->trips[i].at_ms);
    }
    for (uint32_t i = 0; i < o->work_count; i++) {
        entry_of_work(&r->entry, &o->works[i], r->names);
        replay_write_entry(r, "work", out);
        replay_late_said(r, o->works[i].vehicle, TOLD_IN_WORK, o->works[i].at_ms);
        replay_take_work(r, out);
    }
    for (uint32_t i = 0; i < o->warning_count; i++) {
        warning_write_json(&o->warnings[i], r->names, "warn", out);
        buf_put_char(out, '\n');
    }
}

static void fire(struct replay *r, int64_t clock_ms, struct buf *out)
{
    uint32_t place;
    while (fleet_fire(r->fleet, clock_ms, &place, &r->outcome))
        replay_tell(r, out);
}

/* Fires what is due, and while a mark holds it back only what had fired. */
static void advance(struct replay *r, int64_t clock_ms, struct buf *out)
{
    if (r->mark.held && clock_ms > r->mark.fired_ms)
        clock_ms = r->mark.fired_ms;
    if (clock_ms <= r->clock_ms)
        return;
    for (int64_t redo_ms; (redo_ms = replay_late_next_ms(r)) <= clock_ms;) {
        if (redo_ms > r->clock_ms)
            r->clock_ms = redo_ms;
        fire(r, r->clock_ms, out);
        r->no_memory |= !replay_late_redo_next(r, out);
    }
    r->clock_ms = clock_ms;
    fire(r, clock_ms, out);
}

static int64_t clock_at(const struct replay *r, int64_t received_ms)
{
    return r->mark.known ? attended_expected(&r->mark, received_ms) : received_ms;
}

void replay_until(struct replay *r, int64_t received_ms, struct buf *out)
{
    advance(r, clock_at(r, received_ms), out);
}

bool replay_end(struct replay *r, struct buf *out)
{
    while (replay_late_next_ms(r) != TIME_NEVER && !r->no_memory)
        r->no_memory = !replay_late_redo_next(r, out);
    return !r->no_memory;
}

/* Reads `key` and a whole number at the front of the text, and removes both. */
static bool take_number(struct text *t, const char *key, int64_t *out)
{
    size_t n = strlen(key), i = n;
    if (t->len < n || memcmp(t->data, key, n) != 0)
        return false;
    int64_t v = 0;
    for (; i < t->len && i < n + 16 && t->data[i] >= '0' && t->data[i] <= '9'; i++)
        v = v * 10 + (t->data[i] - '0');
    *t = (struct text){t->data + i, t->len - i};
    *out = v;
    return i > n;
}

/* Removes `word` at the front of the text. */
static bool take_word(struct text *t, const char *word)
{
    size_t n = strlen(word);
    if (t->len < n || memcmp(t->data, word, n) != 0)
        return false;
    *t = (struct text){t->data + n, t->len - n};
    return true;
}

/* Reads a mark of attended time, in exactly the form that muckctl track writes. */
static bool take_mark(struct replay *r, struct text line, struct buf *out)
{
    struct attended_mark mark = {.known = true};
    if (!take_number(&line, "{\"attended\":", &mark.clock_ms) ||
        !take_number(&line, ",\"received\":", &mark.received_ms))
        return false;
    mark.running = take_word(&line, ",\"runs\":true");
    if (!mark.running && !take_word(&line, ",\"runs\":false"))
        return false;
    mark.held = take_number(&line, ",\"fired\":", &mark.fired_ms);
    if (!text_equal(line, TEXT("}")))
        return false;
    if (!r->mark.known)
        r->clock_ms = TIME_NONE; /* from here on the clock is the recorded one */
    r->mark = mark;
    r->late.marked = true;
    fleet_trust_order(r->fleet);
    advance(r, mark.clock_ms, out);
    return true;
}

static struct text take_until_quote(struct text *t)
{
    struct text word = {t->data, 0};
    while (word.len < t->len && t->data[word.len] != '"')
        word.len++;
    *t = (struct text){t->data + word.len, t->len - word.len};
    return word;
}

/* Reads a sign of life in the same way. Of a vehicle that no fix has come of it says nothing. */
static bool take_life(struct replay *r, struct text line, struct buf *out)
{
    struct arrival arrival = {0};
    uint32_t place;
    if (!take_word(&line, "{\"mark\":\"life\",\"vehicle\":\""))
        return false;
    struct text vehicle = take_until_quote(&line);
    if (!vehicle_id_valid(vehicle) || !take_number(&line, "\",\"received\":", &arrival.received_ms) ||
        !take_number(&line, ",\"clock\":", &arrival.clock_ms) || !text_equal(line, TEXT("}")))
        return false;
    r->counts.lives++;
    if (r->world == NULL || !r->mark.known || !fleet_find(r->fleet, vehicle, &place))
        return true;
    bool again;
    do {
        again = fleet_take_life(r->fleet, place, arrival, &r->outcome);
        replay_tell(r, out);
    } while (again);
    return true;
}

/* Reads a mark of what was judged again in the same way: it is done here as it was done there. */
static bool take_redo(struct replay *r, struct text line, struct buf *out)
{
    struct replay_redo redo = {.begin_ms = TIME_NONE};
    int64_t left = 0, received_ms, clock_ms;
    uint32_t place;
    if (!take_word(&line, "{\"mark\":\"redo\",\"vehicle\":\""))
        return false;
    struct text vehicle = take_until_quote(&line);
    if (!vehicle_id_valid(vehicle) || !take_number(&line, "\",\"received\":", &received_ms) ||
        !take_number(&line, ",\"clock\":", &clock_ms) || !take_number(&line, ",\"from\":", &redo.from_ms))
        return false;
    take_number(&line, ",\"begin\":", &redo.begin_ms);
    take_number(&line, ",\"left\":", &left);
    if (!text_equal(line, TEXT("}")) || left < 0)
        return false;
    redo.left = (size_t)left;
    r->late.marked = true;
    advance(r, clock_ms, out);
    if (r->world != NULL && fleet_find(r->fleet, vehicle, &place))
        r->no_memory |= !replay_late_redo_as(r, place, &redo, out);
    return true;
}

/* Reads a mark of a ruleset in the same way. */
static bool read_ruleset(struct text line, struct text *out_hash, int64_t *out_received_ms)
{
    static const char key[] = "{\"ruleset\":\"";
    enum { KEY = sizeof key - 1, HASH = 64 };
    if (line.len < KEY + HASH || memcmp(line.data, key, KEY) != 0)
        return false;
    *out_hash = (struct text){line.data + KEY, HASH};
    line = (struct text){line.data + KEY + HASH, line.len - KEY - HASH};
    return take_number(&line, "\",\"received\":", out_received_ms) && text_equal(line, TEXT("}"));
}

/* Puts a world in force from this arrival on. */
static enum replay_status put_in_force(struct replay *r, struct text hash, int64_t received_ms,
                                       struct buf *out)
{
    bool same = r->world != NULL && text_equal(hash, text_of(r->world->hash));
    if (!same && r->worlds.find == NULL) {
        r->counts.other_rulesets++;
        return REPLAY_OK;
    }
    const struct world *world = r->world;
    if (!same && !r->worlds.find(r->worlds.context, hash, &world))
        return REPLAY_NOT_FOUND;
    replay_until(r, received_ms, out);
    if (!fleet_set_world(r->fleet, world))
        return REPLAY_NO_MEMORY;
    r->world = world;
    if (!same)
        r->book.judge.world = NULL; /* the next entry has it learn of this one */
    r->counts.rulesets += !same;
    if (!same && !replay_late_world(r))
        return REPLAY_NO_MEMORY;
    uint32_t place;
    while (fleet_settle(r->fleet, clock_at(r, received_ms), &place, &r->outcome))
        replay_tell(r, out);
    return same || replay_late_settled(r, clock_at(r, received_ms)) ? REPLAY_OK : REPLAY_NO_MEMORY;
}

static struct arrival arrival_of(const struct replay *r, const struct fix_line *line)
{
    if (!line->has_received)
        return (struct arrival){.received_ms = r->clock_ms, .clock_ms = r->clock_ms, .assumed = true};
    /* What the marks say was shown then, also where it has been further: what is not stored was not so. */
    int64_t clock_ms = r->mark.known ? clock_at(r, line->received.ms) : r->clock_ms;
    return (struct arrival){.received_ms = line->received.ms, .clock_ms = clock_ms};
}

static void refuse(struct replay *r, const struct fix_line *line, struct buf *out)
{
    const struct fix_item *item = &line->item;
    struct arrival arrival = arrival_of(r, line);
    uint32_t place;
    r->counts.refused++;
    if (fix_has(&item->fix, FIX_HAS_SEQ) && line->vehicle.len > 0 &&
        fleet_place(r->fleet, line->vehicle, &place)) {
        struct fix_number number = {item->fix.boot, item->fix.seq};
        while (fleet_take_refused(r->fleet, place, number, arrival, &r->outcome))
            replay_tell(r, out);
        replay_tell(r, out);
    }
    struct wall received = {arrival.received_ms == TIME_NONE ? 0 : arrival.received_ms};
    entry_of_reject(&r->entry, line->vehicle, received, fix_error_name(item->error), item->json);
    replay_write_entry(r, "rejects", out);
}

enum replay_status replay_line(struct replay *r, struct text text, struct buf *out)
{
    struct fix_line line;
    struct text hash;
    int64_t in_force_ms;
    if (take_mark(r, text, out) || take_life(r, text, out) || take_redo(r, text, out))
        return r->no_memory ? REPLAY_NO_MEMORY : REPLAY_OK;
    if (read_ruleset(text, &hash, &in_force_ms))
        return put_in_force(r, hash, in_force_ms, out);
    if (r->world == NULL)
        return REPLAY_NO_RULESET;
    /* The track keeps what the phone sent, so a recorded line may be an OwnTracks message with vehicle and
     * received. */
    if (fix_line_read(text, &line) != FIX_OK && line.vehicle.len > 0 && owntracks_read(text, &line.item))
        line.item.fix.content = fix_line_content(&line, text);
    enum fix_error error = line.item.error;
    uint32_t place;
    if (error == FIX_OK && !fleet_place(r->fleet, line.vehicle, &place))
        return REPLAY_FULL;
    if (line.has_received)
        replay_until(r, line.received.ms, out);
    else if (error == FIX_OK)
        replay_until(r, line.item.fix.time.ms, out);
    r->counts.lines++; /* what was judged again until here was so without it */
    if (error != FIX_OK) {
        refuse(r, &line, out);
        return REPLAY_OK;
    }
    struct arrival arrival = arrival_of(r, &line);
    if (!replay_late_before(r, place, &line.item.fix))
        return REPLAY_NO_MEMORY;
    bool again;
    do {
        again = fleet_take_fix(r->fleet, place, &line.item.fix, arrival, &r->outcome);
        replay_tell(r, out);
    } while (again);
    if (!replay_late_took(r, place, &line.item.fix, arrival) || r->no_memory)
        return REPLAY_NO_MEMORY;
    r->counts.unknown += line.item.unknown != 0 && r->outcome.verdict != VERDICT_DUPLICATE;
    return REPLAY_OK;
}
