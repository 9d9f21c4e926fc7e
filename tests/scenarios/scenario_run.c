/*
 * Runs a scenario in one variant.
 *
 * Times: an input's event time is its first word; it arrives then, or at `arrive=`, but never before an
 * earlier arrival. The tracker's count of attended time is the arrival time less what `down` took away.
 */
#include "scenario.h"

#include "state_codec.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define WORLDS_MAX 8

struct run {
    const struct scenario *s;
    unsigned variant;
    struct names *names;
    struct fleet *fleet;
    struct world *worlds[WORLDS_MAX];
    size_t world_count;
    const struct world *world;
    struct records *records;
    struct outcome *out;
    int day;
    int64_t time_ms; /* of the last input */
    int64_t received_ms, down_ms;
};

const char *variant_name(unsigned variant)
{
    static const char *const names[VARIANT_COUNT] = {"eager timers",
                                                     "lazy timers",
                                                     "eager timers, restarts",
                                                     "lazy timers, restarts",
                                                     "eager timers, a twin",
                                                     "lazy timers, a twin",
                                                     "eager timers, restarts, a twin",
                                                     "lazy timers, restarts, a twin"};
    return names[variant];
}

static struct record *add_record(struct records *r)
{
    if (r->count == r->cap) {
        r->cap = r->cap == 0 ? 64 : r->cap * 2;
        r->list = realloc(r->list, r->cap * sizeof *r->list);
    }
    return &r->list[r->count++];
}

void records_free(struct records *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->list[i].vehicle);
        free(r->list[i].text);
    }
    free(r->list);
    free(r->states);
}

/* A line of words that grows; long enough for all there is to say. */
struct words {
    char text[1024];
    size_t len;
};

static void say(struct words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct words *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w->text + w->len, sizeof w->text - w->len, format, args);
    va_end(args);
    w->len += (size_t)n < sizeof w->text - w->len ? (size_t)n : sizeof w->text - w->len - 1;
}

static void say_time(const struct run *r, struct words *w, const char *key, int64_t ms)
{
    char text[32];
    if (ms != TIME_NONE)
        say(w, " %s=%s", key, format_time(r->s, ms, text));
}

static void say_symbol(const struct run *r, struct words *w, const char *key, uint32_t symbol)
{
    if (symbol != 0)
        say(w, " %s=%.*s", key, TEXT_ARG(names_text(r->names, symbol)));
}

static void say_number(struct words *w, const char *key, double value)
{
    if (!isnan(value))
        say(w, " %s=%.3f", key, value);
}

static void say_text(struct words *w, const char *key, struct text text)
{
    if (text.len > 0)
        say(w, " %s=%.*s", key, TEXT_ARG(text));
}

static void say_transition(const struct run *r, struct words *w, const struct transition *t)
{
    say(w, " severity=%s rev=%u", severity_name(t->severity), t->rev);
    say_time(r, w, "start", t->start_ms);
    say_time(r, w, "at", t->at_ms);
    say_time(r, w, "end", t->end_ms);
    if (t->reason != CLOSE_NONE)
        say(w, " reason=%s", close_reason_name(t->reason));
    if (t->cause != CAUSE_NONE)
        say(w, " cause=%s", cause_name(t->cause));
    else if (kind_row(t->kind)->subject != SUBJECT_TRIP)
        say_symbol(r, w, "subject", t->subject);
    say_symbol(r, w, "fence", t->fence);
    say_symbol(r, w, "permit", t->permit);
    say_number(w, "value", (double)t->value);
    say_number(w, "limit", (double)t->limit);
    say_number(w, "error", (double)t->error_m);
    say(w, " repeat=%u", t->repeat);
    say_time(r, w, "trip", t->trip_ms);
    say_text(w, "plate", t->plate);
    say_text(w, "jurisdiction", t->jurisdiction);
    say_text(w, "road_class", t->road_class);
    say(w, " ruleset=%s", t->ruleset);
    if (t->has_position)
        say(w, " lat=%.7f lon=%.7f", t->lat_deg, t->lon_deg);
}

