#include "scenario.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void scenario_fail(const struct scenario *s, const struct line *line, const char *format, ...)
{
    fprintf(stderr, "%s:%u: ", s->path, line == NULL ? 0 : line->number);
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(2);
}

static char *read_file(struct scenario *s)
{
    FILE *f = fopen(s->path, "rb");
    if (f == NULL)
        scenario_fail(s, NULL, "cannot be opened");
    char *bytes = malloc(1 << 20);
    size_t n = fread(bytes, 1, (1 << 20) - 1, f);
    fclose(f);
    bytes[n] = '\0';
    return bytes;
}

/* Words apart by blanks; double quotes keep blanks inside a word and are dropped; # ends the line. */
static void cut(const struct scenario *s, struct line *line, char *at)
{
    while (*at != '\0') {
        while (*at == ' ' || *at == '\t')
            at++;
        if (*at == '\0' || *at == '#')
            return;
        if (line->count == LINE_TOKENS_MAX)
            scenario_fail(s, line, "more than %d words", LINE_TOKENS_MAX);
        char *to = at;
        line->tokens[line->count++] = to;
        bool quoted = false;
        for (; *at != '\0' && (quoted || (*at != ' ' && *at != '\t')); at++)
            if (*at == '"')
                quoted = !quoted;
            else
                *to++ = *at;
        if (*at != '\0')
            at++;
        *to = '\0';
    }
}

static void read_header(struct scenario *s)
{
    s->origin_lat_deg = 30.6;
    s->origin_lon_deg = 104.0;
    s->offset_s = 8 * 3600;
    s->first_day = mw_civil_to_days(2026, 6, 10); /* a Wednesday */
    s->run_at = s->count;
    for (size_t i = 0; i < s->count; i++) {
        const struct line *l = &s->lines[i];
        if (strcmp(l->tokens[0], "run") == 0) {
            s->run_at = i;
            return;
        }
        if (strcmp(l->tokens[0], "origin") == 0 && l->count == 3) {
            s->origin_lat_deg = parse_number(s, l, l->tokens[1]);
            s->origin_lon_deg = parse_number(s, l, l->tokens[2]);
        }
        if (strcmp(l->tokens[0], "day") == 0 && l->count == 2)
            s->first_day = parse_date(s, l, l->tokens[1]);
        if (strcmp(l->tokens[0], "offset") == 0 && l->count == 2)
            s->offset_s = (int32_t)(parse_number(s, l, l->tokens[1]) * 3600);
    }
    scenario_fail(s, NULL, "no line `run`");
}

void scenario_load(struct scenario *s, const char *path)
{
    *s = (struct scenario){.path = path};
    s->bytes = read_file(s);
    size_t cap = 1;
    for (const char *p = s->bytes; *p != '\0'; p++)
        cap += *p == '\n';
    s->lines = calloc(cap, sizeof *s->lines);
    unsigned number = 0;
    for (char *next, *at = s->bytes; at != NULL; at = next) {
        next = strchr(at, '\n');
        if (next != NULL)
            *next++ = '\0';
        struct line *line = &s->lines[s->count];
        line->number = ++number;
        cut(s, line, at);
        s->count += line->count > 0;
    }
    read_header(s);
}

void scenario_free(struct scenario *s)
{
    free(s->lines);
    free(s->bytes);
}

const char *line_value(const struct line *line, const char *key)
{
    size_t n = strlen(key);
    for (unsigned i = 1; i < line->count; i++)
        if (strncmp(line->tokens[i], key, n) == 0 && line->tokens[i][n] == '=')
            return line->tokens[i] + n + 1;
    return NULL;
}

double parse_number(const struct scenario *s, const struct line *line, const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0')
        scenario_fail(s, line, "\"%s\" is not a number", text);
    return value;
}

double line_number(const struct scenario *s, const struct line *line, const char *key, double otherwise)
{
    const char *value = line_value(line, key);
    return value == NULL ? otherwise : parse_number(s, line, value);
}

struct mw_point parse_place(const struct scenario *s, const struct line *line, const char *text)
{
    double east_m, north_m;
    int used = 0;
    if (sscanf(text, "%lf,%lf%n", &east_m, &north_m, &used) != 2 || text[used] != '\0')
        scenario_fail(s, line, "\"%s\" is not EAST,NORTH in metres", text);
    /* The two radii of curvature of WGS-84 at the origin; good to a centimetre over a few kilometres. */
    const double a = 6378137.0, e2 = 0.00669437999014, to_deg = 57.29577951308232;
    double sine = sin(s->origin_lat_deg / to_deg), w = 1 - e2 * sine * sine;
    double meridian_m = a * (1 - e2) / (w * sqrt(w)), normal_m = a / sqrt(w);
    double lon_deg = s->origin_lon_deg + east_m / (normal_m * cos(s->origin_lat_deg / to_deg)) * to_deg;
    return (struct mw_point){s->origin_lat_deg + north_m / meridian_m * to_deg,
                             lon_deg > 180 ? lon_deg - 360 : lon_deg};
}

int parse_date(const struct scenario *s, const struct line *line, const char *text)
{
    int y, m, d, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &y, &m, &d, &used) != 3 || text[used] != '\0' ||
        !mw_civil_date_valid(y, m, d))
        scenario_fail(s, line, "\"%s\" is not a date", text);
    return mw_civil_to_days(y, m, d);
}

bool looks_like_time(const char *text)
{
    return isdigit((unsigned char)text[0]) && strchr(text, ':') != NULL && strchr(text, ',') == NULL;
}

int64_t parse_time(const struct scenario *s, const struct line *line, const char *text, int day)
{
    const char *clock = strchr(text, 'T');
    if (clock != NULL) {
        char date[16] = "";
        if (clock - text >= (ptrdiff_t)sizeof date)
            scenario_fail(s, line, "\"%s\" is not a time", text);
        memcpy(date, text, (size_t)(clock - text));
        day = parse_date(s, line, date);
        text = clock + 1;
    }
    int h, m, used = 0;
    double sec = 0;
    if (sscanf(text, "%d:%d%n:%lf%n", &h, &m, &used, &sec, &used) < 2 || text[used] != '\0')
        scenario_fail(s, line, "\"%s\" is not a time", text);
    return (int64_t)day * MW_DAY_MS + ((int64_t)h * 3600 + (int64_t)m * 60 - s->offset_s) * 1000 +
           llround(sec * 1000);
}

char *format_time(const struct scenario *s, int64_t ms, char out[32])
{
    int64_t local = ms + (int64_t)s->offset_s * 1000;
    int64_t day = local / MW_DAY_MS - (local % MW_DAY_MS < 0), rest = local - day * MW_DAY_MS;
    int y, mo, d;
    mw_civil_from_days((int32_t)day, &y, &mo, &d);
    int n = snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d", y % 10000, mo, d, (int)(rest / 3600000),
                     (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
    if (rest % 1000 != 0)
        snprintf(out + n, 32 - (size_t)n, ".%03d", (int)(rest % 1000));
    return out;
}

size_t split_list(const struct scenario *s, const struct line *line, const char *list, struct text *out,
                  size_t cap)
{
    size_t n = 0;
    while (list != NULL && *list != '\0') {
        const char *end = strchr(list, ',');
        size_t len = end == NULL ? strlen(list) : (size_t)(end - list);
        if (n == cap)
            scenario_fail(s, line, "more than %zu in a list", cap);
        out[n++] = (struct text){list, len};
        list = end == NULL ? NULL : end + 1;
    }
    return n;
}
