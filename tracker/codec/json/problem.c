#include "problem.h"

#include <stdarg.h>
#include <stdio.h>

void problem_set(struct problem *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out->text, sizeof out->text, format, args);
    va_end(args);
}

int problem_shown(struct text t)
{
    size_t n = t.len < PROBLEM_SHOWN ? t.len : PROBLEM_SHOWN;
    while (n < t.len && n > 0 && ((unsigned char)t.data[n] & 0xc0) == 0x80)
        n--;
    return (int)n;
}
