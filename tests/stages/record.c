#include "record.h"

#include "../cmocka_all.h"
#include "replay.h"
#include "town.h"

#include <stdio.h>
#include <stdlib.h>

enum { WORLDS_MAX = 64, LINE_MAX_BYTES = 4096 };

/* Of a batch signs of life come first, then the clock, then the world, then fixes, then what was judged again. */
enum { TURN_LIFE = '0', TURN_CLOCK, TURN_WORLD, TURN_FIX, TURN_REDO };

static void add_line(struct fake_store *s, const struct command *c, size_t i, size_t n, int turn)
{
    char line[LINE_MAX_BYTES], key[40];
    struct text vehicle = command_field(c, i, n, "vehicle"), fix = command_field(c, i, n, "fix");
    struct text received = command_field(c, i, n, "received"), fired = command_field(c, i, n, "fired");
    struct text clock = command_field(c, i, n, "clock"), begin = command_field(c, i, n, "begin");
    struct text left = command_field(c, i, n, "left");
    if (turn == TURN_LIFE)
        snprintf(
            line, sizeof line, "{\"mark\":\"%.*s\",\"vehicle\":\"%.*s\",\"received\":%.*s,\"clock\":%.*s}",
            TEXT_ARG(command_field(c, i, n, "kind")), TEXT_ARG(vehicle), TEXT_ARG(received), TEXT_ARG(clock));
    else if (turn == TURN_REDO)
        snprintf(line, sizeof line,
                 "{\"mark\":\"redo\",\"vehicle\":\"%.*s\",\"received\":%.*s,\"clock\":%.*s,\"from\":%.*s%s%.*"
                 "s%s%.*s}",
                 TEXT_ARG(vehicle), TEXT_ARG(received), TEXT_ARG(clock),
                 TEXT_ARG(command_field(c, i, n, "from")), begin.len > 0 ? ",\"begin\":" : "",
                 TEXT_ARG(begin), left.len > 0 ? ",\"left\":" : "", TEXT_ARG(left));
    else if (turn == TURN_CLOCK)
        snprintf(line, sizeof line, "{\"attended\":%.*s,\"received\":%.*s,\"runs\":%s%s%.*s}",
                 TEXT_ARG(clock), TEXT_ARG(received),
                 text_equal(command_field(c, i, n, "runs"), TEXT("1")) ? "true" : "false",
                 fired.len > 0 ? ",\"fired\":" : "", TEXT_ARG(fired));
    else if (turn == TURN_WORLD)
        snprintf(line, sizeof line, "{\"ruleset\":\"%.*s\",\"received\":%.*s}",
                 TEXT_ARG(command_field(c, i, n, "ruleset")), TEXT_ARG(received));
    else if (fix.len == 0 || !command_begins(c->args[i - 2], "track:", &vehicle))
        return;
    else
        snprintf(line, sizeof line, "{\"vehicle\":\"%.*s\",\"received\":%.*s,%.*s", TEXT_ARG(vehicle),
                 TEXT_ARG(received), (int)fix.len - 1, fix.data + 1);
    struct text batch = command_field(c, i, n, "batch");
    snprintf(key, sizeof key, "%010lld%c%09zu", strtoll(batch.data, NULL, 10), turn, s->record.count);
    fake_list_add(&s->record, text_of(key), text_of(line));
}

/* Names and values as replay writes them, but for what quotes them. */
static void add_told(struct fake_store *s, const struct command *c, size_t i, size_t n)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    for (size_t k = 0; k + 1 < n; k += 2) {
        buf_put_text(&b, c->args[i + k]);
        buf_put_char(&b, ':');
        buf_put_text(&b, c->args[i + k + 1]);
        buf_put_char(&b, ',');
    }
    fake_list_add(&s->told, command_field(c, i, n, "vehicle"), buf_text(&b));
    buf_fini(&b);
}

void record_append(struct fake_store *s, const struct command *c, size_t i, size_t n)
{
    struct text stream = c->args[i - 2], vehicle;
    bool redo = text_equal(command_field(c, i, n, "kind"), TEXT("redo"));
    if (text_equal(stream, TEXT("marks")))
        add_line(s, c, i, n, redo ? TURN_REDO : TURN_LIFE);
    else if (text_equal(stream, TEXT("attended")))
        add_line(s, c, i, n, TURN_CLOCK);
    else if (text_equal(stream, TEXT("rulesets")))
        add_line(s, c, i, n, TURN_WORLD);
    else if (command_begins(stream, "track:", &vehicle))
        add_line(s, c, i, n, TURN_FIX);
    else if (text_equal(stream, TEXT("violations")))
        add_told(s, c, i, n);
}

/* ---- playing ---- */

struct cities {
    struct names *names;
    struct world *worlds[WORLDS_MAX];
    size_t count;
};

