#include "centre_lines.h"

#include "array.h"
#include "json_fault.h"
#include "json_tree.h"
#include "stop_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static const double width_max_m = 200;
enum { LEVEL_MAX = 4, PROBLEM_MAX = 200 };

struct reading {
    struct centre_lines *out;
    const struct line_names *names;
    struct text text;
    const char *counted; /* lines have been counted up to here */
    uint32_t line;
    bool no_memory;
};

void centre_lines_init(struct centre_lines *c)
{
    *c = (struct centre_lines){0};
    arena_init(&c->texts);
}

void centre_lines_fini(struct centre_lines *c)
{
    arena_fini(&c->texts);
    rejects_fini(&c->rejects);
    free(c->items);
    *c = (struct centre_lines){0};
}

/* ---- what a feature says beside its line: NULL, or why it cannot be used ---- */

static struct text scalar(const struct json_node *n)
{
    if (json_node_is(n, JSON_NODE_STRING))
        return stop_trim(json_node_text(n));
    if (json_node_is(n, JSON_NODE_NUMBER))
        return (struct text){n->at, n->len};
    return json_node_is(n, JSON_NODE_TRUE)    ? TEXT("yes")
           : json_node_is(n, JSON_NODE_FALSE) ? TEXT("no")
                                              : TEXT("");
}

static struct text property(const struct json_node *properties, const char *name)
{
    return name != NULL ? scalar(json_node_member(properties, name)) : TEXT("");
}

static bool is_word(struct text t, const char *word)
{
    return t.len == strlen(word) && strncasecmp(t.data, word, t.len) == 0;
}

static const char *read_oneway(struct text t, int *out)
{
    static const char *const against[] = {"-1", "reverse", "TF"}, *const along[] = {"FT", "forward"},
                             *const both[] = {"B", "both"};
    for (size_t i = 0; i < sizeof against / sizeof *against; i++)
        if (is_word(t, against[i])) {
            *out = -1;
            return NULL;
        }
    for (size_t i = 0; i < sizeof along / sizeof *along; i++)
        if (is_word(t, along[i]))
            *out = 1;
    bool two_way = is_word(t, both[0]) || is_word(t, both[1]);
    int flag = *out == 1 ? 1 : two_way ? 0 : stop_flag(t);
    *out = flag > 0;
    return flag < 0 ? "one-way: neither yes, no nor -1" : NULL;
}

/* Cities write 0 for what they do not know. */
static const char *read_number(struct text t, double max, double *out)
{
    if (t.len == 0)
        return NULL;
    if (!stop_number(t, out) || *out < 0 || *out > max || (*out > 0 && *out < 1))
        return "out of range";
    return NULL;
}

static const char *read_properties(struct reading *r, const struct json_node *feature,
                                   struct centre_line *out)
{
    double level = 0;
    const struct json_node *properties = json_node_member(feature, "properties");
    out->id =
        r->names->id != NULL ? property(properties, r->names->id) : scalar(json_node_member(feature, "id"));
    out->name = property(properties, r->names->name);
    if (out->id.len == 0)
        return "no id";
    const char *why = read_oneway(property(properties, r->names->oneway), &out->oneway);
    if (why != NULL)
        return why;
    if (read_number(property(properties, r->names->width), width_max_m, &out->width_m) != NULL)
        return "width: not 1 to 200 m";
    if (read_number(property(properties, r->names->level), LEVEL_MAX, &level) != NULL ||
        level != floor(level))
        return "level: not 1 to 4";
    out->level = (int)level;
    return NULL;
}

/* ---- the line ---- */

