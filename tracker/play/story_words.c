/*
 * Chinese and English stand side by side, line by line. What has no words of its own in Chinese (settings of one kind alone) is named as the
 * configuration names it.
 */
#include "story_words.h"

#include "phrase_rows.h"
#include "telling.h"

#include <math.h>
#include <string.h>

static const char *const gaps_zh[GAP_COUNT] = {
    [GAP_NO_PERMIT] = "该车没有核准证",  [GAP_EXPIRED] = "已过期",
    [GAP_SUSPENDED] = "已被暂停",        [GAP_REVOKED] = "已被撤销",
    [GAP_OTHER_SITE] = "不适用于该工地", [GAP_NOT_YET] = "尚未生效"};
static const char *const reasons_zh[] = {[CLOSE_NONE] = "",
                                         [CLOSE_CLEARED] = "情形消除",
                                         [CLOSE_WINDOW] = "时段结束",
                                         [CLOSE_SUBJECT_GONE] = "对象已不存在"};

static bool in_chinese(const struct story_words *w)
{
    return w->language == PHRASE_ZH;
}

void story_say(const struct story_words *w, struct buf *b, const char *zh, const char *en)
{
    buf_puts(b, in_chinese(w) ? zh : en);
}

void story_put_time(const struct story_words *w, struct buf *b, int64_t ms, bool with_date)
{
    struct mw_civil c;
    mw_civil_from_ms(w->world->zone, ms, &c);
    if (with_date)
        buf_printf(b, "%04d-%02d-%02d ", c.year, c.month, c.day);
    buf_printf(b, "%02d:%02d:%02d", c.hour, c.minute, c.second);
    int rest = (int)(((ms % 1000) + 1000) % 1000);
    if (rest != 0)
        buf_printf(b, ".%03d", rest);
}

static void put_name(const struct story_words *w, struct buf *b, const char *zh, const char *en,
                     uint32_t symbol)
{
    if (symbol == 0)
        return;
    story_say(w, b, zh, en);
    buf_put_text(b, names_text(w->names, symbol));
}

/* A measurement with its unit. */
static void put_amount(const struct story_words *w, struct buf *b, float amount, const char *unit)
{
    if (in_chinese(w))
        wording_put_amount(b, amount, unit, PHRASE_ZH);
    else
        buf_printf(b, "%.*f %s", unit_decimals(unit), (double)amount, unit);
}

/* ---- the rule ---- */

static void put_major(const struct story_words *w, struct buf *b, const struct rule_settings *s,
                      enum major_basis basis)
{
    if (s->major > 0 && basis == MAJOR_SECONDS)
        buf_printf(b, in_chinese(w) ? "，持续%g秒升级为严重" : ", major after %g s", s->major);
    if (s->major > 0 && basis == MAJOR_PERCENT)
        buf_printf(b, in_chinese(w) ? "，超出限值%g%%为严重" : ", major at %g %% over the limit", s->major);
}

static void put_settings(const struct story_words *w, struct buf *b, enum kind kind,
                         const struct rule_settings *s)
{
    const struct kind_row *row = kind_row(kind);
    buf_printf(
        b,
        in_chinese(w)
            ? "  满足%u个定位且%.0f秒即认定，不满足%u个定位且%.0f秒即结束；级别"
            : "  opens after %u fixes and %.0f s that meet it, closes after %u fixes and %.0f s that do "
              "not; ",
        s->confirm_fixes, (double)s->confirm_ms / 1000, s->clear_fixes, (double)s->clear_ms / 1000);
    story_say(w, b, telling_severity(s->severity, PHRASE_ZH), severity_name(s->severity));
    put_major(w, b, s, row->basis);
    buf_puts(b, "\n");
    for (int i = 0; i < KIND_OWN_MAX && row->own[i].name != NULL; i++) {
        const struct own_setting *own = &row->own[i];
        if (in_chinese(w))
            buf_printf(b, "  %s %g %s\n", own->name, s->own[i],
                       strcmp(own->unit, "fixes") == 0 ? "个定位" : own->unit);
        else
            buf_printf(b, "  %s %g %s: %s\n", own->name, s->own[i], own->unit, own->text);
    }
}

