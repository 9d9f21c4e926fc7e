/*
 * A sweep: which question comes next, and what its answer means.
 *
 *   registration ─ owner ─ time ─ vehicles ─► walks back, in a new life ─► reading, stream after stream, turn after turn
 *        ▲                                                                        │ all read to its end
 *        └────────────── sleep ◄── registered, up to the batch of `owner` ◄───────┘
 */
#include "archive_state.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <stdio.h>
#include <sysexits.h>

enum {
    SLEEP_MS = 500,
    REGISTER_EVERY_MS = 2000,
    TURN_BYTES = 1 << 20,
};

struct archive_step archive_sweep_begin(struct archive *a)
{
    a->next = a->asked_count = 0;
    a->again = a->through = false;
    return ARCHIVE_ASK_WORDS(a, ASK_REGISTRATION, "HMGET", "archive", "archive", "turn", "batch");
}

/* ---- reading ---- */

static bool wants_read(const struct archive *a, const struct followed *stream)
{
    return !a->again || stream->more;
}

/* The next streams, in one question. Streams of which more is known to be there are asked again, until none is. */
static bool choose_streams(struct archive *a)
{
    a->asked_count = 0;
    for (; a->next < a->count && a->asked_count < ARCHIVE_READ_STREAMS; a->next++)
        if (wants_read(a, &a->streams[a->next]))
            a->asked[a->asked_count++] = (uint32_t)a->next;
    return a->asked_count > 0;
}

static struct archive_step ask_fork(struct archive *a)
{
    return ARCHIVE_ASK_WORDS(a, ASK_FORK, "XREVRANGE", a->streams[a->next].name.data, a->fork_from, "-",
                             "COUNT", "64");
}

/* A day whose file is new begins with the newest checkpoint of each vehicle. NULL: none is left to be asked. */
static const struct followed *next_checkpoint(struct archive *a)
{
    bool fresh = false;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++)
        fresh = fresh || (a->days[i].in_turn && a->days[i].fresh);
    for (; fresh && a->checkpoint_next < a->count; a->checkpoint_next++)
        if (a->streams[a->checkpoint_next].row->goes == ARCHIVE_TO_TRACK)
            return &a->streams[a->checkpoint_next];
    return NULL;
}

/* How a vehicle stood when a new day began: who lags asks long after that. Of a day without one before it in the archive,
 * how it stands now: what came before is not kept. */
static bool checkpoint_bound(struct archive *a, char out[24])
{
    int32_t first = INT32_MAX;
    bool before = false;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX; i++)
        if (a->days[i].in_turn && a->days[i].fresh && a->days[i].day < first)
            first = a->days[i].day;
    assert(first != INT32_MAX);
    if (!a->disk->has_day(a->disk->context, first - 1, &before))
        return false;
    if (before)
        snprintf(out, 24, "%lld", (long long)(first * ARCHIVE_DAY_MS - 1));
    else
        snprintf(out, 24, "+");
    return true;
}

/* Before a turn is committed it is completed by what belongs with it. */
static struct archive_step finish_turn(struct archive *a)
{
    char tail[MW_KEY_MAX], bound[24];
    const struct followed *vehicle = next_checkpoint(a);
    if (vehicle != NULL) {
        if (!checkpoint_bound(a, bound))
            return archive_broken(a, "day");
        snprintf(tail, sizeof tail, "past:%.*s", TEXT_ARG(vehicle->vehicle));
        return ARCHIVE_ASK_WORDS(a, ASK_CHECKPOINT, "XREVRANGE", tail, bound, "-", "COUNT", "1");
    }
    if (a->world_count > 0) {
        char key[MW_KEY_MAX];
        snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(text_of(a->worlds[a->world_count - 1])));
        archive_command_begin(&a->command, 3);
        archive_command_word(&a->command, TEXT("HGET"));
        archive_command_word(&a->command, text_of(key));
        archive_command_word(&a->command, TEXT("canonical"));
        return archive_asking(a, ASK_WORLD);
    }
    a->checkpoint_next = 0;
    return archive_ask_intent(a);
}

/* Of a new life each stream is walked back first; outside of turns. */
static bool next_fork(struct archive *a)
{
    for (; a->next < a->count; a->next++)
        if (a->streams[a->next].at.life < a->state.life)
            return true;
    return false;
}

