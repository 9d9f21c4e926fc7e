#include "fleet_json.h"

#include "city_doubts.h"
#include "duty_json.h"
#include "vehicle_id.h"

/* More than any road vehicle weighs or measures; 0 is no limit. */
static const double load_max_kg = 1000000, height_max_m = 100;

static const char *const file_keys[] = {"vehicles", "permits", "duties", NULL};
static const char *const vehicle_keys[] = {"id",    "plate",       "class",        "company",
                                           "waste", "max_load_kg", "max_height_m", NULL};
static const char *const permit_keys[] = {"id",       "vehicles",   "site",     "disposal", "routes", "hours",
                                          "material", "valid_from", "valid_to", "status",   NULL};

/* Reads one object of a list. */
typedef bool load_one(struct city_load *load, const struct json_node *object);

static bool read_id(struct city_load *load, const struct json_node *object, struct text *out)
{
    if (!json_node_is(object, JSON_NODE_OBJECT))
        return city_fail(load, "expected an object");
    bool ok = city_begin_id(load, object, "");
    *out = load->id;
    return ok;
}

/* Ids of vehicles stand in topics, so they have to be of that form. */
static bool check_vehicle_id(struct city_load *load, struct text id)
{
    return vehicle_id_valid(id) ||
           city_fail(load,
                     "\"%.*s\" is no id for a vehicle: 1 to %d letters, digits, dots, dashes and underscores",
                     PROBLEM_ARG(id), VEHICLE_ID_MAX);
}

static bool read_vehicle(struct city_load *load, const struct json_node *object, struct vehicle_spec *s)
{
    bool ok = city_text(load, object, "plate", &s->plate);
    ok = city_step(load, ok) && city_text(load, object, "class", &s->class_name) && ok;
    ok = city_step(load, ok) && city_text(load, object, "company", &s->company) && ok;
    ok = city_step(load, ok) && city_text(load, object, "waste", &s->waste) && ok;
    ok = city_step(load, ok) &&
         city_number(load, object, "max_load_kg", (struct city_range){0, load_max_kg}, &s->max_load_kg) && ok;
    return city_step(load, ok) &&
           city_number(load, object, "max_height_m", (struct city_range){0, height_max_m},
                       &s->max_height_m) &&
           ok;
}

static bool load_vehicle(struct city_load *load, const struct json_node *object)
{
    struct vehicle_spec s = {0};
    struct world_error error;
    bool ok = read_id(load, object, &s.id) && check_vehicle_id(load, s.id);
    if (!json_node_is(object, JSON_NODE_OBJECT) || !city_step(load, ok))
        return false;
    city_warn_keys(load, object, vehicle_keys);
    ok = read_vehicle(load, object, &s) && ok;
    city_facts_vehicle(load, &s);
    return ok && city_built(load, world_builder_vehicle(load->builder, &s, &error), &error) &&
           city_keep(load, s.id, object, vehicle_keys);
}

static bool read_status(struct city_load *load, const struct json_node *object, enum permit_status *out)
{
    struct text status = TEXT("active");
    if (!city_text(load, object, "status", &status))
        return false;
    if (text_equal(status, TEXT("active")))
        *out = PERMIT_ACTIVE;
    else if (text_equal(status, TEXT("suspended")))
        *out = PERMIT_SUSPENDED;
    else if (text_equal(status, TEXT("revoked")))
        *out = PERMIT_REVOKED;
    else
        return city_fail_at(load, json_node_member(object, "status"),
                            "status \"%.*s\": expected active, suspended or revoked", PROBLEM_ARG(status));
    return true;
}