void story_put_rule(const struct story_words *w, struct buf *b, const struct trace_finding *t)
{
    const struct moment *m = t->moment;
    const struct kind_row *row = kind_row(t->rule->kind);
    const struct phrase_row *phrases = phrase_row_of(&(struct transition){.kind = t->rule->kind});
    struct text vehicle = names_text(w->names, m->before->vehicle);
    if (in_chinese(w))
        buf_printf(b, "%.*s：%s", TEXT_ARG(vehicle), phrases->noun[PHRASE_ZH]);
    else
        buf_printf(b, "%s of %.*s", row->name, TEXT_ARG(vehicle));
    if (m->info->plate.len > 0)
        buf_printf(b, in_chinese(w) ? "（%.*s）" : " (%.*s)", TEXT_ARG(m->info->plate));
    if (in_chinese(w))
        buf_printf(b, "\n  规则：%s（%s）\n", phrases->noun[PHRASE_ZH], row->name);
    else
        buf_printf(b, "\n  the rule: %s\n", row->text);
    put_settings(w, b, t->rule->kind, t->settings);
    buf_printf(b,
               in_chinese(w) ? "  中断超过%.0f秒后重新计数；规则版本 %s\n"
                             : "  a pause longer than %.0f s begins the counting anew; rules %s\n",
               (double)m->world->common.gap_ms / 1000, m->world->hash);
}

/* ---- a moment ---- */

static void put_place(const struct story_words *w, struct buf *b, const struct moment *m)
{
    if (!m->placed) {
        story_say(w, b, "无可用定位", "no usable position");
    } else {
        buf_printf(b, "%.7f %.7f", m->lat_deg, m->lon_deg);
        if (m->eph_m > 0)
            buf_printf(b, in_chinese(w) ? "，误差%g米" : " within %g m", (double)m->eph_m);
    }
    if (!isnan(m->speed_mps))
        buf_printf(b, in_chinese(w) ? "，%.1f公里/小时" : ", %.1f km/h", (double)m->speed_mps * 3.6);
    for (uint32_t i = 0; i < m->fence_count; i++)
        put_name(w, b, i == 0 ? "，位于 " : "、", i == 0 ? ", in " : ", ", m->world->fences[m->fences[i]].id);
}

static void put_measure(const struct story_words *w, struct buf *b, const struct trace_finding *t)
{
    const char *unit = t->rule->unit;
    bool route = t->rule->kind == KIND_OFF_ROUTE;
    if (unit == NULL || isnan(t->finding->value))
        return;
    story_say(w, b, "，", ", ");
    put_amount(w, b, t->finding->value, unit);
    if (isnan(t->finding->limit))
        return;
    story_say(w, b, route ? "，走廊半宽" : "，限值",
              route ? " outside a corridor of half-width " : " against ");
    put_amount(w, b, t->finding->limit, unit);
}

static void put_counting(const struct story_words *w, struct buf *b, const struct trace_finding *t)
{
    const struct episode *e = t->episode;
    const struct finding *f = t->finding;
    int64_t at_ms = t->moment->at_ms;
    unsigned step = t->moment->tick ? 0 : 1;
    if (f->held == HELD_YES && (e == NULL || e->phase == EPISODE_CONFIRMING)) {
        int64_t start_ms = e != NULL ? e->start_ms : f->since_ms != TIME_NONE ? f->since_ms : at_ms;
        buf_printf(b, in_chinese(w) ? "（第%u个定位，%.3g秒）" : " (fix %u, %.3g s)",
                   (e != NULL ? e->held_fixes : 0u) + step, (double)(at_ms - start_ms) / 1000);
        if (f->at_once)
            story_say(w, b, "，立即认定", ", at once");
    } else if (f->held == HELD_NO && e != NULL && e->phase == EPISODE_OPEN) {
        int64_t clear_ms = e->clear_fixes > 0 ? e->clear_ms : at_ms;
        buf_printf(b, in_chinese(w) ? "（第%u个不满足的定位，%.3g秒）" : " (fix %u that does not, %.3g s)",
                   e->clear_fixes + step, (double)(at_ms - clear_ms) / 1000);
    }
}

void story_put_same(const struct story_words *w, struct buf *b, uint32_t same)
{
    if (same > 0)
        buf_printf(b, in_chinese(w) ? "  ……另有%u条相同\n" : "  ... and %u more that say the same\n", same);
}