/* All was read to its end, and is on disk. */
static struct archive_step end_sweep(struct archive *a)
{
    if (a->failing)
        ARCHIVE_TELL(a, LOG_LEVEL_INFO, "archive_mended", LOG_INT("turn", a->state.turn));
    a->failing = false;
    bool moved = a->sweep_batch != a->registered_batch || a->upto_ms == 0;
    if (moved || a->mono.ms - a->registered_ms >= REGISTER_EVERY_MS)
        return archive_ask_register(a);
    return archive_asleep(SLEEP_MS);
}

/* Whether a stream has more than was read, and how far the one has come that is furthest behind. */
static void look_for_more(struct archive *a)
{
    int64_t reached_ms = 0;
    a->again = false;
    for (size_t i = 0; i < a->count; i++) {
        const struct followed *stream = &a->streams[i];
        if (!stream->more)
            continue;
        a->again = true;
        if (reached_ms == 0 || stream->at.ms < reached_ms)
            reached_ms = stream->at.ms;
    }
    a->figures.reached_ms = reached_ms;
}

static struct archive_step go_on(struct archive *a)
{
    size_t most = a->options.turn_bytes > 0 ? a->options.turn_bytes : TURN_BYTES;
    if (a->in_turn && a->turn_bytes >= most)
        return finish_turn(a);
    if (choose_streams(a))
        return archive_ask_read(a);
    look_for_more(a);
    a->next = 0;
    a->through = !a->again;
    if (a->through && !archive_count_at_end(a))
        return archive_broken(a, "begin");
    /* A batch that left nothing in the streams is written down as well: what is registered is never above the disk. */
    if (a->through && a->sweep_batch > a->state.batch && !archive_turn_begin(a))
        return archive_broken(a, "begin");
    if (a->in_turn)
        return finish_turn(a); /* also where an entry waits for another file */
    return a->through ? end_sweep(a) : choose_streams(a) ? archive_ask_read(a) : archive_broken(a, "reading");
}

static struct archive_step begin_reading(struct archive *a)
{
    a->next = 0;
    if (next_fork(a)) {
        snprintf(a->fork_from, sizeof a->fork_from, "+");
        return ask_fork(a);
    }
    a->next = 0;
    return go_on(a);
}

/* ---- answers ---- */

static struct archive_step on_registration(struct archive *a, const struct archive_answer *answer)
{
    struct archive_answer id = archive_answer_at(answer, 0), turn = archive_answer_at(answer, 1),
                          batch = archive_answer_at(answer, 2);
    bool there = id.type == ANSWER_TEXT;
    if (there && !text_equal(id.text, text_of(a->state.id))) {
        ARCHIVE_TELL(
            a, LOG_LEVEL_ERROR, "archive_registered_elsewhere", LOG_TEXT("archive", id.text),
            LOG_STR("ours", a->state.id),
            LOG_STR("meaning", "muckctl archive --unregister lets go of one that will not come back"));
        return (struct archive_step){.kind = ARCHIVE_END, .exit_code = EX_TEMPFAIL};
    }
    int64_t stored = there ? turn.integer : 0;
    a->went_back = stored >= a->state.turn ? NULL : there ? "turn" : "registration";
    a->store_turn = stored > a->state.turn ? stored : a->state.turn;
    if (there && batch.integer > a->state.batch)
        ARCHIVE_TELL(a, LOG_LEVEL_ERROR, "archive_folder_older", LOG_INT("registered", batch.integer),
                     LOG_INT("archived", a->state.batch));
    return ARCHIVE_ASK_WORDS(a, ASK_OWNER, "HGET", "owner", "batch");
}

/* A store that went back begins a new life, before anything of it is read. */
static struct archive_step on_owner(struct archive *a, const struct archive_answer *answer)
{
    if (answer->type != ANSWER_TEXT && answer->type != ANSWER_NIL)
        return archive_broken(a, "owner");
    int64_t archived = a->state.batch;
    a->sweep_batch = answer->integer;
    a->figures.tracker_batch = answer->integer;
    if (a->went_back == NULL && a->sweep_batch < archived)
        a->went_back = "batch";
    if (a->went_back != NULL) {
        if (!archive_turn_life(a, a->went_back, a->sweep_batch))
            return archive_broken(a, "life");
        ARCHIVE_TELL(a, LOG_LEVEL_ERROR, "archive_behind", LOG_STR("why", a->went_back),
                     LOG_INT("stored", a->sweep_batch), LOG_INT("archived", archived),
                     LOG_INT("life", a->state.life));
        a->went_back = NULL;
        a->registered = false; /* what it says of us is of before */
    }
    archive_command_begin(&a->command, 1);
    archive_command_word(&a->command, TEXT("TIME"));
    return archive_asking(a, ASK_TIME);
}

