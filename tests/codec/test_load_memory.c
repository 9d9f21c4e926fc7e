/* Loading a city, from its files and from its record, with each allocation failing once: a reason, nothing
 * lost, and the next load succeeds. malloc and its like are wrapped by the linker. */
#include "../cmocka_all.h"
#include "city_files.h"
#include "recording.h"
#include "ruleset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t allocations, fail_at;

static bool fails(void)
{
    return ++allocations == fail_at;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

#define RING "[[112,30],[112.01,30],[112.01,30.01],[112,30.01],[112,30]]"
/* Texts with escapes, more members than few, holes, features before the type, an id of digits. */
#define FENCES                                                                                               \
    "{\"features\":[{\"type\":\"Feature\",\"id\":\"\\u0061\",\"properties\":{\"kind\":\"banned\","           \
    "\"hours\":\"Mo-Fr 06:00-22:00\",\"classes\":[\"m\",\"n\"],\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,"     \
    "\"f\":1,\"g\":1,\"h\":1,\"i\":1,\"j\":1,\"k\":1,\"l\":1,\"m\":1,\"n\":1,\"o\":{\"p\":null}},"           \
    "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[" RING "]}},"                                       \
    "{\"type\":\"Feature\",\"id\":7,\"properties\":{\"kind\":\"route\",\"buffer_m\":30},"                    \
    "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[112,30],[112.1,30,4]]}},"                       \
    "{\"type\":\"Feature\",\"id\":\"point\",\"properties\":{\"kind\":\"collection\"},"                       \
    "\"geometry\":{\"type\":\"Point\",\"coordinates\":[112,30]}},"                                           \
    "{\"type\":\"Feature\",\"id\":\"road\",\"properties\":{\"kind\":\"sweep\"},"                             \
    "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[112,30],[112.001,30]]}}],"                      \
    "\"type\":\"FeatureCollection\"}"
#define FLEET                                                                                                \
    "{\"vehicles\":[{\"id\":\"t1\",\"class\":\"m\",\"plate\":\"\\u9102\"}],"                                 \
    "\"permits\":[{\"id\":\"p1\",\"vehicles\":[\"t1\"],\"routes\":[\"7\"]}],\"duties\":[{\"id\":\"d\"},{"    \
    "\"id\":\"e\",\"type\":\"collection\",\"classes\":[\"m\"],"                                              \
    "\"days\":\"Mo\",\"points\":[{\"fence\":\"point\",\"window\":\"08:00-09:00\"}]},"                        \
    "{\"id\":\"f\",\"type\":\"sweeping\",\"vehicles\":[\"t1\"],\"windows\":[\"03:00-04:00\"],"               \
    "\"segments\":[{\"fence\":\"road\"}]}]}"
#define CITY "city: {fences: [a.json], fleet: [f.json], calendar: [c.json], school_calendar: [c.json]}\n"

static void hear(void *told, const struct city_finding *finding)
{
    *(unsigned *)told += finding->error;
}

/* Whether it was loaded: as a tracker does, with its texts, or for a check. */
enum { AS_IT_IS, WITH_TEXTS, FOR_A_CHECK, WAYS };
static bool load_once(const struct config *config, int way)
{
    struct world *world = NULL;
    struct world_texts texts = {0};
    struct problem problem = {""};
    struct names *names = names_new(1000);
    if (names == NULL)
        return false;
    unsigned told = 0;
    bool want_texts = way == WITH_TEXTS;
    struct world_load_options options = {.texts = want_texts ? &texts : NULL};
    if (way == FOR_A_CHECK)
        options = (struct world_load_options){.tell = hear, .context = &told, .doubts = true};
    bool ok = world_load(config, names, options, &world, &problem);
    if (ok != (world != NULL) || ok != (problem.text[0] == '\0'))
        fail_msg("allocation %zu: %s, \"%s\"", fail_at, ok ? "loaded" : "not loaded", problem.text);
    assert_true(way != FOR_A_CHECK || ok == (told == 0));
    if (!ok)
        assert_true(texts.files == NULL && texts.canonical.data == NULL);
    struct recording ruleset = {0};
    if (ok && want_texts) {
        ok = recording_write(world->hash, &texts, &ruleset);
        assert_true(texts.files == NULL && texts.canonical.data == NULL && ruleset.count == (ok ? 1 : 0));
    }
    recording_fini(&ruleset);
    world_texts_fini(&texts);
    world_free(world);
    names_free(names);
    return ok;
}

static void test_each_allocation_fails_once(void **state)
{
    struct city_files files;
    struct config config;
    struct problem problem;
    char path[128];
    city_files_init(&files);
    city_files_write(&files, "a.json", FENCES);
    city_files_write(&files, "f.json", FLEET);
    city_files_write(&files, "c.json",
                     "{\"year\":2026,\"days\":[{\"date\":\"2026-05-01\",\"isOffDay\":true}]}");
    snprintf(path, sizeof path, "%s/muckwatch.yaml", files.dir);
    assert_true(config_init(&config));
    assert_true(config_read(&config, text_of(path), TEXT(CITY), &problem));
    for (int way = 0; way < WAYS; way++) {
        bool loaded = false;
        for (fail_at = 1; !loaded || allocations >= fail_at; fail_at++) {
            allocations = 0;
            loaded = load_once(&config, way);
            assert_true(fail_at < 2000);
        }
        printf("%zu allocations\n", fail_at - 2);
        assert_true(fail_at > 40);
    }
    fail_at = 0;
    config_fini(&config);
    city_files_fini(&files);
}

/* Whether the recorded world was made again. */
static bool make_again_once(struct text canonical, struct text hash)
{
    struct world *world = NULL;
    struct problem problem = {""};
    struct names *names = names_new(1000);
    if (names == NULL)
        return false;
    bool ok = ruleset_load(canonical, hash, names, &world, &problem);
    if (ok != (world != NULL) || ok != (problem.text[0] == '\0'))
        fail_msg("allocation %zu: %s, \"%s\"", fail_at, ok ? "made" : "not made", problem.text);
    world_free(world);
    names_free(names);
    return ok;
}

static void test_a_recorded_world(void **state)
{
    struct city_files files;
    struct problem problem;
    struct world_texts texts = {0};
    struct names *names = names_new(1000);
    city_files_init(&files);
    city_files_write(&files, "a.json", FENCES);
    city_files_write(&files, "f.json", FLEET);
    city_files_write(&files, "c.json",
                     "{\"year\":2026,\"days\":[{\"date\":\"2026-05-01\",\"isOffDay\":true}]}");
    struct world *world = city_files_load(&files, CITY, names, &texts, &problem);
    assert_non_null(world);
    bool made = false;
    for (fail_at = 1; !made || allocations >= fail_at; fail_at++) {
        allocations = 0;
        made = make_again_once(texts.canonical, text_of(world->hash));
        assert_true(fail_at < 2000);
    }
    assert_true(fail_at > 40);
    fail_at = 0;
    world_texts_fini(&texts);
    world_free(world);
    names_free(names);
    city_files_fini(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_allocation_fails_once),
        cmocka_unit_test(test_a_recorded_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
