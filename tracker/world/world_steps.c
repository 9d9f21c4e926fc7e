#include "world_steps.h"

#include <stdio.h>

enum world_status world_fail(struct world_error *out, const char *format, ...)
{
    *out = (struct world_error){0};
    __builtin_va_list args;
    __builtin_va_start(args, format);
    vsnprintf(out->text, sizeof out->text, format, args);
    __builtin_va_end(args);
    return WORLD_BAD;
}

bool world_step(struct world_steps *s, enum world_status status)
{
    bool first = s->status == WORLD_OK;
    if (status == WORLD_BAD && first)
        *s->out_error = s->now;
    if (status == WORLD_BAD && s->b->tell != NULL) {
        s->b->tell(s->b->tell_context, &s->now);
        s->b->bad = true;
    }
    if (status == WORLD_NO_MEMORY || (status == WORLD_BAD && first))
        s->status = status;
    return s->status == WORLD_OK || (s->status == WORLD_BAD && s->b->tell != NULL);
}