static void record_text(struct run *r, uint32_t vehicle, struct words *w)
{
    struct record *record = add_record(r->records);
    record->vehicle = strdup(names_text(r->names, vehicle).data);
    char *twin = strstr(record->vehicle, TWIN);
    record->twin = twin != NULL;
    if (twin != NULL)
        *twin = '\0';
    record->text = strdup(w->text);
}

static void record_trip(struct run *r, const struct trip_entry *e)
{
    struct words w = {.len = 0};
    say(&w, "trip");
    say_time(r, &w, "loaded", e->trip.loaded_ms);
    say_time(r, &w, "departed", e->trip.start_ms);
    say_time(r, &w, "arrived", e->trip.arrived_ms);
    say_time(r, &w, "unloaded", e->unloaded_ms);
    say_time(r, &w, "end", e->end_ms);
    say_symbol(r, &w, "site", e->trip.site);
    say_symbol(r, &w, "disposal", e->trip.disposal);
    say_symbol(r, &w, "permit", e->trip.permit);
    say_number(&w, "distance_m", e->trip.distance_m);
    say_number(&w, "load_kg", (double)e->trip.load_kg);
    say_number(&w, "completeness", e->completeness);
    say(&w, " violations=%u reason=%s", e->trip.violations, e->end_reason);
    record_text(r, e->vehicle, &w);
}

/* An opened or closed episode is told to the cab as well, unless it is about the machine. */
static void check_told(struct run *r, const struct transition *t)
{
    if (t->event == TRANSITION_UPDATED || kind_row(t->kind)->machine)
        return;
    for (uint32_t i = 0; i < r->out->warning_count; i++) {
        const struct warning *w = &r->out->warnings[i];
        if (w->event == t->event && w->about.kind == t->kind && w->about.subject == t->subject &&
            w->about.start_ms == t->start_ms)
            return;
    }
    fprintf(stderr, "%s: %s: the cab was not told that %s %s\n", r->s->path, variant_name(r->variant),
            kind_row(t->kind)->name, transition_event_name(t->event));
    r->records->wrong++;
}

static void collect(struct run *r)
{
    for (uint32_t i = 0; i < r->out->warning_count; i++) {
        const struct warning *warning = &r->out->warnings[i];
        if (warning->event != TRANSITION_NONE)
            continue;
        struct words w = {.len = 0};
        say(&w, "warning %s", kind_row(warning->about.kind)->name);
        say_transition(r, &w, &warning->about);
        record_text(r, warning->about.vehicle, &w);
    }
    for (uint32_t i = 0; i < r->out->transition_count; i++) {
        const struct transition *t = &r->out->transitions[i];
        struct words w = {.len = 0};
        say(&w, "%s %s", transition_event_name(t->event), kind_row(t->kind)->name);
        say_transition(r, &w, t);
        record_text(r, t->vehicle, &w);
        check_told(r, t);
    }
    for (uint32_t i = 0; i < r->out->trip_count; i++)
        record_trip(r, &r->out->trips[i]);
}

static int64_t clock_ms(const struct run *r)
{
    return r->received_ms - r->down_ms;
}

static void fire_due(struct run *r)
{
    uint32_t place;
    while (fleet_fire(r->fleet, clock_ms(r), &place, r->out))
        collect(r);
}

static void settle(struct run *r)
{
    uint32_t place;
    while (fleet_settle(r->fleet, clock_ms(r), &place, r->out))
        collect(r);
}

static struct fleet *new_fleet(struct run *r)
{
    struct fleet *fleet =
        fleet_new(r->names, (struct fleet_options){.vehicle_limit = 64, .adopt_first = false});
    fleet_set_world(fleet, r->world);
    return fleet;
}

