#include "city_report.h"

#include "buf.h"
#include "json_write.h"

#include <stdio.h>

static void put_place(const struct city_finding *f, struct buf *out)
{
    buf_printf(out, "%.*s", TEXT_ARG(f->file));
    if (f->line > 0)
        buf_printf(out, ":%u", f->line);
    if (f->column > 0)
        buf_printf(out, ":%u", f->column);
    buf_puts(out, ": ");
    if (f->what == NULL)
        return;
    buf_puts(out, f->what);
    if (f->id.len > 0)
        buf_printf(out, " \"%.*s\"", PROBLEM_ARG(f->id));
    else if (f->number > 0)
        buf_printf(out, " number %zu", f->number);
    buf_puts(out, ": ");
}

/* `ring 1, position 7 [112.9, 30.4]: ` */
static void put_position(const struct city_finding *f, struct buf *out)
{
    if (f->part == NULL)
        return;
    buf_printf(out, "%s %u, position %u", f->part, f->part_number, f->position);
    if (f->placed) {
        buf_puts(out, " [");
        json_put_double(out, f->lon_deg);
        buf_puts(out, ", ");
        json_put_double(out, f->lat_deg);
        buf_puts(out, "]");
    }
    buf_puts(out, ": ");
}

void city_report_add(struct city_report *report, struct city_finding finding)
{
    struct problem text;
    bool tells = city_report_tells(report, finding.error), first = finding.error && report->errors == 0;
    *(finding.error ? &report->errors : &report->warnings) += 1;
    if (!tells)
        return;
    struct buf out = {.data = text.text, .cap = sizeof text.text - 1, .limit = sizeof text.text - 1};
    put_place(&finding, &out);
    put_position(&finding, &out);
    text.text[out.len] = '\0';
    snprintf(text.text + out.len, sizeof text.text - out.len, "%s", finding.reason);
    finding.text = text.text;
    if (first && report->problem != NULL)
        *report->problem = text;
    if (report->tell != NULL)
        report->tell(report->tell_context, &finding);
    if (!finding.error && report->warn != NULL)
        report->warn(report->warn_context, finding.text);
}

static void tell_rest(struct city_report *report, bool error, size_t count)
{
    char reason[80];
    if (count <= FINDINGS_TOLD_MAX)
        return;
    snprintf(reason, sizeof reason, "%zu more %s are not told", count - FINDINGS_TOLD_MAX,
             error ? "errors" : "warnings");
    struct city_finding finding = {
        .error = error, .file = TEXT("city"), .more = count - FINDINGS_TOLD_MAX, .reason = reason};
    char text[100];
    snprintf(text, sizeof text, "city: %s", reason);
    finding.text = text;
    if (report->tell != NULL)
        report->tell(report->tell_context, &finding);
    if (!error && report->warn != NULL)
        report->warn(report->warn_context, text);
}

void city_report_end(struct city_report *report)
{
    tell_rest(report, true, report->errors);
    tell_rest(report, false, report->warnings);
}

uint32_t text_lines_at(struct text_lines *lines, const char *at)
{
    if (lines->at == NULL || at < lines->at) {
        lines->at = lines->begin;
        lines->line = 0;
    }
    for (const char *end; (end = memchr(lines->at, '\n', (size_t)(at - lines->at))) != NULL;) {
        lines->at = end + 1;
        lines->line++;
    }
    return lines->line + 1;
}
