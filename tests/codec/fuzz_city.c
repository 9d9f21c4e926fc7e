#include "fuzz_city.h"

#include "city_doubts.h"

#include <stdlib.h>

struct fuzzed {
    struct city_load city;
    struct city_report report;
    struct city_facts facts;
    struct problem problem;
    struct names *names;
    size_t told;
};

static void count(void *context, const struct city_finding *finding)
{
    size_t *told = context;
    *told += finding->error;
    if (finding->reason[0] == '\0' || finding->text[0] == '\0')
        abort();
}

static void ignore(void *context, const struct city_fact *fact, const char *reason)
{
    (void)context;
    if (fact == NULL || reason[0] == '\0')
        abort();
}

static void begin(struct fuzzed *f, struct text bytes, bool all)
{
    *f = (struct fuzzed){.names = names_new(100000)};
    f->report.problem = &f->problem;
    f->report.tell = all ? count : NULL;
    f->report.tell_context = &f->told;
    f->city.report = &f->report;
    f->city.all = all;
    f->city.facts = all ? &f->facts : NULL;
    f->city.calendar = mw_calendar_new();
    f->city.builder = world_builder_new(f->names);
    city_load_init(&f->city);
    city_facts_init(&f->facts);
    if (f->names == NULL || f->city.calendar == NULL || f->city.builder == NULL)
        abort();
    world_builder_calendar(f->city.builder, f->city.calendar);
    city_begin_file(&f->city, TEXT("f.json"), bytes);
}

static void end(struct fuzzed *f)
{
    world_builder_free(f->city.builder);
    names_free(f->names);
    city_load_fini(&f->city);
    city_facts_fini(&f->facts);
}

/* Looking for all that is wrong finds something where something is, and doubts can be looked for. */
static void look_for_all(struct text bytes, bool (*load)(struct city_load *load, struct text bytes),
                         bool loaded)
{
    struct fuzzed f;
    struct config config;
    struct world_error error;
    begin(&f, bytes, true);
    if (load(&f.city, bytes) != loaded || (f.told == 0) != loaded || f.report.errors < f.told)
        abort();
    world_builder_tell(f.city.builder, NULL, NULL);
    if (!loaded)
        world_builder_check(f.city.builder, &error);
    const struct city_judging judging = {.config = &config, .tell = ignore};
    if (!config_init(&config) || !city_doubts_find(&f.facts, &judging))
        abort();
    config_fini(&config);
    end(&f);
}

void fuzz_city(const uint8_t *data, size_t size, bool (*load)(struct city_load *load, struct text bytes),
               void (*check)(struct city_load *load, struct text bytes))
{
    struct fuzzed f;
    struct text bytes = {(const char *)data, size};
    begin(&f, bytes, false);
    bool loaded = load(&f.city, bytes);
    if (loaded) {
        struct world *world;
        struct world_error error;
        if (check != NULL)
            check(&f.city, bytes);
        if (world_builder_build(f.city.builder, &world, &error) == WORLD_OK)
            world_free(world);
    } else if (f.problem.text[0] == '\0' || f.report.errors != 1) {
        abort();
    }
    end(&f);
    look_for_all(bytes, load, loaded);
}
