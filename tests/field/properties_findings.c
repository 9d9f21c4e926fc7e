/*
 * What was found twice, and what differs.
 *
 * A finding is all that was said of one `id`: entries of `violations` and warnings to the cab. An entry of
 * the ledger, and a refusal, is one by itself. Findings are paired, whatever their order: the order of what
 * is said at one moment is promised to nobody, that of one finding's entries is compared.
 */
#include "properties.h"

#include "json_tree.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FOUND_MAX = 400, SAID_MAX = 60 };

struct said {
    const struct json_node *entry;
    struct text line;
};

struct found {
    struct text id, kind, vehicle;
    uint32_t count;
    struct said said[SAID_MAX];
    bool paired;
};

struct all {
    struct json_tree *trees; /* one a line */
    uint32_t line_count, count;
    struct found *found;
};

static struct text member(const struct json_node *entry, const char *key)
{
    const struct json_node *n = json_node_member(entry, key);
    return json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : (struct text){"", 0};
}

static bool listed(const char *const *list, struct text word)
{
    for (; list != NULL && *list != NULL; list++)
        if (text_equal(text_of(*list), word) || strcmp(*list, "*") == 0)
            return true;
    return false;
}

static void put_said(struct all *a, const struct json_node *entry, struct text line)
{
    struct text id = member(entry, "id"), kind = member(entry, "kind");
    bool alone = id.len == 0;
    struct found *f = NULL;
    for (uint32_t i = 0; i < a->count && !alone && f == NULL; i++)
        if (text_equal(a->found[i].id, id))
            f = &a->found[i];
    if (f == NULL) {
        if (a->count == FOUND_MAX)
            abort();
        f = &a->found[a->count++];
        *f = (struct found){
            .id = id, .kind = alone ? member(entry, "stream") : kind, .vehicle = member(entry, "vehicle")};
    }
    if (f->count < SAID_MAX)
        f->said[f->count++] = (struct said){entry, line};
}

static void all_read(struct all *a, struct text out)
{
    *a = (struct all){.found = calloc(FOUND_MAX, sizeof *a->found)};
    for (size_t i = 0; i < out.len; i++)
        a->line_count += out.data[i] == '\n';
    a->trees = calloc(a->line_count + 1, sizeof *a->trees);
    if (a->found == NULL || a->trees == NULL)
        abort();
    const char *at = out.data;
    for (uint32_t i = 0; i < a->line_count; i++) {
        const char *end = memchr(at, '\n', out.len - (size_t)(at - out.data));
        struct text line = {at, (size_t)(end - at)};
        if (json_tree_read(&a->trees[i], line, NULL) != JSON_TREE_OK)
            abort();
        put_said(a, a->trees[i].nodes, line);
        at = end + 1;
    }
}

static void all_free(struct all *a)
{
    for (uint32_t i = 0; i < a->line_count; i++)
        json_tree_fini(&a->trees[i]);
    free(a->trees);
    free(a->found);
}

/* ---- one value
 * ---------------------------------------------------------------------------------------------------- */

static bool one_of(struct text key, const char *words)
{
    const char *at = strstr(words, " ");
    for (; at != NULL && at[1] != '\0'; at = strstr(at + 1, " "))
        if (strncmp(at + 1, key.data, key.len) == 0 && at[1 + key.len] == ' ')
            return true;
    return false;
}

static bool is_time(struct text key)
{
    return one_of(key, " start at end received departed arrived loaded unloaded ");
}

static bool numbers_agree(const struct sameness *how, struct text key, double first, double second)
{
    if (is_time(key))
        return fabs(second - first - (double)how->later_ms) <= how->within_ms;
    if (one_of(key, " lat start_lat "))
        return fabs((how->south ? -second : second) - first - how->north_deg) <= how->within_deg + 1e-9;
    if (one_of(key, " lon start_lon "))
        return fabs((how->west ? -second : second) - first - how->east_deg) <= how->within_deg + 1e-9;
    return fabs(second - first) <= how->within + 1e-9;
}

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* A text with names put back to what they were. */
static void put_back(const struct sameness *how, struct text t, struct buf *out)
{
    for (size_t i = 0; i < t.len;) {
        size_t n = 0;
        while (i + n < t.len && in_name(t.data[i + n]))
            n++;
        struct text word = {t.data + i, n > 0 ? n : 1};
        for (uint32_t k = 0; k < how->rename_count; k++)
            if (text_equal(text_of(how->renames[k].is), word)) {
                word = text_of(how->renames[k].was);
                break;
            }
        buf_put_text(out, word);
        i += n > 0 ? n : 1;
    }
}