static const char *read_point(const struct line_names *names, const struct json_node *position,
                              struct mw_point *out)
{
    if (json_node_length(position) < 2)
        return "a position is no list of numbers";
    const struct json_node *lon = json_node_first(position), *lat = json_node_next(lon);
    if (!json_node_is(lon, JSON_NODE_NUMBER) || !json_node_is(lat, JSON_NODE_NUMBER))
        return "a position is no list of numbers";
    if (fabs(lon->number) > 180 || fabs(lat->number) > 90)
        return "a position is no longitude and latitude in degrees";
    if (names->bounded && (lon->number < names->west || lon->number > names->east ||
                           lat->number < names->south || lat->number > names->north))
        return "off the region";
    *out = (struct mw_point){.lat_deg = lat->number, .lon_deg = lon->number};
    return NULL;
}

static const char *read_line(struct reading *r, const struct json_node *positions, struct centre_line line)
{
    static const double apart_m = 0.01;
    size_t count = json_node_length(positions);
    struct mw_point *points = arena_take(&r->out->texts, count, sizeof *points);
    double *along_m = arena_take(&r->out->texts, count, sizeof *along_m);
    r->no_memory = r->no_memory || points == NULL || along_m == NULL;
    if (r->no_memory || count < 2)
        return "no line";
    const struct json_node *position = json_node_first(positions);
    for (size_t i = 0; i < count; i++, position = json_node_next(position)) {
        const char *why = read_point(r->names, position, &points[line.count]);
        if (why != NULL)
            return why;
        double step_m = line.count > 0 ? mw_distance_m(points[line.count - 1], points[line.count]) : 0;
        if (line.count > 0 && step_m < apart_m)
            continue;
        along_m[line.count] = line.count > 0 ? along_m[line.count - 1] + step_m : 0;
        line.count++;
    }
    if (line.count < 2)
        return "no length";
    struct centre_lines *c = r->out;
    line.points = points;
    line.along_m = along_m;
    r->no_memory = !array_reserve(&c->items, &c->cap, c->count + 1, sizeof *c->items) ||
                   !arena_copy_text(&c->texts, line.id, &line.id) ||
                   !arena_copy_text(&c->texts, line.name, &line.name);
    if (!r->no_memory)
        c->items[c->count++] = line;
    return NULL;
}

static const char *read_geometry(struct reading *r, const struct json_node *geometry,
                                 const struct centre_line *line)
{
    struct text type = scalar(json_node_member(geometry, "type"));
    const struct json_node *coordinates = json_node_member(geometry, "coordinates");
    if (is_word(type, "LineString"))
        return read_line(r, coordinates, *line);
    if (!is_word(type, "MultiLineString") || json_node_length(coordinates) == 0)
        return "no line";
    const char *why = NULL;
    const struct json_node *part = json_node_first(coordinates);
    for (uint32_t i = 0; i < coordinates->len && why == NULL; i++, part = json_node_next(part))
        why = read_line(r, part, *line);
    return why;
}

static void read_feature(struct reading *r, const struct json_node *feature, const char *end)
{
    struct centre_lines *c = r->out;
    for (; r->counted < feature->at; r->counted++)
        r->line += *r->counted == '\n';
    while (end > feature->at && end[-1] != '}')
        end--;
    size_t before = c->count;
    struct centre_line line = {.feature = (uint32_t)c->features++,
                               .line = r->line,
                               .raw = {feature->at, (size_t)(end - feature->at)}};
    const char *why =
        json_node_is(feature, JSON_NODE_OBJECT) ? read_properties(r, feature, &line) : "no feature";
    if (why == NULL)
        why = read_geometry(r, json_node_member(feature, "geometry"), &line);
    if (why == NULL || r->no_memory)
        return;
    c->count = before; /* of parts, none without the others */
    c->fallen++;
    r->no_memory = !rejects_add(&c->rejects, line.line, line.raw, "%s", why);
}

/* ---- all of them ---- */

static int by_id(const void *a, const void *b)
{
    const struct centre_line *x = a, *y = b;
    int way = text_compare(x->id, y->id);
    return way != 0 ? way : (x->feature > y->feature) - (x->feature < y->feature);
}

static int by_place(const void *a, const void *b)
{
    const struct centre_line *x = a, *y = b;
    if (x->feature != y->feature)
        return x->feature < y->feature ? -1 : 1;
    return (x->points > y->points) - (x->points < y->points);
}

