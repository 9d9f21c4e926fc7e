#include "street_net.h"

#include "array.h"
#include "json_tree.h"

#include <stdio.h>
#include <stdlib.h>

void *must_take(struct arena *arena, size_t count, size_t size)
{
    void *piece = arena_take(arena, count, size);
    if (piece == NULL)
        abort();
    return piece;
}

void must_reserve(void *items, size_t *cap, size_t count, size_t size)
{
    if (!array_reserve(items, cap, count, size))
        abort();
}

/* ---- reading ---- */

/* Nodes by their place, while reading: open addressing over places rounded to a decimetre. */
enum { TABLE = 1 << 14 };

struct reading {
    struct street_net *net;
    uint32_t *table; /* node + 1 */
};

static uint32_t node_at(struct reading *r, struct spot s)
{
    struct street_net *net = r->net;
    uint64_t key = (uint64_t)llround(s.east_m * 10) * UINT64_C(0x9e3779b97f4a7c15) ^
                   (uint64_t)llround(s.north_m * 10) * UINT64_C(0xd1342543de82ef95);
    uint32_t at = (uint32_t)(key >> 40) % TABLE;
    for (; r->table[at] != 0; at = (at + 1) % TABLE)
        if (spot_distance_m(net->nodes[r->table[at] - 1], s) < 0.05)
            return r->table[at] - 1;
    must_reserve(&net->nodes, &net->node_cap, net->node_count + 1, sizeof *net->nodes);
    net->nodes[net->node_count] = s;
    r->table[at] = (uint32_t)net->node_count + 1;
    return (uint32_t)net->node_count++;
}

static double length_of(const struct spot *points, uint32_t count)
{
    double length_m = 0;
    for (uint32_t i = 0; i + 1 < count; i++)
        length_m += spot_distance_m(points[i], points[i + 1]);
    return length_m;
}

static struct street *add_street(struct street_net *net, const struct spot *points, uint32_t count)
{
    must_reserve(&net->streets, &net->street_cap, net->street_count + 1, sizeof *net->streets);
    struct street *s = &net->streets[net->street_count++];
    *s = (struct street){.points = points, .count = count, .length_m = (float)length_of(points, count)};
    return s;
}

static void read_line(struct reading *r, const struct json_node *line, const struct json_node *properties)
{
    uint32_t count = 0, n = json_node_length(line);
    struct spot *points = must_take(r->net->arena, n, sizeof *points);
    const struct json_node *position = json_node_first(line);
    for (uint32_t i = 0; i < n; i++, position = json_node_next(position)) {
        const struct json_node *lon = json_node_first(position), *lat = json_node_next(lon);
        points[count] = spot_of(lat->number, lon->number);
        if (count == 0 || spot_distance_m(points[count], points[count - 1]) > 0.05)
            count++;
    }
    if (count < 2)
        return;
    uint32_t from = node_at(r, points[0]), to = node_at(r, points[count - 1]);
    if (from == to)
        return;
    struct street *s = add_street(r->net, points, count);
    const struct json_node *oneway = json_node_member(properties, "oneway");
    const struct json_node *major = json_node_member(properties, "major");
    const struct json_node *banned = json_node_member(properties, "truck_restriction");
    struct text way = json_node_is(oneway, JSON_NODE_STRING) ? json_node_text(oneway) : TEXT("0");
    s->from = from;
    s->to = to;
    s->forward = !text_equal(way, TEXT("-1"));
    s->backward = !text_equal(way, TEXT("1"));
    const struct json_node *divided = json_node_member(properties, "divided");
    s->divided = json_node_is(divided, JSON_NODE_STRING) && text_equal(json_node_text(divided), TEXT("T"));
    s->grade = json_node_is(major, JSON_NODE_NUMBER) ? (uint8_t)major->number : 0;
    s->trucks = !json_node_is(banned, JSON_NODE_STRING) || !text_equal(json_node_text(banned), TEXT("T"));
}

static void read_feature(void *context, const struct json_node *feature, size_t index)
{
    (void)index;
    const struct json_node *geometry = json_node_member(feature, "geometry");
    const struct json_node *lines = json_node_member(geometry, "coordinates");
    const struct json_node *type = json_node_member(geometry, "type");
    const struct json_node *properties = json_node_member(feature, "properties");
    if (text_equal(json_node_text(type), TEXT("LineString"))) {
        read_line(context, lines, properties);
        return;
    }
    const struct json_node *line = json_node_first(lines);
    for (uint32_t i = 0; i < json_node_length(lines); i++, line = json_node_next(line))
        read_line(context, line, properties);
}

