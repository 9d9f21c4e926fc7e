/*
 * register: 30 days of 10,000 violations in the gateway's memory: how fast they are read, what they take, and what a question
 * costs over all of them.
 *
 *   bench_register ENTRIES.ndjson [ALERTS]
 *
 * ENTRIES.ndjson is what `muckctl replay` prints of a day; its violations are told again and again, each time of another vehicle, time and
 * place: an `opened` and the entry that was printed. Three in four are acknowledged, assigned, handled and closed.
 */
#include "register.h"
#include "json_tree.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SAMPLES_MAX = 512, FIELDS_MAX = 64, LINE_MAX = 1 << 16, ACTIONS = 4, ROUNDS = 7, FLEET = 10000 };

struct sample {
    char *line;
    struct json_tree tree;
};

static struct sample samples[SAMPLES_MAX];
static size_t sample_count;
static const int64_t begin_ms = INT64_C(1778198400000), MONTH_MS = INT64_C(2592000000);

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_samples(const char *path)
{
    static char line[LINE_MAX];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    while (sample_count < SAMPLES_MAX && fgets(line, sizeof line, file) != NULL)
        if (strstr(line, "\"stream\":\"violations\"") != NULL) {
            struct sample *s = &samples[sample_count++];
            s->line = strdup(line);
            if (s->line == NULL || json_tree_read(&s->tree, text_of(s->line), NULL) != JSON_TREE_OK)
                exit(EXIT_FAILURE);
        }
    fclose(file);
}

/* ---- entries ---- */

struct said {
    struct field fields[FIELDS_MAX];
    char bytes[8][2048];
    size_t used;
};

static struct text say(struct said *s, const char *format, uint64_t n)
{
    char *to = s->bytes[s->used++];
    snprintf(to, sizeof s->bytes[0], format, (unsigned long long)n);
    return text_of(to);
}

static void id_of(uint64_t n, char *out)
{
    uint64_t mixed = n;
    for (int i = 0; i < DESK_ID_LENGTH; i++) {
        mixed = mixed * 6364136223846793005u + 1442695040888963407u;
        out[i] = "abcdefghijklmnopqrstuvwxyz234567"[mixed >> 59];
    }
}

/* A sentence with another plate and other figures in it, as each violation has. */
static struct text other(struct said *s, struct text t, uint64_t n)
{
    char *to = s->bytes[s->used++];
    size_t len = t.len < sizeof s->bytes[0] ? t.len : sizeof s->bytes[0];
    for (size_t i = 0; i < len; i++)
        to[i] = t.data[i] >= '0' && t.data[i] <= '9'
                    ? (char)('0' + (t.data[i] - '0' + (int)(n >> (i % 8))) % 10)
                    : t.data[i];
    return (struct text){to, len};
}

static struct fields entry_of(struct said *s, uint64_t n, bool opened, const char *id, int64_t at_ms)
{
    const struct json_node *root = samples[n % sample_count].tree.nodes, *key = json_node_first(root);
    struct fields f = {s->fields, 0};
    s->used = 0;
    for (uint32_t i = 0; i < root->len; i++) {
        const struct json_node *value = json_node_next(key);
        struct text name = json_node_text(key), told;
        told = value->type == JSON_NODE_STRING ? json_node_text(value) : (struct text){value->at, value->len};
        if (text_equal(name, TEXT("id")))
            told = (struct text){id, DESK_ID_LENGTH};
        else if (text_equal(name, TEXT("rev")))
            told = opened ? TEXT("1") : TEXT("2");
        else if (text_equal(name, TEXT("event")))
            told = opened ? TEXT("opened") : TEXT("closed");
        else if (text_equal(name, TEXT("start")))
            told = say(s, "%llu", (uint64_t)at_ms);
        else if (text_equal(name, TEXT("vehicle")))
            told = say(s, "truck-%llu", n * 7919 % FLEET);
        else if (text_equal(name, TEXT("plate")))
            told = say(s, "鄂T%05llu", n * 7919 % FLEET);
        else if (name.len >= 4 && memcmp(name.data, "text", 4) == 0)
            told = other(s, told, n * 0x9e3779b97f4a7c15u);
        if (value->type != JSON_NODE_ARRAY && !text_equal(name, TEXT("stream")) && f.count < FIELDS_MAX)
            s->fields[f.count++] = (struct field){name, told};
        key = json_node_next(value);
    }
    return f;
}