static struct archive_step on_time(struct archive *a, const struct archive_answer *answer)
{
    a->figures.sweep_ms = a->sweep_ms =
        archive_answer_at(answer, 0).integer * 1000 + archive_answer_at(answer, 1).integer / 1000;
    /* From here on nothing is trimmed that is not archived. */
    if (!a->registered)
        return archive_ask_intent(a);
    return archive_ask_added(a);
}

static struct archive_step on_vehicles(struct archive *a, const struct archive_answer *answer)
{
    char name[ARCHIVE_NAME_MAX + 8];
    for (size_t i = 0; i < answer->count; i++) {
        struct text id = answer->items[i].text;
        if (id.len > ARCHIVE_NAME_MAX)
            continue;
        snprintf(name, sizeof name, ARCHIVE_TRACK_PREFIX "%.*s", TEXT_ARG(id));
        archive_follow(a, text_of(name)); /* NULL: it is no vehicle */
    }
    a->vehicles_known = (int64_t)answer->count;
    return begin_reading(a);
}

static struct archive_step on_fork(struct archive *a, const struct archive_answer *answer)
{
    struct followed *stream = &a->streams[a->next];
    struct archive_position from = {0};
    bool found = false;
    for (size_t i = 0; i < answer->count && !found; i++) {
        struct archive_answer id = archive_answer_at(&answer->items[i], 0),
                              fields = archive_answer_at(&answer->items[i], 1);
        from = archive_id(id.text);
        if (!archive_has(a, stream, from, &fields, &found))
            return archive_broken(a, "reading");
        snprintf(a->fork_from, sizeof a->fork_from, "(%.*s", (int)(id.text.len < 50 ? id.text.len : 50),
                 id.text.data);
    }
    if (!found && answer->count > 0)
        return ask_fork(a);
    if (!found)
        from = (struct archive_position){0};
    if (!archive_fork(a, stream, from))
        return archive_broken(a, "fork");
    a->next++;
    if (next_fork(a)) {
        snprintf(a->fork_from, sizeof a->fork_from, "+");
        return ask_fork(a);
    }
    a->next = 0;
    return go_on(a);
}

/* The place of an answered key among those asked for; they come in the order they were asked in. */
static struct followed *asked_stream(struct archive *a, struct text key, size_t *from)
{
    char wanted[MW_KEY_MAX];
    for (; *from < a->asked_count; (*from)++) {
        struct followed *stream = &a->streams[a->asked[*from]];
        if (text_equal(key, archive_key_of(a, stream->name.data, wanted)))
            return stream;
    }
    return NULL;
}

static bool take_stream(struct archive *a, struct followed *stream, const struct archive_answer *entries)
{
    stream->more = entries->count >= ARCHIVE_READ_COUNT;
    for (size_t i = 0; i < entries->count; i++) {
        struct archive_answer id = archive_answer_at(&entries->items[i], 0),
                              fields = archive_answer_at(&entries->items[i], 1);
        enum taken taken = archive_take_entry(a, stream, archive_id(id.text), &fields);
        if (taken == TAKEN_NOT)
            return false;
        if (taken == TAKEN_LATER) {
            stream->more = true;
            break;
        }
    }
    return true;
}

static struct archive_step on_read(struct archive *a, const struct archive_answer *answer)
{
    size_t from = 0;
    for (size_t i = 0; i < answer->count; i++) {
        struct archive_answer key = archive_answer_at(&answer->items[i], 0),
                              entries = archive_answer_at(&answer->items[i], 1);
        struct followed *stream = asked_stream(a, key.text, &from);
        if (stream == NULL || !take_stream(a, stream, &entries))
            return archive_broken(a, "reading");
    }
    return go_on(a);
}

