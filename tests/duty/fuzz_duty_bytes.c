/*
 * A ledger as the store has it: a head and its pages, each with its length (two bytes) before it. What is believed is written as
 * it was read, is laid over duties, and is judged.
 */
#include "duty_book.h"
#include "duty_bytes.h"
#include "world_load.h"

#include <stdlib.h>
#include <string.h>

/* 2026-05-01, 00:00 UTC. */
enum { PAGES_MAX = 8 };
#define DAY_MS INT64_C(1777593600000)

static const char config_text[] = "city: {fences: [g.json], fleet: [f.json], timezone: UTC}\n";
static const char fences_text[] = "{\"type\":\"FeatureCollection\",\"features\":["
                                  "{\"type\":\"Feature\",\"id\":\"c1\",\"properties\":{\"kind\":"
                                  "\"collection\"},\"geometry\":{\"type\":\"Point\","
                                  "\"coordinates\":[112.002,30]}},"
                                  "{\"type\":\"Feature\",\"id\":\"r1\",\"properties\":{\"kind\":\"sweep\"},"
                                  "\"geometry\":{\"type\":\"LineString\","
                                  "\"coordinates\":[[112,30.1],[112.002,30.1]]}}]}";
static const char fleet_text[] =
    "{\"vehicles\":[{\"id\":\"v1\",\"class\":\"compactor\"},{\"id\":\"s1\",\"class\":\"sweeper\"}],"
    "\"duties\":["
    "{\"id\":\"eve\",\"type\":\"collection\",\"vehicles\":[\"v1\"],\"points\":[{\"fence\":\"c1\",\"window\":"
    "\"18:05-18:15\"}]},{\"id\":\"road\",\"type\":\"sweeping\",\"vehicles\":[\"s1\"],\"segments\":[{"
    "\"fence\":\"r1\"}],"
    "\"windows\":[\"03:00-04:00\"]}]}";

static struct names *names;
static struct world *world;
static struct config config;

static bool read_file(void *context, const char *path, struct buf *out, struct problem *out_problem)
{
    (void)context;
    (void)out_problem;
    buf_puts(out, strstr(path, "g.json") != NULL ? fences_text : fleet_text);
    return true;
}

static void make_world(void)
{
    struct problem problem;
    const struct world_load_options options = {.read = read_file};
    names = names_new(1 << 16);
    if (names == NULL || !config_init(&config) ||
        !config_read(&config, TEXT("muckwatch.yaml"), text_of(config_text), &problem) ||
        !world_load(&config, names, options, &world, &problem))
        abort();
}

static struct text take(const uint8_t **data, size_t *size)
{
    size_t len = *size >= 2 ? (size_t)((*data)[0] | (*data)[1] << 8) : 0;
    if (*size < 2)
        return TEXT("");
    *data += 2;
    *size -= 2;
    len = len < *size ? len : *size;
    struct text part = {(const char *)*data, len};
    *data += len;
    *size -= len;
    return part;
}

/* What is written of it is read as the same. */
static void write_again(const struct duty_ledger *l)
{
    struct buf first, second;
    buf_init(&first, 64 << 20);
    buf_init(&second, 64 << 20);
    duty_head_write(l, names, &first);
    struct duty_ledger *again = duty_head_read(buf_text(&first), names);
    if (again == NULL)
        abort();
    duty_head_write(again, names, &second);
    if (!text_equal(buf_text(&first), buf_text(&second)))
        abort();
    ledger_free(again);
    buf_fini(&first);
    buf_fini(&second);
}

static void hear(void *context, const struct duty_telling *telling)
{
    (void)telling;
    ++*(uint64_t *)context;
}

static void judge(struct duty_ledger *take)
{
    struct duty_book b;
    uint64_t told = 0;
    uint32_t damaged = 0;
    duty_book_init(&b, names, (struct duty_listener){&told, hear});
    if (!duty_book_restore_ledger(&b, take) || !duty_book_restored(&b, &damaged) ||
        !duty_book_set_world(&b, world))
        abort();
    struct duty_work w = {.type = DUTY_WORK_STOP,
                          .vehicle = names_find(names, TEXT("v1")),
                          .rev = 1,
                          .start_ms = DAY_MS + INT64_C(65160000),
                          .end_ms = DAY_MS + INT64_C(65260000),
                          .lat_deg = 30,
                          .lon_deg = 112.002,
                          .error_m = 4};
    if (!duty_book_take(&b, &w))
        abort();
    for (int hour = 1; hour < 48; hour += 5) {
        w.type = DUTY_WORK_CLOCK;
        w.start_ms = DUTY_NEVER;
        w.end_ms = w.heard_ms = DAY_MS + hour * INT64_C(3600000);
        w.vehicle = names_find(names, hour % 2 ? TEXT("v1") : TEXT("s1"));
        if (!duty_book_take(&b, &w))
            abort();
    }
    duty_book_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (names == NULL)
        make_world();
    struct duty_ledger *l = duty_head_read(take(&data, &size), names);
    if (l == NULL || l->count > PAGES_MAX * LEDGER_PAGE_ITEMS) { /* more of the same takes only longer */
        ledger_free(l);
        return 0;
    }
    write_again(l);
    for (size_t page = 0; size > 0; page++)
        duty_page_read(l, page, take(&data, &size));
    judge(l);
    return 0;
}
