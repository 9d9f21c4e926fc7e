/*
 * What is drawn from a case when it is sealed, and kept with it: the rule in words, the track for other programs, the map, the report.
 *
 * Without the world that the violation names, which the archive may lack, they cannot be drawn; the case is sealed without them.
 */
#include "bag.h"
#include "case_gather.h"
#include "keeping.h"
#include "log.h"
#include "papers.h"
#include "report.h"

#define DRAWN_MAX ((size_t)256 << 20)

/* The report last: it has the hash of all others. */
static bool draw_report(const struct keeping *k, struct sealed_case *c, const struct case_facts *facts,
                        struct arena *arena, struct problem *problem)
{
    struct report_options options = {.issuer = k->config.report.issuer, .law = k->config.report.law};
    struct text kept;
    struct buf b;
    buf_init(&b, DRAWN_MAX);
    bool ok = sealed_manifest(c, &b);
    if (ok) {
        bag_data_digest(buf_text(&b), options.digest);
        buf_clear(&b);
        ok = report_pdf(facts, &options, &b, problem) && arena_copy_text(arena, buf_text(&b), &kept) &&
             sealed_add(c, TEXT(BAG_REPORT), kept);
    }
    buf_fini(&b);
    return ok;
}

static bool draw_map(struct sealed_case *c, const struct case_facts *facts, struct arena *arena)
{
    struct text kept;
    struct buf b;
    buf_init(&b, DRAWN_MAX);
    bool ok = report_map_svg(facts, &b) && arena_copy_text(arena, buf_text(&b), &kept) &&
              sealed_add(c, TEXT("data/map.svg"), kept);
    buf_fini(&b);
    return ok;
}

bool keeping_draw(struct keeping *k, struct sealed_case *c, struct arena *arena)
{
    struct case_facts facts;
    struct problem problem = {"out of memory"};
    size_t before = c->count;
    bool ok = case_facts_read(c, &facts, &problem);
    if (!ok) {
        log_warn("case_not_drawn", LOG_TEXT("id", c->header.id), LOG_STR("why", problem.text));
        case_facts_fini(&facts);
        return true;
    }
    ok = papers_add(c, &facts, arena) && draw_map(c, &facts, arena) &&
         draw_report(k, c, &facts, arena, &problem);
    if (!ok) {
        log_error("case_not_drawn", LOG_TEXT("id", c->header.id), LOG_STR("why", problem.text));
        c->count = before;
    }
    case_facts_fini(&facts);
    return ok;
}