bool street_net_read(struct street_net *net, const char *path, struct arena *arena)
{
    *net = (struct street_net){.arena = arena};
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        fprintf(stderr, "honest: %s: cannot be read\n", path);
        return false;
    }
    size_t cap = 4 << 20;
    char *bytes = must_take(arena, cap, 1);
    size_t len = fread(bytes, 1, cap, f);
    fclose(f);
    struct reading r = {net, must_take(arena, TABLE, sizeof *r.table)};
    struct json_tree tree = {0};
    struct json_stream stream = {.key = TEXT("features"), .element = read_feature, .context = &r};
    bool ok = json_tree_read(&tree, (struct text){bytes, len}, &stream) == JSON_TREE_OK;
    json_tree_fini(&stream.tree);
    json_tree_fini(&tree);
    if (!ok || net->street_count == 0)
        fprintf(stderr, "honest: %s: has no streets\n", path);
    return ok && net->street_count > 0;
}

void street_net_free(struct street_net *net)
{
    free(net->streets);
    free(net->nodes);
}

/* ---- gates ---- */

size_t street_net_nearest(const struct street_net *net, struct spot p, double clear_m, double max_m,
                          struct spot *out_at)
{
    size_t best = SIZE_MAX;
    double best_m = max_m;
    for (size_t i = 0; i < net->street_count; i++) {
        const struct street *s = &net->streets[i];
        for (uint32_t k = 0; k + 1 < s->count; k++) {
            struct spot at =
                spot_between(s->points[k], s->points[k + 1], spot_project(p, s->points[k], s->points[k + 1]));
            double m = spot_distance_m(p, at);
            if (m >= best_m || spot_distance_m(at, s->points[0]) < clear_m ||
                spot_distance_m(at, s->points[s->count - 1]) < clear_m)
                continue;
            best = i;
            best_m = m;
            *out_at = at;
        }
    }
    return best;
}

uint32_t street_net_split(struct street_net *net, size_t street, struct spot at)
{
    struct street old = net->streets[street];
    uint32_t leg = 0;
    for (uint32_t k = 1; k + 1 < old.count; k++)
        if (spot_leg_distance_m(at, old.points[k], old.points[k + 1]) <
            spot_leg_distance_m(at, old.points[leg], old.points[leg + 1]))
            leg = k;
    struct spot *head = must_take(net->arena, leg + 2, sizeof *head);
    struct spot *tail = must_take(net->arena, old.count - leg, sizeof *tail);
    for (uint32_t k = 0; k <= leg; k++)
        head[k] = old.points[k];
    head[leg + 1] = tail[0] = at;
    for (uint32_t k = leg + 1; k < old.count; k++)
        tail[k - leg] = old.points[k];
    must_reserve(&net->nodes, &net->node_cap, net->node_count + 1, sizeof *net->nodes);
    uint32_t node = (uint32_t)net->node_count++;
    net->nodes[node] = at;
    struct street *second = add_street(net, tail, old.count - leg);
    float second_m = second->length_m;
    *second = old;
    second->points = tail;
    second->count = old.count - leg;
    second->length_m = second_m;
    second->from = node;
    struct street *first = &net->streets[street];
    first->points = head;
    first->count = leg + 2;
    first->length_m = (float)length_of(head, leg + 2);
    first->to = node;
    return node;
}

void street_net_link(struct street_net *net)
{
    uint32_t *first = net->first_link = must_take(net->arena, net->node_count + 2, sizeof *first);
    net->links = must_take(net->arena, net->street_count * 2, sizeof *net->links);
    for (size_t i = 0; i < net->street_count; i++) {
        first[net->streets[i].from + 2]++;
        first[net->streets[i].to + 2]++;
    }
    for (size_t n = 2; n < net->node_count + 2; n++)
        first[n] += first[n - 1];
    for (size_t i = 0; i < net->street_count; i++) {
        const struct street *s = &net->streets[i];
        net->links[first[s->from + 1]++] =
            (struct street_link){(uint32_t)i, s->to, false, s->forward, s->backward};
        net->links[first[s->to + 1]++] =
            (struct street_link){(uint32_t)i, s->from, true, s->backward, s->forward};
    }
}
