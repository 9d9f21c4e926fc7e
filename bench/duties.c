/*
 * duties: what the duty stage takes an entry of `work`: a day of a city's collectors and sweepers.
 *
 *   bench_duties [CREWS POINTS SWEEPERS SEGMENTS]     without: 200 60 120 50
 *
 * Each crew has a duty of so many points, two minutes and 150 m apart, and visits most of them in their order; each sweeper two
 * windows of so many segments. The clocks are told at the ticks of the duties, as the tracker tells them. What is counted is
 * processor time: of the book alone (duty_book_take, and the bytes of what changed, every 512 entries), and of
 * reading the entries' texts.
 */
#include "buf.h"
#include "duty_book.h"
#include "duty_bytes.h"
#include "duty_day.h"
#include "duty_entry.h"
#include "world_load.h"

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 512, PATH = 96, ID = 32 };
/* 2026-05-01, 00:00 in Shanghai. */
static const int64_t day_ms = INT64_C(1777564800000), minute_ms = 60000;
static const double point_deg = 0.0015, crew_deg = 0.01;

static struct names *names;
static struct world *world;
static struct duty_work *works;
static size_t work_count, work_cap;
static uint64_t told;
static uint32_t crews = 200, points = 60, sweepers = 120, segments = 50;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void need(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "bench_duties: %s\n", what);
        exit(EXIT_FAILURE);
    }
}

/* ---- the city ---- */

static FILE *file_in(const char *folder, const char *name)
{
    char path[PATH];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    need(f != NULL, path);
    return f;
}

static void write_fences(const char *folder)
{
    FILE *f = file_in(folder, "g.json");
    const char *between = "";
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", f);
    for (uint32_t c = 0; c < crews; c++)
        for (uint32_t p = 0; p < points; p++, between = ",")
            fprintf(f,
                    "%s{\"type\":\"Feature\",\"id\":\"c%u-%u\",\"properties\":{\"kind\":\"collection\"},"
                    "\"geometry\":{\"type\":\"Point\",\"coordinates\":[%.7f,%.7f]}}",
                    between, c, p, 112 + p * point_deg, 30 + c * crew_deg);
    for (uint32_t s = 0; s < sweepers; s++)
        for (uint32_t k = 0; k < segments; k++, between = ",")
            fprintf(f,
                    "%s{\"type\":\"Feature\",\"id\":\"s%u-%u\",\"properties\":{\"kind\":\"sweep\",\"width_"
                    "m\":12},"
                    "\"geometry\":{\"type\":\"LineString\",\"coordinates\":[[%.7f,%.7f],[%.7f,%.7f]]}}",
                    between, s, k, 113 + k * point_deg, 30 + s * crew_deg, 113 + (k + 1) * point_deg,
                    30 + s * crew_deg);
    fputs("]}", f);
    fclose(f);
}

static void write_fleet(const char *folder)
{
    FILE *f = file_in(folder, "f.json");
    fputs("{\"vehicles\":[", f);
    for (uint32_t v = 0; v < crews + sweepers; v++)
        fprintf(f, "%s{\"id\":\"v%u\",\"plate\":\"P%u\",\"class\":\"%s\"}", v > 0 ? "," : "", v, v,
                v < crews ? "compactor" : "sweeper");
    fputs("],\"duties\":[", f);
    for (uint32_t c = 0; c < crews; c++) {
        fprintf(
            f,
            "%s{\"id\":\"d%u\",\"type\":\"collection\",\"vehicles\":[\"v%u\"],\"company\":\"Clean\",\"days\":"
            "\"Mo-Sa; PH off\",\"points\":[",
            c > 0 ? "," : "", c, c);
        for (uint32_t p = 0; p < points; p++) {
            uint32_t at = 18 * 60 + c % 30 + p * 2;
            fprintf(f, "%s{\"fence\":\"c%u-%u\",\"window\":\"%02u:%02u-%02u:%02u\"}", p > 0 ? "," : "", c, p,
                    at / 60, at % 60, (at + 5) / 60, (at + 5) % 60);
        }
        fputs("]}", f);
    }
    for (uint32_t s = 0; s < sweepers; s++) {
        fprintf(f,
                ",{\"id\":\"w%u\",\"type\":\"sweeping\",\"vehicles\":[\"v%u\"],\"windows\":[\"03:00-06:30\","
                "\"13:00-15:30\"],\"segments\":[",
                s, crews + s);
        for (uint32_t k = 0; k < segments; k++)
            fprintf(f, "%s{\"fence\":\"s%u-%u\"}", k > 0 ? "," : "", s, k);
        fputs("]}", f);
    }
    fputs("]}", f);
    fclose(f);
}

