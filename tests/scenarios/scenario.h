/*
 * scenario: the engine driven by a text file on virtual time.
 *
 * A scenario declares a small world (fences in metres east and north of an origin, vehicles, permits,
 * settings), then inputs at their times, and what must come of them. fixtures/scenarios/README.md has the
 * words. It is run several times: timers fired as soon as they are due, or only when something else happens;
 * with every state written, read back and moved to a fresh fleet after each input, or not; with a twin of
 * every vehicle beside it that does the same, or not. All runs must give the same, and what the file expects.
 */
#ifndef MW_SCENARIO_H
#define MW_SCENARIO_H

#include "fleet.h"
#include "world.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_TOKENS_MAX 64

struct line {
    unsigned number;
    unsigned count;
    char *tokens[LINE_TOKENS_MAX];
};

struct scenario {
    const char *path;
    char *bytes;
    struct line *lines;
    size_t count;
    size_t run_at; /* index of the line `run` */
    double origin_lat_deg, origin_lon_deg;
    int32_t offset_s; /* local time minus UTC */
    int first_day;    /* days since the epoch */
};

/* Prints where and why, and ends the program: a file that cannot be read is a broken test. */
_Noreturn void scenario_fail(const struct scenario *s, const struct line *line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* scenario_text.c: words. */
void scenario_load(struct scenario *s, const char *path);
void scenario_free(struct scenario *s);
/* The value of key=value, or NULL. */
const char *line_value(const struct line *line, const char *key);
double line_number(const struct scenario *s, const struct line *line, const char *key, double otherwise);
double parse_number(const struct scenario *s, const struct line *line, const char *text);
/* "east,north" in metres. */
struct mw_point parse_place(const struct scenario *s, const struct line *line, const char *text);
/* "HH:MM:SS[.mmm]" of a day, hours beyond 24 running on, or "YYYY-MM-DDTHH:MM:SS[.mmm]". */
int64_t parse_time(const struct scenario *s, const struct line *line, const char *text, int day);
bool looks_like_time(const char *text);
int parse_date(const struct scenario *s, const struct line *line, const char *text);
/* Local date and time, milliseconds only where there are any. Returns out. */
char *format_time(const struct scenario *s, int64_t ms, char out[32]);
/* Cuts a list at commas, in place in a copy; returns how many. */
size_t split_list(const struct scenario *s, const struct line *line, const char *list, struct text *out,
                  size_t cap);

/* scenario_world.c */
#define TWIN ".twin"
struct world *scenario_world(const struct scenario *s, struct names *names, const char *name);

/* scenario_run.c */
enum variant { VARIANT_LAZY = 1, VARIANT_RESTART = 2, VARIANT_TWIN = 4, VARIANT_COUNT = 8 };

struct record {
    char *vehicle; /* without the twin's suffix */
    bool twin;
    char *text; /* what came, as words and key=value */
};

struct records {
    struct record *list;
    size_t count, cap;
    struct vehicle_state *states; /* of all vehicles but twins, at the end */
    size_t state_count;
    unsigned wrong; /* expectations of single inputs that failed, printed already */
};

void scenario_run(const struct scenario *s, unsigned variant, struct records *out);
void records_free(struct records *r);
const char *variant_name(unsigned variant);

/* scenario_check.c: both print what differs and return how much does. */
unsigned check_expected(const struct scenario *s, const struct records *r);
unsigned check_same(const struct scenario *s, const struct records *a, const struct records *b,
                    unsigned variant);

#endif
