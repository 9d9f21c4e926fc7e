#include "phrase_rows.h"

static const struct phrase_row rows[KIND_COUNT] = {
    [KIND_OFF_ROUTE] =
        {
            .noun = {"偏离核准路线", "off the approved route"},
            .what = {"[在@]偏离核准路线行驶", "off the approved route[ at @]"},
            .advice = {"已偏离核准路线，请尽快驶回", "You are off the approved route: please return to it"},
        },
    [KIND_WRONG_HOURS] =
        {
            .noun = {"准运时段外行驶", "driving outside the permitted hours"},
            .what = {"[在@]于准运时段外行驶", "driving outside the permitted hours[ at @]"},
            .advice = {"已不在准运时段，请停止行驶", "Outside your permitted hours: please stop driving"},
        },
    [KIND_BANNED_AREA] =
        {
            .noun = {"驶入禁行区域", "in a banned area"},
            .what = {"[在@]驶入禁行区域[#]", "in a banned area[, #][, at @]"},
            .advice = {"已进入禁行区域[#]，请尽快驶离", "You are in a banned area[, #]: please leave it"},
        },
    [KIND_SPILL] =
        {
            .noun = {"抛洒滴漏", "spilling its load"},
            .what = {"[在@]抛洒滴漏", "spilling its load[ at @]"},
            .advice = {"车载物料正在抛洒滴漏，请靠边检查", "Your load is spilling: please stop and check"},
        },
    [KIND_UNCOVERED] =
        {
            .noun = {"载货行驶未密闭", "driving loaded with the cover open"},
            .what = {"[在@]载货行驶未密闭", "driving loaded with the cover open[ at @]"},
            .advice = {"载货未密闭，请关闭顶盖", "You are loaded and the cover is open: please close it"},
        },
    [KIND_OVERLOAD] =
        {
            .noun = {"超载", "overloaded"},
            .what = {"[在@]超载", "overloaded[ at @]"},
            .advice = {"载重超过核定值，请勿继续行驶", "You are overloaded: please do not drive on"},
        },
    [KIND_OVER_HEIGHT] =
        {
            .noun = {"装载超高", "loaded too high"},
            .what = {"[在@]装载超高", "loaded above the height limit[ at @]"},
            .advice = {"装载超高，请整平后行驶", "Your load is too high: please level it"},
        },
    [KIND_ILLEGAL_DUMPING] =
        {
            .noun = {"消纳场所外倾倒", "tipping where it is not allowed"},
            .what = {"[在@]消纳场所外倾倒[，位于禁止倾倒区域#]",
                     "tipping outside the sites for it[, in the no-tipping zone #][, at @]"},
            .advice = {"此处禁止倾倒，请放下车厢", "No tipping here: please lower the body"},
        },
    [KIND_ILLEGAL_LOADING] =
        {
            .noun = {"登记工地外装载", "loading outside a registered site"},
            .what = {"[在@]登记工地外装载", "loading outside a registered site[ at @]"},
            .advice = {"此处不是登记工地，请勿装载", "This is no registered site: please do not load"},
            .instant = true,
        },
    [KIND_NO_PERMIT] =
        {
            .noun = {"无有效核准证运输", "hauling without a valid permit"},
            .what = {"驶出工地[#][（@）]，无有效核准证运输",
                     "hauling from site[ #][ (@)] without a valid permit"},
            .advice = {"本次运输无有效核准证，请停止运输并联系调度",
                       "This haul has no valid permit: please stop and call dispatch"},
            .instant = true,
        },
    [KIND_WRONG_SITE] =
        {
            .noun = {"在核准证未载明的消纳场卸载", "unloaded at a site its permit does not name"},
            .what = {"在核准证未载明的消纳场[#]卸载[（@）]",
                     "unloaded at a disposal site its permit does not name[, #][ (@)]"},
            .advice = {"此消纳场不在核准证内，请勿卸载",
                       "Your permit does not name this site: please do not unload"},
            .instant = true,
            .done = true,
        },
    [KIND_UNWASHED_EXIT] =
        {
            .noun = {"未经冲洗驶离工地", "left the site unwashed"},
            .what = {"未经冲洗驶离工地[#][（@）]", "left the site[ #][ (@)] unwashed"},
            .advice = {"请先冲洗车辆再驶离工地", "Please wash the vehicle before you leave"},
            .instant = true,
            .done = true,
        },
    [KIND_SPEEDING] =
        {
            .noun = {"超速行驶", "speeding"},
            .what = {"[在@]限速区段[#]超速行驶", "speeding in the zone[ #][, at @]"},
            .advice = {"您已超速，请减速", "You are too fast: please slow down"},
        },
    [KIND_OVERSTAY] =
        {
            .noun = {"超时停留", "stopped for too long"},
            .what = {"[在@]超时停留", "stopped for too long[ at @]"},
            .advice = {"请勿久停，尽快驶离", "Please do not stay: drive on soon"},
        },
    [KIND_OFFLINE] =
        {
            .noun = {"作业中失联", "silent while in service"},
            .what = {"作业中失联[，最后位置为@]", "silent while in service[, last seen at @]"},
        },
    [KIND_NO_FIX] =
        {
            .noun = {"无有效定位", "without a usable position"},
            .what = {"无有效定位[，最后位置为@]", "without a usable position[, last seen at @]"},
        },
    [KIND_TAMPER] =
        {
            .noun = {"终端疑似被破坏或干扰", "its unit may have been tampered with"},
            .what = {"终端疑似被破坏或干扰[：^][，位置为@]",
                     "its unit may have been tampered with[: ^][, at @]"},
        },
    [KIND_DISCHARGE] =
        {
            .noun = {"违规排水", "draining water"},
            .what = {"[在@]违规排水", "draining water where it is not allowed[ at @]"},
            .advice = {"此处禁止排水，请关闭阀门", "No draining here: please close the valve"},
        },
    [KIND_MIXED_WASTE] =
        {
            .noun = {"混收混运", "mixing sorted waste"},
            .what = {"[在@]混收混运[，点位#]", "mixing sorted waste[ at #][, at @]"},
            .advice = {"此处垃圾类别与本车不符，请勿装卸",
                       "This is another kind of waste than yours: please do not load or unload"},
        },
    [KIND_MISSED_COLLECTION] =
        {
            .noun = {"收集点漏收", "collection missed"},
            .what = {"收集点[#]漏收", "collection missed[ at #]"},
        },
    [KIND_UNSWEPT] =
        {
            .noun = {"作业未达标", "roads not swept as planned"},
            .what = {"[路段#]等作业未达标", "roads not swept as planned[, # among them]"},
        },
};

