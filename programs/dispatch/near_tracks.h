/*
 * near_tracks: the tracks of all vehicles that were at a place, for the span that was asked about: what a replay of an area shows. One after the
 * other, each within the scope of whoever asks, thinned out so that all together have a bound.
 */
#ifndef MW_NEAR_TRACKS_H
#define MW_NEAR_TRACKS_H

#include "gateway.h"

enum { NEAR_TRACKS_MAX = 100, NEAR_POINTS_MAX = 50000 };
#define NEAR_TRACKS_SPAN_MS (INT64_C(6) * 3600000)

struct near_tracks {
    struct gateway *g;
    char who[PERSON_NAME_MAX + 1];
    int64_t from_ms, to_ms;
    char ids[NEAR_TRACKS_MAX][VEHICLE_NOW_ID_MAX + 1];
    size_t count, at;
    bool more; /* there were more vehicles */
    struct buf json;
    /* All are in `json`, as the elements of an array; or, with a word, they could not be read. */
    void (*done)(void *arg, const char *why);
    void *arg;
};

/* Each once, as far as there is room. */
void near_tracks_add(struct near_tracks *tracks, struct text vehicle);
/* Calls `done`, perhaps at once. */
void near_tracks_read(struct near_tracks *tracks);

#endif
