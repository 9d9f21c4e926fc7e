#include "explain_duty.h"

#include "duty_telling.h"
#include "entry.h"
#include "kinds.h"
#include "phrase_rows.h"

/* Stops so near a point are told, and at most so many. */
static const double near_m = 200;
enum { STOPS_TOLD = 12, NAMES_TOLD = 8 };

struct telling_duty {
    const struct replay_duty_finding *f;
    const struct duty_telling *t;
    const struct duty_ledger *l;
    struct story_words words; /* in the world that the finding is of */
    struct buf *out;
};

static bool in_chinese(const struct telling_duty *x)
{
    return x->words.language == PHRASE_ZH;
}

static void say(const struct telling_duty *x, const char *zh, const char *en)
{
    story_say(&x->words, x->out, zh, en);
}

static void put_time(const struct telling_duty *x, int64_t ms)
{
    story_put_time(&x->words, x->out, ms, true);
}

static void put_name(const struct telling_duty *x, uint32_t symbol)
{
    buf_put_text(x->out, names_text(x->words.names, symbol));
}

static void put_vehicles(const struct telling_duty *x)
{
    const struct duty *d = x->t->duty;
    say(x, "  由以下任一车辆：", "  by any of");
    for (uint32_t i = 0; i < d->member_count && i < NAMES_TOLD; i++) {
        say(x, i > 0 ? "、" : "", i > 0 ? ", " : " ");
        put_name(x, d->members[i]);
    }
    if (d->member_count > NAMES_TOLD)
        buf_printf(x->out, in_chinese(x) ? "等%u辆" : " and %u more",
                   in_chinese(x) ? d->member_count : d->member_count - NAMES_TOLD);
    if (x->t->finding.no_data)
        say(x, "；该时段内均无数据", "; none of them was heard of in that time");
    buf_puts(x->out, "\n");
}

/* What keeps a stop from serving the point. */
static void put_reason(const struct telling_duty *x, const struct duty_stop *s, double distance_m)
{
    const struct visit_point *p = &x->l->plan[x->t->place];
    if (distance_m > p->radius_m + (double)s->error_m) {
        buf_printf(x->out,
                   in_chinese(x) ? "超出半径%.0f米与误差之和"
                                 : "farther than its radius, %.0f m, and the error",
                   p->radius_m);
        return;
    }
    if (!s->inferred && s->left_ms - s->arrived_ms < p->min_stop_ms) {
        buf_printf(x->out, in_chinese(x) ? "不足%.0f秒" : "shorter than %.0f s",
                   (double)p->min_stop_ms / 1000);
        return;
    }
    for (uint32_t i = 0; i < x->l->point_count; i++) {
        const struct said_point *other = &x->l->points[i];
        if (i == x->t->place || other->vehicle != s->vehicle || other->arrived_ms != s->arrived_ms)
            continue;
        say(x, "已计入 ", "it is that of ");
        put_name(x, other->fence);
        buf_printf(x->out, in_chinese(x) ? "，第%u点" : ", no. %u", i + 1);
        return;
    }
    say(x, "与各点次序不符", "out of the order of the points");
}

static void put_stops(const struct telling_duty *x)
{
    const struct visit_point *p = &x->l->plan[x->t->place];
    uint32_t told = 0;
    for (size_t i = 0; i < x->l->board.count && told < STOPS_TOLD; i++) {
        const struct duty_stop *s = &x->l->board.stops[i].stop;
        double distance_m = mw_distance_m(p->at, s->at);
        if (distance_m > near_m)
            continue;
        buf_puts(x->out, "    ");
        put_time(x, s->arrived_ms);
        buf_puts(x->out, " ");
        put_name(x, s->vehicle);
        if (s->inferred)
            say(x, " 慢速经过", " passed slowly");
        else
            buf_printf(x->out, in_chinese(x) ? " 停留%.0f秒" : " stood %.0f s",
                       (double)(s->left_ms - s->arrived_ms) / 1000);
        buf_printf(x->out, in_chinese(x) ? "，相距%.0f米（误差%.0f米）：" : ", %.0f m away within %.0f m: ",
                   distance_m, (double)s->error_m);
        put_reason(x, s, distance_m);
        buf_puts(x->out, "\n");
        told++;
    }
    if (told == 0)
        buf_printf(x->out,
                   in_chinese(x) ? "    %.0f米内没有其停留记录\n"
                                 : "    no stop of theirs is known within %.0f m of it\n",
                   near_m);
}

