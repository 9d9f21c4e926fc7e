#include "about_words.h"

#include "json_write.h"
#include "kinds.h"

static const struct vehicle_info *vehicle_of(const struct world *world, struct text vehicle)
{
    return world_vehicle(world, names_find(world->names, vehicle));
}

/* ---- permits ---- */

static void write_fence_named(const struct world *world, uint32_t number, struct json_writer *w)
{
    const struct fence *f = &world->fences[number];
    json_write_begin_object(w);
    json_write_key(w, "id");
    json_write_string(w, names_text(world->names, f->id));
    json_write_key(w, "name");
    json_write_string(w, f->name);
    json_write_key(w, "name_en");
    json_write_string(w, f->name_en);
    json_write_end_object(w);
}

static void write_fences(const struct world *world, const char *key, const uint32_t *numbers, size_t count,
                         struct json_writer *w)
{
    json_write_key(w, key);
    json_write_begin_array(w);
    for (size_t i = 0; i < count; i++)
        write_fence_named(world, numbers[i], w);
    json_write_end_array(w);
}

static void write_time(struct json_writer *w, const char *key, int64_t ms)
{
    json_write_key(w, key);
    if (ms == INT64_MIN || ms == INT64_MAX)
        json_write_null(w);
    else
        json_write_i64(w, ms);
}

static const char *status_word(enum permit_status status)
{
    return status == PERMIT_SUSPENDED ? "suspended" : status == PERMIT_REVOKED ? "revoked" : "active";
}

static bool is_within_hours(const struct world *world, const struct permit *p, int64_t at_ms)
{
    struct mw_hours_answer answer;
    if (p->hours == NULL)
        return true;
    mw_hours_at(p->hours, world->calendar, world->zone, at_ms, &answer);
    return answer.open;
}

static void write_permit(const struct world *world, const struct permit *p, int64_t at_ms,
                         struct json_writer *w)
{
    uint32_t site = p->site - 1;
    json_write_begin_object(w);
    json_write_key(w, "id");
    json_write_string(w, names_text(world->names, p->id));
    json_write_key(w, "status");
    json_write_string(w, text_of(status_word(p->status)));
    json_write_key(w, "valid");
    json_write_bool(w, at_ms >= p->valid_from_ms && at_ms < p->valid_to_ms);
    json_write_key(w, "within_hours");
    json_write_bool(w, is_within_hours(world, p, at_ms));
    write_time(w, "valid_from", p->valid_from_ms);
    write_time(w, "valid_to", p->valid_to_ms);
    json_write_key(w, "material");
    json_write_string(w, p->material);
    write_fences(world, "sites", &site, p->site > 0, w);
    write_fences(world, "disposals", p->disposals, p->disposal_count, w);
    write_fences(world, "routes", p->routes, p->route_count, w);
    json_write_end_object(w);
}

void about_write_permits(const struct world *world, struct text vehicle, int64_t at_ms, struct buf *out)
{
    const struct vehicle_info *info = world == NULL ? NULL : vehicle_of(world, vehicle);
    struct json_writer w;
    json_writer_init(&w, out);
    json_write_begin_array(&w);
    for (uint32_t i = 0; info != NULL && i < info->permit_count; i++)
        write_permit(world, &world->permits[info->permits[i]], at_ms, &w);
    json_write_end_array(&w);
}

/* ---- the rule ---- */

static void write_whole(struct json_writer *w, const char *key, int64_t value)
{
    json_write_key(w, key);
    json_write_i64(w, value);
}

static void write_number(struct json_writer *w, const char *key, double value)
{
    json_write_key(w, key);
    json_write_double(w, value);
}

static void write_major(const struct kind_row *row, const struct rule_settings *s, struct json_writer *w)
{
    json_write_key(w, "major");
    if (row->basis == MAJOR_NEVER || !(s->major > 0)) {
        json_write_null(w);
        return;
    }
    json_write_begin_object(w);
    write_number(w, "at", s->major);
    json_write_key(w, "unit");
    json_write_string(w, row->basis == MAJOR_SECONDS ? TEXT("s") : TEXT("%"));
    json_write_end_object(w);
}

static void write_own(const struct kind_row *row, const struct rule_settings *s, struct json_writer *w)
{
    json_write_key(w, "own");
    json_write_begin_object(w);
    for (int i = 0; i < KIND_OWN_MAX && row->own[i].name != NULL; i++)
        write_number(w, row->own[i].name, s->own[i]);
    json_write_end_object(w);
}

static void write_common(const struct common_settings *c, struct json_writer *w)
{
    write_whole(w, "gap_s", c->gap_ms / 1000);
    write_whole(w, "pause_s", c->pause_ms / 1000);
    write_number(w, "moving_kmh", c->moving_kmh);
    write_number(w, "stopped_kmh", c->stopped_kmh);
    write_number(w, "edge_m", c->edge_m);
}

void about_write_rule(const struct world *world, struct text kind_name, struct text vehicle, struct buf *out)
{
    enum kind kind = kind_find(kind_name);
    struct json_writer w;
    json_writer_init(&w, out);
    if (world == NULL || kind == KIND_NONE) {
        json_write_null(&w);
        return;
    }
    const struct vehicle_info *info = vehicle_of(world, vehicle);
    const struct rule_settings *s = world_rule(world, kind, info->class_number);
    const struct kind_row *row = kind_row(kind);
    json_write_begin_object(&w);
    json_write_key(&w, "class");
    json_write_string(&w, info->class_name);
    json_write_key(&w, "enabled");
    json_write_bool(&w, s->enabled);
    json_write_key(&w, "severity");
    json_write_string(&w, text_of(severity_name(s->severity)));
    write_whole(&w, "confirm_fixes", s->confirm_fixes);
    write_whole(&w, "confirm_s", s->confirm_ms / 1000);
    write_whole(&w, "clear_fixes", s->clear_fixes);
    write_whole(&w, "clear_s", s->clear_ms / 1000);
    write_whole(&w, "warn_s", row->machine ? 0 : s->warn_ms / 1000);
    write_major(row, s, &w);
    write_own(row, s, &w);
    write_common(&world->common, &w);
    json_write_end_object(&w);
}
