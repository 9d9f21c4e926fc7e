#include "world_load.h"

#include "array.h"
#include "calendar_json.h"
#include "city_load.h"
#include "file_text.h"
#include "fleet_json.h"
#include "geojson.h"
#include "json_write.h"
#include "zoneinfo.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

typedef bool load_file(struct city_load *load, struct text bytes);

/* What world_load holds while it works; all of it goes at the end. */
struct loading {
    const struct config *config;
    struct world_load_options options;
    struct city_load city;
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
    return l->options.read != NULL ? l->options.read(l->options.read_context, path, out, l->city.problem)
                                   : file_text_read(path, out, l->city.problem);
}

static bool load_files(struct loading *l, const struct text_list *paths, load_file *load, size_t limit)
{
    bool ok = true;
    for (size_t i = 0; ok && i < paths->count; i++) {
        struct buf bytes;
        buf_init(&bytes, limit);
        l->city.file = paths->items[i];
        ok = read_file(l, paths->items[i].data, &bytes) && load(&l->city, buf_text(&bytes)) &&
             keep_file(l, paths->items[i], &bytes);
        buf_fini(&bytes);
    }
    return ok;
}

static bool set_rules(struct loading *l)
{
    const struct config *c = l->config;
    struct world_error error;
    enum world_status status = WORLD_OK;
    l->city.file = TEXT("rules");
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
        problem_set(l->city.problem, "city.timezone: \"%.*s\": %s", PROBLEM_ARG(name),
                    zoneinfo_status_text(found));
        return false;
    }
    return world_builder_zone(l->city.builder, name, zone) == WORLD_OK || city_fail_memory(&l->city);
}

static const char *const day_keys[] = {"date", "isOffDay", "to", NULL};
static const char *const year_keys[] = {"year", NULL};

static bool keep_calendar(struct city_load *load, const struct json_node *root, const char *day_name,
                          const char *year_name)
{
    const struct json_node *days = json_node_member(root, "days");
    const struct json_node *day = days != NULL ? json_node_first(days) : NULL;
    load->what = day_name;
    for (size_t i = 0; i < json_node_length(days); i++, day = json_node_next(day))
        if (!city_keep(load, (struct text){0}, day, day_keys))
            return false;
    load->what = year_name;
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
        char line[16] = "";
        if (error.line > 0)
            snprintf(line, sizeof line, ":%d", error.line);
        problem_set(load->problem, "%.*s%s: %s", TEXT_ARG(load->file), line, error.text);
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

static int compare_entries(const void *a, const void *b)
{
    const struct city_entry *x = a, *y = b;
    int order = strcmp(x->what, y->what);
    if (order == 0)
        order = text_compare(x->id, y->id);
    return order != 0 ? order : text_compare(x->canonical, y->canonical);
}

/* The same day in two calendar files, say of December, is one day; the same thing twice is a mistake. */
static bool check_twice(struct loading *l)
{
    struct city_load *c = &l->city;
    size_t kept = 0;
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct city_entry *e = &c->entries[i], *last = kept > 0 ? &c->entries[kept - 1] : NULL;
        bool same = last != NULL && strcmp(e->what, last->what) == 0 && text_equal(e->id, last->id);
        if (same && e->id.len > 0) {
            bool one_file = text_equal(e->file, last->file);
            problem_set(c->problem, "%.*s: %s \"%.*s\": the id is used twice%s%.*s", TEXT_ARG(e->file),
                        e->what, PROBLEM_ARG(e->id), one_file ? "" : ", also in ",
                        one_file ? 0 : (int)last->file.len, last->file.data);
            return false;
        }
        if (!same || !text_equal(e->canonical, last->canonical))
            c->entries[kept++] = *e;
    }
    c->entry_count = kept;
    return true;
}

