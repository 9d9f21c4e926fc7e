#include "world_judge.h"

#include "city_day.h"
#include "clock.h"
#include "finding_lines.h"
#include "ruleset.h"
#include "trial.h"
#include "world_diff.h"
#include "world_load.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum { NAMES_MAX = 16777216, CHANGES_BYTES = 64 << 20 };

struct judging {
    struct world_files *files;
    const struct world_judge_store *asked;
    struct world_judged *out;
    struct names *names;
    struct world *old, *new;
    struct world_texts texts;
    struct store *store;
    struct buf canonical, changes; /* of the old one; what is different */
    uint32_t count;
};

/* ---- the files ---- */

static void tell(void *context, const struct city_finding *finding)
{
    struct judging *j = context;
    struct buf *out = finding->error ? &j->out->errors : &j->out->warnings;
    size_t before = out->len;
    if (before > 0)
        buf_put_char(out, ',');
    finding_write_json(finding, out);
    if (!buf_ok(out)) { /* so many words: the rest go unsaid */
        out->len = before;
        out->failed = false;
    }
    j->out->error_count += finding->error;
}

static void tell_problem(struct judging *j, const char *file, const struct problem *problem)
{
    tell(j, &(struct city_finding){
                .error = true, .file = text_of(file), .reason = problem->text, .text = problem->text});
}

static void make_new(struct judging *j)
{
    struct problem problem;
    const struct config *config = &j->files->config;
    int64_t now_ms = clock_wall().ms, ends_ms;
    const struct world_load_options options = {.tell = tell,
                                               .context = j,
                                               .texts = &j->texts,
                                               .doubts = true,
                                               .now_ms = now_ms,
                                               .read = world_files_say,
                                               .read_context = j->files,
                                               .read_lines = true};
    struct mw_civil now;
    if (!world_load(config, j->names, options, &j->new, &problem)) {
        if (j->out->error_count == 0)
            tell_problem(j, "city", &problem);
        return;
    }
    mw_civil_from_ms(j->new->zone, now_ms, &now);
    if (!world_check_year(j->new, now.year, &problem))
        tell_problem(j, "city", &problem);
    problem_set(&problem, "city.day_ends: expected a time from 00:00 to 23:59");
    if (!city_day_ends_read(config->city.day_ends, &ends_ms))
        tell_problem(j, "city", &problem);
    memcpy(j->out->ruleset, j->new->hash, sizeof j->out->ruleset);
}

/* ---- what is in force ---- */

static bool fail(struct judging *j, const char *why)
{
    snprintf(j->out->reason, sizeof j->out->reason, "%.*s", (int)sizeof j->out->reason - 1, why);
    return false;
}

static bool find_hash(struct judging *j, char out[65])
{
    char key[MW_KEY_MAX];
    const struct reply *reply;
    snprintf(key, sizeof key, MW_KEY_RULESETS, j->asked->partitions[0]);
    const struct text words[] = {TEXT("XREVRANGE"), text_of(key),  TEXT("+"),
                                 TEXT("-"),         TEXT("COUNT"), TEXT("1")};
    if (!store_command(j->store, words, 6, 0, &reply))
        return fail(j, store_error(j->store));
    if (reply->count != 1 || reply->items[0].count != 2)
        return fail(j, "no tracker has said what is in force");
    struct text hash = reply_field(&reply->items[0].items[1], "ruleset");
    if (!ruleset_name_valid(hash))
        return fail(j, "no tracker has said what is in force");
    snprintf(out, 65, "%.*s", TEXT_ARG(hash));
    return true;
}

static bool make_old(struct judging *j)
{
    char hash[65], key[MW_KEY_MAX];
    const struct reply *reply;
    struct problem problem;
    if (!find_hash(j, hash))
        return false;
    snprintf(key, sizeof key, MW_KEY_RULESET, 64, hash);
    const struct text words[] = {TEXT("HGET"), text_of(key), TEXT("canonical")};
    if (!store_command(j->store, words, 3, 0, &reply))
        return fail(j, store_error(j->store));
    buf_put_text(&j->canonical, reply->text);
    if (!buf_ok(&j->canonical) || reply->text.len == 0)
        return fail(j, "the world in force is not in the store");
    return ruleset_load(buf_text(&j->canonical), text_of(hash), j->names, &j->old, &problem) ||
           fail(j, problem.text);
}

/* ---- what would change ---- */

static void take_state(void *context, struct text vehicle, struct text bytes)
{
    trial_take_state(context, vehicle, bytes);
}

static bool try_partition(struct judging *j, struct trial *trial, uint32_t partition)
{
    char key[MW_KEY_MAX];
    snprintf(key, sizeof key, MW_KEY_STATE, partition);
    if (!trial_begin(trial))
        return fail(j, "out of memory");
    if (!store_scan_hash(j->store, key, take_state, trial))
        return fail(j, store_error(j->store));
    return trial_settle(trial) || fail(j, "out of memory");
}

static bool compare(struct judging *j)
{
    struct json_writer w;
    if (!world_diff_write(buf_text(&j->canonical), j->texts.canonical, &j->changes, &j->count))
        return fail(j, "there is too much that changes to be told");
    struct trial *trial = trial_new(j->names, j->old, j->new);
    bool ok = trial != NULL || fail(j, "out of memory");
    for (size_t i = 0; i < j->asked->count && ok; i++)
        ok = try_partition(j, trial, j->asked->partitions[i]);
    json_writer_init(&w, &j->out->against);
    if (ok)
        trial_write_json(&(struct trial_said){j->old, j->new, buf_text(&j->changes), j->count, trial}, &w);
    trial_free(trial);
    return ok && (buf_ok(&j->out->against) || fail(j, "there is too much that changes to be told"));
}

static void look_at_store(struct judging *j)
{
    j->store = store_open(&j->asked->options, j->out->reason, sizeof j->out->reason);
    if (j->store != NULL && make_old(j))
        compare(j);
    store_close(j->store);
}

bool world_judge(struct world_files *files, const struct world_judge_store *store, struct world_judged *out)
{
    struct judging j = {.files = files, .asked = store, .out = out, .names = names_new(NAMES_MAX)};
    memset(out, 0, sizeof *out);
    buf_init(&out->errors, WORLD_FINDINGS_BYTES);
    buf_init(&out->warnings, WORLD_FINDINGS_BYTES);
    buf_init(&out->against, WORLD_AGAINST_BYTES);
    buf_init(&j.canonical, (size_t)512 << 20);
    buf_init(&j.changes, CHANGES_BYTES);
    if (j.names == NULL)
        return false;
    make_new(&j);
    if (out->error_count == 0)
        look_at_store(&j);
    world_texts_fini(&j.texts);
    buf_fini(&j.canonical);
    buf_fini(&j.changes);
    world_free(j.old);
    world_free(j.new);
    names_free(j.names);
    return true;
}

void world_judged_fini(struct world_judged *judged)
{
    buf_fini(&judged->errors);
    buf_fini(&judged->warnings);
    buf_fini(&judged->against);
}