static void restart(struct run *r)
{
    struct fleet *old = r->fleet;
    struct buf bytes;
    buf_init(&bytes, STATE_BYTES_MAX);
    r->fleet = new_fleet(r);
    for (uint32_t i = 0; i < fleet_count(old); i++) {
        const struct vehicle_state *state = fleet_state(old, i);
        struct vehicle_state back;
        buf_clear(&bytes);
        state_write(state, r->names, &bytes);
        if (state_read(buf_text(&bytes), state->vehicle, r->names, &back) != STATE_OK)
            scenario_fail(r->s, NULL, "a state that was written cannot be read");
        fleet_restore(r->fleet, &back);
    }
    buf_fini(&bytes);
    fleet_free(old);
    settle(r);
}

/* sensors */

static uint8_t word_of(const struct run *r, const struct line *line, const char *value,
                       const char *const *words)
{
    for (uint8_t i = 1; words[i] != NULL; i++)
        if (strcmp(words[i], value) == 0)
            return i;
    scenario_fail(r->s, line, "\"%s\" is not known here", value);
}

static bool read_sensors(const struct run *r, const struct line *line, struct sensors *out)
{
    static const char *const cover[] = {"", "open", "closed", "fault", NULL};
    static const char *const body[] = {"", "raised", "down", "fault", NULL};
    static const char *const load[] = {"", "empty", "loaded", "over", "fault", NULL};
    static const char *const flag[] = {"", "false", "true", NULL};
    static const char *const work[] = {"", "off", "sweeping", "washing", "spraying", "collecting", NULL};
    static const char *const power[] = {"", "main", "backup", NULL};
    static const char *const antenna[] = {"", "ok", "cut", "short", NULL};
    struct {
        const char *key;
        const char *const *words;
        uint8_t *to;
    } rows[] = {{"cover", cover, &out->cover},      {"body", body, &out->body},
                {"load", load, &out->load},         {"spill", flag, &out->spill},
                {"wash", flag, &out->wash},         {"discharge", flag, &out->discharge},
                {"ignition", flag, &out->ignition}, {"work", work, &out->work},
                {"power", power, &out->power},      {"antenna", antenna, &out->antenna}};
    *out = sensors_none();
    bool any = false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *value = line_value(line, rows[i].key);
        if (value == NULL)
            continue;
        *rows[i].to = word_of(r, line, value, rows[i].words);
        any = true;
    }
    out->load_kg = (float)line_number(r->s, line, "load_kg", NAN);
    out->height_m = (float)line_number(r->s, line, "height_m", NAN);
    return any || !isnan(out->load_kg) || !isnan(out->height_m);
}

/* boot:number */
static void read_seq(const struct run *r, const struct line *line, const char *value, struct text *boot,
                     uint64_t *seq)
{
    const char *colon = strchr(value, ':');
    if (colon == NULL)
        scenario_fail(r->s, line, "seq is BOOT:NUMBER");
    *boot = (struct text){value, (size_t)(colon - value)};
    *seq = strtoull(colon + 1, NULL, 10);
}

/* What would stand in a message's bytes: all words but its time, which may be given in another way, and what
 * is expected. */
static uint64_t content_of(const struct line *line)
{
    static const char *const expectations[] = {
        "verdict=", "distrust=", "ack=", "hole=", "arrive=", "assumed="};
    uint64_t hash = 1;
    for (unsigned i = 2; i < line->count; i++) {
        const char *word = line->tokens[i];
        bool counts = true;
        for (size_t k = 0; k < sizeof expectations / sizeof *expectations; k++)
            counts &= strncmp(word, expectations[k], strlen(expectations[k])) != 0;
        for (; counts && *word != '\0'; word++)
            hash = (hash ^ (unsigned char)*word) * 1099511628211u; /* FNV-1a */
    }
    return hash;
}

