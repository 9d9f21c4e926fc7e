/*
 * A telling is a piece of text about one id. They are kept in the order in which they were told and put together by id
 * in the end.
 */
#include "tellings.h"

#include "array.h"
#include "correction.h"
#include "entry.h"
#include "explain.h"
#include "explain_duty.h"
#include "redo.h"
#include "said.h"

#include <muckwatch/zone.h>

#include <stdlib.h>
#include <string.h>

/* Late fixes that are told one by one; and bytes of all there is to tell. */
enum { LATE_FIXES_MAX = 40, TEXT_MAX_BYTES = 1 << 30 };

/* In the order in which they are told of one id, from one stretch that was judged again to the next. */
enum telling_type { TELLING_ENDED, TELLING_CORRECTION, TELLING_AGAIN, TELLING_FIRST, TELLING_TYPES };

struct telling {
    char id[VIOLATION_ID_LENGTH + 1];
    char other[VIOLATION_ID_LENGTH + 1]; /* it replaces, or is replaced by it; empty: none */
    size_t at, len;                      /* in `text` */
    uint64_t order, number;
    uint64_t group; /* number of the first of this id */
    bool dropped, wanted;
};

struct tellings {
    struct story_words words;
    struct text id;
    struct explain *first, *again;
    struct replay_again follow;
    struct replay_duties duties;
    struct telling *list;
    size_t count, cap;
    uint64_t redos;
    size_t redo_begins; /* the first telling of the stretch that was judged again last, */
    bool under_way;     /* which has not ended yet */
    bool ends;          /* what is told now ends with it */
    struct buf text;
    bool failed;
};

static struct telling *add(struct tellings *t, const char *id, enum telling_type type)
{
    if (!array_reserve(&t->list, &t->cap, t->count + 1, sizeof *t->list)) {
        t->failed = true;
        return NULL;
    }
    struct telling *telling = &t->list[t->count];
    *telling =
        (struct telling){.at = t->text.len, .order = t->redos * TELLING_TYPES + type, .number = t->count++};
    memcpy(telling->id, id, sizeof telling->id);
    return telling;
}

static void take_story(void *context, const char *id, struct text story)
{
    struct tellings *t = context;
    struct telling *telling = add(t, id, t->ends ? TELLING_ENDED : TELLING_FIRST);
    if (telling == NULL)
        return;
    buf_put_text(&t->text, story);
    telling->len = t->text.len - telling->at;
}

/* Set in: it stands below what was corrected. */
static void take_again(void *context, const char *id, struct text story)
{
    struct tellings *t = context;
    struct telling *telling = add(t, id, TELLING_AGAIN);
    if (telling == NULL)
        return;
    for (size_t i = 0; i < story.len; i++) {
        if (i == 0 || story.data[i - 1] == '\n')
            buf_puts(&t->text, "    ");
        buf_put_char(&t->text, story.data[i]);
    }
    telling->len = t->text.len - telling->at;
}

static void take_duty(void *context, const struct replay_duty_finding *finding)
{
    struct tellings *t = context;
    char id[VIOLATION_ID_LENGTH + 1] = "";
    struct text told = entry_value(finding->entry, "id");
    memcpy(id, told.data, told.len < sizeof id - 1 ? told.len : sizeof id - 1);
    struct telling *telling = add(t, id, TELLING_FIRST);
    if (telling == NULL)
        return;
    explain_duty_write(finding, &t->words, &t->text);
    telling->len = t->text.len - telling->at;
}

/* ---- what was judged again ---- */

/* Of a stretch that did not end, or began anew from farther back, nothing is told. */
static void drop_unfinished(struct tellings *t)
{
    for (size_t i = t->redo_begins; i < t->count && t->under_way; i++)
        t->list[i].dropped |= t->list[i].order % TELLING_TYPES == TELLING_AGAIN;
    t->under_way = false;
}

static void take_begin(void *context)
{
    struct tellings *t = context;
    drop_unfinished(t);
    explain_forget(t->again);
    t->redos++;
    t->redo_begins = t->count;
    t->under_way = true;
}

