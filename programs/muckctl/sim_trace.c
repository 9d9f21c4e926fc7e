#include "sim_trace.h"

#include "fix_json.h"

#include <stdlib.h>
#include <string.h>

static bool grow(void **items, uint32_t *cap, uint32_t count, size_t size)
{
    if (count < *cap)
        return true;
    uint32_t more = *cap == 0 ? 64 : *cap * 2;
    void *grown = more > *cap ? realloc(*items, more * size) : NULL;
    if (grown == NULL)
        return false;
    *items = grown;
    *cap = more;
    return true;
}

struct sim_vehicle *sim_trace_vehicle(struct sim_trace *trace, struct text id)
{
    /* A fleet has hundreds; the vehicle of the line before is asked for most. */
    for (uint32_t i = trace->vehicle_count; i-- > 0;)
        if (text_equal(text_of(trace->vehicles[i].id), id))
            return &trace->vehicles[i];
    return NULL;
}

static struct sim_vehicle *vehicle_for(struct sim_trace *trace, struct text id)
{
    struct sim_vehicle *v = sim_trace_vehicle(trace, id);
    if (v != NULL)
        return v;
    if (!grow((void **)&trace->vehicles, &trace->vehicle_cap, trace->vehicle_count, sizeof *trace->vehicles))
        return NULL;
    v = &trace->vehicles[trace->vehicle_count++];
    *v = (struct sim_vehicle){0};
    memcpy(v->id, id.data, id.len < sizeof v->id ? id.len : sizeof v->id - 1);
    return v;
}

static bool add_line(struct sim_trace *trace, const struct fix_line *line)
{
    struct sim_vehicle *v = vehicle_for(trace, line->vehicle);
    if (v == NULL ||
        !grow((void **)&trace->lines, &trace->line_cap, trace->line_count, sizeof *trace->lines) ||
        !grow((void **)&v->lines, &v->line_cap, v->line_count, sizeof *v->lines))
        return false;
    struct sim_line *l = &trace->lines[trace->line_count];
    *l = (struct sim_line){.fix = line->item.fix, .vehicle = (uint32_t)(v - trace->vehicles)};
    l->fix.has = (uint16_t)(l->fix.has & ~(FIX_HAS_SEQ | FIX_HAS_MEDIA));
    l->fix.boot = (struct text){NULL, 0};
    l->due_ms = line->has_received ? line->received.ms : l->fix.time.ms;
    if (trace->line_count > 0 && l->due_ms < l[-1].due_ms)
        l->due_ms = l[-1].due_ms;
    v->lines[v->line_count++] = trace->line_count++;
    return true;
}

bool sim_trace_read(struct sim_trace *trace, FILE *in)
{
    char *line = NULL;
    size_t cap = 0;
    bool ok = true;
    ssize_t n;
    while (ok && (n = getline(&line, &cap, in)) > 0) {
        struct fix_line read;
        size_t len = (size_t)n - (line[n - 1] == '\n' ? 1 : 0);
        if (len == 0)
            continue;
        if (fix_line_read((struct text){line, len}, &read) == FIX_OK)
            ok = add_line(trace, &read);
        else
            trace->bad_lines++;
    }
    free(line);
    return ok;
}

void sim_trace_free(struct sim_trace *trace)
{
    for (uint32_t i = 0; i < trace->vehicle_count; i++)
        free(trace->vehicles[i].lines);
    free(trace->vehicles);
    free(trace->lines);
    *trace = (struct sim_trace){0};
}

int64_t sim_trace_begin_ms(const struct sim_trace *trace)
{
    return trace->line_count > 0 ? trace->lines[0].due_ms : 0;
}

int64_t sim_trace_end_ms(const struct sim_trace *trace)
{
    return trace->line_count > 0 ? trace->lines[trace->line_count - 1].due_ms : 0;
}

int64_t sim_trace_period_ms(const struct sim_trace *trace)
{
    return sim_trace_end_ms(trace) - sim_trace_begin_ms(trace) + 1000;
}
