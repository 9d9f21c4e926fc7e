/*
 * part_summary: the first page: what happened in a paragraph, the facts, how sure one can be, and the law.
 */
#include "report_pages.h"

#include <math.h>
#include <stdlib.h>

static const double column = 250;

/* ---- how sure ---- */

struct sureness {
    size_t within, late, with_error;
    double median_error_m, worst_error_m;
    int64_t longest_gap_ms, worst_lag_ms, median_lag_ms;
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The middle one of so many; 0 of none. */
static double median(double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

static struct sureness measure(const struct case_facts *f)
{
    struct sureness s = {0};
    double *errors = calloc(f->fix_count + 1, sizeof *errors), *lags = calloc(f->fix_count + 1, sizeof *lags);
    int64_t before_ms = 0;
    for (size_t i = 0; i < f->fix_count && errors != NULL && lags != NULL; i++) {
        const struct case_fix *c = &f->fixes[i];
        s.late += c->late.len > 0;
        if (!case_is_within(f, c))
            continue;
        int64_t lag = c->received_ms - c->fix.time.ms;
        lags[s.within++] = (double)lag;
        s.worst_lag_ms = lag > s.worst_lag_ms ? lag : s.worst_lag_ms;
        if (before_ms > 0 && c->fix.time.ms - before_ms > s.longest_gap_ms)
            s.longest_gap_ms = c->fix.time.ms - before_ms;
        before_ms = c->fix.time.ms;
        if (fix_has(&c->fix, FIX_HAS_EPH)) {
            errors[s.with_error++] = (double)c->fix.eph_m;
            s.worst_error_m = fmax(s.worst_error_m, (double)c->fix.eph_m);
        }
    }
    s.median_error_m = errors != NULL ? median(errors, s.with_error) : 0;
    s.median_lag_ms = lags != NULL ? (int64_t)median(lags, s.within) : 0;
    free(errors);
    free(lags);
    return s;
}

static void put_seconds(struct buf *out, int64_t ms)
{
    buf_put_fixed(out, (double)ms / 1000, 1);
    buf_puts(out, " s");
}

static double put_bullet(struct pages *p, double y)
{
    pages_puts(p, PAGE_MARGIN, y, (struct page_text){8.2, false, 0x222222, 0, 0}, "·");
    return y +
           pages_put_scratch(p, PAGE_MARGIN + 9, y,
                             (struct page_text){8.2, false, 0x222222, PAGE_INNER - 9, 3}) +
           1.5;
}

static double draw_places(struct pages *p, const struct sureness *s, double y)
{
    struct buf *out = &p->scratch;
    buf_printf(out, "定位 %zu 条，违法期间 %zu 条，迟到 %zu 条，编号缺失 %zu 处；期间最长间隔 ",
               p->f->fix_count, s->within, s->late, p->f->hole_count);
    put_seconds(out, s->longest_gap_ms);
    buf_printf(out,
               "。 %zu fixes, %zu within the violation, %zu late, %zu holes in the numbering; longest "
               "silence within ",
               p->f->fix_count, s->within, s->late, p->f->hole_count);
    put_seconds(out, s->longest_gap_ms);
    buf_puts(out, ".");
    y = put_bullet(p, y);
    if (s->with_error > 0) {
        buf_puts(out, "终端所报定位误差（95 %）：中位 ");
        buf_put_fixed(out, s->median_error_m, 1);
        buf_puts(out, " m，最大 ");
        buf_put_fixed(out, s->worst_error_m, 1);
        buf_printf(out, " m（期间 %zu 条）。 Error of the place as the unit says it (95 %%): median ",
                   s->with_error);
        buf_put_fixed(out, s->median_error_m, 1);
        buf_puts(out, " m, worst ");
        buf_put_fixed(out, s->worst_error_m, 1);
        buf_puts(out, " m.");
    } else {
        buf_puts(out, "期间定位未报误差，按规则集 eph_default_m 取值。 No fix within says its error: "
                      "eph_default_m of the ruleset was taken.");
    }
    return put_bullet(p, y);
}

static double draw_clocks(struct pages *p, const struct sureness *s, double y)
{
    struct buf *out = &p->scratch;
    const struct case_clock *c = &p->f->clock;
    buf_puts(out, "到达时间减终端时间：中位 ");
    put_seconds(out, s->median_lag_ms);
    buf_puts(out, "，最大 ");
    put_seconds(out, s->worst_lag_ms);
    buf_puts(out, "（含传输；终端时钟误差不大于此）。 Arrival less the unit's time: median ");
    put_seconds(out, s->median_lag_ms);
    buf_puts(out, ", worst ");
    put_seconds(out, s->worst_lag_ms);
    buf_puts(out, ", transmission included.");
    y = put_bullet(p, y);
    if (c->sampled) {
        buf_printf(out, "平台时钟%s，最大误差 ", c->unsynchronised ? "期间曾未同步" : "已与标准时间同步");
        buf_put_fixed(out, (double)c->worst_error_us / 1000, 1);
        buf_printf(out, " ms。 The tracker's clock was %s; its largest error was ",
                   c->unsynchronised ? "not synchronised for a part of this time" : "synchronised");
        buf_put_fixed(out, (double)c->worst_error_us / 1000, 1);
        buf_puts(out, " ms.");
    } else {
        buf_puts(out,
                 "无平台时钟采样，其误差未知。 The tracker's clock was not sampled: its error is not known.");
    }
    return put_bullet(p, y);
}

/* ---- facts ---- */

static void put_place(struct buf *out, const struct json_node *r, const char *lat, const char *lon)
{
    struct text at[2] = {case_field(r, lat), case_field(r, lon)};
    if (at[0].len > 0)
        buf_printf(out, "%.*s, %.*s", TEXT_ARG(at[0]), TEXT_ARG(at[1]));
}

static void put_measure(struct buf *out, const struct json_node *r)
{
    struct text value = case_field(r, "value"), limit = case_field(r, "limit"), unit = case_field(r, "unit");
    struct text error = case_field(r, "error");
    if (value.len == 0)
        return;
    buf_printf(out, "%.*s %.*s", TEXT_ARG(value), TEXT_ARG(unit));
    if (limit.len > 0)
        buf_printf(out, "（限值 limit %.*s %.*s）", TEXT_ARG(limit), TEXT_ARG(unit));
    if (error.len > 0)
        buf_printf(out, " ±%.*s m", TEXT_ARG(error));
}

static void put_name_of(struct pages *p, const char *list, const char *field)
{
    struct text id = case_field(p->f->last, field);
    const struct json_node *item = id.len > 0 ? case_world_item(p->f, list, id) : NULL;
    struct text name = case_field(json_node_member(item, "properties"), "name");
    buf_printf(&p->scratch, "%.*s%s%.*s", TEXT_ARG(id), name.len > 0 ? " " : "", TEXT_ARG(name));
}

/* What stands in the scratch under a label; two of them beside each other. */
static double draw_fact(struct pages *p, const char *label, unsigned *count, double y)
{
    double x = PAGE_MARGIN + (*count % 2) * (PAGE_INNER - column + 2);
    if (p->scratch.len == 0)
        return y;
    pages_puts(p, x, y, (struct page_text){7, false, 0x666666, 84, 1}, label);
    pages_put_scratch(p, x + 86, y - 0.5, (struct page_text){8, false, 0x111111, column - 88, 2});
    ++*count;
    return *count % 2 == 0 ? y + 21 : y;
}

static const char *severity_zh(struct text severity)
{
    return text_equal(severity, TEXT("minor"))      ? "一般 "
           : text_equal(severity, TEXT("major"))    ? "严重 "
           : text_equal(severity, TEXT("critical")) ? "特别严重 "
                                                    : "";
}

static double draw_facts(struct pages *p, double y)
{
    static const struct {
        const char *label, *field;
    } rows[] = {{"车辆 vehicle", "vehicle"},       {"号牌 plate", "plate"},
                {"企业 company", "company"},       {"原因 cause", "cause"},
                {"辖区 district", "jurisdiction"}, {"道路 road class", "road_class"},
                {"主管 department", "department"}, {"事件代码 code", "event_code"},
                {"重复次数 repeat", "repeat"},     {"运次 trip", "trip"}};
    const struct json_node *r = p->f->last;
    unsigned count = 0;
    buf_printf(&p->scratch, "%s %.*s", case_kind_zh(p->f->header.kind), TEXT_ARG(p->f->header.kind));
    y = draw_fact(p, "类别 kind", &count, y);
    buf_puts(&p->scratch, severity_zh(case_field(r, "severity")));
    buf_put_text(&p->scratch, case_field(r, "severity"));
    y = draw_fact(p, "级别 severity", &count, y);
    case_put_time(p->f, case_start_ms(p->f), true, &p->scratch);
    y = draw_fact(p, "开始 start", &count, y);
    if (case_field(r, "end").len > 0)
        case_put_time(p->f, case_end_ms(p->f), true, &p->scratch);
    else
        buf_puts(&p->scratch, "仍在持续 goes on");
    y = draw_fact(p, "结束 end", &count, y);
    put_place(&p->scratch, r, "start_lat", "start_lon");
    y = draw_fact(p, "起点 began at", &count, y);
    put_place(&p->scratch, r, "lat", "lon");
    y = draw_fact(p, "末点 last at", &count, y);
    put_measure(&p->scratch, r);
    y = draw_fact(p, "测得 measured", &count, y);
    put_name_of(p, "permits", "permit");
    y = draw_fact(p, "核准证 permit", &count, y);
    put_name_of(p, "fences", "fence");
    y = draw_fact(p, "围栏 fence", &count, y);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_put_text(&p->scratch, case_field(r, rows[i].field));
        y = draw_fact(p, rows[i].label, &count, y);
    }
    return count % 2 == 1 ? y + 21 : y;
}

/* ---- the page ---- */

static double draw_head(struct pages *p)
{
    const struct sealed_header *h = &p->f->header;
    const char *state = h->reviewed ? "已审核，予以认定 / reviewed: approved"
                        : h->rejected
                            ? "已审核，不予认定 / reviewed: rejected"
                            : "DRAFT 未审核：不得作为处罚依据 / not reviewed: no ground for a penalty";
    pages_puts(p, PAGE_MARGIN, 36, (struct page_text){19, true, 0x1a237e, PAGE_INNER, 1},
               "渣土车违法行为电子证据报告");
    pages_puts(p, PAGE_MARGIN, 63, (struct page_text){9.5, false, 0x444444, PAGE_INNER, 1},
               "Electronic evidence of a muck truck violation");
    if (p->options->issuer.len > 0)
        pages_put(p, PAGE_MARGIN, 78, (struct page_text){9, false, 0x222222, PAGE_INNER, 1},
                  p->options->issuer);
    pages_fill(p, h->reviewed ? 0x2e7d32u : 0xc62828u, 0.12, (double[4]){PAGE_MARGIN, 93, PAGE_INNER, 18});
    pages_puts(p, PAGE_MARGIN + 6, 95.5,
               (struct page_text){9, true, h->reviewed ? 0x1b5e20u : 0xb71c1cu, PAGE_INNER - 12, 1}, state);
    return 119;
}

void part_summary(struct pages *p)
{
    const struct page_text words = {10, false, 0x111111, PAGE_INNER, 7};
    pages_begin(p);
    double y = draw_head(p);
    y = pages_heading(p, y, "发生了什么 What happened");
    if (p->f->header.withdrawn)
        y += pages_puts(p, PAGE_MARGIN, y, (struct page_text){10, true, 0xb71c1c, PAGE_INNER, 2},
                        "本判定已因后到数据撤回。 This finding was withdrawn: data that came later does not "
                        "bear it out.") +
             3;
    y += pages_put(p, PAGE_MARGIN, y, words, case_field(p->f->last, "text_zh")) + 5;
    y += pages_put(p, PAGE_MARGIN, y, (struct page_text){8.6, false, 0x333333, PAGE_INNER, 7},
                   case_field(p->f->last, "text_en")) +
         8;
    y = draw_facts(p, pages_heading(p, y, "事实 Facts")) + 4;
    y = pages_heading(p, y, "可信程度 How sure one can be");
    struct sureness sure = measure(p->f);
    y = draw_clocks(p, &sure, draw_places(p, &sure, y)) + 4;
    y = pages_heading(p, y, "依据 Law");
    int room = (int)((PAGE_BOTTOM - y) / 13);
    pages_put(p, PAGE_MARGIN, y, (struct page_text){8.5, false, 0x222222, PAGE_INNER, room > 1 ? room : 1},
              p->options->law.len > 0
                  ? p->options->law
                  : TEXT("未配置法律条文。 No text of the law is configured for this kind."));
    pages_end(p);
}