/* Work, not transport: a vehicle without a permit is judged by the area of its class and company. */
static const struct phrase_row wrong_hours_of_area = {
    .noun = {"作业时段外行驶", "driving outside the hours of its area"},
    .what = {"[在@]于作业区域[#]的作业时段外行驶", "driving outside the hours of area[ #][, at @]"},
    .advice = {"已不在作业时段，请停止行驶", "Outside the hours of this area: please stop driving"},
};

static const struct phrase_row wrong_clock = {
    .noun = {"终端时钟错误", "its unit's clock is wrong"},
    .what = {"终端时钟错误[，最后位置为@]", "its unit's clock is wrong[, last seen at @]"},
};

const struct phrase_row *phrase_row_of(const struct transition *t)
{
    if (t->kind == KIND_WRONG_HOURS && t->permit == 0 && t->fence != 0)
        return &wrong_hours_of_area;
    if (t->kind == KIND_NO_FIX && t->cause == CAUSE_CLOCK)
        return &wrong_clock;
    return &rows[t->kind < KIND_COUNT ? t->kind : KIND_NONE];
}

const char *phrase_cause(enum cause cause, enum phrase_language language)
{
    static const char *const words[CAUSE_COUNT][2] = {
        [CAUSE_NONE] = {"", ""},
        [CAUSE_ANTENNA_CUT] = {"天线断开", "antenna cut"},
        [CAUSE_ANTENNA_SHORT] = {"天线短路", "antenna short"},
        [CAUSE_POWER] = {"主电源断开", "main power lost"},
        [CAUSE_JUMP] = {"位置跳变", "impossible jump"},
        [CAUSE_FROZEN] = {"位置冻结", "frozen position"},
        [CAUSE_CLOCK] = {"时钟错误", "wrong clock"},
        [CAUSE_POSITION] = {"无定位", "no position"},
        [CAUSE_NO_DATA] = {"无车辆数据", "no data of its vehicles"},
    };
    return words[cause < CAUSE_COUNT ? cause : CAUSE_NONE][language];
}
