#include "stop_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { DAYS = 7, CLOCK_MAX = 1799 /* 29:59, the last minute a window may name */ };

struct text stop_trim(struct text t)
{
    if (t.len == 0)
        return TEXT(""); /* which may have been no bytes at all */
    while (t.len > 0 && (unsigned char)t.data[0] <= ' ')
        t = (struct text){t.data + 1, t.len - 1};
    while (t.len > 0 && (unsigned char)t.data[t.len - 1] <= ' ')
        t.len--;
    return t;
}

static bool begins(struct text t, const char *word)
{
    size_t len = strlen(word);
    return t.len >= len && strncasecmp(t.data, word, len) == 0;
}

static void skip(struct text *t, size_t len)
{
    *t = (struct text){t->data + len, t->len - len};
}

/* Digits that begin the text, at most `most`. -1: there is none. */
static int take_digits(struct text *t, size_t most, size_t *out_count)
{
    int value = 0;
    size_t count = 0;
    for (; count < most && count < t->len && t->data[count] >= '0' && t->data[count] <= '9'; count++)
        value = value * 10 + t->data[count] - '0';
    skip(t, count);
    *out_count = count;
    return count > 0 ? value : -1;
}

/* A colon, of full width too. */
static bool take_colon(struct text *t)
{
    size_t len = begins(*t, ":") ? 1 : begins(*t, "：") ? strlen("：") : 0;
    skip(t, len);
    return len > 0;
}

int stop_clock(struct text t)
{
    size_t count, rest;
    t = stop_trim(t);
    int hour = take_digits(&t, 4, &count), minute;
    if (hour < 0)
        return -1;
    if (count > 2) {
        minute = hour % 100;
        hour /= 100;
    } else {
        if (!take_colon(&t))
            return -1;
        minute = take_digits(&t, 2, &rest);
        if (rest != 2)
            return -1;
        if (take_colon(&t) && (take_digits(&t, 2, &rest) > 59 || rest != 2))
            return -1;
    }
    bool good = t.len == 0 && minute <= 59 && hour * 60 + minute <= CLOCK_MAX;
    return good ? hour * 60 + minute : -1;
}

bool stop_number(struct text t, double *out)
{
    char copy[64], *end;
    t = stop_trim(t);
    if (t.len == 0 || t.len >= sizeof copy)
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (strchr("0123456789+-.eE", t.data[i]) == NULL || t.data[i] == '\0')
            return false;
    memcpy(copy, t.data, t.len);
    copy[t.len] = '\0';
    *out = strtod(copy, &end);
    return *end == '\0' && isfinite(*out);
}

/* ---- weekdays ---- */

static const char *const short_words[DAYS] = {"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"};

/* Longer words first, where one begins with another. */
static const struct {
    const char *word;
    int day;
} day_words[] = {
    {"monday", 0}, {"mon", 0}, {"mo", 0},        {"tuesday", 1},  {"tues", 1}, {"tue", 1}, {"tu", 1},
    {"wed", 2},    {"we", 2},  {"wednesday", 2}, {"thursday", 3}, {"thur", 3}, {"thu", 3}, {"th", 3},
    {"friday", 4}, {"fri", 4}, {"fr", 4},        {"saturday", 5}, {"sat", 5},  {"sa", 5},  {"sunday", 6},
    {"sun", 6},    {"su", 6},  {"1", 0},         {"2", 1},        {"3", 2},    {"4", 3},   {"5", 4},
    {"6", 5},      {"7", 6},   {"一", 0},        {"二", 1},       {"三", 2},   {"四", 3},  {"五", 4},
    {"六", 5},     {"日", 6},  {"天", 6},        {"thurs", 3},
};

static const char *const between[] = {" ",  "\t", "\r", "\n",   ",",  ";",  "/",    "|",
                                      "、", "，", "；", "星期", "週", "周", "禮拜", "礼拜"};
static const char *const ranges[] = {"-", "~", "至", "–", "～"};

static bool take_any(struct text *t, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (begins(*t, words[i])) {
            skip(t, strlen(words[i]));
            return true;
        }
    return false;
}

static void pass_between(struct text *t)
{
    while (t->len > 0 && take_any(t, between, sizeof between / sizeof *between))
        continue;
}

/* The longest word that the text begins with; -1: none. */
static int take_day(struct text *t)
{
    size_t best = 0;
    int day = -1;
    for (size_t i = 0; i < sizeof day_words / sizeof *day_words; i++)
        if (begins(*t, day_words[i].word) && strlen(day_words[i].word) > best) {
            best = strlen(day_words[i].word);
            day = day_words[i].day;
        }
    skip(t, best);
    return day;
}

static bool seven_flags(struct text t, uint8_t *out_days)
{
    *out_days = 0;
    if (t.len != DAYS)
        return false;
    for (int i = 0; i < DAYS; i++) {
        char c = t.data[i];
        if (c != 'Y' && c != 'N' && c != 'y' && c != 'n')
            return false;
        if (c == 'Y' || c == 'y')
            *out_days |= (uint8_t)(1u << i);
    }
    return true;
}

bool stop_days(struct text t, uint8_t *out_days)
{
    t = stop_trim(t);
    if (seven_flags(t, out_days))
        return *out_days != 0;
    *out_days = 0;
    for (pass_between(&t); t.len > 0; pass_between(&t)) {
        int from = take_day(&t), to = from;
        if (from < 0)
            return false;
        struct text behind = t;
        if (take_any(&behind, ranges, sizeof ranges / sizeof *ranges)) {
            pass_between(&behind);
            to = take_day(&behind);
            if (to < 0)
                return false;
            t = behind;
        }
        for (int day = from;; day = (day + 1) % DAYS) { /* Fr-Mo goes round */
            *out_days |= (uint8_t)(1u << day);
            if (day == to)
                break;
        }
    }
    return *out_days != 0;
}

int stop_flag(struct text t)
{
    static const char *const yes[] = {"y", "yes", "1", "t", "true", "v", "是", "✓"}, *const no[] = {
                                                                                         "n", "no",    "0",
                                                                                         "f", "false", "否",
                                                                                         ""};
    t = stop_trim(t);
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (t.len == strlen(yes[i]) && begins(t, yes[i]))
            return 1;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (t.len == strlen(no[i]) && begins(t, no[i]))
            return 0;
    return -1;
}

void stop_days_write(uint8_t days, char out[24])
{
    size_t len = 0;
    out[0] = '\0';
    for (int i = 0; i < DAYS; i++)
        if ((days & 1u << i) != 0)
            len += (size_t)snprintf(out + len, 24 - len, "%s%s", len > 0 ? "," : "", short_words[i]);
}
