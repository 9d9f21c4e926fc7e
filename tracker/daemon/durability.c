#include "durability.h"

#include "refusal.h"
#include "telemetry.h"

#include <assert.h>

/* What they have to be. The last costs no data: with `no` a store whose log a crash has cut does not start. */
static const struct {
    const char *wanted;
    bool decides;
} settings[SETTING_COUNT] = {{"+@all ~*", true}, {"yes", true},        {"always", true},
                             {"no", true},       {"noeviction", true}, {"yes", false}};

static void note(struct durability *d, struct shared *s, size_t setting, bool wrong, bool unknown)
{
    metrics_set(s->metrics, METRIC_SETTING_WRONG, setting, wrong);
    metrics_set(s->metrics, METRIC_SETTING_UNKNOWN, setting, unknown);
    d->wanting |= (wrong || unknown) && settings[setting].decides;
}

static void note_value(struct durability *d, struct shared *s, size_t setting, struct text value, bool good)
{
    note(d, s, setting, !good, false);
    if (!good)
        tell_warn(&s->actions, "store_setting", LOG_STR("setting", telemetry_settings[setting]),
                  LOG_TEXT("value", value), LOG_STR("wanted", settings[setting].wanted));
}

static void note_unknown(struct durability *d, struct shared *s, size_t setting, struct text reply)
{
    note(d, s, setting, false, true);
    tell_warn(&s->actions, "store_setting_unknown", LOG_STR("setting", telemetry_settings[setting]),
              LOG_TEXT("reply", reply));
}

/* The value behind a name; of no type where it is not there. */
static struct reply value_of(const struct reply *reply, const char *name)
{
    for (size_t i = 0; i + 1 < reply->count; i += 2)
        if (text_equal(reply_at(reply, i).text, text_of(name)))
            return reply_at(reply, i + 1);
    return (struct reply){.text = {"", 0}};
}

/* ---- settings ---- */

enum durability_step durability_begin(struct durability *d, struct shared *s)
{
    struct text argv[2 + SETTING_COUNT - SETTING_FIRST] = {TEXT("CONFIG"), TEXT("GET")};
    if (d->waiting)
        return DURABILITY_WAITS;
    for (size_t i = SETTING_FIRST; i < SETTING_COUNT; i++)
        argv[2 + i - SETTING_FIRST] = text_of(telemetry_settings[i]);
    d->waiting = true;
    d->wanting = false;
    actions_send(&s->actions, (struct sending){.ask = ASK_SETTINGS}, sizeof argv / sizeof *argv, argv);
    return DURABILITY_WAITS;
}

static enum durability_step on_settings(struct durability *d, struct shared *s, const struct reply *reply)
{
    for (size_t i = SETTING_FIRST; i < SETTING_COUNT; i++) {
        const struct reply value = value_of(reply, telemetry_settings[i]);
        if (value.type != REPLY_TEXT)
            note_unknown(d, s, i, reply->text);
        else
            note_value(d, s, i, value.text, text_equal(value.text, text_of(settings[i].wanted)));
    }
    static const struct text argv[] = {TEXT("ACL"), TEXT("GETUSER"), TEXT("default")};
    d->waiting = true;
    actions_send(&s->actions, (struct sending){.ask = ASK_DEFAULT_USER}, sizeof argv / sizeof *argv, argv);
    return DURABILITY_WAITS;
}

/* ---- the user that the log is read as ---- */

/* The next word of a list that blanks part; empty at its end. */
static struct text next_word(struct text *list)
{
    while (list->len > 0 && *list->data == ' ')
        *list = (struct text){list->data + 1, list->len - 1};
    struct text word = {list->data, 0};
    while (word.len < list->len && list->data[word.len] != ' ')
        word.len++;
    *list = (struct text){list->data + word.len, list->len - word.len};
    return word;
}

/* Whether the rules of a user let it run a command, of which these are the names and the categories. */
static bool is_allowed(struct text rules, const char *const names[4])
{
    bool allowed = false;
    for (struct text word; (word = next_word(&rules)).len > 1;) {
        const struct text name = {word.data + 1, word.len - 1};
        bool ours = text_equal(name, TEXT("@all"));
        for (size_t i = 0; i < 4; i++)
            ours |= text_equal(name, text_of(names[i]));
        if (ours)
            allowed = word.data[0] == '+';
    }
    return allowed;
}

static bool has_word(struct text list, const char *wanted)
{
    struct text word;
    while ((word = next_word(&list)).len > 0)
        if (text_equal(word, text_of(wanted)))
            return true;
    return false;
}

/* What a commit (commit.lua) stands in the log as; GEOADD does as ZADD. */
static bool may_read_log(struct text commands, struct text keys)
{
    static const char *const written[][4] = {
        {"xadd", "@write", "@stream", "@fast"},    {"hset", "@write", "@hash", "@fast"},
        {"hdel", "@write", "@hash", "@fast"},      {"zadd", "@write", "@sortedset", "@fast"},
        {"zrem", "@write", "@sortedset", "@fast"},
    };
    bool all = has_word(keys, "~*") || has_word(keys, "~muck:*");
    for (size_t i = 0; i < sizeof written / sizeof *written; i++)
        all &= is_allowed(commands, written[i]);
    return all;
}

static enum durability_step on_default_user(struct durability *d, struct shared *s, const struct reply *reply)
{
    const struct text commands = value_of(reply, "commands").text, keys = value_of(reply, "keys").text;
    if (reply->type != REPLY_ARRAY)
        note_unknown(d, s, SETTING_DEFAULT_USER, reply->text);
    else
        note_value(d, s, SETTING_DEFAULT_USER, commands, may_read_log(commands, keys));
    metrics_set(s->metrics, METRIC_STORE_DURABLE, 0, !d->wanting);
    if (!d->wanting)
        return DURABILITY_LOOKED;
    tell_warn(&s->actions, "store_not_durable",
              LOG_STR("meaning", "the store can lose what it has acknowledged"),
              LOG_INT("required", d->required));
    return d->required ? DURABILITY_ENDS : DURABILITY_LOOKED;
}

/* ---- answers ---- */

static enum durability_step refused(struct shared *s, struct text error)
{
    telemetry_count_refusal(s->metrics, error);
    tell_error(&s->actions, "store_refuses", LOG_STR("what", "looking at its settings"),
               LOG_TEXT("reply", error));
    return DURABILITY_AGAIN;
}

enum durability_step durability_answered(struct durability *d, struct shared *s, enum ask ask,
                                         const struct reply *reply)
{
    d->waiting = false;
    if (reply->type == REPLY_NOTHING)
        return DURABILITY_WAITS; /* the next connection asks again */
    /* A store that is busy will say; one that does not let us will not. */
    if (reply->type == REPLY_ERROR && !refusal_is_for_good(reply->text))
        return refused(s, reply->text);
    assert(ask == ASK_SETTINGS || ask == ASK_DEFAULT_USER);
    return ask == ASK_SETTINGS ? on_settings(d, s, reply) : on_default_user(d, s, reply);
}

enum durability_step durability_unsent(struct durability *d)
{
    d->waiting = false;
    return DURABILITY_AGAIN;
}

void durability_lost(struct durability *d)
{
    d->waiting = false;
}