static void remove_city(const char *folder)
{
    static const char *const files[] = {"g.json", "f.json"};
    char path[PATH];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void load_city(void)
{
    char folder[] = "/tmp/muckwatch-duties-XXXXXX", path[PATH];
    static const char yaml[] = "city: {fences: [g.json], fleet: [f.json], timezone: Asia/Shanghai}\n";
    struct config config;
    struct problem problem;
    need(mkdtemp(folder) != NULL, folder);
    write_fences(folder);
    write_fleet(folder);
    snprintf(path, sizeof path, "%s/muckwatch.yaml", folder);
    need(config_init(&config) && config_read(&config, text_of(path), text_of(yaml), &problem) &&
             world_load(&config, names, (struct world_load_options){0}, &world, &problem),
         "the city is not loaded");
    config_fini(&config);
    remove_city(folder);
}

/* ---- what was done ---- */

static struct duty_work *add(enum duty_work_type type, uint32_t vehicle, int64_t start_ms, int64_t end_ms)
{
    char id[ID];
    if (work_count == work_cap) {
        work_cap = work_cap * 2 + 1024;
        works = realloc(works, work_cap * sizeof *works);
        need(works != NULL, "no memory");
    }
    snprintf(id, sizeof id, "v%u", vehicle);
    works[work_count] = (struct duty_work){.type = type,
                                           .vehicle = names_find(names, text_of(id)),
                                           .rev = 1,
                                           .start_ms = start_ms,
                                           .end_ms = end_ms,
                                           .heard_ms = end_ms,
                                           .received_ms = end_ms,
                                           .lat_deg = NAN,
                                           .lon_deg = NAN,
                                           .error_m = 4};
    return &works[work_count++];
}

static void add_clocks(uint32_t vehicle)
{
    char id[ID];
    snprintf(id, sizeof id, "v%u", vehicle);
    const struct vehicle_info *info = world_vehicle(world, names_find(names, text_of(id)));
    for (int64_t at_ms = day_ms; (at_ms = duty_next_tick_ms(world, info, at_ms, false)) < day_ms + MW_DAY_MS;)
        add(DUTY_WORK_CLOCK, vehicle, DUTY_NEVER, at_ms);
}

static void add_visits(uint32_t crew)
{
    for (uint32_t p = 0; p < points; p++) {
        int64_t at_ms = day_ms + (18 * 60 + crew % 30 + p * 2) * minute_ms + crew * 37 % 60 * 1000;
        if ((crew + p) % 11 == 0)
            continue;
        struct duty_work *w = add(DUTY_WORK_STOP, crew, at_ms, at_ms + 40000);
        w->lat_deg = 30 + crew * crew_deg;
        w->lon_deg = 112 + p * point_deg + 0.00002;
    }
}

static void add_drives(uint32_t sweeper, int64_t begin_ms)
{
    char id[ID];
    for (uint32_t k = 0; k < segments * 2; k++) {
        uint32_t segment = k < segments ? k : 2 * segments - 1 - k;
        int64_t at_ms = begin_ms + k * 80000 + sweeper * 41 % 80 * 1000;
        struct duty_work *w = add(DUTY_WORK_DRIVE, crews + sweeper, at_ms, at_ms + 80000);
        snprintf(id, sizeof id, "s%u-%u", sweeper, segment);
        w->segment = names_find(names, text_of(id));
        w->mode = MODE_SWEEPING;
        w->side = k < segments ? SIDE_RIGHT : SIDE_LEFT;
        w->from_m = k < segments ? 0 : 144;
        w->to_m = k < segments ? 144 : 0;
    }
}

static int compare_works(const void *a, const void *b)
{
    const struct duty_work *x = a, *y = b;
    if (x->end_ms != y->end_ms)
        return x->end_ms < y->end_ms ? -1 : 1;
    return (x->vehicle > y->vehicle) - (x->vehicle < y->vehicle);
}

static void make_day(void)
{
    for (uint32_t v = 0; v < crews + sweepers; v++)
        add_clocks(v);
    for (uint32_t c = 0; c < crews; c++)
        add_visits(c);
    for (uint32_t s = 0; s < sweepers; s++) {
        add_drives(s, day_ms + 181 * minute_ms);
        add_drives(s, day_ms + 781 * minute_ms);
    }
    qsort(works, work_count, sizeof *works, compare_works);
}

/* ---- what it takes ---- */

static void hear(void *context, const struct duty_telling *telling)
{
    (void)context;
    told += telling->type != DUTY_TELLS_FINDING;
}

static size_t write_changes(struct duty_book *b, struct buf *bytes)
{
    size_t written = 0;
    for (size_t i = 0; i < b->count; i++) {
        const struct duty_ledger *l = b->ledgers[i];
        buf_clear(bytes);
        for (size_t page = l->changed_from; page < l->changed_to; page++)
            duty_page_write(l, page, bytes);
        if (l->changed)
            duty_head_write(l, names, bytes);
        written += bytes->len;
    }
    duty_book_written(b);
    return written;
}

static void run_book(void)
{
    struct duty_book b;
    struct buf bytes;
    size_t written = 0, before = mallinfo2().uordblks;
    duty_book_init(&b, names, (struct duty_listener){NULL, hear});
    buf_init(&bytes, 64 << 20);
    need(duty_book_set_world(&b, world), "no memory");
    double writing_s = 0, from_s = now_s();
    for (size_t i = 0; i < work_count; i++) {
        need(duty_book_take(&b, &works[i]), "no memory");
        if ((i + 1) % PAGE == 0) {
            double begin_s = now_s();
            written += write_changes(&b, &bytes);
            writing_s += now_s() - begin_s;
        }
    }
    double took_s = now_s() - from_s - writing_s, n = (double)work_count;
    printf("entries %zu, told %llu, passed over %llu\n", work_count, (unsigned long long)told,
           (unsigned long long)b.passed_over);
    printf("book    %6.2f us an entry\n", took_s / n * 1e6);
    printf("bytes   %6.2f us an entry, %.0f bytes an entry\n", writing_s / n * 1e6, (double)written / n);
    printf("memory  %6.2f MB\n", (double)(mallinfo2().uordblks - before) / 1e6);
    duty_book_fini(&b);
    buf_fini(&bytes);
}

static bool field_of_entry(const void *context, size_t place, struct text *out_name, struct text *out_value)
{
    const struct entry *entry = context;
    if (place >= entry->count)
        return false;
    *out_name = text_of(entry->fields[place].name);
    *out_value = entry->fields[place].value;
    return true;
}

static void run_texts(void)
{
    static struct entry e;
    double spent_s = 0;
    int64_t sum = 0;
    for (size_t i = 0; i < work_count; i++) {
        const struct duty_work *w = &works[i];
        struct work_entry t = {.clock = w->type == DUTY_WORK_CLOCK,
                               .heard_ms = w->heard_ms,
                               .vehicle = w->vehicle,
                               .segment = w->segment,
                               .plate = TEXT("P1"),
                               .company = TEXT("Clean"),
                               .received_ms = w->received_ms,
                               .ruleset = world->hash,
                               .work = {.road = w->type == DUTY_WORK_DRIVE ? 0 : UINT32_MAX,
                                        .side = w->side,
                                        .mode = w->mode,
                                        .how = w->type == DUTY_WORK_DRIVE ? HOW_SPEED : HOW_STOP,
                                        .from_m = w->from_m,
                                        .to_m = w->to_m,
                                        .start_ms = w->start_ms == DUTY_NEVER ? TIME_NONE : w->start_ms,
                                        .end_ms = w->end_ms,
                                        .lat_deg = w->lat_deg,
                                        .lon_deg = w->lon_deg,
                                        .error_m = w->error_m,
                                        .fixes = 5}};
        entry_of_work(&e, &t, names);
        double begin_s = now_s();
        const struct entry_fields fields = {&e, field_of_entry};
        struct duty_work read = duty_work_read(&fields, names);
        spent_s += now_s() - begin_s;
        sum += read.type != w->type;
    }
    need(sum == 0, "an entry is read as another");
    printf("texts   %6.2f us an entry\n", spent_s / (double)work_count * 1e6);
}

int main(int argc, char **argv)
{
    uint32_t *const sizes[] = {&crews, &points, &sweepers, &segments};
    for (int i = 1; i < argc && i <= 4; i++)
        *sizes[i - 1] = (uint32_t)strtoul(argv[i], NULL, 10);
    names = names_new(1 << 20);
    need(names != NULL, "no memory");
    load_city();
    make_day();
    run_book();
    run_texts();
    free(works);
    world_free(world);
    names_free(names);
    return EXIT_SUCCESS;
}
