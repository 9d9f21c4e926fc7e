/*
 * part_history: what was told of the case, revision by revision, and who did what about it.
 */
#include "report_pages.h"

enum { ROWS = 18 };
static const double row_height = 37;

static size_t rows_of(const struct case_facts *f)
{
    return json_node_length(f->revisions) + f->action_count;
}

unsigned part_history_pages(const struct case_facts *f)
{
    return (unsigned)((rows_of(f) + ROWS - 1) / ROWS);
}

struct word {
    const char *name, *words;
};

static const char *words_of(struct text name)
{
    static const struct word words[] = {
        {"opened", "认定 opened"},       {"updated", "更新 updated"},         {"closed", "结束 closed"},
        {"withdrawn", "撤回 withdrawn"}, {"acknowledge", "受理 acknowledge"}, {"assign", "派遣 assign"},
        {"note", "备注 note"},           {"handled", "处置 handled"},         {"review", "审核 review"},
        {"close", "结案 close"},         {"reopen", "重开 reopen"},           {"shelve", "暂缓 shelve"},
        {"duplicate", "重复 duplicate"}, {"object", "异议 objection"},        {"transfer", "移交 transfer"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(text_of(words[i].name), name))
            return words[i].words;
    return NULL;
}

static void put_columns(struct pages *p, double y, int64_t at_ms, struct text what)
{
    const char *words = words_of(what);
    case_put_time(p->f, at_ms, false, &p->scratch);
    pages_put_scratch(p, PAGE_MARGIN, y, (struct page_text){7.5, false, 0x222222, 95, 1});
    pages_put(p, PAGE_MARGIN + 98, y, (struct page_text){7.5, true, 0x222222, 88, 1},
              words != NULL ? text_of(words) : what);
}

static void draw_revision(struct pages *p, const struct json_node *revision, double y)
{
    struct text rev = case_field(revision, "rev"), text = case_field(revision, "text");
    put_columns(p, y, text_whole(case_field(revision, "at")), case_field(revision, "event"));
    buf_printf(&p->scratch, "系统 tracker, rev %.*s", TEXT_ARG(rev));
    pages_put_scratch(p, PAGE_MARGIN + 188, y, (struct page_text){7.5, false, 0x222222, 76, 1});
    pages_put(p, PAGE_MARGIN + 266, y, (struct page_text){7, false, 0x222222, PAGE_INNER - 266, 3}, text);
}

static void add(struct buf *out, const char *label, struct text value)
{
    if (value.len == 0)
        return;
    buf_puts(out, out->len > 0 ? "；" : "");
    buf_puts(out, label);
    buf_put_text(out, value);
}

static void draw_action(struct pages *p, const struct case_action *a, double y)
{
    put_columns(p, y, a->at_ms, text_equal(a->stream, TEXT("audit")) ? TEXT("查阅 looked up") : a->action);
    pages_put(p, PAGE_MARGIN + 188, y, (struct page_text){7.5, false, 0x222222, 76, 1}, a->who);
    add(&p->scratch, "查阅 what: ", a->what);
    add(&p->scratch, "版次 edition: ", a->edition);
    add(&p->scratch, "用途 purpose: ", a->purpose);
    struct text verdict = text_equal(a->verdict, TEXT("approve"))  ? TEXT("予以认定 approve")
                          : text_equal(a->verdict, TEXT("reject")) ? TEXT("不予认定 reject")
                                                                   : a->verdict;
    add(&p->scratch, "结论 verdict: ", verdict);
    add(&p->scratch, "理由 reason: ", a->reason);
    add(&p->scratch, "查实 found: ", a->found);
    add(&p->scratch, "承办 to: ", a->to);
    add(&p->scratch, "说明 why: ", a->why);
    pages_put_scratch(p, PAGE_MARGIN + 266, y, (struct page_text){7, false, 0x222222, PAGE_INNER - 266, 3});
}

void part_history(struct pages *p)
{
    const struct case_facts *f = p->f;
    uint32_t told = json_node_length(f->revisions);
    const struct json_node *revision = told > 0 ? json_node_first(f->revisions) : NULL;
    double top = 0;
    for (size_t i = 0; i < rows_of(f); i++) {
        if (i % ROWS == 0)
            pages_begin(p);
        if (i % ROWS == 0)
            top = pages_heading(p, PAGE_TOP, "判定与处理记录 History of the finding and its handling");
        double y = top + (double)(i % ROWS) * row_height;
        pages_line(p, 0xdddddd, 0.4, (double[4]){PAGE_MARGIN, y - 2, PAGE_WIDTH - PAGE_MARGIN, y - 2});
        if (i < told) {
            draw_revision(p, revision, y);
            revision = json_node_next(revision);
        } else {
            draw_action(p, &f->actions[i - told], y);
        }
        if (i % ROWS == ROWS - 1 || i + 1 == rows_of(f))
            pages_end(p);
    }
}
