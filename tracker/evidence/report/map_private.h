/* map_private: the ground under a map, and what its files share. */
#ifndef MW_MAP_PRIVATE_H
#define MW_MAP_PRIVATE_H

#include "case_facts.h"
#include "scene.h"

enum { MAP_LABELS_MAX = 128 };
#define MAP_LABEL_HEIGHT 2.6

/* Metres east and north of the middle, to millimetres on paper. A few kilometres: a plane does. */
struct map {
    const struct case_facts *f;
    struct scene *s;
    double lat0, lon0, east_m, north_m; /* metres a degree */
    double mm_per_m;
    struct scene_point middle; /* on paper */
    double half_x_m, half_y_m; /* what is shown */
    struct map_label {
        double x, y, width;
    } labels[MAP_LABELS_MAX]; /* where words stand already, from their left, on their base line */
    size_t label_count;
    struct map_end {
        bool there;
        struct scene_point point, label;
        char words[64];
    } ends[2];
};

#define MAP_RGB_TRACK    0x5b6670u
#define MAP_RGB_WITHIN   0xc62828u
#define MAP_RGB_CORRIDOR 0x2e7d32u

struct scene_point map_place(const struct map *m, double lat_deg, double lon_deg);

/* How wide words are, about: a character of three bytes is as wide as high. */
double map_words_width(struct text words);
/* Takes the place for words at or near a point, within the frame; false: there is no room. */
bool map_take_label(struct map *m, struct scene_point *at, double width);
/* Words on a light ground, at a place that was taken. */
void map_put_label(struct map *m, unsigned rgb, struct scene_point at, struct text words);

void map_draw_fences(struct map *m);
void map_draw_track(struct map *m);
/* Where it began and ended: taken before the names of fences take theirs, and drawn over them. */
void map_take_ends(struct map *m);
void map_draw_ends(struct map *m);
/* From the fix that is farthest from its permitted corridors, within the violation, to the nearest point of one. */
void map_draw_distance(struct map *m);
void map_draw_furniture(struct map *m);
/* Points of a fence's outline in turn; false where it has none of the form. */
typedef void map_visit(void *context, size_t part, double lat_deg, double lon_deg);
const char *map_each_point(const struct json_node *fence, map_visit *visit, void *context);

#endif