static bool texts_agree(const struct sameness *how, struct text first, struct text second)
{
    if (how->rename_count == 0)
        return text_equal(first, second);
    struct buf back;
    buf_init(&back, 1 << 16);
    put_back(how, second, &back);
    bool same = text_equal(first, buf_text(&back));
    buf_fini(&back);
    return same;
}

static bool values_agree(const struct sameness *how, struct text key, const struct json_node *a,
                         const struct json_node *b)
{
    if (b == NULL || a->type != b->type)
        return false;
    if (a->type == JSON_NODE_NUMBER)
        return numbers_agree(how, key, a->number, b->number);
    if (a->type == JSON_NODE_STRING)
        return texts_agree(how, json_node_text(a), json_node_text(b));
    if (a->type != JSON_NODE_ARRAY && a->type != JSON_NODE_OBJECT)
        return true;
    if (a->len != b->len)
        return false;
    const struct json_node *x = json_node_first(a), *y = json_node_first(b);
    for (uint32_t i = 0; i < a->len * (a->type == JSON_NODE_OBJECT ? 2 : 1); i++) {
        if (!values_agree(how, key, x, y))
            return false;
        x = json_node_next(x);
        y = json_node_next(y);
    }
    return true;
}

/* ---- one finding
 * -------------------------------------------------------------------------------------------------- */

static double number_of(const struct found *f, const char *key)
{
    for (uint32_t i = f->count; i-- > 0;) {
        const struct json_node *n = json_node_member(f->said[i].entry, key);
        if (json_node_is(n, JSON_NODE_NUMBER))
            return n->number;
    }
    return 0;
}

/* An id is made of `start`: where that is another, so is the id. */
static bool ids_agree(const struct sameness *how, const struct found *a, const struct found *b)
{
    double x = number_of(a, "start"), y = number_of(b, "start");
    if (listed(how->other_id, a->kind) || how->later_ms != 0 || x != y || (x == 0 && how->within_ms > 0))
        return true;
    return text_equal(a->id, b->id);
}

/* The key of the first field in which two entries differ; empty: none. */
static struct text entries_differ(const struct sameness *how, const struct json_node *x,
                                  const struct json_node *y)
{
    static const char *const always[] = {"ruleset", "id", NULL};
    uint32_t counted[2] = {0, 0};
    const struct json_node *const both[2] = {x, y};
    for (int i = 0; i < 2; i++) {
        const struct json_node *key = json_node_first(both[i]);
        for (uint32_t k = 0; k < both[i]->len; k++) {
            struct text name = json_node_text(key);
            const struct json_node *value = key + 1;
            if (!listed(always, name) && !listed(how->ignored, name)) {
                char zero[64];
                counted[i]++;
                snprintf(zero, sizeof zero, "%.*s", TEXT_ARG(name));
                if (i == 0 && !values_agree(how, name, value, json_node_member(y, zero)))
                    return name;
            }
            key = json_node_next(value);
        }
    }
    return counted[0] == counted[1] ? (struct text){"", 0} : text_of("a field more");
}

static bool close_by(const struct sameness *how, const struct found *a, const struct found *b,
                     const char *key)
{
    double x = number_of(a, key), y = number_of(b, key);
    return (x == 0) == (y == 0) && (x == 0 || fabs(y - x - (double)how->later_ms) <= how->within_ms);
}

