/* map_private: the ground under a map, and what its files share. */
#ifndef MW_MAP_PRIVATE_H
#define MW_MAP_PRIVATE_H

#include "map_scene.h"

/* Metres east and north of the middle, to millimetres on paper. A few kilometres: a plane does. */
struct map {
    const struct case_facts *f;
    struct scene *s;
    double lat0, lon0, east_m, north_m; /* metres a degree */
    double mm_per_m;
    struct scene_point middle; /* on paper */
    double half_x_m, half_y_m; /* what is shown */
};

#define MAP_RGB_TRACK    0x5b6670u
#define MAP_RGB_WITHIN   0xc62828u
#define MAP_RGB_CORRIDOR 0x2e7d32u

struct scene_point map_place(const struct map *m, double lat_deg, double lon_deg);

void map_draw_fences(struct map *m);
void map_draw_track(struct map *m);
/* From the fix that is farthest from its permitted corridors, within the violation, to the nearest point of one. */
void map_draw_distance(struct map *m);
void map_draw_furniture(struct map *m);
/* Points of a fence's outline in turn; false where it has none of the form. */
typedef void map_visit(void *context, size_t part, double lat_deg, double lon_deg);
const char *map_each_point(const struct json_node *fence, map_visit *visit, void *context);

#endif