static void say(struct tellings *t, const char *zh, const char *en)
{
    story_say(&t->words, &t->text, zh, en);
}

static bool in_chinese(const struct tellings *t)
{
    return t->words.language == PHRASE_ZH;
}

/* To the second. */
static void put_time(struct tellings *t, int64_t ms)
{
    story_put_time(&t->words, &t->text, ms - (((ms % 1000) + 1000) % 1000), true);
}

static bool is_late(const struct replay_correction *c, const struct late_fix *f)
{
    return f->mark == LATE_LATE && f->batch > c->after_batch;
}

static void put_late_fix(struct tellings *t, const struct late_fix *f)
{
    buf_puts(&t->text, "    ");
    put_time(t, f->fix.time.ms);
    if (fix_has(&f->fix, FIX_HAS_POSITION))
        buf_printf(&t->text, "  %.7f %.7f", f->fix.lat_deg, f->fix.lon_deg);
    else
        say(t, "  无定位", "  no position");
    say(t, "，到达于 ", ", came ");
    put_time(t, f->received_ms);
    buf_printf(&t->text, in_chinese(t) ? "，晚%.0f秒\n" : ", %.0f s later\n",
               (double)(f->received_ms - f->fix.time.ms) / 1000);
}

/* From when to when it was, by either telling. */
static void find_span(const struct replay_correction *c, int64_t *out_begin_ms, int64_t *out_end_ms)
{
    const struct correction *k = c->correction;
    *out_begin_ms = TIME_NEVER;
    *out_end_ms = TIME_NONE;
    if (k->said != SIZE_MAX) {
        const struct said_item *said = &c->said->items[k->said];
        *out_begin_ms = said->start_ms;
        bool open = said->end_ms == TIME_NONE || k->type == CORRECTION_REOPENED;
        *out_end_ms = open ? TIME_NEVER : said->end_ms;
    }
    if (k->found != SIZE_MAX) {
        const struct transition *last = &c->redo->episodes[k->found].last;
        int64_t end_ms = last->end_ms == TIME_NONE ? TIME_NEVER : last->end_ms;
        *out_begin_ms = last->start_ms < *out_begin_ms ? last->start_ms : *out_begin_ms;
        *out_end_ms = end_ms > *out_end_ms ? end_ms : *out_end_ms;
    }
}

/* Those in the time of the violation, with the last before it and the first behind it: they too decide when it begins
 * and ends. */
static void put_late_fixes(struct tellings *t, const struct replay_correction *c)
{
    int64_t begin_ms, end_ms;
    size_t first = SIZE_MAX, told = 0, elsewhere = 0;
    bool behind = false;
    find_span(c, &begin_ms, &end_ms);
    for (size_t i = 0; i < c->redo->count; i++)
        if (is_late(c, &c->redo->fixes[i]) && (first == SIZE_MAX || c->redo->fixes[i].fix.time.ms < begin_ms))
            first = i;
    for (size_t i = 0; i < c->redo->count; i++) {
        const struct late_fix *f = &c->redo->fixes[i];
        if (!is_late(c, f))
            continue;
        if (i < first || behind || told == LATE_FIXES_MAX) {
            elsewhere++;
            continue;
        }
        put_late_fix(t, f);
        told++;
        behind = f->fix.time.ms > end_ms;
    }
    if (elsewhere > 0)
        buf_printf(&t->text,
                   in_chinese(t) ? "    重新判定的时段内另有%zu个晚到的定位\n"
                                 : "    and %zu more that came late, in the stretch that was judged again\n",
                   elsewhere);
}

static bool is_time(const char *name)
{
    return strcmp(name, "start") == 0 || strcmp(name, "at") == 0 || strcmp(name, "end") == 0;
}

