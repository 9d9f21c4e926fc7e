#include "world_load.h"

#include "array.h"
#include "calendar_json.h"
#include "city_doubts.h"
#include "city_entries.h"
#include "city_load.h"
#include "file_text.h"
#include "fleet_json.h"
#include "geojson.h"
#include "json_write.h"
#include "zoneinfo.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

typedef bool load_one_file(struct city_load *load, struct text bytes);

/* What world_load holds while it works; all of it goes at the end. */
struct loading {
    const struct config *config;
    const struct names *names;
    struct world_load_options options;
    struct city_load city;
    struct city_report report;
    struct city_entries entries;
    struct city_facts facts;
    struct mw_zone *zone; /* the builder's */
    struct world_texts texts;
    size_t file_cap;
    char hash[sizeof((struct world *)0)->hash];
};

/* Takes the bytes over where the texts are wanted. */
static bool keep_file(struct loading *l, struct text path, struct buf *bytes)
{
    struct world_file file = {.bytes = buf_text(bytes)};
    if (l->options.texts == NULL)
        return true;
    if (!array_reserve(&l->texts.files, &l->file_cap, l->texts.file_count + 1, sizeof file) ||
        !arena_copy_text(&l->texts.arena, path, &file.path))
        return city_fail_memory(&l->city);
    l->texts.files[l->texts.file_count++] = file;
    *bytes = (struct buf){0};
    return true;
}

static bool read_file(struct loading *l, const char *path, struct buf *out)
{
    struct problem problem;
    size_t begin = strlen(path);
    bool ok = l->options.read != NULL ? l->options.read(l->options.read_context, path, out, &problem)
                                      : file_text_read(path, out, &problem);
    if (ok)
        return true;
    bool named = strncmp(problem.text, path, begin) == 0 && strncmp(problem.text + begin, ": ", 2) == 0;
    return city_fail_file(&l->city, "%s", problem.text + (named ? begin + 2 : 0));
}

static bool load_file(struct loading *l, struct text path, load_one_file *load, size_t limit)
{
    struct buf bytes;
    const char *wrong;
    struct text text = {0};
    buf_init(&bytes, limit);
    city_begin_file(&l->city, path, text);
    bool ok = read_file(l, path.data, &bytes);
    if (ok && (wrong = file_text_body(buf_text(&bytes), &text)) != NULL)
        ok = city_fail_file(&l->city, "%s", wrong);
    city_begin_file(&l->city, path, text);
    bool readable = ok;
    ok = ok && load(&l->city, text) && keep_file(l, path, &bytes);
    buf_fini(&bytes);
    if (!readable && city_goes_on(&l->city))
        world_builder_lost(l->city.builder, (struct text){0});
    return ok;
}

static bool load_files(struct loading *l, const struct text_list *paths, load_one_file *load, size_t limit)
{
    bool ok = true;
    for (size_t i = 0; i < paths->count && city_step(&l->city, ok); i++)
        ok = load_file(l, paths->items[i], load, limit) && ok;
    return ok;
}

static bool set_rules(struct loading *l)
{
    const struct config *c = l->config;
    struct world_error error;
    enum world_status status = WORLD_OK;
    city_begin_file(&l->city, TEXT("rules"), (struct text){0});
    world_builder_common(l->city.builder, &c->common);
    for (enum kind k = KIND_NONE + 1; k < KIND_COUNT && status == WORLD_OK; k++)
        status = world_builder_rule(l->city.builder, k, (struct text){0}, &c->rules[k], &error);
    for (size_t i = 0; i < c->override_count && status == WORLD_OK; i++)
        status = world_builder_rule(l->city.builder, c->overrides[i].kind, c->overrides[i].class_name,
                                    &c->overrides[i].settings, &error);
    return city_built(&l->city, status, &error);
}