static struct fix read_fix(struct run *r, const struct line *line)
{
    struct fix f = {.time = {r->time_ms}, .content = content_of(line)};
    if (read_sensors(r, line, &f.sensors))
        f.has |= FIX_HAS_SENSORS;
    if (line_value(line, "speed") != NULL) {
        f.has |= FIX_HAS_SPEED;
        f.speed_mps = (float)(line_number(r->s, line, "speed", 0) / 3.6);
    }
    if (line_value(line, "track") != NULL) {
        f.has |= FIX_HAS_TRACK;
        f.track_deg = (float)line_number(r->s, line, "track", 0);
    }
    if (line_value(line, "eph") != NULL) {
        f.has |= FIX_HAS_EPH;
        f.eph_m = (float)line_number(r->s, line, "eph", 0);
    }
    if (line_value(line, "mode") != NULL) {
        f.has |= FIX_HAS_MODE;
        f.mode = (uint8_t)line_number(r->s, line, "mode", 0);
    }
    if (line_value(line, "seq") != NULL) {
        f.has |= FIX_HAS_SEQ;
        read_seq(r, line, line_value(line, "seq"), &f.boot, &f.seq);
    }
    return f;
}

static const char *verdict_name(enum verdict v)
{
    static const char *const names[] = {"none", "judged", "late", "clock", "duplicate", "hole", "addition"};
    return names[v];
}

static void expect_word(struct run *r, const struct line *line, const char *key, const char *otherwise,
                        const char *actual)
{
    const char *expected = line_value(line, key);
    if (expected == NULL)
        expected = otherwise;
    if (expected == NULL || strcmp(expected, actual) == 0)
        return;
    fprintf(stderr, "%s:%u: %s: expected %s=%s, was %s\n", r->s->path, line->number, variant_name(r->variant),
            key, expected, actual);
    r->records->wrong++;
}

static void check_verdict(struct run *r, const struct line *line, const char *otherwise)
{
    char hole[48] = "none";
    if (r->out->hole_to != 0)
        snprintf(hole, sizeof hole, "%llu-%llu", (unsigned long long)r->out->hole_from,
                 (unsigned long long)r->out->hole_to);
    expect_word(r, line, "verdict", otherwise, verdict_name(r->out->verdict));
    expect_word(r, line, "hole", "none", hole);
    expect_word(r, line, "ack", NULL, r->out->ack ? "yes" : "no");
}

static uint32_t place_of(struct run *r, const char *vehicle, bool twin)
{
    char id[WORLD_ID_MAX];
    snprintf(id, sizeof id, "%s%s", vehicle, twin ? TWIN : "");
    uint32_t place = 0;
    if (!fleet_place(r->fleet, text_of(id), &place))
        scenario_fail(r->s, NULL, "no place for vehicle \"%s\"", id);
    return place;
}

/* The arrival of an input at the present time. */
static struct arrival arrive(struct run *r, const struct line *line)
{
    const char *at = line_value(line, "arrive");
    int64_t received_ms = at == NULL ? r->time_ms : parse_time(r->s, line, at, r->day);
    if (received_ms > r->received_ms)
        r->received_ms = received_ms;
    if ((r->variant & VARIANT_LAZY) == 0)
        fire_due(r);
    return (struct arrival){r->received_ms, clock_ms(r), line_value(line, "assumed") != NULL};
}

static void give_fix(struct run *r, const struct line *line, const struct fix *fix)
{
    struct arrival arrival = arrive(r, line);
    int twins = (r->variant & VARIANT_TWIN) != 0;
    for (int twin = 0; twin <= twins; twin++) {
        uint32_t place = place_of(r, line->tokens[1], twin != 0);
        while (fleet_take_fix(r->fleet, place, fix, arrival, r->out))
            collect(r);
        collect(r);
        check_verdict(r, line, "judged");
        expect_word(r, line, "distrust", NULL, distrust_name(r->out->distrust));
    }
    if ((r->variant & VARIANT_RESTART) != 0)
        restart(r);
}

