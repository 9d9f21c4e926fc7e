/*
 * bench_fix_json: what reading a fix costs, beside Jansson on the same bytes in the same run.
 *
 * Payloads are made once, each with other numbers, so that no branch is learned by heart: as our own units
 * write them, as others do (spaces, another order of keys), with sensors, and in arrays of 100. Best of
 * several rounds, CPU time of one thread.
 */
#include "fix_json.h"
#include "buf.h"
#include "fix_write.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { PAYLOADS = 20000, ROUNDS = 7, BATCH = 100 };

static uint64_t random_state = 88172645463325252u;

/* From 0 to 1. */
static double random_unit(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static int64_t cpu_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static struct fix random_fix(unsigned i, bool sensors)
{
    struct fix f = {.time = {1777593600000 + (int64_t)(random_unit() * 1e9)},
                    .lat_deg = 30 + random_unit(),
                    .lon_deg = 104 + random_unit(),
                    .speed_mps = (float)(random_unit() * 25),
                    .track_deg = (float)(random_unit() * 359),
                    .alt_m = (float)(400 + random_unit() * 100),
                    .eph_m = (float)(2 + random_unit() * 5),
                    .mode = FIX_MODE_3D,
                    .sats = (uint8_t)(8 + random_unit() * 12),
                    .boot = TEXT("0f9c2e1a-41"),
                    .seq = 100000 + i,
                    .has = 0xff,
                    .sensors = sensors_none()};
    f.time.ms -= f.time.ms % 1000;
    if (sensors) {
        f.has |= FIX_HAS_SENSORS;
        f.sensors.cover = random_unit() < 0.5 ? COVER_OPEN : COVER_CLOSED;
        f.sensors.load = random_unit() < 0.5 ? LOAD_EMPTY : LOAD_LOADED;
        f.sensors.body = BODY_DOWN;
        f.sensors.ignition = FLAG_TRUE;
        f.sensors.load_kg = (float)(random_unit() * 20000);
    }
    return f;
}

/* Another program's way to write the same: other order, spaces, noisy doubles. */
static void write_foreign(const struct fix *f, struct buf *out)
{
    char text[512];
    int n = snprintf(text, sizeof text,
                     "{\"lat\": %.15g, \"lon\": %.15g, \"speed\": %.3f, \"heading\": null, \"time\": %.3f, "
                     "\"eph\": %.2f, \"seq\": %llu, \"boot\": \"0f9c2e1a-41\", \"battery\": 12.6}",
                     f->lat_deg, f->lon_deg, (double)f->speed_mps, (double)f->time.ms / 1000,
                     (double)f->eph_m, (unsigned long long)f->seq);
    buf_put(out, text, (size_t)n);
}

struct workload {
    const char *name;
    struct buf bytes;
    struct text payloads[PAYLOADS];
    size_t count;
    unsigned fixes; /* a payload */
};

static void make(struct workload *w, const char *name, unsigned fixes, bool sensors, bool foreign)
{
    static size_t ends[PAYLOADS];
    w->name = name;
    w->fixes = fixes;
    w->count = PAYLOADS / fixes;
    buf_init(&w->bytes, (size_t)1 << 30);
    for (size_t i = 0; i < w->count; i++) {
        if (fixes > 1)
            buf_put_char(&w->bytes, '[');
        for (unsigned k = 0; k < fixes; k++) {
            struct fix f = random_fix((unsigned)i * fixes + k, sensors);
            if (k > 0)
                buf_put_char(&w->bytes, ',');
            if (foreign)
                write_foreign(&f, &w->bytes);
            else
                fix_write(&f, &w->bytes);
        }
        if (fixes > 1)
            buf_put_char(&w->bytes, ']');
        ends[i] = w->bytes.len;
    }
    for (size_t i = 0, start = 0; i < w->count; start = ends[i++])
        w->payloads[i] = (struct text){w->bytes.data + start, ends[i] - start};
}

/* What was read, so that no reading is left out. */
static double checksum;

static unsigned read_ours(struct text payload)
{
    struct fix_reader reader;
    struct fix_item item;
    unsigned n = 0;
    fix_reader_init(&reader, payload);
    while (fix_reader_next(&reader, &item)) {
        checksum += item.fix.lat_deg + (double)item.fix.seq;
        n += item.error == FIX_OK;
    }
    return n;
}

/* Parsing only: taking the fields out of the tree would come on top. */
static unsigned read_jansson(struct text payload)
{
    json_t *tree = json_loadb(payload.data, payload.len, 0, NULL);
    unsigned n = json_is_array(tree) ? (unsigned)json_array_size(tree) : tree != NULL;
    json_decref(tree);
    return n;
}

static double best_ns(const struct workload *w, unsigned (*read)(struct text))
{
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned n = 0;
        int64_t start = cpu_ns();
        for (size_t i = 0; i < w->count; i++)
            n += read(w->payloads[i]);
        double ns = (double)(cpu_ns() - start) / n;
        best = ns < best ? ns : best;
        if (n != w->count * w->fixes) {
            fprintf(stderr, "%s: %u fixes of %zu read\n", w->name, n, w->count * w->fixes);
            exit(1);
        }
    }
    return best;
}

int main(void)
{
    static struct workload w[4];
    make(&w[0], "a fix, our unit's order", 1, false, false);
    make(&w[1], "the same with sensors", 1, true, false);
    make(&w[2], "another program's order", 1, false, true);
    make(&w[3], "array of 100, our order", BATCH, false, false);
    printf("%-26s %8s %10s %12s %7s\n", "payload", "bytes", "ns a fix", "Jansson ns", "ratio");
    for (size_t i = 0; i < sizeof w / sizeof w[0]; i++) {
        double ours = best_ns(&w[i], read_ours), theirs = best_ns(&w[i], read_jansson);
        printf("%-26s %8zu %10.0f %12.0f %6.1fx\n", w[i].name, w[i].bytes.len / (w[i].count * w[i].fixes),
               ours, theirs, theirs / ours);
        buf_fini(&w[i].bytes);
    }
    return checksum > 0 ? 0 : 1;
}