static void act(struct register_book *r, const char *id, int64_t at_ms, int step)
{
    static const char *const actions[][2] = {
        {"acknowledge", "acknowledged"}, {"assign", "assigned"}, {"handled", "handled"}, {"close", "closed"}};
    static const char *const revs[] = {"1", "2", "3", "4"};
    const struct field fields[] = {{TEXT("id"), {id, DESK_ID_LENGTH}},
                                   {TEXT("action"), text_of(actions[step][0])},
                                   {TEXT("rev"), text_of(revs[step])},
                                   {TEXT("state"), text_of(actions[step][1])},
                                   {TEXT("who"), TEXT("dispatcher-3")},
                                   {TEXT("to"), step == 1 ? TEXT("unit 12") : TEXT("")},
                                   {TEXT("request"), TEXT("0f2a77c1-9b1e-4f57-8f5c-0a2f6d1d9e11")}};
    register_take_action(r, (struct register_place){0, {at_ms, (uint64_t)step}}, (struct fields){fields, 7});
}

static struct register_book *fill(uint64_t alerts)
{
    static struct said said;
    const struct register_settings settings = {
        REGISTER_BYTES_MAX, MONTH_MS * 2, {1, 2}, &desk_settings_usual};
    struct register_book *r = register_new(&settings);
    char id[DESK_ID_LENGTH];
    uint64_t taken = 0;
    double spent = 0;
    for (uint64_t n = 0; n < alerts; n++) {
        int64_t at_ms = begin_ms + (int64_t)(n * (uint64_t)MONTH_MS / alerts);
        id_of(n, id);
        for (int entry = 0; entry < 2; entry++, taken++) {
            struct fields f = entry_of(&said, n, entry == 0, id, at_ms);
            double from = now_s();
            register_take_violation(r, (struct register_place){0, {at_ms + 60000 * entry, n}}, f);
            spent += now_s() - from;
        }
        double from = now_s();
        for (int step = 0; step < ACTIONS && n % 4 != 0; step++, taken++)
            act(r, id, at_ms + 100000 + step, step);
        spent += now_s() - from;
        if (n % 1000 == 0)
            register_trim(r, begin_ms);
    }
    struct register_figures f;
    register_figures(r, &f);
    printf("%llu entries taken in %.2f s: %.0f a second\n", (unsigned long long)taken, spent,
           (double)taken / spent);
    printf("%zu alerts, %.1f MiB counted (%.0f bytes each), %.1f MiB by malloc; %llu closed ones went\n",
           f.alerts, (double)f.bytes / 1048576, (double)f.bytes / (double)f.alerts,
           (double)(mallinfo2().uordblks + mallinfo2().hblkhd) / 1048576, (unsigned long long)f.left_closed);
    return r;
}

/* ---- questions ---- */

static bool covers_all(const void *context, struct text jurisdiction, struct text company)
{
    (void)context;
    (void)company;
    return jurisdiction.len != 1;
}

static void ask(struct register_book *r, const char *name, struct register_query q, enum register_order order)
{
    static struct register_found found;
    double best = 1e9, worst = 0;
    q.now_ms = begin_ms + MONTH_MS;
    for (int i = 0; i < ROUNDS; i++) {
        double from = now_s();
        register_find(r, &q, &(struct register_page){order, 500, {"", 0}, NULL}, &found);
        double spent = (now_s() - from) * 1e3;
        best = spent < best ? spent : best;
        worst = spent > worst ? spent : worst;
    }
    printf("%-34s %7llu fit, %6.2f to %6.2f ms\n", name, (unsigned long long)found.total, best, worst);
}

