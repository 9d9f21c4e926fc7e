#include "retelling.h"

#include "kept_replay.h"
#include "look_ids.h"
#include "track_lines.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { SINK_MAX_BYTES = 64 << 20, VEHICLES_MAX = 2000000 };
#define DAY_MS INT64_C(86400000)

enum replay_status retelling_line(struct retelling *r, struct text line)
{
    enum replay_status status = replay_line(r->engine, line, &r->sink);
    buf_clear(&r->sink);
    return status;
}

static int feed_track_line(void *context, struct text line)
{
    struct retelling *r = context;
    return worlds_line_failed(r->command, retelling_line(r, line), ++r->lines);
}

/* The finding, from an archive: whose it is, and when. */
struct finding {
    struct text id;
    char vehicle[65], hash[65];
    int64_t start_ms, told_ms, at_ms;
    bool there;
};

static int on_finding(void *context, struct text entry, const struct reply *fields)
{
    struct finding *f = context;
    if (!text_equal(reply_field(fields, "id"), f->id))
        return EX_OK;
    snprintf(f->vehicle, sizeof f->vehicle, "%.*s", TEXT_ARG(reply_field(fields, "vehicle")));
    snprintf(f->hash, sizeof f->hash, "%.*s", TEXT_ARG(reply_field(fields, "ruleset")));
    f->start_ms = text_whole(reply_field(fields, "start"));
    f->told_ms = text_whole(entry);
    f->at_ms = text_whole(reply_field(fields, "at"));
    f->there = true;
    return EX_OK;
}

static int took(void *context, struct buf *out)
{
    (void)context;
    buf_clear(out);
    return EX_OK;
}

/* The track of its vehicle, from the day on which it began to that on which it was told last. */
int retelling_from_archive(struct retelling *r)
{
    struct finding f = {.id = r->id};
    const struct kept_asked entry = {.stream = "violations", .id = r->id.data};
    int code = kept_stream(r->look.kept, &entry, on_finding, &f);
    if (code != EX_OK)
        return code;
    if (!f.there) {
        fprintf(stderr, "%s: the archive has no violation '%.*s'\n", r->command, TEXT_ARG(r->id));
        return EX_DATAERR;
    }
    if (r->city.world != NULL && strcmp(f.hash, r->city.world->hash) != 0)
        fprintf(stderr,
                "%s: it was found under other rules (%.16s...) than this configuration's (%.16s...)\n",
                r->command, f.hash, r->city.world->hash);
    const struct kept_replay asked = {.command = r->command,
                                      .kept = r->look.kept,
                                      .replay = r->engine,
                                      .vehicle = text_of(f.vehicle),
                                      .first_day = (int32_t)(f.start_ms / DAY_MS),
                                      .last_day = (int32_t)(f.told_ms / DAY_MS),
                                      .late = r->city.config.late.horizon_ms > 0,
                                      .all_told = true,
                                      .took = took};
    code = kept_replay(&asked, &r->sink);
    if (code == EX_OK)
        replay_until(r->engine, f.at_ms, &r->sink);
    return kept_end(r->look.kept, code);
}

int retelling_from_store(struct retelling *r)
{
    char key[MW_KEY_MAX], vehicle[65], hash[65], at[24];
    int code = EX_OK;
    const struct text words[] = {TEXT("HGETALL"), text_of(look_key(&r->look, key, MW_KEY_VIOLATION, r->id))};
    const struct reply *fields;
    if (!store_command(r->look.store, words, 2, 0, &fields))
        return look_failed(&r->look, r->command);
    if (fields->count == 0) {
        fprintf(stderr, "%s: no violation '%.*s' is known\n", r->command, TEXT_ARG(r->id));
        return EX_DATAERR;
    }
    snprintf(vehicle, sizeof vehicle, "%.*s", TEXT_ARG(reply_field(fields, "vehicle")));
    snprintf(hash, sizeof hash, "%.*s", TEXT_ARG(reply_field(fields, "ruleset")));
    snprintf(at, sizeof at, "%.*s", TEXT_ARG(reply_field(fields, "at")));
    if (r->city.world != NULL && strcmp(hash, r->city.world->hash) != 0)
        fprintf(stderr,
                "%s: it was found under other rules (%.16s...) than this configuration's (%.16s...); the "
                "story may differ\n",
                r->command, hash, r->city.world->hash);
    struct look_ids ids = {0};
    const struct track_lines lines = {.command = r->command, .ids = &ids};
    code = look_ids_add(&ids, text_of(vehicle)) ? EX_OK : EX_OSERR;
    if (code == EX_OK)
        code = track_lines(&r->look, &lines, (struct track_listener){feed_track_line, r});
    if (code == EX_OK)
        replay_until(r->engine, strtoll(at, NULL, 10), &r->sink);
    look_ids_fini(&ids);
    return code;
}

static void found(void *context, const struct world *world)
{
    tellings_set_world(context, world);
}

int retelling_begin(struct retelling *r)
{
    const struct late_settings late = r->city.config.late;
    buf_init(&r->sink, SINK_MAX_BYTES);
    r->engine = replay_new(r->city.names, r->city.world,
                           &(struct replay_options){.vehicle_limit = VEHICLES_MAX, .late = late});
    r->tellings =
        tellings_new(r->city.names, r->city.world,
                     &(struct tellings_options){r->id, .late = late.horizon_ms > 0, .language = r->language});
    if (r->engine == NULL || r->tellings == NULL)
        return EX_OSERR;
    tellings_follow(r->tellings, r->engine);
    r->worlds.command = r->command;
    r->worlds.names = r->city.names;
    r->worlds.found = found;
    r->worlds.context = r->tellings;
    r->worlds.kept = r->look.kept;
    if (r->named_worlds)
        replay_set_worlds(r->engine, worlds_of(&r->worlds));
    return EX_OK;
}

int retelling_end(struct retelling *r, struct buf *out, uint32_t *out_told)
{
    bool whole;
    if (!replay_end(r->engine, &r->sink))
        return EX_OSERR;
    *out_told = tellings_finish(r->tellings, out, &whole);
    return whole && buf_ok(out) ? EX_OK : EX_OSERR;
}

void retelling_fini(struct retelling *r)
{
    tellings_free(r->tellings);
    replay_free(r->engine);
    worlds_fini(&r->worlds);
    buf_fini(&r->sink);
}