static void put_value(struct tellings *t, const char *name, struct text value)
{
    char ms[24];
    if (value.len == 0) {
        say(t, "无", "none");
    } else if (is_time(name) && value.len < sizeof ms) {
        memcpy(ms, value.data, value.len);
        ms[value.len] = '\0';
        put_time(t, strtoll(ms, NULL, 10));
    } else {
        buf_put_text(&t->text, value);
    }
}

static void put_change(struct tellings *t, const char *name, struct text before, struct text after)
{
    static const char *const of_telling[] = {"event",   "rev",     "received",    "replaces",  "text",
                                             "text_zh", "text_en", "replaced_by", "late_data", "opened_at"};
    for (size_t i = 0; i < sizeof of_telling / sizeof *of_telling; i++)
        if (strcmp(name, of_telling[i]) == 0)
            return;
    if (text_equal(before, after) || (strcmp(name, "cause") == 0 && text_equal(after, TEXT("late"))))
        return;
    buf_printf(&t->text, "    %s: ", name);
    put_value(t, name, before);
    buf_puts(&t->text, " -> ");
    put_value(t, name, after);
    buf_puts(&t->text, "\n");
}

static void put_changes(struct tellings *t, const struct replay_correction *c)
{
    const struct said_item *said = &c->said->items[c->correction->said];
    struct said_field field;
    for (size_t cursor = 0; said_next(c->said, said, &cursor, &field);)
        put_change(t, field.name, field.value, entry_value(c->entry, field.name));
    for (uint32_t i = 0; i < c->entry->count; i++) {
        const struct entry_field *f = &c->entry->fields[i];
        if (said_value(c->said, said, f->name).len == 0)
            put_change(t, f->name, TEXT(""), f->value);
    }
}

static void take_correction(void *context, const struct replay_correction *c)
{
    static const char *const words[CORRECTION_COUNT][2] = {
        [CORRECTION_WITHDRAWN] = {"撤回，情形并不存在", "withdrawn, it was not so"},
        [CORRECTION_UPDATED] = {"更正", "corrected"},
        [CORRECTION_REOPENED] = {"并未结束，仍在持续", "not over, it goes on"},
        [CORRECTION_LATE_DATA] = {"失联期间的数据已补到", "data came for the silence"},
        [CORRECTION_OPENED] = {"认定", "found"},
    };
    struct tellings *t = context;
    const struct correction *k = c->correction;
    struct telling *telling;
    if (k->trip || words[k->type][PHRASE_EN] == NULL || (telling = add(t, k->id, TELLING_CORRECTION)) == NULL)
        return;
    memcpy(telling->other, k->other, sizeof telling->other);
    say(t, "  按补传数据重新判定，", "  judged again with late data, ");
    buf_puts(&t->text, k->id);
    say(t, "：", ": ");
    buf_puts(&t->text, words[k->type][t->words.language]);
    if (k->other[0] != '\0') {
        if (k->type == CORRECTION_WITHDRAWN)
            say(t, "，由此代替：", ", replaced by ");
        else
            say(t, "，代替：", ", instead of ");
        buf_puts(&t->text, k->other);
    }
    buf_puts(&t->text, "\n");
    put_late_fixes(t, c);
    if (k->type == CORRECTION_UPDATED || k->type == CORRECTION_REOPENED)
        put_changes(t, c);
    telling->len = t->text.len - telling->at;
}

static bool is_corrected(const struct tellings *t, const char *id)
{
    for (size_t i = t->redo_begins; i < t->count; i++)
        if (t->list[i].order % TELLING_TYPES == TELLING_CORRECTION && strcmp(t->list[i].id, id) == 0)
            return true;
    return false;
}

/* The stories of what was not corrected say nothing new. */
static void take_end(void *context, const struct vehicle_state *state)
{
    struct tellings *t = context;
    t->ends = true;
    explain_go_on(t->first, t->again, state);
    t->ends = t->under_way = false;
    for (size_t i = t->redo_begins; i < t->count; i++)
        t->list[i].dropped =
            t->list[i].order % TELLING_TYPES == TELLING_AGAIN && !is_corrected(t, t->list[i].id);
}

/* ---- in the end ---- */