static struct archive_step on_checkpoint(struct archive *a, const struct archive_answer *answer)
{
    const struct followed *vehicle = &a->streams[a->checkpoint_next++];
    struct archive_answer entry = archive_answer_at(answer, 0), id = archive_answer_at(&entry, 0),
                          fields = archive_answer_at(&entry, 1);
    struct archive_checkpoint checkpoint = {.vehicle = vehicle->vehicle,
                                            .upto = archive_answer_field(&fields, "upto"),
                                            .ruleset = archive_answer_field(&fields, "ruleset"),
                                            .settled = archive_answer_field(&fields, "settled"),
                                            .stored = archive_answer_field(&fields, "stored"),
                                            .state = archive_answer_field(&fields, "state"),
                                            .at = archive_id(id.text),
                                            .batch = text_whole(archive_answer_field(&fields, "batch"))};
    checkpoint.at.life = a->state.life;
    for (size_t i = 0; i < ARCHIVE_DAYS_MAX && entry.count > 0; i++)
        if (a->days[i].in_turn && a->days[i].fresh &&
            !a->disk->put_checkpoint(a->disk->context, a->days[i].day, &checkpoint))
            return archive_broken(a, "checkpoint");
    return finish_turn(a);
}

static struct archive_step on_world(struct archive *a, const struct archive_answer *answer)
{
    struct text hash = text_of(a->worlds[--a->world_count]);
    if (answer->type == ANSWER_TEXT && !a->disk->put_world(a->disk->context, hash, answer->text))
        return archive_broken(a, "world");
    if (answer->type != ANSWER_TEXT)
        ARCHIVE_TELL(a, LOG_LEVEL_WARN, "world_missing", LOG_TEXT("ruleset", hash));
    return finish_turn(a);
}

static struct archive_step on_intent(struct archive *a)
{
    if (!a->in_turn) { /* of the registration */
        a->registered = true;
        return archive_ask_added(a);
    }
    bool more;
    if (a->through && a->sweep_batch > a->state.batch)
        a->state.batch = a->sweep_batch;
    if (!archive_turn_commit(a))
        return archive_broken(a, "commit");
    /* As much is closed as comes, so that what is open stays bounded while it catches up. */
    if (!archive_close_some(a, &more))
        return archive_broken(a, "closing");
    return a->through ? end_sweep(a) : go_on(a);
}

static struct archive_step on_registered(struct archive *a)
{
    a->registered_batch = a->sweep_batch;
    a->registered_ms = a->mono.ms;
    a->upto_ms = a->sweep_ms;
    return archive_asleep(SLEEP_MS);
}

struct archive_step archive_sweep_answer(struct archive *a, const struct archive_answer *answer)
{
    /* Of a stream that is not there yet; and of a right that is not there all is kept. */
    if (answer->type == ANSWER_ERROR && a->ask != ASK_ADDED && a->ask != ASK_NEEDS) {
        ARCHIVE_TELL(a, LOG_LEVEL_ERROR, "store_refuses", LOG_TEXT("reply", answer->text),
                     LOG_INT("ask", a->ask));
        return archive_broken(a, "store");
    }
    switch (a->ask) {
    case ASK_REGISTRATION:
        return on_registration(a, answer);
    case ASK_OWNER:
        return on_owner(a, answer);
    case ASK_TIME:
        return on_time(a, answer);
    case ASK_ADDED:
        archive_take_added(a, answer);
        return ARCHIVE_ASK_WORDS(a, ASK_NEEDS, "HMGET", "evidence", "archive", "needs");
    case ASK_NEEDS:
        archive_take_needs(a, answer);
        return ARCHIVE_ASK_WORDS(a, ASK_COUNT_OF_VEHICLES, "HLEN", "state");
    case ASK_COUNT_OF_VEHICLES:
        if (answer->integer == a->vehicles_known)
            return begin_reading(a);
        return ARCHIVE_ASK_WORDS(a, ASK_VEHICLES, "HKEYS", "state");
    case ASK_VEHICLES:
        return on_vehicles(a, answer);
    case ASK_FORK:
        return on_fork(a, answer);
    case ASK_READ:
        return on_read(a, answer);
    case ASK_CHECKPOINT:
        return on_checkpoint(a, answer);
    case ASK_WORLD:
        return on_world(a, answer);
    case ASK_INTENT:
        return on_intent(a);
    case ASK_REGISTER:
        return on_registered(a);
    }
    return archive_broken(a, "answer");
}