void story_put_moment(const struct story_words *w, struct buf *b, const struct trace_finding *t)
{
    static const char *const held[][2] = {[HELD_UNKNOWN] = {"：无法判断", ": cannot be told"},
                                          [HELD_NO] = {"：不成立", ": does not hold"},
                                          [HELD_YES] = {"：成立", ": holds"}};
    buf_puts(b, "  ");
    story_put_time(w, b, t->moment->at_ms, true);
    buf_puts(b, "  ");
    if (t->moment->tick)
        story_say(w, b, "到期；最后所知：", "a deadline; last known: ");
    put_place(w, b, t->moment);
    story_say(w, b, held[t->finding->held][PHRASE_ZH], held[t->finding->held][PHRASE_EN]);
    put_measure(w, b, t);
    put_counting(w, b, t);
    if (t->finding->since_ms != TIME_NONE && t->episode == NULL && t->finding->since_ms != t->moment->at_ms) {
        story_say(w, b, "，自 ", ", since ");
        story_put_time(w, b, t->finding->since_ms, false);
    }
    if (t->moment->gap)
        story_say(w, b, "；中断之后重新计数", "; after a pause, counting begins anew");
    if (t->received_ms != TIME_NONE && t->received_ms - t->moment->at_ms >= 1000)
        buf_printf(b, in_chinese(w) ? "；晚到%.0f秒" : "; came %.0f s later",
                   (double)(t->received_ms - t->moment->at_ms) / 1000);
    buf_puts(b, "\n");
}

/* ---- what was told ---- */

static void put_opened(const struct story_words *w, struct buf *b, const struct transition *t, const char *id)
{
    story_say(w, b, "  认定 ", "  opened as ");
    buf_puts(b, id);
    story_say(w, b, "，级别", ", ");
    story_say(w, b, telling_severity(t->severity, PHRASE_ZH), severity_name(t->severity));
    story_say(w, b, "，始于 ", ", start ");
    story_put_time(w, b, t->start_ms, true);
    put_name(w, b, "，在 ", ", at ", t->fence);
    put_name(w, b, "，核准证 ", ", under permit ", t->permit);
    if (t->why != GAP_NONE) {
        story_say(w, b, "，核准证：", ", permits: ");
        story_say(w, b, gaps_zh[t->why], permit_gap_name(t->why));
    }
    put_name(w, b, "，最接近的是 ", ", nearest ", t->near_permit);
    if (t->trip_ms != TIME_NONE) {
        story_say(w, b, "，所属运输始于 ", ", on the trip that began ");
        story_put_time(w, b, t->trip_ms, true);
    }
}

static void put_updated(const struct story_words *w, struct buf *b, const struct transition *t)
{
    story_say(w, b, "  更新：级别", "  updated: ");
    story_say(w, b, telling_severity(t->severity, PHRASE_ZH), severity_name(t->severity));
    if (t->limit_before > 0 && t->unit != NULL) {
        story_say(w, b, "，此前限值", ", the limit was ");
        put_amount(w, b, t->limit_before, t->unit);
        story_say(w, b, "", " before");
    }
}

/* The pieces it went over, where they were more than one. */
static void put_trail(const struct story_words *w, struct buf *b, const struct transition *t)
{
    uint32_t named = 0;
    if (t->trail_count < 2)
        return;
    for (; named < t->trail_count && named < EPISODE_PIECES_MAX && t->fence_trail[named] != 0; named++)
        put_name(w, b, named == 0 ? "，经过 " : "、", named == 0 ? ", over " : ", ", t->fence_trail[named]);
    if (t->trail_count > named)
        buf_printf(b, in_chinese(w) ? "，另有%u处" : " and %u more", t->trail_count - named);
}

void story_put_transition(const struct story_words *w, struct buf *b, const struct transition *t,
                          const char *id)
{
    buf_puts(b, "  ");
    story_put_time(w, b, t->at_ms, true);
    if (t->event == TRANSITION_OPENED) {
        put_opened(w, b, t, id);
    } else if (t->event == TRANSITION_UPDATED) {
        put_updated(w, b, t);
    } else {
        story_say(w, b, "  结束，止于 ", "  closed, end ");
        story_put_time(w, b, t->end_ms, true);
        story_say(w, b, "，", ", ");
        story_say(w, b, reasons_zh[t->reason], close_reason_name(t->reason));
        put_trail(w, b, t);
    }
    buf_puts(b, "\n");
}

void story_put_open(const struct story_words *w, struct buf *b)
{
    story_say(w, b, "  到最后仍未结束\n", "  still open at the end\n");
}

struct text story_cut(enum phrase_language language)
{
    return language == PHRASE_ZH ? TEXT("  ……其余从略\n") : TEXT("  ... the rest is left out\n");
}