/* The sides that lack passes. */
static void put_lacking(const struct telling_duty *x)
{
    const struct coverage *c = x->t->coverage;
    const struct world *w = x->f->world;
    buf_printf(x->out,
               in_chinese(x) ? "    已按遍数完成%.0f米，应完成%.0f米；遍数不足的路段："
                             : "    %.0f of %.0f m of sides have their passes; these lack some:",
               c->done_m, c->planned_m);
    uint32_t named = c->unswept_count < COVERAGE_UNSWEPT_MAX ? c->unswept_count : COVERAGE_UNSWEPT_MAX;
    for (uint32_t i = 0; i < named && i < NAMES_TOLD; i++) {
        say(x, i > 0 ? "、" : "", i > 0 ? ", " : " ");
        put_name(x, w->fences[x->t->duty->segments[c->unswept[i].segment].fence].id);
        buf_printf(x->out, "/%s", work_side_name((enum work_side)c->unswept[i].side));
    }
    if (c->unswept_count > NAMES_TOLD)
        buf_printf(x->out, in_chinese(x) ? "等%u段" : " and %u more",
                   in_chinese(x) ? c->unswept_count : c->unswept_count - NAMES_TOLD);
    buf_puts(x->out, "\n");
}

static void put_expected(const struct telling_duty *x)
{
    int year, month, date;
    mw_civil_from_days(x->t->day, &year, &month, &date);
    enum kind kind = x->t->point != NULL ? KIND_MISSED_COLLECTION : KIND_UNSWEPT;
    say(x, phrase_row_of(&(struct transition){.kind = kind})->noun[PHRASE_ZH], kind_row(kind)->name);
    say(x, "，任务 ", " of duty ");
    put_name(x, x->t->duty_symbol);
    buf_printf(x->out, in_chinese(x) ? "，%04d-%02d-%02d" : ", %04d-%02d-%02d", year, month, date);
    if (x->t->point != NULL) {
        say(x, "，收集点 ", ", at ");
        put_name(x, x->t->fence);
        buf_printf(x->out, in_chinese(x) ? "，第%u点" : ", no. %u", x->t->place + 1);
    }
    say(x, "\n  应作业时段 ", "\n  expected from ");
    put_time(x, x->t->times.from_ms);
    say(x, " 至 ", " to ");
    put_time(x, x->t->times.end_ms);
    if (x->t->point != NULL)
        buf_printf(x->out, in_chinese(x) ? "，宽限%.0f秒" : ", with %.0f s of grace",
                   (double)x->l->plan[x->t->place].grace_ms / 1000);
    buf_puts(x->out, "\n");
    put_vehicles(x);
}

static void put_end(const struct telling_duty *x)
{
    say(x, "，止于 ", ", end ");
    put_time(x, x->t->finding.end_ms);
    if (x->t->event == DUTY_GONE) {
        say(x, "：配置中已无此任务", ": the files have it no more");
    } else if (!x->t->finding.cleared) {
        say(x, "：作业日已过", ": its day is over");
    } else if (x->t->point != NULL) {
        say(x, "：", ": ");
        put_name(x, x->t->point->vehicle);
        say(x, " 已到达", " came");
    }
}

static void put_event(const struct telling_duty *x, bool opens)
{
    struct text event = entry_value(x->f->entry, "event");
    buf_puts(x->out, "  ");
    put_time(x, x->t->at_ms);
    buf_puts(x->out, "  ");
    if (in_chinese(x))
        buf_puts(x->out, opens                                        ? "认定"
                         : x->t->finding.standing == VIOLATION_CLOSED ? "结束"
                         : x->t->event == DUTY_WITHDRAWN              ? "撤回"
                                                                      : "更新");
    else
        buf_put_text(x->out, event);
    if (opens) {
        say(x, " ", " as ");
        buf_put_text(x->out, entry_value(x->f->entry, "id"));
        say(x, "，其车辆的数据均已到达该时刻", ", when the clocks of its vehicles had come so far");
    } else if (x->t->finding.standing == VIOLATION_CLOSED) {
        put_end(x);
    } else if (x->t->event == DUTY_WITHDRAWN) {
        say(x, "：迟到的数据表明并未发生", ": what came late shows that it was none");
    }
    buf_puts(x->out, "\n");
}

void explain_duty_write(const struct replay_duty_finding *finding, const struct story_words *words,
                        struct buf *out)
{
    const struct duty_telling *t = finding->telling;
    const struct telling_duty x = {
        finding, t, finding->ledger, {words->names, finding->world, words->language}, out};
    bool opens = t->event == DUTY_OPENED && x.l != NULL && t->duty != NULL;
    if (opens) {
        put_expected(&x);
        if (t->point != NULL)
            put_stops(&x);
        else if (t->coverage != NULL)
            put_lacking(&x);
    }
    put_event(&x, opens);
}
