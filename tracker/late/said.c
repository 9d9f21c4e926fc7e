#include "said.h"

#include "array.h"
#include "kinds.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A field in `bytes`: these, the name with a zero, the value. */
struct head {
    uint32_t name, value;
    uint32_t number;
};

void said_init(struct said *s, size_t limit_bytes)
{
    *s = (struct said){0};
    buf_init(&s->bytes, limit_bytes);
    buf_init(&s->fields, limit_bytes);
}

void said_fini(struct said *s)
{
    free(s->items);
    buf_fini(&s->bytes);
    buf_fini(&s->fields);
    s->items = NULL;
    s->count = s->cap = 0;
}

void said_clear(struct said *s)
{
    s->count = 0;
    buf_clear(&s->bytes);
}

void said_begin(struct said *s, enum told_in in)
{
    s->item = (struct said_item){.trip = in == TOLD_IN_TRIPS,
                                 .work = in == TOLD_IN_WORK,
                                 .rev = 1,
                                 .start_ms = TIME_NONE,
                                 .end_ms = TIME_NONE,
                                 .told_ms = TIME_NONE};
    buf_clear(&s->fields);
}

static uint8_t cause_of(struct text value)
{
    for (uint8_t cause = 0; cause < CAUSE_COUNT; cause++)
        if (text_equal(value, text_of(cause_name((enum cause)cause))))
            return cause;
    return CAUSE_NONE;
}

/* What is asked for often stands beside the fields. */
static void note(struct said_item *item, struct text name, struct text value)
{
    bool id = text_equal(name, item->trip ? TEXT("trip") : TEXT("id"));
    if (id && value.len == VIOLATION_ID_LENGTH)
        memcpy(item->id, value.data, value.len);
    else if (text_equal(name, TEXT("rev")))
        item->rev = (uint32_t)text_whole(value);
    else if (text_equal(name, item->trip ? TEXT("departed") : TEXT("start")))
        item->start_ms = text_whole(value);
    else if (text_equal(name, item->trip ? TEXT("unloaded") : TEXT("end")))
        item->end_ms = text_whole(value);
    else if (text_equal(name, TEXT("at")))
        item->told_ms = text_whole(value);
    else if (text_equal(name, TEXT("kind")))
        item->kind = (uint8_t)kind_find(value);
    else if (text_equal(name, TEXT("cause")))
        item->cause = cause_of(value);
    else if (text_equal(name, TEXT("event")))
        item->withdrawn = text_equal(value, TEXT("withdrawn"));
}

void said_add(struct said *s, struct text name, struct text value, bool number)
{
    struct head head = {(uint32_t)name.len, (uint32_t)value.len, number};
    buf_put(&s->fields, &head, sizeof head);
    buf_put_text(&s->fields, name);
    buf_put_char(&s->fields, '\0');
    buf_put_text(&s->fields, value);
    s->item.fields++;
    note(&s->item, name, value);
}

static struct said_item *find(const struct said *s, const char *id)
{
    for (size_t i = s->count; i > 0; i--)
        if (strcmp(s->items[i - 1].id, id) == 0)
            return &s->items[i - 1];
    return NULL;
}

const struct said_item *said_find(const struct said *s, const char *id)
{
    return find(s, id);
}

bool said_end(struct said *s)
{
    if (!buf_ok(&s->fields) || s->item.id[0] == '\0')
        return false;
    struct said_item *known = find(s, s->item.id);
    if (known != NULL && known->rev > s->item.rev)
        return true;
    if (known == NULL) {
        if (!array_reserve(&s->items, &s->cap, s->count + 1, sizeof *s->items))
            return false;
        known = &s->items[s->count++];
    }
    s->item.at = s->bytes.len;
    buf_put_text(&s->bytes,
                 buf_text(&s->fields)); /* those of before stay unused until the next said_forget */
    *known = s->item;
    return buf_ok(&s->bytes);
}

bool said_put_entry(struct said *s, const struct entry *e, enum told_in in, int64_t told_ms)
{
    said_begin(s, in);
    for (uint32_t i = 0; i < e->count; i++)
        said_add(s, text_of(e->fields[i].name), e->fields[i].value, e->fields[i].number);
    s->item.told_ms = told_ms;
    return said_end(s);
}

bool said_put_work(struct said *s, const struct work_said *w)
{
    said_begin(s, TOLD_IN_WORK);
    said_add(s, TEXT("id"), w->id, false);
    said_add(s, TEXT("rev"), w->rev, true);
    said_add(s, TEXT("event"), w->event, false);
    for (size_t i = 0; i < WORK_SAID_FIELDS; i++)
        if (w->values[i].len > 0)
            said_add(s, text_of(work_said_fields[i]), w->values[i], false);
    s->item.told_ms = text_whole(w->at);
    return said_end(s);
}

bool said_next(const struct said *s, const struct said_item *item, size_t *cursor, struct said_field *out)
{
    uint32_t seen = (uint32_t)(*cursor >> 32);
    size_t at = item->at + (*cursor & UINT32_MAX);
    struct head head;
    if (seen == item->fields)
        return false;
    assert(at + sizeof head <= s->bytes.len);
    memcpy(&head, s->bytes.data + at, sizeof head);
    at += sizeof head;
    *out = (struct said_field){
        s->bytes.data + at, {s->bytes.data + at + head.name + 1, head.value}, head.number};
    at += head.name + 1 + head.value;
    *cursor = (size_t)(seen + 1) << 32 | (at - item->at);
    return true;
}

struct text said_value(const struct said *s, const struct said_item *item, const char *name)
{
    struct said_field field;
    for (size_t cursor = 0; said_next(s, item, &cursor, &field);)
        if (strcmp(field.name, name) == 0)
            return field.value;
    return (struct text){NULL, 0};
}

static size_t bytes_of(const struct said *s, const struct said_item *item)
{
    struct said_field field;
    size_t cursor = 0;
    while (said_next(s, item, &cursor, &field)) {
    }
    return cursor & UINT32_MAX;
}

void said_forget(struct said *s, int64_t before_ms)
{
    struct buf kept;
    size_t count = 0;
    buf_init(&kept, s->bytes.limit);
    if (s->bytes.len == 0 || buf_reserve(&kept, s->bytes.len) == NULL)
        return; /* without memory nothing is forgotten */
    for (size_t i = 0; i < s->count; i++) {
        struct said_item item = s->items[i];
        if (item.told_ms < before_ms && (item.trip || item.withdrawn || item.end_ms != TIME_NONE))
            continue;
        size_t at = kept.len;
        buf_put(&kept, s->bytes.data + item.at, bytes_of(s, &item));
        item.at = at;
        s->items[count++] = item;
    }
    s->count = count;
    buf_fini(&s->bytes);
    s->bytes = kept;
}