/* What the whole could tell, with the file of the thing it names in front. */
static bool fail_build(struct loading *l, const struct world_error *error)
{
    char begin[WORLD_ID_MAX + 32];
    l->city.file = l->config->city.fences.count > 0 ? l->config->city.fences.items[0] : TEXT("city");
    for (size_t i = 0; i < l->city.entry_count; i++) {
        const struct city_entry *e = &l->city.entries[i];
        int n = snprintf(begin, sizeof begin, "%s \"%.*s\"", e->what, TEXT_ARG(e->id));
        if (n > 0 && (size_t)n < sizeof begin && strncmp(error->text, begin, (size_t)n) == 0)
            l->city.file = e->file;
    }
    return city_fail_file(&l->city, "%s", error->text);
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
    enum world_status status = world_builder_build(l->city.builder, &world, &error);
    if (status == WORLD_BAD)
        return fail_build(l, &error);
    if (status != WORLD_OK)
        return city_fail_memory(&l->city);
    memcpy(world->hash, l->hash, sizeof world->hash);
    *out_world = world;
    return true;
}

static bool load_all(struct loading *l, struct world **out_world)
{
    const struct city_config *city = &l->config->city;
    if (l->city.builder == NULL || l->city.calendar == NULL)
        return city_fail_memory(&l->city);
    struct mw_calendar *calendar = l->city.calendar;
    world_builder_calendar(l->city.builder, calendar);
    if (!set_zone(l) || !set_rules(l) || !load_files(l, &city->calendar, load_calendar, CITY_FILE_MAX) ||
        !load_files(l, &city->school_calendar, load_school_calendar, CITY_FILE_MAX) ||
        !load_files(l, &city->fences, geojson_load, FENCE_FILE_MAX) ||
        !load_files(l, &city->fleet, fleet_json_load, CITY_FILE_MAX))
        return false;
    city_settle(&l->city);
    if (l->city.entry_count > 0)
        qsort(l->city.entries, l->city.entry_count, sizeof *l->city.entries, compare_entries);
    /* First the name: what it is made of has gone by the time the index is built. */
    return check_twice(l) && name_world(l) && build(l, out_world);
}

bool world_load(const struct config *config, struct names *names, struct world_load_options options,
                struct world **out_world, struct problem *out_problem)
{
    struct loading l = {.config = config, .options = options};
    l.city = (struct city_load){.file = TEXT("city"),
                                .problem = out_problem,
                                .warn = options.warn,
                                .warn_context = options.warn_context,
                                .builder = world_builder_new(names),
                                .calendar = mw_calendar_new()};
    city_load_init(&l.city);
    arena_init(&l.texts.arena);
    bool ok = load_all(&l, out_world);
    if (l.city.builder == NULL) /* else the builder owns it */
        mw_calendar_free(l.city.calendar);
    world_builder_free(l.city.builder);
    city_load_fini(&l.city);
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

/* The first fence or permit whose hours ask for holidays by `asks`; 0: none. */
static uint32_t find_asking(const struct world *world, bool (*asks)(const struct mw_hours *),
                            const char **out_what)
{
    *out_what = "fence";
    for (uint32_t i = 0; i < world->fence_count; i++)
        if (world->fences[i].hours != NULL && asks(world->fences[i].hours))
            return world->fences[i].id;
    *out_what = "permit";
    for (uint32_t i = 0; i < world->permit_count; i++)
        if (world->permits[i].hours != NULL && asks(world->permits[i].hours))
            return world->permits[i].id;
    return 0;
}

static bool fail_year(const struct world *world, const char *what, uint32_t id, const char *school, int year,
                      struct problem *out_problem)
{
    struct text name = names_text(world->names, id);
    problem_set(out_problem,
                "%s \"%.*s\": its hours ask for %sholidays, and no %scalendar file says those of %d", what,
                PROBLEM_ARG(name), school, school, year);
    return false;
}

bool world_check_year(const struct world *world, int year, struct problem *out_problem)
{
    const char *what;
    uint32_t id = 0;
    if (!mw_calendar_has_year(world->calendar, year))
        id = find_asking(world, mw_hours_uses_holidays, &what);
    if (id != 0)
        return fail_year(world, what, id, "", year, out_problem);
    if (!mw_calendar_has_school_year(world->calendar, year))
        id = find_asking(world, mw_hours_uses_school_holidays, &what);
    return id == 0 || fail_year(world, what, id, "school ", year, out_problem);
}
