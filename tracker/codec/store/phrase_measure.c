#include "phrase_measure.h"

#include <math.h>

/* `~` stands for the amount. */
struct measure_words {
    const char *value[2]; /* NULL: it is not told */
    const char *limit[2]; /* NULL: it is not told */
    const char *most[2];  /* before the value once it is the largest of a whole episode */
    bool over;            /* also told: how far over the limit, in per cent */
};

static const struct measure_words words[KIND_COUNT] = {
    [KIND_OFF_ROUTE] = {.value = {"偏出核准走廊~", "~ outside the corridor"},
                        .limit = {"走廊半宽~", "half-width ~"},
                        .most = {"最大", "up to "}},
    [KIND_WRONG_HOURS] = {.value = {"已行驶~", "for ~ so far"}},
    [KIND_UNCOVERED] = {.value = {"车速~", "~"}, .most = {"最高", "up to "}},
    [KIND_OVERLOAD] = {.value = {"载重~", "~ on board"},
                       .limit = {"核定~", "~ allowed"},
                       .most = {"最大", "up to "},
                       .over = true},
    [KIND_OVER_HEIGHT] = {.value = {"高度~", "~ high"},
                          .limit = {"限高~", "~ allowed"},
                          .most = {"最大", "up to "}},
    [KIND_SPEEDING] = {.value = {"车速~", "~"},
                       .limit = {"限速~", "limit ~"},
                       .most = {"最高", "up to "},
                       .over = true},
    [KIND_OVERSTAY] = {.value = {"停留~", "stood ~"}, .limit = {"允许~", "~ allowed"}},
    [KIND_OFFLINE] = {.value = {"无信息~", "no message for ~"}, .limit = {"允许~", "~ allowed"}},
    [KIND_UNSWEPT] = {.value = {"完成~", "~ done"}, .limit = {"应达~", "of ~ asked"}},
    [KIND_TAMPER] = {.value = {"折合速度~", "implies ~"}, .limit = {"可信上限~", "at most ~ is believed"}},
};

static const char *comma(enum phrase_language language)
{
    return language == PHRASE_ZH ? "，" : ", ";
}

static void put_pattern(const char *pattern, float amount, const char *unit, enum phrase_language language,
                        struct buf *out)
{
    size_t before = strcspn(pattern, "~");
    buf_put(out, pattern, before);
    wording_put_amount(out, amount, unit, language);
    if (pattern[before] == '~')
        buf_puts(out, pattern + before + 1);
}

/* Of the value as it is written, rounded down: 50 % over is only said of what is. */
static void put_over(const struct measure *m, enum phrase_language language, struct buf *out)
{
    double value = round((double)m->value * 10) / 10;
    double over = floor((value / (double)m->limit - 1) * 100 + 1e-6);
    if (!(over >= 1) || !(over < 1e6))
        return;
    buf_puts(out, comma(language));
    buf_puts(out, language == PHRASE_ZH ? "超出" : "");
    buf_put_i64(out, (int64_t)over);
    buf_puts(out, language == PHRASE_ZH ? "%" : " % over");
}

static void put_clock(const struct transition *t, enum phrase_language language, struct buf *out)
{
    bool behind = t->value < 0;
    if (language == PHRASE_ZH)
        buf_puts(out, behind ? "时钟慢" : "时钟快");
    wording_put_duration(out, (int64_t)(fabsf(t->value) * 1000), language);
    if (language == PHRASE_EN)
        buf_puts(out, behind ? " behind" : " ahead");
}

static void put_value(const struct transition *t, const struct measure *m, const struct measure_words *w,
                      enum phrase_language language, struct buf *out)
{
    /* A distance is not measured on beyond this. */
    bool least = t->kind == KIND_OFF_ROUTE && m->value >= (float)OFF_ROUTE_FAR_M;
    if (least)
        buf_puts(out, language == PHRASE_ZH ? "至少" : "at least ");
    else if (t->event == TRANSITION_CLOSED && w->most[language] != NULL)
        buf_puts(out, w->most[language]);
    put_pattern(w->value[language], m->value, m->unit, language, out);
}

static bool has_limit(const struct measure *m, const struct measure_words *w)
{
    return w->limit[PHRASE_ZH] != NULL && wording_is_amount(m->limit) && m->limit > 0;
}

static bool has_value(const struct transition *t, const struct measure *m, const struct measure_words *w)
{
    /* How long it was is told with its end. */
    bool told_later = t->kind == KIND_WRONG_HOURS && t->event == TRANSITION_CLOSED;
    return m->unit != NULL && wording_is_amount(m->value) && w->value[PHRASE_ZH] != NULL && !told_later;
}

static void put_error(const struct transition *t, bool more, enum phrase_language language, struct buf *out)
{
    if (!wording_is_amount(t->error_m) || !(t->error_m > 0))
        return;
    buf_puts(out, more ? comma(language) : "");
    put_pattern(language == PHRASE_ZH ? "定位误差~" : "position error ~", t->error_m, "m", language, out);
}

void phrase_put_measure(const struct transition *t, enum phrase_language language, enum measure_detail detail,
                        struct buf *out)
{
    const struct measure m = transition_measure(t);
    const struct measure_words *w = &words[t->kind < KIND_COUNT ? t->kind : KIND_NONE];
    bool value = has_value(t, &m, w), limit = value && has_limit(&m, w);
    if (detail == MEASURE_CAB && !limit)
        return;
    if (t->kind == KIND_NO_FIX && t->cause == CAUSE_CLOCK && wording_is_amount(t->value))
        put_clock(t, language, out);
    if (value)
        put_value(t, &m, w, language, out);
    if (limit) {
        buf_puts(out, comma(language));
        put_pattern(w->limit[language], m.limit, m.unit, language, out);
    }
    if (detail != MEASURE_FULL)
        return;
    if (limit && w->over)
        put_over(&m, language, out);
    put_error(t, value, language, out);
}
