#include "telling.h"

#include "phrase_rows.h"

#include <math.h>

void telling_say(const struct telling *x, const char *zh, const char *en)
{
    buf_puts(x->out, x->language == PHRASE_ZH ? zh : en);
}

void telling_clause(const struct telling *x, const char *zh, const char *en,
                    void (*put)(const struct telling *x))
{
    size_t before = x->out->len;
    telling_say(x, zh, en);
    size_t from = x->out->len;
    put(x);
    if (x->out->len == from)
        x->out->len = before;
}

/* ---- names and places ---- */

struct text telling_choose(const struct telling *x, struct text zh, struct text en)
{
    return x->language == PHRASE_EN && en.len > 0 ? en : zh;
}

struct text telling_fence(const struct telling *x)
{
    return telling_choose(x, x->t->fence_name, x->t->told.fence_name_en);
}

struct text telling_place(const struct telling *x)
{
    return telling_choose(x, x->t->told.place, x->t->told.place_en);
}

/* The position says where it was when no name does. */
static bool tells_position(const struct telling *x)
{
    const struct told_facts *told = &x->t->told;
    return telling_fence(x).len == 0 && telling_place(x).len == 0 && fabs(told->lat_deg) <= 90 &&
           fabs(told->lon_deg) <= 180;
}

/* ---- patterns ---- */

static bool names_slot(const struct telling *x, char slot)
{
    switch (slot) {
    case '#':
        return telling_fence(x).len > 0;
    case '@':
        return telling_place(x).len > 0 || tells_position(x);
    default:
        return x->t->cause != CAUSE_NONE;
    }
}

static void put_slot(const struct telling *x, char slot)
{
    if (slot == '#')
        wording_put_quoted(x->out, telling_fence(x));
    else if (slot == '^')
        buf_puts(x->out, phrase_cause(x->t->cause, x->language));
    else if (telling_place(x).len > 0)
        wording_put_quoted(x->out, telling_place(x));
    else
        wording_put_position(x->out, x->t->told.lat_deg, x->t->told.lon_deg, x->language);
}

static void put_pattern(const struct telling *x, const char *pattern)
{
    for (const char *p = pattern; *p != '\0'; p++)
        if (*p == '[' && !names_slot(x, p[strcspn(p, "#@^")]))
            p += strcspn(p, "]");
        else if (*p == '#' || *p == '@' || *p == '^')
            put_slot(x, *p);
        else if (*p != '[' && *p != ']')
            buf_put_char(x->out, *p);
}

/* A kind without a row is still said, in its own words. */
void telling_put_what(const struct telling *x, const char *pattern)
{
    if (pattern != NULL)
        put_pattern(x, pattern);
    else
        buf_puts(x->out, kind_row(x->t->kind)->text);
}

/* ---- who ---- */

void telling_put_who(const struct telling *x)
{
    const struct transition *t = x->t;
    struct text who = t->plate.len > 0 ? t->plate : names_text(x->names, t->vehicle);
    wording_put_name(x->out, t->duty.len > 0 ? t->duty : who);
}

/* ---- how it goes on ---- */

bool telling_is_done(const struct transition *t)
{
    return phrase_row_of(t)->done || (t->kind == KIND_TAMPER && t->cause == CAUSE_JUMP) ||
           (t->end_ms != TIME_NONE && t->end_ms - t->start_ms < 1000);
}

const char *telling_severity(enum severity severity, enum phrase_language language)
{
    static const char *const words[][2] = {
        {"", ""}, {"一般", "minor"}, {"严重", "major"}, {"特别严重", "critical"}};
    return words[severity <= SEVERITY_CRITICAL ? severity : SEVERITY_NONE][language];
}

bool telling_limit_changed(const struct transition *t)
{
    return wording_is_amount(t->limit_before) && t->limit_before > 0 && wording_is_amount(t->limit) &&
           t->limit_before != t->limit && t->unit != NULL;
}

/* The limit that holds now is told with what was measured. */
static void put_limit_change(const struct telling *x)
{
    telling_say(x, "限值变更，此前为", "the limit changed, it was ");
    wording_put_amount(x->out, x->t->limit_before, x->t->unit, x->language);
    telling_say(x, "", " before");
}

/* Between two times as they are told, which is to the second. */
static int64_t between_ms(int64_t from_ms, int64_t to_ms)
{
    return to_ms / 1000 * 1000 - from_ms / 1000 * 1000;
}

/* It turned worse, and by which measure. */
static void put_rise(const struct telling *x)
{
    const struct transition *t = x->t;
    enum major_basis basis = t->severity == SEVERITY_MAJOR ? kind_row(t->kind)->basis : MAJOR_NEVER;
    telling_say(x, "升级为", "now ");
    buf_puts(x->out, telling_severity(t->severity, x->language));
    if (basis == MAJOR_SECONDS && t->at_ms > t->start_ms) {
        telling_say(x, "，已持续", ", it has lasted ");
        wording_put_duration(x->out, between_ms(t->start_ms, t->at_ms), x->language);
    }
    if (basis == MAJOR_PERCENT)
        telling_say(x, "，超限幅度达到严重标准", ", being so far over the limit");
}

/* Why it ended. */
static const char *ending(const struct transition *t, enum phrase_language language)
{
    static const char *const cleared[2] = {"情形消除", "no longer the case"};
    static const char *const normal[2] = {"恢复正常", "back to normal"};
    static const char *const haul_ended[2] = {"本次运输结束", "the haul ended"};
    static const char *const hours_began[2] = {"准许时段开始", "the hours began"};
    static const char *const out_of_force[2] = {"限制时段结束", "no longer in force"};
    static const char *const given_up[2] = {"运次超时终止", "the trip was given up"};
    static const char *const gone[2] = {"所涉围栏或核准证已撤出", "its fence or permit was withdrawn"};
    if (t->reason == CLOSE_WINDOW)
        return (t->kind == KIND_WRONG_HOURS ? hours_began : out_of_force)[language];
    if (t->reason == CLOSE_SUBJECT_GONE)
        return (t->kind == KIND_NO_PERMIT ? given_up : gone)[language];
    if (t->kind == KIND_NO_PERMIT)
        return haul_ended[language];
    return (kind_row(t->kind)->machine ? normal : cleared)[language];
}

/* Whether how long it lasted means something, and is not told by its measure already. */
static bool tells_duration(const struct transition *t)
{
    return !telling_is_done(t) && t->kind != KIND_OVERSTAY && t->kind != KIND_OFFLINE &&
           t->end_ms != TIME_NONE;
}

static void put_end(const struct telling *x)
{
    const struct transition *t = x->t;
    telling_say(x, "已结束", "over");
    if (tells_duration(t)) {
        telling_say(x, "，历时", " after ");
        wording_put_duration(x->out, between_ms(t->start_ms, t->end_ms), x->language);
    }
    if (telling_is_done(t) && t->reason == CLOSE_CLEARED)
        return;
    telling_say(x, "，", ": ");
    buf_puts(x->out, ending(t, x->language));
}

void telling_put_course(const struct telling *x)
{
    if (x->t->event == TRANSITION_CLOSED)
        put_end(x);
    else if (x->t->event == TRANSITION_UPDATED && telling_limit_changed(x->t))
        put_limit_change(x);
    else if (x->t->event == TRANSITION_UPDATED)
        put_rise(x);
}
