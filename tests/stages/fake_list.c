#include "fake_list.h"

#include "../cmocka_all.h"

#include <stdlib.h>

char *fake_bytes(const char *data, size_t len)
{
    char *out = malloc(len + 1);
    assert_non_null(out);
    memcpy(out, len > 0 ? data : "", len);
    out[len] = '\0';
    return out;
}

struct fake_row *fake_list_add(struct fake_list *list, struct text key, struct text value)
{
    if (list->count == list->cap) {
        list->cap = list->cap * 2 + 16;
        list->rows = realloc(list->rows, list->cap * sizeof *list->rows);
        assert_non_null(list->rows);
    }
    struct fake_row *row = &list->rows[list->count++];
    *row = (struct fake_row){
        .key = fake_bytes(key.data, key.len), .value = fake_bytes(value.data, value.len), .len = value.len};
    return row;
}

void fake_list_put(struct fake_list *list, struct text key, struct text value)
{
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(text_of(list->rows[i].key), key)) {
            free(list->rows[i].value);
            list->rows[i].value = fake_bytes(value.data, value.len);
            list->rows[i].len = value.len;
            return;
        }
    fake_list_add(list, key, value);
}

const struct fake_row *fake_list_find(const struct fake_list *list, const char *key)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->rows[i].key, key) == 0)
            return &list->rows[i];
    return NULL;
}

void fake_list_fini(struct fake_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->rows[i].key);
        free(list->rows[i].value);
    }
    free(list->rows);
}

struct fake_list fake_list_copy(const struct fake_list *from)
{
    struct fake_list to = {0};
    for (size_t i = 0; i < from->count; i++) {
        const struct fake_row *row = &from->rows[i];
        struct fake_row *new = fake_list_add(&to, text_of(row->key), (struct text){row->value, row->len});
        memcpy(new->note, row->note, sizeof new->note);
        new->batch = row->batch;
    }
    return to;
}