static int compare_ids(const void *a, const void *b)
{
    const struct telling *x = a, *y = b;
    int order = strcmp(x->id, y->id);
    return order != 0 ? order : x->number < y->number ? -1 : x->number > y->number;
}

static int compare_order(const void *a, const void *b)
{
    const struct telling *x = a, *y = b;
    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Those of one id together, in the order in which the first of each was told. */
static void put_in_order(struct tellings *t)
{
    if (t->count == 0)
        return;
    qsort(t->list, t->count, sizeof *t->list, compare_ids);
    for (size_t i = 0; i < t->count; i++) {
        bool same = i > 0 && strcmp(t->list[i].id, t->list[i - 1].id) == 0;
        t->list[i].group = same ? t->list[i - 1].group : t->list[i].number;
    }
    qsort(t->list, t->count, sizeof *t->list, compare_order);
}

static bool belong(const struct telling *a, const struct telling *b)
{
    return strcmp(a->id, b->id) == 0 || strcmp(a->id, b->other) == 0 || strcmp(a->other, b->id) == 0;
}

/* Marks what belongs to one that is wanted. True if that was any. */
static bool want_others(struct tellings *t, const struct telling *wanted)
{
    bool any = false;
    for (size_t i = 0; i < t->count; i++) {
        struct telling *other = &t->list[i];
        bool more = !other->wanted && belong(wanted, other);
        other->wanted |= more;
        any |= more;
    }
    return any;
}

static void choose(struct tellings *t)
{
    bool more = false;
    for (size_t i = 0; i < t->count; i++) {
        t->list[i].wanted = t->id.len == 0 || text_equal(t->id, text_of(t->list[i].id));
        more |= t->list[i].wanted;
    }
    while (more && t->id.len > 0) {
        more = false;
        for (size_t i = 0; i < t->count; i++)
            if (t->list[i].wanted)
                more |= want_others(t, &t->list[i]);
    }
}

uint32_t tellings_finish(struct tellings *t, struct buf *out, bool *out_ok)
{
    uint32_t told = 0;
    const struct telling *before = NULL;
    drop_unfinished(t);
    explain_finish(t->first);
    choose(t);
    put_in_order(t);
    for (size_t i = 0; i < t->count; i++) {
        const struct telling *telling = &t->list[i];
        if (!telling->wanted || telling->dropped)
            continue;
        if (before == NULL || before->group != telling->group) {
            buf_puts(out, told > 0 ? "\n" : "");
            told++;
        }
        buf_put(out, t->text.data + telling->at, telling->len);
        before = telling;
    }
    *out_ok = !t->failed && buf_ok(&t->text);
    return told;
}

struct tellings *tellings_new(const struct names *names, const struct world *world,
                              const struct tellings_options *options)
{
    struct tellings *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->words = (struct story_words){names, world, options->language};
    t->id = options->id;
    buf_init(&t->text, TEXT_MAX_BYTES);
    t->first = explain_new(t->words, options->late ? TEXT("") : options->id,
                           (struct explain_listener){t, take_story});
    t->again = explain_new(t->words, TEXT(""), (struct explain_listener){t, take_again});
    if (t->first == NULL || t->again == NULL) {
        tellings_free(t);
        return NULL;
    }
    t->duties = (struct replay_duties){t, take_duty};
    t->follow = (struct replay_again){t, explain_trace(t->again), take_begin, take_correction, take_end};
    return t;
}

void tellings_free(struct tellings *t)
{
    if (t == NULL)
        return;
    explain_free(t->first);
    explain_free(t->again);
    free(t->list);
    buf_fini(&t->text);
    free(t);
}

void tellings_follow(struct tellings *t, struct replay *replay)
{
    replay_set_trace(replay, explain_trace(t->first));
    replay_set_again(replay, &t->follow);
    replay_set_duties(replay, &t->duties);
}

void tellings_set_world(struct tellings *t, const struct world *world)
{
    t->words.world = world;
    explain_set_world(t->first, world);
    explain_set_world(t->again, world);
}
