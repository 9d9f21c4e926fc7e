#include "phrases.h"

#include <math.h>

enum { NAME_MAX_BYTES = 96 };

static const char *const conditions[KIND_COUNT][2] = {
    [KIND_OFF_ROUTE] = {"偏离许可路线", "off the permitted route"},
    [KIND_WRONG_HOURS] = {"在禁止时段行驶", "driving outside the permitted hours"},
    [KIND_BANNED_AREA] = {"进入禁行区域", "in a banned area"},
    [KIND_SPILL] = {"抛洒滴漏", "spilling its load"},
    [KIND_UNCOVERED] = {"载货行驶未密闭", "driving loaded with the cover open"},
    [KIND_OVERLOAD] = {"超载", "overloaded"},
    [KIND_OVER_HEIGHT] = {"超高", "over the height limit"},
    [KIND_ILLEGAL_DUMPING] = {"违规倾倒", "tipping where it is not allowed"},
    [KIND_ILLEGAL_LOADING] = {"违规装载", "loading outside a registered site"},
    [KIND_NO_PERMIT] = {"无有效许可运输", "hauling without a valid permit"},
    [KIND_WRONG_SITE] = {"在非指定消纳场卸载", "unloaded at a site its permit does not name"},
    [KIND_UNWASHED_EXIT] = {"未冲洗驶离工地", "left the site unwashed"},
    [KIND_SPEEDING] = {"超速行驶", "speeding"},
    [KIND_OVERSTAY] = {"超时停留", "stopped for too long"},
    [KIND_OFFLINE] = {"作业中失联", "silent while in service"},
    [KIND_NO_FIX] = {"无有效定位", "without a usable position"},
    [KIND_TAMPER] = {"终端疑似被破坏或干扰", "its unit may have been tampered with"},
};

static const char *const causes[CAUSE_COUNT][2] = {
    [CAUSE_ANTENNA_CUT] = {"天线断开", "antenna cut"}, [CAUSE_ANTENNA_SHORT] = {"天线短路", "antenna short"},
    [CAUSE_POWER] = {"主电源断开", "main power lost"}, [CAUSE_JUMP] = {"位置跳变", "impossible jump"},
    [CAUSE_FROZEN] = {"位置冻结", "frozen position"},  [CAUSE_CLOCK] = {"时钟错误", "wrong clock"},
    [CAUSE_POSITION] = {"无定位", "no position"},
};

static const char *const units[][2] = {
    {"km/h", "公里/小时"}, {"m/s", "米/秒"}, {"m", "米"}, {"s", "秒"},
    {"min", "分钟"},       {"kg", "公斤"},   {"%", "%"},
};

int unit_decimals(const char *unit)
{
    static const char *const whole[] = {"s", "min", "%", "fixes"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcmp(unit, whole[i]) == 0)
            return 0;
    return 1;
}

/* As much of a name as fits, never half a character. */
static void put_name(struct buf *out, struct text name)
{
    size_t len = name.len < NAME_MAX_BYTES ? name.len : NAME_MAX_BYTES;
    while (len > 0 && len < name.len && ((unsigned char)name.data[len] & 0xc0) == 0x80)
        len--;
    buf_put(out, name.data, len);
}

static const char *unit_name(const char *unit, enum phrase_language language)
{
    for (size_t i = 0; language == PHRASE_ZH && i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i][0], unit) == 0)
            return units[i][1];
    return unit;
}

static void put_amount(struct buf *out, float amount, const char *unit, enum phrase_language language)
{
    buf_put_fixed(out, (double)amount, unit_decimals(unit));
    buf_put_char(out, ' ');
    buf_puts(out, unit_name(unit, language));
}

static void put_amounts(const struct transition *t, enum phrase_language language, struct buf *out)
{
    /* Beyond this nothing is a measurement of a truck, and the text would grow. */
    if (t->unit == NULL || !(fabsf(t->value) < 1e12f))
        return;
    buf_puts(out, language == PHRASE_ZH ? "，" : ", ");
    put_amount(out, t->value, t->unit, language);
    if (!(fabsf(t->limit) < 1e12f))
        return;
    buf_puts(out, language == PHRASE_ZH ? "，限值 " : ", limit ");
    put_amount(out, t->limit, t->unit, language);
}

static void put_ending(const struct transition *t, enum transition_event event, enum phrase_language language,
                       struct buf *out)
{
    static const char *const severities[][2] = {
        {"", ""}, {"一般", "minor"}, {"严重", "major"}, {"特别严重", "critical"}};
    if (event == TRANSITION_CLOSED)
        buf_puts(out, language == PHRASE_ZH ? "；已结束" : "; ended");
    else if (event == TRANSITION_UPDATED)
        buf_printf(out, language == PHRASE_ZH ? "；升级为%s" : "; now %s", severities[t->severity][language]);
}

void phrase_write(const struct transition *t, enum transition_event event, const struct names *names,
                  enum phrase_language language, bool to_cab, struct buf *out)
{
    if (!to_cab) {
        put_name(out, t->plate.len > 0 ? t->plate : names_text(names, t->vehicle));
        buf_puts(out, language == PHRASE_ZH ? "：" : ": ");
    }
    if (event == TRANSITION_NONE)
        buf_puts(out, language == PHRASE_ZH ? "请注意，" : "warning, ");
    const char *condition = conditions[t->kind][language];
    /* A kind without a row here is still said, in its own words. */
    buf_puts(out, condition != NULL ? condition : kind_row(t->kind)->text);
    struct text fence = t->fence_name.len > 0 ? t->fence_name : names_text(names, t->fence);
    if (t->cause != CAUSE_NONE && t->cause < CAUSE_COUNT)
        fence = text_of(causes[t->cause][language]);
    if (fence.len > 0) {
        buf_puts(out, language == PHRASE_ZH ? "（" : " (");
        put_name(out, fence);
        buf_puts(out, language == PHRASE_ZH ? "）" : ")");
    }
    put_amounts(t, language, out);
    put_ending(t, event, language, out);
}