static bool set_zone(struct loading *l)
{
    struct text name = l->config->city.timezone;
    struct mw_zone *zone;
    enum zoneinfo_status found = zoneinfo_load(ZONEINFO_DIR, name.data, &zone);
    if (found != ZONEINFO_OK) {
        city_begin_file(&l->city, TEXT("city.timezone"), (struct text){0});
        return city_fail_file(&l->city, "\"%.*s\": %s", PROBLEM_ARG(name), zoneinfo_status_text(found));
    }
    l->zone = zone;
    return world_builder_zone(l->city.builder, name, zone) == WORLD_OK || city_fail_memory(&l->city);
}

static const char *const day_keys[] = {"date", "isOffDay", "to", NULL};
static const char *const year_keys[] = {"year", NULL};

static bool keep_calendar(struct city_load *load, const struct json_node *root, const char *day_name,
                          const char *year_name)
{
    const struct json_node *days = json_node_member(root, "days");
    const struct json_node *day = days != NULL ? json_node_first(days) : NULL;
    city_begin_root(load, day_name);
    for (size_t i = 0; i < json_node_length(days); i++, day = json_node_next(day))
        if (!city_keep(load, (struct text){0}, day, day_keys))
            return false;
    city_begin_root(load, year_name);
    return city_keep(load, (struct text){0}, root, year_keys);
}

/* Adds a calendar file, and keeps its days and its year: a year without holidays is not one without a file.
 */
static bool add_calendar(struct city_load *load, struct text bytes, bool school)
{
    struct calendar_json_error error;
    enum calendar_json_status status = school ? calendar_json_read_school(bytes, load->calendar, &error)
                                              : calendar_json_read(bytes, load->calendar, &error);
    if (status != CALENDAR_JSON_OK) {
        city_report_add(load->report, (struct city_finding){.error = true,
                                                            .file = load->file,
                                                            .line = (uint32_t)error.line,
                                                            .reason = error.text});
        return false;
    }
    struct json_tree tree = {0};
    bool ok = city_parse(load, bytes, &tree, NULL) &&
              keep_calendar(load, tree.nodes, school ? "school day" : "day", school ? "school year" : "year");
    json_tree_fini(&tree);
    return ok;
}

static bool load_calendar(struct city_load *load, struct text bytes)
{
    return add_calendar(load, bytes, false);
}

static bool load_school_calendar(struct city_load *load, struct text bytes)
{
    return add_calendar(load, bytes, true);
}

/* Where the canonical text goes: into its hash, and into a buffer, which stays whole or is emptied time and
 * again. */
struct canonical {
    crypto_generichash_state hash;
    struct json_writer json;
    struct buf bytes;
    size_t hashed; /* of the bytes */
    bool whole;
};

static void hash_on(struct canonical *c)
{
    crypto_generichash_update(&c->hash, (const unsigned char *)c->bytes.data + c->hashed,
                              c->bytes.len - c->hashed);
    c->hashed = c->bytes.len;
    if (c->whole || !buf_ok(&c->bytes))
        return;
    buf_clear(&c->bytes);
    c->hashed = 0;
}

static void write_entries(struct loading *l, struct canonical *c, const char *key, const char *what)
{
    enum { PIECE_BYTES = 64 * 1024 };
    json_write_key(&c->json, key);
    json_write_begin_array(&c->json);
    for (size_t i = 0; i < l->city.entry_count; i++) {
        if (strcmp(l->city.entries[i].what, what) != 0)
            continue;
        json_write_raw(&c->json, l->city.entries[i].canonical);
        if (c->bytes.len - c->hashed > PIECE_BYTES)
            hash_on(c);
    }
    json_write_end_array(&c->json);
}

static bool write_canonical(struct loading *l, struct canonical *c)
{
    struct json_writer *w = &c->json;
    json_write_begin_object(w);
    write_entries(l, c, "calendar", "day");
    write_entries(l, c, "calendar_years", "year");
    json_write_key(w, "common");
    config_write_common(l->config, w);
    write_entries(l, c, "duties", "duty");
    write_entries(l, c, "fences", "fence");
    write_entries(l, c, "permits", "permit");
    json_write_key(w, "rules");
    bool ok = config_write_rules(l->config, w);
    if (l->config->city.school_calendar.count >
        0) { /* else the worlds recorded without would lose their names */
        write_entries(l, c, "school_calendar", "school day");
        write_entries(l, c, "school_calendar_years", "school year");
    }
    json_write_key(w, "timezone");
    json_write_string(w, l->config->city.timezone);
    write_entries(l, c, "vehicles", "vehicle");
    json_write_key(w, "version");
    json_write_u64(w, 1);
    json_write_end_object(w);
    hash_on(c);
    return ok && buf_ok(&c->bytes);
}

