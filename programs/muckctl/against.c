#include "against.h"

#include "trial.h"
#include "world_diff.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <sysexits.h>

enum { OUT_MAX_BYTES = 256 << 20 };

struct comparing {
    const char *command;
    const struct world *old, *new;
    struct look *look; /* NULL: states are not asked for */
    struct buf changes, json;
    uint32_t count;
    struct trial *trial;
};

static void take_state(void *context, struct text vehicle, struct text bytes)
{
    trial_take_state(context, vehicle, bytes);
}

static int out_of_memory(const struct comparing *c)
{
    fprintf(stderr, "%s: out of memory\n", c->command);
    return EX_OSERR;
}

static int try_states(struct comparing *c, struct names *names)
{
    char key[MW_KEY_MAX];
    c->trial = trial_new(names, c->old, c->new);
    if (c->trial == NULL || !trial_begin(c->trial))
        return out_of_memory(c);
    int code = look_open(c->look, c->command);
    if (code == EX_OK && !store_scan_hash(c->look->store, look_key(c->look, key, MW_KEY_STATE, TEXT("")),
                                          take_state, c->trial))
        code = look_failed(c->look, c->command);
    if (code == EX_OK && !trial_settle(c->trial))
        code = out_of_memory(c);
    look_close(c->look);
    return code;
}

/* ---- for people ---- */

static void print_closing(const struct names *names, const struct trial_closing *c)
{
    struct text fence = names_text(names, c->fence), permit = names_text(names, c->permit);
    printf("closes %s of %.*s%s%.*s%s%.*s, %s: %s\n", kind_row(c->kind)->name,
           TEXT_ARG(names_text(names, c->vehicle)), fence.len > 0 ? " at " : "", TEXT_ARG(fence),
           permit.len > 0 ? " under " : "", TEXT_ARG(permit), close_reason_name(c->reason), c->id);
}

static void print_words(const struct comparing *c, const struct names *names)
{
    uint32_t unrouted[TRIAL_TOLD_MAX], found = trial_unrouted(c->old, c->new, unrouted, TRIAL_TOLD_MAX);
    printf("%.*s%u differences\n", (int)c->changes.len, c->changes.data, c->count);
    for (uint32_t i = 0; i < found && i < TRIAL_TOLD_MAX; i++)
        printf("permit %.*s has no route\n", TEXT_ARG(names_text(names, unrouted[i])));
    if (c->trial == NULL)
        return;
    struct trial_figures f = trial_figures(c->trial);
    for (uint32_t i = 0; i < f.closing; i++)
        print_closing(names, trial_closing(c->trial, i));
    printf("%u of %u open violations would close at once; others go on by the new rules\n", f.closing,
           f.open);
    if (f.unread > 0)
        fprintf(stderr, "%s: the states of %u vehicles could not be read\n", c->command, f.unread);
}

/* ---- for programs ---- */

static int print_json(struct comparing *c)
{
    struct json_writer w;
    json_writer_init(&w, &c->json);
    json_write_begin_object(&w);
    json_write_key(&w, "level");
    json_write_string(&w, TEXT("against"));
    json_write_key(&w, "against");
    trial_write_json(&(struct trial_said){c->old, c->new, buf_text(&c->changes), c->count, c->trial}, &w);
    json_write_end_object(&w);
    if (!buf_ok(&c->json))
        return out_of_memory(c);
    printf("%.*s\n", (int)c->json.len, c->json.data);
    return EX_OK;
}

static int compare(struct comparing *c, struct names *names, const struct world_texts *old,
                   const struct world_texts *new)
{
    if (!world_diff_write(old->canonical, new->canonical, &c->changes, &c->count))
        return out_of_memory(c);
    return c->look != NULL && c->look->redis != NULL ? try_states(c, names) : EX_OK;
}

int against(struct city *city, const struct world_texts *texts, const char *old_config, struct look *look,
            const char *command)
{
    struct city old;
    struct world_texts old_texts = {0};
    struct comparing c = {.command = command, .look = look, .new = city->world};
    buf_init(&c.changes, OUT_MAX_BYTES);
    buf_init(&c.json, OUT_MAX_BYTES);
    int code = city_open_beside(&old, city->names, command, old_config, &old_texts);
    c.old = old.world;
    if (code == EX_OK)
        code = compare(&c, city->names, &old_texts, texts);
    if (code == EX_OK && look->json)
        code = print_json(&c);
    else if (code == EX_OK)
        print_words(&c, city->names);
    trial_free(c.trial);
    buf_fini(&c.changes);
    buf_fini(&c.json);
    world_texts_fini(&old_texts);
    city_fini_beside(&old);
    return code;
}
