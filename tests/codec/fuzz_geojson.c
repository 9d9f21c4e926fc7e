/* Any bytes as a fence file. What is kept of a feature is what Jansson finds in the file. */
#include "fuzz_city.h"
#include "geojson.h"
#include "json_oracle.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The canonical text of a feature: geometry, id, and the properties that judge. */
static void write_feature(const json_t *feature, struct buf *out)
{
    static const char *const members[] = {"geometry", "id", "properties", NULL};
    static const char *const known[] = {
        "kind",     "name",    "name_en",         "group", "buffer_m", "radius_m",   "hours",  "valid_from",
        "valid_to", "classes", "speed_limit_kmh", "waste", "company",  "road_class", "reason", "jurisdiction",
        "crs",      NULL};
    json_t *judging = json_object(), *copy = json_copy((json_t *)(uintptr_t)feature);
    for (const char *const *k = known; *k != NULL; k++) {
        json_t *value = json_object_get(json_object_get(feature, "properties"), *k);
        if (value != NULL)
            json_object_set(judging, *k, value);
    }
    json_object_set_new(copy, "properties", judging);
    json_oracle_canon(copy, members, out);
    json_decref(copy);
}

static void check_entry(const struct city_entry *entry, const json_t *feature)
{
    struct buf theirs;
    buf_init(&theirs, (size_t)1 << 28);
    write_feature(feature, &theirs);
    if (!text_equal(entry->canonical, buf_text(&theirs)))
        abort();
    buf_fini(&theirs);
}

static void check_loaded(struct city_load *city, struct text bytes)
{
    json_t *root = json_loadb(bytes.data, bytes.len, JSON_REJECT_DUPLICATES, NULL);
    const char *type = json_string_value(json_object_get(root, "type"));
    if (type == NULL)
        abort();
    city_settle(city);
    const json_t *features = strcmp(type, "Feature") == 0 ? NULL : json_object_get(root, "features");
    if (city->entry_count != (features != NULL ? json_array_size(features) : 1))
        abort();
    for (size_t i = 0; i < city->entry_count; i++)
        check_entry(&city->entries[i], features != NULL ? json_array_get(features, i) : root);
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_city(data, size, geojson_load, check_loaded);
    json_oracle_check((struct text){(const char *)data, size});
    return 0;
}