/* Room for the whole at once, so that it is not moved as it grows. */
static void make_room(struct loading *l, struct canonical *c)
{
    buf_reserve(&c->bytes, l->city.canonicals.len + l->city.entry_count + CANONICAL_REST);
}

/* Names the world by its canonical text, of which the entries' part goes with that. */
static bool name_world(struct loading *l)
{
    struct canonical c = {.whole = l->options.texts != NULL};
    unsigned char hash[crypto_generichash_BYTES];
    buf_init(&c.bytes, CANONICAL_MAX);
    json_writer_init(&c.json, &c.bytes);
    crypto_generichash_init(&c.hash, NULL, 0, sizeof hash);
    if (c.whole)
        make_room(l, &c);
    bool ok = write_canonical(l, &c);
    if (ok && c.whole)
        l->texts.canonical = buf_text(&c.bytes);
    if (ok) {
        crypto_generichash_final(&c.hash, hash, sizeof hash);
        sodium_bin2hex(l->hash, sizeof l->hash, hash, sizeof hash);
    }
    if (!ok || !c.whole)
        buf_fini(&c.bytes);
    buf_fini(&l->city.canonicals);
    return ok || city_fail_memory(&l->city);
}

static bool build(struct loading *l, struct world **out_world)
{
    struct world *world;
    struct world_error error;
    if (l->city.all)
        world_builder_tell(l->city.builder, city_entries_hear, &l->entries);
    enum world_status status = world_builder_build(l->city.builder, &world, &error);
    if (status == WORLD_BAD) {
        if (!l->city.all) /* else it has been told */
            city_entries_hear(&l->entries, &error);
        return false;
    }
    if (status != WORLD_OK)
        return city_fail_memory(&l->city);
    memcpy(world->hash, l->hash, sizeof world->hash);
    *out_world = world;
    return true;
}

static bool load_city(struct loading *l)
{
    const struct city_config *city = &l->config->city;
    bool ok = set_zone(l);
    ok = city_step(&l->city, ok) && set_rules(l) && ok;
    ok = city_step(&l->city, ok) && load_files(l, &city->calendar, load_calendar, CITY_FILE_MAX) && ok;
    ok = city_step(&l->city, ok) &&
         load_files(l, &city->school_calendar, load_school_calendar, CITY_FILE_MAX) && ok;
    ok = city_step(&l->city, ok) && load_files(l, &city->fences, geojson_load, FENCE_FILE_MAX) && ok;
    return city_step(&l->city, ok) && load_files(l, &city->fleet, fleet_json_load, CITY_FILE_MAX) && ok;
}

/* What else is wrong with a city that cannot be built: what its permits name. */
static void look_further(struct loading *l, bool ok)
{
    struct world_error error;
    if (!ok) {
        world_builder_tell(l->city.builder, city_entries_hear, &l->entries);
        if (world_builder_check(l->city.builder, &error) == WORLD_NO_MEMORY)
            city_fail_memory(&l->city);
        world_builder_tell(l->city.builder, NULL, NULL);
    }
}

static void tell_doubt(void *context, const struct city_fact *fact, const char *reason)
{
    struct loading *l = context;
    struct city_entry e = {.what = fact->what, .id = fact->id, .file = fact->file, .at = fact->at};
    if (fact->what != NULL)
        city_entries_tell(&l->entries, false, &e, fact->placed ? &fact->place : NULL, reason);
    else
        city_report_add(&l->report, (struct city_finding){.file = TEXT("rules"), .reason = reason});
}

static void tell_doubt_of_fence(void *context, const struct fence *fence, struct mw_point at,
                                const char *reason)
{
    struct loading *l = context;
    const struct city_entry *e = city_entries_find(&l->entries, "fence", names_text(l->names, fence->id));
    if (e != NULL)
        city_entries_tell(&l->entries, false, e, &at, reason);
}

