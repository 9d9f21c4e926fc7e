/*
 * An archive's day, or days, of many vehicles, as the archive would have closed them: for measuring what reads them.
 *
 *     archive_day DIR VEHICLES [HOURS]
 *
 * Trucks drive between places of a city of 30 by 30 km, a fix each 10 s, and stand at each for some minutes.
 */
#include "archive_folder.h"
#include "track_chunk.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEP_S = 10, DAY = 20611, GAP_MS = 300000 };

struct truck {
    double x, y, to_x, to_y, speed;
    int stands;
    uint64_t random;
};

static double chance(struct truck *t)
{
    t->random = t->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(t->random >> 11) / 9007199254740992.0;
}

static void drive(struct truck *t)
{
    double dx = t->to_x - t->x, dy = t->to_y - t->y, left = hypot(dx, dy);
    t->speed = t->stands > 0 ? 0 : 8 + 9 * chance(t);
    if (t->stands > 0) {
        t->stands--;
    } else if (left < 200) {
        t->stands = (int)(60 * chance(t));
        t->to_x = 30000 * chance(t);
        t->to_y = 30000 * chance(t);
    } else { /* along streets: first the longer way */
        double way = t->speed * STEP_S;
        if (fabs(dx) > fabs(dy))
            t->x += copysign(fmin(way, fabs(dx)), dx);
        else
            t->y += copysign(fmin(way, fabs(dy)), dy);
    }
}

static bool add_hour(struct truck *t, struct open_part *part, int hour, struct text vehicle)
{
    char line[512];
    for (int i = 0; i < 3600 / STEP_S; i++) {
        int64_t ms = (int64_t)DAY * 86400000 + (int64_t)hour * 3600000 + (int64_t)i * STEP_S * 1000;
        drive(t);
        int n = snprintf(
            line, sizeof line,
            "{\"vehicle\":\"%.*s\",\"received\":%lld,\"time\":%lld,\"lat\":%.7f,\"lon\":%.7f,\"speed\":%.2f,"
            "\"track\":%.1f,\"eph\":%.1f,\"mode\":3,\"sats\":%d,\"boot\":\"5f1d8f0e-1\",\"seq\":%d,"
            "\"sensors\":{\"cover\":\"closed\",\"body\":\"down\",\"load\":\"%s\",\"load_kg\":%d}}",
            TEXT_ARG(vehicle), (long long)(ms + 300 + (int)(400 * chance(t))), (long long)(ms / 1000),
            30.4 + t->y / 110860, 112.8 + t->x / 96000, t->speed, 360 * chance(t), 2 + 4 * chance(t),
            9 + (int)(8 * chance(t)), hour * 360 + i + 1, t->stands > 0 ? "empty" : "loaded",
            t->stands > 0 ? 0 : 14000 + (int)(100 * chance(t)));
        const struct part_line at = {
            .at = {1, ms + 800, 0}, .batch = hour * 36000 + i * 100 + 1, .received_ms = ms + 400};
        if (!part_add(part, 0, vehicle, &at, (struct text){line, (size_t)n}))
            return false;
    }
    return true;
}

static bool put_hour(const struct archive_disk *disk, struct truck *trucks, int count, int hour)
{
    struct buf places;
    struct chunk_summing summing = {.gap_ms = GAP_MS};
    char name[32];
    int32_t day = DAY + hour / 24;
    bool ok = disk->begin(disk->context, day);
    buf_init(&places, 1 << 20);
    for (int i = 0; i < count && ok; i++) {
        struct open_part part;
        struct archive_chunk chunk;
        snprintf(name, sizeof name, "truck-%04d", i);
        part_init(&part, (uint32_t)hour + 1, NULL);
        ok = add_hour(&trucks[i], &part, hour, text_of(name));
        const struct part_track *track = ok ? part_whole(&part, &part.tracks[0]) : NULL;
        ok = track != NULL;
        for (size_t from = 0; ok && from < track->count;) {
            ok = track_chunk_make(track, &from, &summing, &places, &chunk);
            chunk.part = (uint32_t)hour + 1;
            ok = ok && disk->put_chunk(disk->context, day, &chunk);
        }
        part_fini(&part);
    }
    buf_fini(&places);
    day_points_fini(&summing.points);
    return ok && disk->commit(disk->context, day);
}

int main(int argc, char **argv)
{
    char why[512] = "usage: archive_day DIR VEHICLES [HOURS]";
    struct archive_folder *folder = NULL;
    int count = argc > 2 ? atoi(argv[2]) : 0, hours = argc > 3 ? atoi(argv[3]) : 24;
    struct truck *trucks = calloc((size_t)count + 1, sizeof *trucks);
    if (count < 1 || trucks == NULL ||
        archive_folder_open(argv[1], &folder, why, sizeof why) != ARCHIVE_FOLDER_OK) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    for (int i = 0; i < count; i++) {
        trucks[i].random = (uint64_t)i * 7919 + 1;
        trucks[i].x = trucks[i].to_x = 30000 * chance(&trucks[i]);
        trucks[i].y = trucks[i].to_y = 30000 * chance(&trucks[i]);
    }
    bool ok = true;
    for (int hour = 0; hour < hours && ok; hour++) {
        ok = put_hour(archive_folder_disk(folder), trucks, count, hour);
        fprintf(stderr, "%d\r", hour + 1);
    }
    archive_folder_close(folder);
    free(trucks);
    return ok ? 0 : 1;
}