static void do_fix(struct run *r, const struct line *line)
{
    struct fix fix = read_fix(r, line);
    if (line->count < 4 || strcmp(line->tokens[3], "-") != 0) {
        struct mw_point p = {0, 0};
        if (line->count < 4)
            scenario_fail(r->s, line, "expected a place, null or -");
        if (strcmp(line->tokens[3], "null") != 0) /* null island */
            p = parse_place(r->s, line, line->tokens[3]);
        fix.has |= FIX_HAS_POSITION;
        fix.lat_deg = p.lat_deg;
        fix.lon_deg = p.lon_deg;
    }
    give_fix(r, line, &fix);
}

static void place_fix(struct fix *fix, struct mw_point p)
{
    fix->has |= FIX_HAS_POSITION;
    fix->lat_deg = p.lat_deg;
    fix->lon_deg = p.lon_deg;
}

static int64_t every_ms(const struct run *r, const struct line *line)
{
    return (int64_t)(line_number(r->s, line, "every", 10) * 1000);
}

static void do_stay(struct run *r, const struct line *line)
{
    int64_t until_ms = r->time_ms + (int64_t)(line_number(r->s, line, "for", 0) * 1000);
    for (;;) {
        struct fix fix = read_fix(r, line);
        if (strcmp(line->tokens[3], "-") != 0)
            place_fix(&fix, parse_place(r->s, line, line->tokens[3]));
        give_fix(r, line, &fix);
        if (r->time_ms + every_ms(r, line) > until_ms)
            return;
        r->time_ms += every_ms(r, line);
    }
}

/* Along the line at a steady speed, a fix at the start and every so often; `silent` fixes say no speed. */
/* Beyond the antimeridian it goes on at -180. */
static double east_of(double lon_deg, double east_deg)
{
    double sum = lon_deg + east_deg;
    return sum > 180 ? sum - 360 : sum < -180 ? sum + 360 : sum;
}

static void do_drive(struct run *r, const struct line *line)
{
    double mps = line_number(r->s, line, "speed", 36) / 3.6, gone_m = 0;
    int64_t start_ms = r->time_ms;
    struct fix fix = read_fix(r, line);
    for (unsigned i = 3; i + 1 < line->count && strchr(line->tokens[i + 1], ',') != NULL; i++) {
        struct mw_point a = parse_place(r->s, line, line->tokens[i]);
        struct mw_point b = parse_place(r->s, line, line->tokens[i + 1]);
        double leg_m = mw_distance_m(a, b);
        for (;;) {
            double at_m = (double)(r->time_ms - start_ms) / 1000 * mps;
            if (at_m > gone_m + leg_m + 1e-6)
                break;
            double share = leg_m > 0 ? (at_m - gone_m) / leg_m : 0;
            fix.time.ms = r->time_ms;
            place_fix(&fix, (struct mw_point){a.lat_deg + (b.lat_deg - a.lat_deg) * share,
                                              east_of(a.lon_deg, mw_east_deg(a, b) * share)});
            if (line_value(line, "silent") != NULL)
                fix.has &= (uint16_t)~FIX_HAS_SPEED;
            give_fix(r, line, &fix);
            r->time_ms += every_ms(r, line);
        }
        gone_m += leg_m;
    }
    r->time_ms -= every_ms(r, line);
}

static void do_status(struct run *r, const struct line *line)
{
    uint64_t skipped[1][2];
    struct unit_status status = {.online = line->count > 3 && strcmp(line->tokens[3], "online") == 0,
                                 .retained = line_value(line, "retained") != NULL};
    if (line_value(line, "boot") != NULL)
        status.boot = text_of(line_value(line, "boot"));
    status.first = (uint64_t)line_number(r->s, line, "first", 0);
    const char *skip = line_value(line, "skipped");
    if (skip != NULL) {
        char *end;
        skipped[0][0] = strtoull(skip, &end, 10);
        skipped[0][1] = strtoull(end + 1, NULL, 10);
        status.skipped = skipped;
        status.skipped_count = 1;
    }
    struct arrival arrival = arrive(r, line);
    int twins = (r->variant & VARIANT_TWIN) != 0;
    for (int twin = 0; twin <= twins; twin++) {
        uint32_t place = place_of(r, line->tokens[1], twin != 0);
        while (fleet_take_status(r->fleet, place, &status, arrival, r->out))
            collect(r);
        collect(r);
        check_verdict(r, line, NULL);
    }
}

