#include "overdue_told.h"

#include "array.h"
#include "desk_call.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

extern const char overdue_script[];
extern const size_t overdue_script_len;

static const struct text prefix = {"overdue:", 8};

void overdue_told_fini(struct overdue_told *t)
{
    free(t->items);
    *t = (struct overdue_told){0};
}

/* Where it stands, or would. */
static size_t place_of(const struct overdue_told *t, const char *id)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (memcmp(t->items[middle].id, id, DESK_ID_LENGTH) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool stands_at(const struct overdue_told *t, size_t at, const char *id)
{
    return at < t->count && memcmp(t->items[at].id, id, DESK_ID_LENGTH) == 0;
}

bool overdue_told_has(const struct overdue_told *t, const char *id, int64_t due_ms)
{
    size_t at = place_of(t, id);
    return stands_at(t, at, id) && t->items[at].due_ms == due_ms;
}

bool overdue_told_put(struct overdue_told *t, const struct overdue_alert *alert)
{
    size_t at = place_of(t, alert->id);
    if (!stands_at(t, at, alert->id)) {
        if (!array_reserve(&t->items, &t->cap, t->count + 1, sizeof *t->items))
            return false;
        memmove(&t->items[at + 1], &t->items[at], (t->count - at) * sizeof *t->items);
        t->count++;
    }
    t->items[at] = *alert;
    return true;
}

void overdue_told_remove(struct overdue_told *t, size_t at)
{
    t->count--;
    memmove(&t->items[at], &t->items[at + 1], (t->count - at) * sizeof *t->items);
}

void overdue_field(const char *id, char out[OVERDUE_FIELD_SIZE])
{
    snprintf(out, OVERDUE_FIELD_SIZE, "%s%.*s", prefix.data, DESK_ID_LENGTH, id);
}

bool overdue_field_read(struct text name, struct text value, uint32_t partition, struct overdue_alert *out)
{
    if (name.len != prefix.len + DESK_ID_LENGTH || memcmp(name.data, prefix.data, prefix.len) != 0)
        return false;
    memcpy(out->id, name.data + prefix.len, DESK_ID_LENGTH);
    out->partition = partition;
    out->due_ms = text_whole(value);
    return true;
}

void overdue_call_write(const struct overdue_alert *alert, struct fields entry, struct buf *out)
{
    char hooks[MW_KEY_MAX], overdue[MW_KEY_MAX], field[OVERDUE_FIELD_SIZE], due[24];
    snprintf(hooks, sizeof hooks, MW_KEY_HOOKS, alert->partition);
    snprintf(overdue, sizeof overdue, MW_KEY_OVERDUE, alert->partition);
    snprintf(due, sizeof due, "%lld", (long long)alert->due_ms);
    overdue_field(alert->id, field);
    const struct text words[] = {TEXT("EVAL"),     {overdue_script, overdue_script_len},
                                 TEXT("2"),        text_of(hooks),
                                 text_of(overdue), text_of(field),
                                 text_of(due)};
    const size_t count = sizeof words / sizeof *words;
    store_command_begin(out, count + 2 * entry.count);
    for (size_t i = 0; i < count; i++)
        store_command_word(out, words[i]);
    for (size_t i = 0; i < entry.count; i++) {
        store_command_word(out, entry.items[i].name);
        store_command_word(out, entry.items[i].value);
    }
}