static struct text founds_differ(const struct sameness *how, const struct found *a, const struct found *b)
{
    if (!text_equal(a->kind, b->kind))
        return text_of("kind");
    if (!texts_agree(how, a->vehicle, b->vehicle))
        return text_of("vehicle");
    if (how->by_summary) {
        if (!close_by(how, a, b, "start"))
            return text_of("start");
        return close_by(how, a, b, "end") ? (struct text){"", 0} : text_of("end");
    }
    if (!ids_agree(how, a, b))
        return text_of("id");
    if (a->count != b->count)
        return text_of("number of entries");
    for (uint32_t i = 0; i < a->count; i++) {
        struct text differs = entries_differ(how, a->said[i].entry, b->said[i].entry);
        if (differs.len > 0)
            return differs;
    }
    return (struct text){"", 0};
}

/* ---- all
 * ----------------------------------------------------------------------------------------------------------
 */

/* Warnings alone are looked at only where all is. */
static bool counts(const struct sameness *how, const struct found *f)
{
    if (how->kinds != NULL && !listed(how->kinds, f->kind))
        return false;
    if (!how->by_summary)
        return true;
    for (uint32_t i = 0; i < f->count; i++)
        if (text_equal(member(f->said[i].entry, "stream"), text_of("violations")))
            return true;
    return false;
}

/* An entry without what says nothing new. */
static void put_entry(struct buf *out, const struct json_node *entry, struct text line)
{
    static const char *const dull[] = {"stream", "ruleset", "text",     "text_zh", "text_en",
                                       "kind",   "vehicle", "received", NULL};
    const struct json_node *key = json_node_first(entry);
    buf_printf(out, "    %s", json_node_member(entry, "rev") != NULL ? "" : "cab: ");
    for (uint32_t k = 0; k < entry->len; k++) {
        const struct json_node *value = key + 1, *next = json_node_next(value);
        const char *end = k + 1 < entry->len ? next->at - 1 : line.data + line.len - 1;
        if (!listed(dull, json_node_text(key)))
            buf_printf(out, "%.*s=%.*s ", TEXT_ARG(json_node_text(key)), (int)(end - value->at), value->at);
        key = next;
    }
    buf_puts(out, "\n");
}

static void put_found(struct buf *out, const char *which, const struct found *f)
{
    buf_printf(out, "%s: %.*s of %.*s\n", which, TEXT_ARG(f->kind), TEXT_ARG(f->vehicle));
    for (uint32_t i = 0; i < f->count; i++)
        put_entry(out, f->said[i].entry, f->said[i].line);
}

static void pair(struct all *a, struct all *b, const struct sameness *how)
{
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t k = 0; k < b->count && !a->found[i].paired; k++)
            if (!b->found[k].paired && founds_differ(how, &a->found[i], &b->found[k]).len == 0)
                a->found[i].paired = b->found[k].paired = true;
}

/* Of what is left, the one of the same kind and vehicle, with what differs. */
static void say_nearest(const struct all *b, const struct found *f, const struct sameness *how,
                        struct buf *out)
{
    for (uint32_t k = 0; k < b->count; k++) {
        const struct found *g = &b->found[k];
        if (!g->paired && counts(how, g) && text_equal(f->kind, g->kind) &&
            texts_agree(how, f->vehicle, g->vehicle)) {
            struct text differs = founds_differ(how, f, g);
            buf_printf(out, "  (differs in %.*s from number %u after the change)\n", TEXT_ARG(differs), k);
        }
    }
}

void findings_compare(struct text first, struct text second, const struct sameness *how,
                      struct buf *out_difference, uint32_t *out_count)
{
    struct all a, b;
    all_read(&a, first);
    all_read(&b, second);
    *out_count = 0;
    for (uint32_t i = 0; i < a.count; i++)
        *out_count += counts(how, &a.found[i]);
    if (how->to_the_byte && !text_equal(first, second))
        buf_puts(out_difference, "not the same to the byte\n");
    pair(&a, &b, how);
    for (uint32_t i = 0; i < a.count; i++)
        if (!a.found[i].paired && counts(how, &a.found[i])) {
            put_found(out_difference, "before the change only", &a.found[i]);
            say_nearest(&b, &a.found[i], how, out_difference);
        }
    for (uint32_t i = 0; i < b.count; i++)
        if (!b.found[i].paired && counts(how, &b.found[i])) {
            char which[40];
            snprintf(which, sizeof which, "after the change only (%u)", i);
            put_found(out_difference, which, &b.found[i]);
        }
    all_free(&a);
    all_free(&b);
}