static void do_refused(struct run *r, const struct line *line)
{
    struct text boot;
    uint64_t seq;
    read_seq(r, line, line_value(line, "seq"), &boot, &seq);
    struct arrival arrival = arrive(r, line);
    int twins = (r->variant & VARIANT_TWIN) != 0;
    for (int twin = 0; twin <= twins; twin++) {
        uint32_t place = place_of(r, line->tokens[1], twin != 0);
        while (fleet_take_refused(r->fleet, place, (struct fix_number){boot, seq}, arrival, r->out))
            collect(r);
        collect(r);
        check_verdict(r, line, NULL);
    }
}

static void do_live(struct run *r, const struct line *line)
{
    bool retained = strcmp(line->tokens[2], "retained") == 0;
    bool (*take)(struct fleet *, uint32_t, const struct fix *, struct arrival, struct outcome *) =
        retained ? fleet_take_retained : fleet_take_live;
    struct fix fix = read_fix(r, line);
    place_fix(&fix, parse_place(r->s, line, line->tokens[3]));
    struct arrival arrival = arrive(r, line);
    int twins = (r->variant & VARIANT_TWIN) != 0;
    for (int twin = 0; twin <= twins; twin++) {
        uint32_t place = place_of(r, line->tokens[1], twin != 0);
        while (take(r->fleet, place, &fix, arrival, r->out))
            collect(r);
        collect(r);
        expect_word(r, line, "shown", NULL, r->out->shown ? "yes" : "no");
    }
}

/* What is remembered of the vehicle, timers served. */
static void do_shows(struct run *r, const struct line *line)
{
    arrive(r, line);
    fire_due(r);
    const struct vehicle_state *s = fleet_state(r->fleet, place_of(r, line->tokens[1], false));
    expect_word(r, line, "online", NULL, s->flags & VEHICLE_ONLINE ? "yes" : "no");
}

static void reload(struct run *r, const struct line *line)
{
    if (r->world_count == WORLDS_MAX || line->count < 3)
        scenario_fail(r->s, line, "expected a world's name, and at most %d worlds", WORLDS_MAX);
    arrive(r, line);
    const char *name = strcmp(line->tokens[2], "first") == 0 ? NULL : line->tokens[2];
    r->worlds[r->world_count] = scenario_world(r->s, r->names, name);
    r->world = r->worlds[r->world_count++];
    fleet_set_world(r->fleet, r->world);
    settle(r);
}

/* What concerns no vehicle; false if it does. */
static bool do_common(struct run *r, const struct line *line)
{
    const char *word = line->tokens[1];
    if (strcmp(word, "clock") == 0) {
        arrive(r, line);
        fire_due(r);
    } else if (strcmp(word, "down") == 0) {
        arrive(r, line);
        int64_t ms = (int64_t)(line_number(r->s, line, "for", 0) * 1000);
        r->received_ms += ms;
        r->down_ms += ms;
        restart(r);
    } else if (strcmp(word, "restart") == 0) {
        arrive(r, line);
        restart(r);
    } else if (strcmp(word, "reload") == 0) {
        reload(r, line);
    } else {
        return false;
    }
    return true;
}