static bool find_world(void *context, struct text hash, const struct world **out_world)
{
    struct cities *t = context;
    char digits[65] = "";
    for (size_t i = 0; i < t->count; i++)
        if (text_equal(hash, text_of(t->worlds[i]->hash))) {
            *out_world = t->worlds[i];
            return true;
        }
    assert_true(hash.len < sizeof digits && t->count < WORLDS_MAX);
    memcpy(digits, hash.data, hash.len);
    struct proposal p = town_world(t->names, (unsigned)strtoul(digits, NULL, 10));
    *out_world = t->worlds[t->count++] = p.world;
    p.world = NULL;
    proposal_fini(&p);
    return true;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct fake_row *)a)->key, ((const struct fake_row *)b)->key);
}

/* The violations among the lines of a replay, in the form of add_told. */
static struct fake_list read_found(struct text lines)
{
    static const char head[] = "{\"stream\":\"violations\",";
    struct fake_list found = {0};
    while (lines.len > 0) {
        size_t n = (size_t)((const char *)memchr(lines.data, '\n', lines.len) - lines.data);
        char *bare = malloc(n + 1), *vehicle;
        size_t len = 0;
        assert_non_null(bare);
        if (n > sizeof head && memcmp(lines.data, head, sizeof head - 1) == 0) {
            for (size_t i = sizeof head - 1; i < n - 1; i++)
                if (lines.data[i] != '"')
                    bare[len++] = lines.data[i];
            bare[len++] = ',';
            bare[len] = '\0';
            vehicle = strstr(bare, "vehicle:");
            assert_non_null(vehicle);
            vehicle += strlen("vehicle:");
            fake_list_add(&found, (struct text){vehicle, strcspn(vehicle, ",")}, (struct text){bare, len});
        }
        free(bare);
        lines = (struct text){lines.data + n + 1, lines.len - n - 1};
    }
    return found;
}

static const char *next_of(const struct fake_list *list, size_t *at, const char *vehicle)
{
    for (; *at < list->count; ++*at)
        if (strcmp(list->rows[*at].key, vehicle) == 0)
            return list->rows[(*at)++].value;
    return NULL;
}

static void print_record(const struct fake_list *record)
{
    for (size_t i = 0; i < record->count; i++)
        printf("%s %s\n", record->rows[i].key, record->rows[i].value);
}

static void compare(const struct fake_store *s, const struct fake_list *found, const struct fake_list *record)
{
    for (unsigned unit = 0; unit < UNITS; unit++) {
        char vehicle[16];
        size_t told_at = 0, found_at = 0;
        snprintf(vehicle, sizeof vehicle, "u%u", unit);
        for (;;) {
            const char *told = next_of(&s->told, &told_at, vehicle);
            const char *again = next_of(found, &found_at, vehicle);
            if (told == NULL && again == NULL)
                break;
            if (told != NULL && again != NULL && strcmp(told, again) == 0)
                continue;
            print_record(record);
            fail_msg("stored:   %s\nreplayed: %s", told != NULL ? told : "nothing",
                     again != NULL ? again : "nothing");
        }
    }
}

uint64_t record_check(const struct fake_store *s, const struct late_settings *late)
{
    struct cities cities = {.names = names_new(1000)};
    struct replay *r =
        replay_new(cities.names, NULL, &(struct replay_options){.vehicle_limit = 100, .late = *late});
    struct fake_list record = fake_list_copy(&s->record);
    struct buf out;
    buf_init(&out, 64 << 20);
    assert_non_null(r);
    replay_set_worlds(r, (struct replay_worlds){find_world, &cities});
    if (record.count > 0)
        qsort(record.rows, record.count, sizeof *record.rows, by_key);
    for (size_t i = 0; i < record.count; i++)
        assert_int_equal(replay_line(r, text_of(record.rows[i].value), &out), REPLAY_OK);
    struct fake_list found = read_found(buf_text(&out));
    compare(s, &found, &record);
    uint64_t lives = replay_counts(r)->lives;
    fake_list_fini(&found);
    fake_list_fini(&record);
    buf_fini(&out);
    replay_free(r);
    for (size_t i = 0; i < cities.count; i++)
        world_free(cities.worlds[i]);
    names_free(cities.names);
    return lives;
}

uint64_t record_redos(const struct fake_store *s, uint64_t *out_corrections, uint64_t *out_left)
{
    uint64_t redos = 0;
    *out_corrections = *out_left = 0;
    for (size_t i = 0; i < s->record.count; i++) {
        redos += s->record.rows[i].key[10] == TURN_REDO;
        *out_left += strstr(s->record.rows[i].value, ",\"left\":") != NULL;
    }
    for (size_t i = 0; i < s->told.count; i++)
        *out_corrections += strstr(s->told.rows[i].value, "cause:late,") != NULL;
    return redos;
}
