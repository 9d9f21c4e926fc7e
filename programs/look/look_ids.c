#include "look_ids.h"

#include "array.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { SCAN_PAGE = 1000, VEHICLES_MAX = 2000000 };

static int compare_ids(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

bool look_ids_add(struct look_ids *ids, struct text id)
{
    if (ids->count == VEHICLES_MAX ||
        !array_reserve(&ids->items, &ids->cap, ids->count + 1, sizeof *ids->items))
        return false;
    char *copy = malloc(id.len + 1);
    if (copy == NULL)
        return false;
    memcpy(copy, id.data, id.len);
    copy[id.len] = '\0';
    ids->items[ids->count++] = (struct text){copy, id.len};
    return true;
}

void look_ids_sort(struct look_ids *ids)
{
    if (ids->count == 0)
        return;
    qsort(ids->items, ids->count, sizeof *ids->items, compare_ids);
    size_t kept = 1;
    for (size_t i = 1; i < ids->count; i++)
        if (text_equal(ids->items[i], ids->items[kept - 1]))
            free((void *)(uintptr_t)ids->items[i].data);
        else
            ids->items[kept++] = ids->items[i];
    ids->count = kept;
}

int look_ids_find(struct look *look, const char *command, struct look_ids *out)
{
    char pattern[MW_KEY_MAX], cursor[32] = "0", page[16];
    look_key(look, pattern, MW_KEY_VEHICLE, TEXT("*"));
    size_t prefix = strlen(pattern) - 1;
    snprintf(page, sizeof page, "%d", SCAN_PAGE);
    do {
        const struct text words[] = {TEXT("SCAN"),     text_of(cursor), TEXT("MATCH"),
                                     text_of(pattern), TEXT("COUNT"),   text_of(page)};
        const struct reply *reply;
        if (!store_command(look->store, words, 6, 0, &reply) || reply->count != 2)
            return look_failed(look, command);
        snprintf(cursor, sizeof cursor, "%.*s", TEXT_ARG(reply->items[0].text));
        for (size_t i = 0; i < reply->items[1].count; i++) {
            struct text key = reply->items[1].items[i].text;
            if (!look_ids_add(out, (struct text){key.data + prefix, key.len - prefix}))
                return EX_OSERR;
        }
    } while (strcmp(cursor, "0") != 0);
    look_ids_sort(out); /* SCAN may hand out a key twice */
    return EX_OK;
}

void look_ids_fini(struct look_ids *ids)
{
    for (size_t i = 0; i < ids->count; i++)
        free((void *)(uintptr_t)ids->items[i].data);
    free(ids->items);
}