static void ask_all(struct register_book *r)
{
    const struct text values[] = {TEXT("澜浦市"), TEXT("truck-77"), TEXT("offline"), TEXT("")};
    const struct register_wanted wanted[] = {{COLUMN_JURISDICTION, &values[0], 1},
                                             {COLUMN_VEHICLE, &values[1], 1},
                                             {COLUMN_KIND, &values[2], 1},
                                             {COLUMN_TRIP, &values[3], 1},
                                             {COLUMN_TO, &values[3], 1}};
    const struct register_scope scope = {covers_all, NULL};
    ask(r, "everything, by time", (struct register_query){0}, ORDER_TIME);
    ask(r, "everything, what is to be done first", (struct register_query){0}, ORDER_TO_DO);
    ask(r, "to do", (struct register_query){.to_do = WHETHER_YES}, ORDER_TO_DO);
    ask(r, "overdue", (struct register_query){.overdue = WHETHER_YES}, ORDER_TO_DO);
    ask(r, "a plate's part that nothing has", (struct register_query){.plate_part = TEXT("zzz")}, ORDER_TIME);
    ask(r, "a plate's part that everything has", (struct register_query){.plate_part = TEXT("鄂t")},
        ORDER_TIME);
    ask(r, "a district with what lies below", (struct register_query){.wanted = wanted, .wanted_count = 1},
        ORDER_TIME);
    ask(r, "one vehicle", (struct register_query){.wanted = wanted + 1, .wanted_count = 1}, ORDER_TIME);
    ask(r, "scope, district, kind, plate, trip",
        (struct register_query){.scope = scope,
                                .plate_part = TEXT("1"),
                                .wanted = wanted,
                                .wanted_count = 5,
                                .to_do = WHETHER_YES},
        ORDER_TO_DO);
    for (enum register_column c = 0; c < COLUMN_COUNT; c++) {
        static struct register_count counts[100];
        size_t values_given = 100;
        double from = now_s();
        register_count(r, &(struct register_query){.now_ms = begin_ms, .scope = scope}, c, counts,
                       &values_given);
        printf("counts by column %d: %.2f ms\n", (int)c, (now_s() - from) * 1e3);
    }
    static struct register_pace paces[200];
    size_t people = 200;
    double from = now_s();
    register_paces(r, &(struct register_query){.now_ms = begin_ms, .scope = scope}, paces, &people);
    printf("who acknowledged how many: %.2f ms, %zu people\n", (now_s() - from) * 1e3, people);
    static struct register_found found;
    struct register_steps steps;
    from = now_s();
    register_find(r, &(struct register_query){.now_ms = begin_ms, .scope = scope},
                  &(struct register_page){.steps = &steps}, &found);
    printf("counts with what was in time: %.2f ms\n", (now_s() - from) * 1e3);
    from = now_s();
    register_find_uncounted(r, &(struct register_query){.now_ms = begin_ms, .scope = scope},
                            &(struct register_page){ORDER_TIME, REGISTER_PAGE_MAX, {"", 0}, NULL}, &found);
    printf("a page of a sheet: %.2f ms\n", (now_s() - from) * 1e3);
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return EXIT_FAILURE;
    read_samples(argv[1]);
    if (sample_count == 0)
        return EXIT_FAILURE;
    struct register_book *r = fill(argc > 2 ? strtoull(argv[2], NULL, 10) : 300000);
    ask_all(r);
    struct buf out;
    buf_init(&out, 1 << 24);
    static struct register_found found;
    register_find(r, &(struct register_query){.now_ms = begin_ms},
                  &(struct register_page){ORDER_TIME, 500, {"", 0}, NULL}, &found);
    double from = now_s();
    for (size_t i = 0; i < found.count; i++)
        register_write(r, found.alerts[i], begin_ms, &out);
    printf("500 alerts written: %.2f ms, %zu bytes\n", (now_s() - from) * 1e3, out.len);
    buf_fini(&out);
    register_free(r);
    for (size_t i = 0; i < sample_count; i++) {
        json_tree_fini(&samples[i].tree);
        free(samples[i].line);
    }
    return EXIT_SUCCESS;
}