static void tell_doubt_of_duty(void *context, const struct duty *duty, const char *reason)
{
    struct loading *l = context;
    const struct city_entry *e = city_entries_find(&l->entries, "duty", names_text(l->names, duty->id));
    if (e != NULL)
        city_entries_tell(&l->entries, false, e, NULL, reason);
}

/* What only the world can tell. */
static bool tell_doubts_of_world(struct loading *l, const struct world *world)
{
    city_doubts_of_world(world, tell_doubt_of_fence, l);
    return city_doubts_of_duties(world, l->options.now_ms, tell_doubt_of_duty, l) ||
           city_fail_memory(&l->city);
}

static bool tell_doubts(struct loading *l)
{
    const struct city_judging judging = {
        .config = l->config, .zone = l->zone, .now_ms = l->options.now_ms, .tell = tell_doubt, .context = l};
    return city_doubts_find(&l->facts, &judging) || city_fail_memory(&l->city);
}

static bool load_all(struct loading *l, struct world **out_world)
{
    if (l->city.builder == NULL || l->city.calendar == NULL)
        return city_fail_memory(&l->city);
    world_builder_calendar(l->city.builder, l->city.calendar);
    bool ok = load_city(l);
    if (!city_step(&l->city, ok))
        return false;
    city_settle(&l->city);
    ok = city_entries_sort(&l->entries) && ok;
    if (!city_step(&l->city, ok))
        return false;
    if (l->city.all)
        look_further(l, ok);
    ok = ok && l->report.errors == 0;
    if (l->options.doubts && !l->city.no_memory)
        ok = tell_doubts(l) && ok;
    /* First the name: what it is made of has gone by the time the index is built. */
    ok = ok && name_world(l) && build(l, out_world);
    if (ok && l->options.doubts && !tell_doubts_of_world(l, *out_world)) {
        world_free(*out_world);
        *out_world = NULL;
        ok = false;
    }
    return ok;
}

static bool read_from_disk(void *context, const char *path, struct buf *out, struct problem *out_problem)
{
    (void)context;
    return file_text_read(path, out, out_problem);
}

bool world_load(const struct config *config, struct names *names, struct world_load_options options,
                struct world **out_world, struct problem *out_problem)
{
    struct loading l = {.config = config, .names = names, .options = options};
    l.report = (struct city_report){.tell = options.tell,
                                    .tell_context = options.context,
                                    .warn = options.warn,
                                    .warn_context = options.context,
                                    .problem = out_problem};
    l.city = (struct city_load){.file = TEXT("city"),
                                .report = &l.report,
                                .facts = options.doubts ? &l.facts : NULL,
                                .fence_points = config->limits.fence_points,
                                .all = options.tell != NULL,
                                .builder = world_builder_new(names),
                                .calendar = mw_calendar_new()};
    l.entries = (struct city_entries){.city = &l.city, .read = read_from_disk};
    if (options.read != NULL) {
        l.entries.read = options.read_lines ? options.read : NULL;
        l.entries.read_context = options.read_context;
    }
    city_load_init(&l.city);
    city_facts_init(&l.facts);
    arena_init(&l.texts.arena);
    bool ok = load_all(&l, out_world);
    city_report_end(&l.report);
    if (l.city.builder == NULL) /* else the builder owns it */
        mw_calendar_free(l.city.calendar);
    world_builder_free(l.city.builder);
    city_load_fini(&l.city);
    city_facts_fini(&l.facts);
    city_entries_fini(&l.entries);
    if (ok && options.texts != NULL)
        *options.texts = l.texts;
    else
        world_texts_fini(&l.texts);
    return ok;
}

void world_texts_fini(struct world_texts *texts)
{
    for (size_t i = 0; i < texts->file_count; i++)
        free((char *)(uintptr_t)texts->files[i].bytes.data);
    free((char *)(uintptr_t)texts->canonical.data);
    arena_fini(&texts->arena);
    free(texts->files);
    *texts = (struct world_texts){0};
}
