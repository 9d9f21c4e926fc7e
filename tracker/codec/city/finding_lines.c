#include "finding_lines.h"

#include "json_write.h"

#include <stdio.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 16384 };

static void put_text(struct json_writer *w, const char *key, struct text value)
{
    if (value.len == 0)
        return;
    json_write_key(w, key);
    json_write_string(w, value);
}

static void put_count(struct json_writer *w, const char *key, uint64_t value)
{
    if (value == 0)
        return;
    json_write_key(w, key);
    json_write_u64(w, value);
}

/* Which feature of a file of fences, and which corner of which of its rings: in one word each, for a map. */
static void put_feature(struct json_writer *w, const struct city_finding *f)
{
    if (f->what == NULL || strcmp(f->what, "fence") != 0)
        return;
    if (f->id.len > 0)
        put_text(w, "feature", f->id);
    else
        put_count(w, "feature", f->number);
    if (f->part == NULL)
        return;
    if (strcmp(f->part, "ring") == 0)
        put_count(w, "ring", f->part_number);
    put_count(w, "vertex", f->position);
}

void finding_write_json(const struct city_finding *f, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    put_text(&w, "level", f->error ? TEXT("error") : TEXT("warning"));
    put_text(&w, "file", f->file);
    put_count(&w, "line", f->line);
    put_count(&w, "column", f->column);
    put_text(&w, "thing", text_of(f->what));
    put_text(&w, "id", f->id);
    put_count(&w, "number", f->number);
    put_text(&w, "part", text_of(f->part));
    put_count(&w, "part_number", f->part_number);
    put_count(&w, "position", f->position);
    put_feature(&w, f);
    if (f->placed) {
        json_write_key(&w, "lon");
        json_write_double(&w, f->lon_deg);
        json_write_key(&w, "lat");
        json_write_double(&w, f->lat_deg);
    }
    put_count(&w, "more", f->more);
    put_text(&w, "reason", text_of(f->reason));
    put_text(&w, "text", text_of(f->text));
    json_write_end_object(&w);
}

static void print(const struct buf *out)
{
    if (buf_ok(out))
        printf("%.*s\n", TEXT_ARG(buf_text(out)));
}

void finding_lines_tell(void *context, const struct city_finding *f)
{
    struct finding_lines *lines = context;
    *(f->error ? &lines->errors : &lines->warnings) += f->more > 0 ? f->more : 1;
    if (lines->json) {
        struct buf out;
        buf_init(&out, LINE_MAX_BYTES);
        finding_write_json(f, &out);
        print(&out);
        buf_fini(&out);
    } else {
        fprintf(stderr, "%s: %s%s\n", lines->command, f->error ? "" : "warning: ", f->text);
    }
}

/* `:12` at *at, which moves behind it; 0: there is none. */
static uint32_t take_number(const char **at)
{
    char *end;
    if (**at != ':' || (*at)[1] < '0' || (*at)[1] > '9')
        return 0;
    unsigned long n = strtoul(*at + 1, &end, 10);
    *at = end;
    return (uint32_t)n;
}

void finding_lines_problem(struct finding_lines *lines, const char *path, const struct problem *problem)
{
    struct city_finding f = {.error = true, .reason = problem->text, .text = problem->text};
    size_t n = strlen(path);
    const char *at = problem->text + n;
    if (strncmp(problem->text, path, n) == 0 && *at == ':') {
        f.file = text_of(path);
        f.line = take_number(&at);
        f.column = take_number(&at);
        f.reason = strncmp(at, ": ", 2) == 0 ? at + 2 : at;
    }
    finding_lines_tell(lines, &f);
}

void finding_lines_hear(void *context, const struct problem *problem)
{
    struct finding_lines *lines = context;
    finding_lines_problem(lines, lines->config, problem);
}

static void put_summary(const struct finding_lines *lines, const struct world *world, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    put_text(&w, "level", TEXT("summary"));
    json_write_key(&w, "errors");
    json_write_u64(&w, lines->errors);
    json_write_key(&w, "warnings");
    json_write_u64(&w, lines->warnings);
    if (world != NULL) {
        json_write_key(&w, "fences");
        json_write_u64(&w, world->fence_count);
        json_write_key(&w, "vehicles");
        json_write_u64(&w, world->vehicle_count);
        json_write_key(&w, "permits");
        json_write_u64(&w, world->permit_count);
        put_text(&w, "timezone", world->timezone);
        put_text(&w, "ruleset", text_of(world->hash));
    }
    json_write_end_object(&w);
}

void finding_lines_end(const struct finding_lines *lines, const struct world *world)
{
    if (lines->json) {
        struct buf out;
        buf_init(&out, LINE_MAX_BYTES);
        put_summary(lines, world, &out);
        print(&out);
        buf_fini(&out);
    } else if (lines->errors > 0) {
        fprintf(stderr, "%s: %zu error%s, %zu warning%s\n", lines->command, lines->errors,
                lines->errors == 1 ? "" : "s", lines->warnings, lines->warnings == 1 ? "" : "s");
    }
}
