#include "phrase_measure.h"
#include "phrase_rows.h"
#include "phrases.h"
#include "telling.h"

static void put_company(const struct telling *x)
{
    if (x->t->company.len == 0)
        return;
    wording_put_name(x->out, x->t->company);
    telling_say(x, "）", ")");
}

/* When a reader takes it to begin: a silence with the last message, not when it has become too long. */
static int64_t began_ms(const struct transition *t)
{
    return t->kind == KIND_OFFLINE ? t->start_ms - t->allowed_ms : t->start_ms;
}

/* Since when it lasts, from when to when it did, or when it happened. */
static void put_when(const struct telling *x)
{
    const struct transition *t = x->t;
    bool instant = phrase_row_of(t)->instant || telling_is_done(t), closed = t->event == TRANSITION_CLOSED;
    int64_t began = began_ms(t);
    if (instant)
        telling_say(x, "于", ", at ");
    else
        telling_say(x, "自", closed ? ", from " : ", since ");
    wording_put_time(x->out, began, t->told.zone, TIME_NONE, x->language);
    if (instant)
        return;
    if (closed) {
        telling_say(x, "至", " to ");
        wording_put_time(x->out, t->end_ms, t->told.zone, began, x->language);
    }
    telling_say(x, closed ? "，" : "起，", "");
}

static void put_measure(const struct telling *x)
{
    phrase_put_measure(x->t, x->language, MEASURE_FULL, x->out);
}

/* Until the last moment of a validity that ends at an instant it no longer includes. */
static void put_last(const struct telling *x, int64_t end_ms)
{
    wording_put_time(x->out, end_ms - 1, x->t->told.zone, TIME_NONE, x->language);
}

static void put_near_site(const struct telling *x)
{
    struct text site = telling_choose(x, x->t->told.near_site, x->t->told.near_site_en);
    if (site.len == 0) {
        telling_say(x, "不适用于该工地", " is for another site");
        return;
    }
    telling_say(x, "所载工地为", " is for ");
    wording_put_quoted(x->out, site);
}

static void put_gap_of_permit(const struct telling *x)
{
    int64_t near_ms = x->t->told.near_ms;
    switch (x->t->why) {
    case GAP_EXPIRED:
        telling_say(x, "已过期", " has expired");
        if (near_ms == TIME_NONE)
            return;
        telling_say(x, "，有效期至", ", it was valid until ");
        put_last(x, near_ms);
        return;
    case GAP_NOT_YET:
        telling_say(x, "尚未生效", " is not valid yet");
        if (near_ms == TIME_NONE)
            return;
        telling_say(x, "，生效时间为", ", it begins ");
        wording_put_edge(x->out, near_ms, x->t->told.zone, TIME_NONE, x->language);
        return;
    case GAP_SUSPENDED:
        telling_say(x, "已被暂停", " is suspended");
        return;
    case GAP_REVOKED:
        telling_say(x, "已被撤销", " has been revoked");
        return;
    case GAP_OTHER_SITE:
        put_near_site(x);
        return;
    case GAP_NONE:
    case GAP_NO_PERMIT:
    case GAP_COUNT:
        return;
    }
}

/* Why no permit covers it. */
static void put_gap(const struct telling *x)
{
    const struct transition *t = x->t;
    if (t->why == GAP_NO_PERMIT)
        telling_say(x, "该车没有核准证", "the vehicle has no permit");
    if (t->why == GAP_NONE || t->why == GAP_NO_PERMIT || t->why >= GAP_COUNT)
        return;
    telling_say(x, "最接近的核准证", "the nearest permit");
    if (t->near_permit != 0) {
        telling_say(x, "", " ");
        wording_put_name(x->out, names_text(x->names, t->near_permit));
    }
    put_gap_of_permit(x);
}

/* The hours it was outside of. */
static void put_hours(const struct telling *x)
{
    const struct told_facts *told = &x->t->told;
    if (x->t->kind != KIND_WRONG_HOURS || told->closed_ms == TIME_NONE)
        return;
    telling_say(x, "，时段已于", ", hours closed at ");
    wording_put_edge(x->out, told->closed_ms, told->zone, x->t->start_ms, x->language);
    telling_say(x, "结束", "");
    if (told->opens_ms == TIME_NONE)
        return;
    telling_say(x, "，", " and open again at ");
    wording_put_edge(x->out, told->opens_ms, told->zone, x->t->start_ms, x->language);
    telling_say(x, "起恢复", "");
}

/* The permit, or else the rule; and why there is such a fence. */
static void put_under(const struct telling *x)
{
    const struct transition *t = x->t;
    if (t->permit != 0) {
        telling_say(x, "核准证", "permit ");
        wording_put_name(x->out, names_text(x->names, t->permit));
    } else {
        telling_say(x, "适用规则“", "rule ");
        telling_say(x, phrase_row_of(t)->noun[PHRASE_ZH], kind_row(t->kind)->name);
        telling_say(x, "”", "");
    }
    put_hours(x);
    if (t->told.fence_reason.len == 0)
        return;
    telling_say(x, "（", " (");
    wording_put_quoted(x->out, t->told.fence_reason);
    telling_say(x, "）", ")");
}

static void put_repeat(const struct telling *x)
{
    if (x->t->event != TRANSITION_OPENED || x->t->repeat < 2)
        return;
    telling_say(x, "30日内第", "no. ");
    buf_put_u64(x->out, x->t->repeat);
    telling_say(x, "次", " of its kind in 30 days");
}

/* A rise has told it. */
static void put_severity(const struct telling *x)
{
    if (x->t->event == TRANSITION_UPDATED && !telling_limit_changed(x->t))
        return;
    telling_say(x, "级别", "");
    buf_puts(x->out, telling_severity(x->t->severity, x->language));
}

void phrase_put_sentence(const struct transition *t, const struct names *names, enum phrase_language language,
                         struct buf *out)
{
    const struct telling x = {t, names, language, out};
    telling_put_who(&x);
    telling_clause(&x, "（", " (", put_company);
    put_when(&x);
    telling_say(&x, "", ": ");
    telling_put_what(&x, phrase_row_of(t)->what[language]);
    telling_clause(&x, "；", "; ", put_measure);
    telling_clause(&x, "；", "; ", put_gap);
    telling_clause(&x, "；", "; ", put_under);
    telling_clause(&x, "；", "; ", put_repeat);
    telling_clause(&x, "；", "; ", telling_put_course);
    telling_clause(&x, "；", "; ", put_severity);
    telling_say(&x, "。", ".");
}
