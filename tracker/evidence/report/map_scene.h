/*
 * map_scene: where the vehicle was: the track with the violation in it, the permitted corridors and fences around, how wrong each place may be, what was
 * measured, scale, north, legend.
 */
#ifndef MW_MAP_SCENE_H
#define MW_MAP_SCENE_H

#include "case_facts.h"
#include "scene.h"

/* False where no fix has a place: the scene says so. */
bool map_scene_draw(const struct case_facts *f, struct scene *out);

#endif