/* Ids that stand twice: the first keeps it. */
static bool leave_twins(struct centre_lines *c)
{
    size_t kept = 0;
    uint32_t told = UINT32_MAX;
    if (c->count == 0)
        return true;
    qsort(c->items, c->count, sizeof *c->items, by_id);
    for (size_t i = 0; i < c->count; i++) {
        const struct centre_line *line = &c->items[i], *first = kept > 0 ? &c->items[kept - 1] : NULL;
        if (first == NULL || !text_equal(first->id, line->id) || first->feature == line->feature) {
            c->items[kept++] = *line;
            continue;
        }
        if (told != line->feature && !rejects_add(&c->rejects, line->line, line->raw,
                                                  "id: stands in line %u too", (unsigned)first->line))
            return false;
        c->fallen += told != line->feature;
        told = line->feature;
    }
    c->count = kept;
    qsort(c->items, c->count, sizeof *c->items, by_place);
    return true;
}

static enum centre_lines_status read_features(struct reading *r, const struct json_node *features)
{
    const struct json_node *feature = json_node_first(features);
    for (uint32_t i = 0; i < features->len && !r->no_memory; i++) {
        const struct json_node *next = json_node_next(feature);
        read_feature(r, feature, i + 1 < features->len ? next->at : r->text.data + r->text.len);
        feature = next;
    }
    if (r->no_memory || !leave_twins(r->out))
        return CENTRE_LINES_NO_MEMORY;
    rejects_sort(&r->out->rejects);
    return CENTRE_LINES_OK;
}

/* A system of coordinates other than WGS-84, as GeoJSON of 2008 names it; empty: none. */
static struct text foreign_crs(const struct json_node *root)
{
    static const char *const ours[] = {"CRS84", "4326", "4979"};
    struct text name =
        scalar(json_node_member(json_node_member(json_node_member(root, "crs"), "properties"), "name"));
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        size_t len = strlen(ours[i]);
        if (name.len >= len && memcmp(name.data + name.len - len, ours[i], len) == 0)
            return TEXT("");
    }
    return name;
}

static enum centre_lines_status read_root(struct reading *r, const struct json_node *root,
                                          char out_problem[200])
{
    struct text crs = foreign_crs(root);
    const struct json_node *features = json_node_member(root, "features");
    if (crs.len > 0)
        snprintf(out_problem, PROBLEM_MAX, "1: crs %.*s is not WGS-84: export the layer in EPSG:4326",
                 crs.len < 80 ? (int)crs.len : 80, crs.data);
    else if (!json_node_is(features, JSON_NODE_ARRAY))
        snprintf(out_problem, PROBLEM_MAX, "1: no FeatureCollection");
    else
        return read_features(r, features);
    return CENTRE_LINES_WRONG;
}

enum centre_lines_status centre_lines_read(struct centre_lines *c, struct text text,
                                           const struct line_names *names, char out_problem[200])
{
    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
        text = (struct text){text.data + 3, text.len - 3};
    struct reading r = {.out = c, .names = names, .text = text, .counted = text.data, .line = 1};
    c->crs = names->crs;
    struct json_tree tree = {0};
    struct json_fault_place place;
    enum centre_lines_status status = CENTRE_LINES_WRONG;
    switch (json_tree_read(&tree, text, NULL)) {
    case JSON_TREE_OK:
        status = read_root(&r, tree.nodes, out_problem);
        break;
    case JSON_TREE_NOT_JSON:
        json_fault_find(text, &tree.fault, &place);
        snprintf(out_problem, PROBLEM_MAX, "%u: %.150s", place.line, place.text);
        break;
    case JSON_TREE_TOO_MANY:
        snprintf(out_problem, PROBLEM_MAX, "1: too many values");
        break;
    default:
        status = CENTRE_LINES_NO_MEMORY;
    }
    json_tree_fini(&tree);
    return status;
}
