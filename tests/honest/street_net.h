/*
 * street_net: the streets of a real town as a directed graph, with directions, lengths and classes.
 *
 * Read from centre lines (GeoJSON); ends with the same coordinates are one node. Gates of places are put
 * into it by splitting the street they lie at; when all stand, street_net_link makes it ready for routing.
 * Memory comes from the caller's arena, but for lists that grow.
 */
#ifndef MW_HONEST_STREET_NET_H
#define MW_HONEST_STREET_NET_H

#include "arena.h"
#include "plane.h"
#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct street {
    uint32_t from, to; /* nodes */
    const struct spot *points;
    uint32_t count;
    float length_m;
    uint8_t grade; /* 0 side street, 1 collector, 2 main street */
    bool forward, backward;
    bool divided; /* one of two carriageways drawn apart */
    bool trucks;
    bool tunnel;
    bool canyon; /* between tall buildings */
};

struct street_link {
    uint32_t street, to;
    bool reverse; /* against the street's points */
    bool leave, enter;
};

struct street_net {
    struct street *streets;
    struct spot *nodes;
    size_t street_count, street_cap, node_count, node_cap;
    struct street_link *links;
    uint32_t *first_link; /* by node, and one more for the end */
    struct arena *arena;
};

/* A way along streets: street * 2 + 1 if against its points. */
struct street_path {
    uint32_t *steps;
    uint32_t count;
    uint32_t from, to;
    double length_m;
};

/* False with a line on stderr if the file cannot be read. */
bool street_net_read(struct street_net *net, const char *path, struct arena *arena);
void street_net_free(struct street_net *net);
/* The place on a street nearest to p that is `clear_m` from its ends; SIZE_MAX if none within max_m. */
size_t street_net_nearest(const struct street_net *net, struct spot p, double clear_m, double max_m,
                          struct spot *out_at);
/* A node on the street there: it is cut in two. */
uint32_t street_net_split(struct street_net *net, size_t street, struct spot at);
void street_net_link(struct street_net *net);

/* What a metre of each street costs a kind of vehicle; INFINITY: not allowed. */
float *street_net_cost(const struct street_net *net, bool trucks);
/* Nodes that can be reached from `root` and from which it can be reached: a byte each. */
uint8_t *street_net_strong(const struct street_net *net, const float *cost, uint32_t root);
/* The cheapest way; false if there is none. */
bool street_net_route(const struct street_net *net, const float *cost, uint32_t from, uint32_t to,
                      struct street_path *out);

/* Memory or death: this is a test. */
void *must_take(struct arena *arena, size_t count, size_t size);
void must_reserve(void *items, size_t *cap, size_t count, size_t size);

#endif