static void do_input(struct run *r, const struct line *line)
{
    static const struct {
        const char *word;
        void (*input)(struct run *, const struct line *);
    } words[] = {{"fix", do_fix},         {"drive", do_drive}, {"stay", do_stay},     {"status", do_status},
                 {"refused", do_refused}, {"live", do_live},   {"retained", do_live}, {"shows", do_shows}};
    if (line->count < 2)
        scenario_fail(r->s, line, "a time alone");
    if (line->tokens[0][0] == '+')
        r->time_ms += (int64_t)(parse_number(r->s, line, line->tokens[0] + 1) * 1000);
    else
        r->time_ms = parse_time(r->s, line, line->tokens[0], r->day);
    if (do_common(r, line))
        return;
    for (size_t i = 0; line->count > 2 && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(line->tokens[2], words[i].word) == 0) {
            words[i].input(r, line);
            return;
        }
    scenario_fail(r->s, line, "no such input");
}

/* A timer has to come no later than the first deadline, by the tracker's clock. */
static void check_timer(struct run *r, const struct line *line)
{
    int64_t due_ms = TIME_NEVER;
    for (uint32_t i = 0; i < fleet_count(r->fleet); i++) {
        const struct vehicle_state *s = fleet_state(r->fleet, i);
        if (!(s->flags & VEHICLE_SEEN) || s->deadline_ms == TIME_NEVER)
            continue;
        int64_t its_ms = s->clock_ms + (s->deadline_ms - s->time_ms);
        due_ms = its_ms < due_ms ? its_ms : due_ms;
    }
    if (fleet_next_due_ms(r->fleet) <= due_ms)
        return;
    fprintf(stderr, "%s:%u: %s: the next timer comes after the first deadline\n", r->s->path, line->number,
            variant_name(r->variant));
    r->records->wrong++;
}

static void keep_states(struct run *r)
{
    r->records->states = calloc(fleet_count(r->fleet) + (size_t)1, sizeof(struct vehicle_state));
    for (uint32_t i = 0; i < fleet_count(r->fleet); i++) {
        const struct vehicle_state *state = fleet_state(r->fleet, i);
        if (strstr(names_text(r->names, state->vehicle).data, TWIN) == NULL)
            r->records->states[r->records->state_count++] = *state;
    }
}

/* Symbols are given in order of coming; all at the start, so that states are the same bytes in all variants.
 */
static void name_vehicles(struct run *r)
{
    for (size_t i = r->s->run_at + 1; i < r->s->count; i++) {
        const struct line *line = &r->s->lines[i];
        char twin[WORLD_ID_MAX];
        uint32_t symbol;
        if (line->count < 3 || strcmp(line->tokens[0], "=>") == 0)
            continue;
        snprintf(twin, sizeof twin, "%s" TWIN, line->tokens[1]);
        names_intern(r->names, text_of(line->tokens[1]), &symbol);
        names_intern(r->names, text_of(twin), &symbol);
    }
}

void scenario_run(const struct scenario *s, unsigned variant, struct records *out)
{
    *out = (struct records){0};
    struct run r = {.s = s, .variant = variant, .records = out, .day = s->first_day};
    r.names = names_new(1000);
    name_vehicles(&r);
    r.out = malloc(sizeof *r.out);
    r.worlds[r.world_count++] = scenario_world(s, r.names, NULL);
    r.world = r.worlds[0];
    r.fleet = new_fleet(&r);
    r.received_ms = TIME_NONE;
    for (size_t i = s->run_at + 1; i < s->count; i++) {
        const struct line *line = &s->lines[i];
        if (strcmp(line->tokens[0], "day") == 0 && line->count == 2)
            r.day = parse_date(s, line, line->tokens[1]);
        else if (strcmp(line->tokens[0], "=>") != 0)
            do_input(&r, line);
        check_timer(&r, line);
    }
    fire_due(&r);
    keep_states(&r);
    fleet_free(r.fleet);
    for (size_t i = 0; i < r.world_count; i++)
        world_free(r.worlds[i]);
    names_free(r.names);
    free(r.out);
}