static bool read_permit(struct city_load *load, const struct json_node *object, struct permit_spec *s)
{
    bool ok = city_id(load, object, "site", &s->site);
    ok = city_step(load, ok) && city_text(load, object, "hours", &s->hours) && ok;
    ok = city_step(load, ok) && city_text(load, object, "material", &s->material) && ok;
    ok = city_step(load, ok) && read_status(load, object, &s->status) && ok;
    ok = city_step(load, ok) && city_ids(load, object, "vehicles", &s->vehicles, &s->vehicle_count) && ok;
    ok = city_step(load, ok) && city_ids(load, object, "disposal", &s->disposals, &s->disposal_count) && ok;
    ok = city_step(load, ok) && city_ids(load, object, "routes", &s->routes, &s->route_count) && ok;
    ok = city_step(load, ok) && city_when(load, object, "valid_from", &s->valid_from) && ok;
    ok = city_step(load, ok) && city_when(load, object, "valid_to", &s->valid_to) && ok;
    for (size_t i = 0; i < s->vehicle_count && city_step(load, ok); i++)
        ok = check_vehicle_id(load, s->vehicles[i]) && ok;
    return ok;
}

/* What the builder finds wrong with the permit in hand, one by one. */
static void hear(void *load, const struct world_error *error)
{
    city_built(load, WORLD_BAD, error);
}

static bool build_permit(struct city_load *load, const struct permit_spec *s)
{
    struct world_error error;
    if (load->all)
        world_builder_tell(load->builder, hear, load);
    enum world_status status = world_builder_permit(load->builder, s, &error);
    world_builder_tell(load->builder, NULL, NULL);
    return load->all && status == WORLD_BAD ? false : city_built(load, status, &error);
}

static bool load_permit(struct city_load *load, const struct json_node *object)
{
    struct permit_spec s = {0};
    bool ok = read_id(load, object, &s.id);
    if (!json_node_is(object, JSON_NODE_OBJECT) || !city_step(load, ok))
        return false;
    city_warn_keys(load, object, permit_keys);
    ok = read_permit(load, object, &s) && ok;
    if (!city_step(load, ok))
        return false;
    city_facts_permit(load, &s);
    bool named = json_node_length(json_node_member(object, "vehicles")) > 0;
    if (!named)
        city_warn(load, "names no vehicle");
    /* Its hours and what it names are looked at also where something else is wrong. */
    return load->id.len > 0 && build_permit(load, &s) && ok && city_keep(load, s.id, object, permit_keys);
}

static bool load_duty(struct city_load *load, const struct json_node *object)
{
    struct text id = {0};
    return read_id(load, object, &id) && duty_json_load(load, object) && city_keep(load, id, object, NULL);
}

static bool load_list(struct city_load *load, const struct json_node *root, const char *key, const char *what,
                      load_one *one)
{
    const struct json_node *list = NULL;
    bool ok = true;
    if (!city_array(load, root, key, &list))
        return false;
    const struct json_node *object = list != NULL ? json_node_first(list) : NULL;
    for (size_t i = 0; i < json_node_length(list); i++, object = json_node_next(object)) {
        arena_clear(&load->scratch);
        city_begin(load, what, i, object);
        if (one(load, object))
            continue;
        ok = city_keep_broken(load);
        if (!city_goes_on(load))
            break;
    }
    return ok;
}

static bool load_root(struct city_load *load, const struct json_node *root)
{
    city_begin_root(load, "file");
    load->at = root->at;
    if (!json_node_is(root, JSON_NODE_OBJECT))
        return city_fail_file(load, "expected an object with \"vehicles\", \"permits\" or \"duties\"");
    city_warn_keys(load, root, file_keys);
    bool ok = load_list(load, root, "vehicles", "vehicle", load_vehicle);
    ok = city_step(load, ok) && load_list(load, root, "permits", "permit", load_permit) && ok;
    return city_step(load, ok) && load_list(load, root, "duties", "duty", load_duty) && ok;
}

bool fleet_json_load(struct city_load *load, struct text bytes)
{
    struct json_tree tree = {0};
    bool ok = city_parse(load, bytes, &tree, NULL) && load_root(load, tree.nodes);
    json_tree_fini(&tree);
    return ok;
}
