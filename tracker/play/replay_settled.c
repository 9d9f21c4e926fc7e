/*
 * What stands at the end of a replay, whatever order it was told in.
 */
#include "replay_private.h"

#include "json_write.h"

#include <stdlib.h>
#include <string.h>

/* How and when it was told; what it is, is in the rest. */
static bool is_of_telling(const struct said_field *field)
{
    static const char *const names[] = {"event",       "rev",       "received", "replaces",
                                        "replaced_by", "late_data", NULL};
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], field->name) == 0)
            return true;
    return strcmp(field->name, "cause") == 0 && text_equal(field->value, TEXT("late"));
}

/* How far a vehicle had come: that is of the telling too. */
static bool is_clock(const struct said *said, const struct said_item *item)
{
    return item->work && text_equal(said_value(said, item, "kind"), TEXT("clock"));
}

static void write_item(const struct said *said, const struct said_item *item, struct buf *out)
{
    struct json_writer w;
    struct said_field field;
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    json_write_key(&w, "stream");
    json_write_string(&w, item->trip ? TEXT("trips") : item->work ? TEXT("work") : TEXT("violations"));
    for (size_t cursor = 0; said_next(said, item, &cursor, &field);) {
        if (is_of_telling(&field))
            continue;
        json_write_key(&w, field.name);
        if (field.number)
            json_write_raw(&w, field.value);
        else
            json_write_string(&w, field.value);
    }
    json_write_end_object(&w);
    buf_put_char(out, '\n');
}

static int by_start(const void *a, const void *b)
{
    const struct said_item *x = a, *y = b;
    if (x->start_ms != y->start_ms)
        return x->start_ms < y->start_ms ? -1 : 1;
    return strcmp(x->id, y->id);
}

void replay_settled(struct replay *r, struct buf *out)
{
    for (size_t i = 0; i < r->late.vehicle_count; i++) {
        struct said *said = &r->late.vehicles[i].said;
        if (said->count > 0)
            qsort(said->items, said->count, sizeof *said->items, by_start);
        for (size_t k = 0; k < said->count; k++)
            if (!said->items[k].withdrawn && !is_clock(said, &said->items[k]))
                write_item(said, &said->items[k], out);
    }
}
