/* What has to be the same, and in which order an id may be told of. */
#include "late_trial.h"

#include <stdlib.h>
#include <string.h>

enum { ID_MAX = 40, DIFFERENCES_MAX = 12 };

struct lines {
    struct text *list;
    size_t count;
};

static bool holds(struct text line, const char *part)
{
    return memmem(line.data, line.len, part, strlen(part)) != NULL;
}

/* What depends on arrival is no part of the promise; and where a clock was told to be wrong, that counts among the
 * `repeat` of others without a position. */
static bool is_of_arrival(struct text line)
{
    return holds(line, "\"kind\":\"offline\"") || holds(line, "\"kind\":\"no_fix\"");
}

static int by_text(const void *a, const void *b)
{
    const struct text *x = a, *y = b;
    int c = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);
    return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
}

static struct lines split(struct text t, bool all)
{
    struct lines l = {0};
    size_t cap = 0;
    for (size_t i = 0; i < t.len; i++)
        cap += t.data[i] == '\n';
    l.list = calloc(cap + 1, sizeof *l.list);
    if (l.list == NULL)
        abort();
    for (const char *at = t.data, *end = at + t.len; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        struct text line = {at, (size_t)(line_end - at)};
        if (all || !is_of_arrival(line))
            l.list[l.count++] = line;
        at = line_end + 1;
    }
    return l;
}

static void differ(struct buf *out, const char *word, struct text line, uint32_t *told)
{
    if ((*told)++ < DIFFERENCES_MAX)
        buf_printf(out, "  %s %.*s\n", word, TEXT_ARG(line));
}

void settled_compare(struct text expected, struct text found, struct buf *out)
{
    struct lines a = split(expected, false), b = split(found, false);
    uint32_t told = 0;
    qsort(a.list, a.count, sizeof *a.list, by_text);
    qsort(b.list, b.count, sizeof *b.list, by_text);
    for (size_t i = 0, j = 0; i < a.count || j < b.count;) {
        int c = i == a.count ? 1 : j == b.count ? -1 : by_text(&a.list[i], &b.list[j]);
        if (c < 0)
            differ(out, "should be", a.list[i], &told);
        if (c > 0)
            differ(out, "is       ", b.list[j], &told);
        i += c <= 0;
        j += c >= 0;
    }
    free(a.list);
    free(b.list);
}

uint32_t settled_count(struct text settled)
{
    struct lines l = split(settled, false);
    free(l.list);
    return (uint32_t)l.count;
}

/* ---- sequences ---- */

struct sequence {
    char id[ID_MAX];
    long rev;
    bool withdrawn, ended, closed;
};

struct sequences {
    struct sequence *list;
    size_t count;
};

/* The value of a member at the first level; these have no such names further in. */
static struct text member(struct text line, const char *key)
{
    const char *at = memmem(line.data, line.len, key, strlen(key));
    if (at == NULL)
        return (struct text){NULL, 0};
    at += strlen(key);
    size_t n = 0;
    while (at[n] != '"' && at[n] != ',' && at[n] != '}')
        n++;
    return (struct text){at, n};
}

static struct sequence *sequence_of(struct sequences *s, struct text id)
{
    for (size_t i = s->count; i > 0; i--)
        if (text_equal(id, text_of(s->list[i - 1].id)))
            return &s->list[i - 1];
    struct sequence *q = &s->list[s->count++];
    memcpy(q->id, id.data, id.len < ID_MAX ? id.len : ID_MAX - 1);
    return q;
}

uint32_t settled_most(struct text settled)
{
    struct lines l = split(settled, true);
    uint32_t most = 0;
    for (size_t i = 0; i < l.count; i++) {
        uint32_t same = 0;
        for (size_t k = 0; k < l.count; k++)
            same += text_equal(member(l.list[i], "\"vehicle\":\""), member(l.list[k], "\"vehicle\":\""));
        most = same > most ? same : most;
    }
    free(l.list);
    return most;
}

/* NULL: the entry may follow. */
static const char *follow(struct sequence *q, struct text line, bool trip)
{
    struct text rev_text = member(line, "\"rev\":"), event = member(line, "\"event\":\"");
    long rev = rev_text.len == 0 ? 1 : strtol(rev_text.data, NULL, 10), before = q->rev;
    bool late = holds(line, "\"cause\":\"late\""), withdraws = text_equal(event, TEXT("withdrawn"));
    bool opens = trip ? event.len == 0 : text_equal(event, TEXT("opened"));
    bool closes = text_equal(event, TEXT("closed")), ended = q->ended, withdrawn = q->withdrawn;
    q->rev = rev;
    q->withdrawn = withdraws;
    q->ended = trip || holds(line, "\"end\":");
    if (rev != before + 1)
        return "revision";
    if (opens != (before == 0))
        return before == 0 ? "begins without opened" : "opened twice";
    if (withdrawn && (withdraws || closes))
        return "told after it was withdrawn";
    if (closes && (ended || !q->ended))
        return ended ? "closed twice" : "closed without an end";
    if (opens && !trip && q->ended && !late)
        return "opened with an end";
    return NULL;
}

/* What the stream leaves standing is what stands. */
static void compare_standing(const struct sequences *s, struct text settled, struct buf *out)
{
    size_t standing = 0;
    struct lines l = split(settled, true);
    for (size_t i = 0; i < s->count; i++)
        standing += !s->list[i].withdrawn;
    for (size_t i = 0; i < l.count; i++) {
        struct text id = member(l.list[i], "\"id\":\"");
        bool trip = id.len == 0, known = false;
        if (trip)
            id = member(l.list[i], "\"trip\":\"");
        for (size_t k = 0; k < s->count && !known; k++)
            known = text_equal(id, text_of(s->list[k].id)) && !s->list[k].withdrawn &&
                    (trip || s->list[k].ended == holds(l.list[i], "\"end\":"));
        if (!known)
            buf_printf(out, "  stands as it was not told: %.*s\n", TEXT_ARG(l.list[i]));
    }
    if (standing != l.count)
        buf_printf(out, "  %zu were told and stand, %zu are settled\n", standing, l.count);
    free(l.list);
}

uint32_t sequences_check(struct text stream, struct text settled, struct buf *out)
{
    uint32_t again = 0;
    struct lines l = split(stream, true);
    struct sequences s = {calloc(l.count + 1, sizeof(struct sequence)), 0};
    if (s.list == NULL)
        abort();
    for (size_t i = 0; i < l.count; i++) {
        bool trip = holds(l.list[i], "\"stream\":\"trips\"");
        if (!trip && !holds(l.list[i], "\"stream\":\"violations\""))
            continue;
        struct sequence *q = sequence_of(&s, member(l.list[i], trip ? "\"trip\":\"" : "\"id\":\""));
        again += q->withdrawn;
        const char *wrong = follow(q, l.list[i], trip);
        if (wrong != NULL)
            buf_printf(out, "  %s: %.*s\n", wrong, TEXT_ARG(l.list[i]));
    }
    compare_standing(&s, settled, out);
    free(s.list);
    free(l.list);
    return again;
}
