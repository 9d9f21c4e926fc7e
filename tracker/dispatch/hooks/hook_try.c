#include "hook_try.h"

#include <stdbool.h>

static bool is_final(int status)
{
    return status == 400 || status == 413 || status == 415 || status == 422;
}

enum hook_next hook_tried(struct hook_try *t, int status, int64_t now_ms, int64_t give_up_ms, uint32_t chance)
{
    if (status >= 200 && status <= 299) {
        *t = (struct hook_try){0};
        return HOOK_TOLD;
    }
    if (t->failed == 0)
        t->first_ms = now_ms;
    if (is_final(status) || now_ms - t->first_ms >= give_up_ms) {
        *t = (struct hook_try){0};
        return HOOK_DEAD;
    }
    int64_t wait_ms = HOOK_WAIT_MIN_MS;
    for (uint32_t i = 0; i < t->failed && wait_ms < HOOK_WAIT_MAX_MS; i++)
        wait_ms *= 2;
    if (wait_ms > HOOK_WAIT_MAX_MS)
        wait_ms = HOOK_WAIT_MAX_MS;
    t->failed++;
    t->next_ms = now_ms + wait_ms / 2 + (int64_t)(chance % (uint64_t)(wait_ms / 2 + 1));
    return HOOK_AGAIN;
}
