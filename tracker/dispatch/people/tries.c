#include "tries.h"

#include <stdio.h>

enum { MINUTE_MS = 60000, NAMES_AN_ADDRESS = 10, AGAIN_MS = 10 * MINUTE_MS };

void tries_init(struct tries *t, struct hash_key hash, uint32_t per_min)
{
    *t = (struct tries){0};
    int64_t all = (int64_t)per_min * NAMES_AN_ADDRESS;
    web_rate_init(&t->by_pair, hash, MINUTE_MS / per_min, per_min);
    web_rate_init(&t->by_address, hash, all < MINUTE_MS ? MINUTE_MS / all : 1, all);
}

/* A name has no zero byte, so no two pairs are one. */
static struct text pair_of(const struct tried *one, char *bytes, size_t cap)
{
    struct buf b = {.data = bytes, .cap = cap, .limit = cap};
    buf_put_text(&b, one->name);
    buf_put_char(&b, '\0');
    buf_put_text(&b, one->address);
    return buf_text(&b);
}

static bool is_same(const struct lockout *kept, const struct tried *one)
{
    return text_equal(text_of(kept->name), one->name) && text_equal(text_of(kept->address), one->address);
}

/* Whether it is a new one. */
static bool remember(struct tries *t, const struct tried *one)
{
    for (size_t i = 0; i < LOCKOUTS_KEPT; i++) {
        struct lockout *kept = &t->kept[i];
        if (kept->count > 0 && is_same(kept, one) && one->now.ms - kept->last.ms < AGAIN_MS) {
            kept->last = one->now;
            kept->count++;
            return false;
        }
    }
    struct lockout *kept = &t->kept[t->next];
    t->next = (t->next + 1) % LOCKOUTS_KEPT;
    *kept = (struct lockout){.since = one->now, .last = one->now, .count = 1};
    snprintf(kept->name, sizeof kept->name, "%.*s", TEXT_ARG(one->name));
    snprintf(kept->address, sizeof kept->address, "%.*s", TEXT_ARG(one->address));
    return true;
}

bool tries_take(struct tries *t, const struct tried *one, int64_t *out_wait_ms, bool *out_new)
{
    char bytes[PERSON_NAME_MAX + LOCKOUT_ADDRESS_MAX + 2];
    struct text pair = pair_of(one, bytes, sizeof bytes);
    *out_new = false;
    if (web_rate_take(&t->by_address, one->address, one->ticks, out_wait_ms)) {
        if (web_rate_take(&t->by_pair, pair, one->ticks, out_wait_ms))
            return true;
        web_rate_return(&t->by_address, one->address, one->ticks);
    }
    *out_new = remember(t, one);
    return false;
}

void tries_right(struct tries *t, const struct tried *one)
{
    char bytes[PERSON_NAME_MAX + LOCKOUT_ADDRESS_MAX + 2];
    web_rate_return(&t->by_pair, pair_of(one, bytes, sizeof bytes), one->ticks);
    web_rate_return(&t->by_address, one->address, one->ticks);
}
