/*
 * The fields of an entry are JSON there (docs/ARCHIVE.md, "city.db"), each a text, or bytes in hexadecimal.
 */
#include "kept.h"

#include "arena.h"
#include "json_scan.h"
#include "line_fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { FIELDS_MAX = 256, MARKS_PAGE = 256 };

struct kept {
    const char *command;
    struct archive_look *look;
    uint64_t unread; /* entries that are none */
};

static bool tell(void *arg, const char *file, const char *wrong)
{
    const struct kept *kept = arg;
    fprintf(stderr, "%s: %s: %s\n", kept->command, file, wrong);
    return true;
}

static int exit_code(enum archive_look_error error)
{
    switch (error) {
    case ARCHIVE_LOOK_OK:
        return EX_OK;
    case ARCHIVE_LOOK_NONE:
        return EX_NOINPUT;
    case ARCHIVE_LOOK_DENIED:
        return EX_NOPERM;
    case ARCHIVE_LOOK_LATER:
    case ARCHIVE_LOOK_DAMAGED:
        return EX_DATAERR;
    case ARCHIVE_LOOK_FAILED:
        break;
    }
    return EX_OSERR;
}

int kept_open(const char *command, const char *path, struct kept **out)
{
    char why[512];
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept == NULL) {
        fprintf(stderr, "%s: out of memory\n", command);
        return EX_OSERR;
    }
    kept->command = command;
    enum archive_look_error error =
        archive_look_open(path, (struct archive_look_listener){tell, kept}, &kept->look, why, sizeof why);
    if (error == ARCHIVE_LOOK_OK) {
        *out = kept;
        return EX_OK;
    }
    fprintf(stderr, "%s: --archive: %s\n", command, why);
    free(kept);
    return exit_code(error);
}

void kept_close(struct kept *kept)
{
    if (kept != NULL)
        archive_look_close(kept->look);
    free(kept);
}

struct archive_look *kept_look(const struct kept *kept)
{
    return kept->look;
}

int kept_end(const struct kept *kept, int code)
{
    return code == EX_OK && archive_look_damaged(kept->look) + kept->unread > 0 ? EX_DATAERR : code;
}

/* ---- entries ---- */

struct walk {
    struct kept *kept;
    const struct kept_asked *asked;
    kept_visit *visit;
    void *context;
    struct arena arena; /* of the entry in hand */
    struct reply *items;
    size_t count, seen;
    struct archive_position at; /* of marks */
    int code;
};

static bool take_string(struct walk *w, struct json_scan *s, struct text *out)
{
    struct json_string string;
    if (json_scan_peek(s) != '"' || json_scan_string(s, &string) != JSON_FAULT_NONE)
        return false;
    char *copy = arena_take(&w->arena, string.raw.len + 1, 1);
    if (copy == NULL)
        return false;
    *out = (struct text){copy, json_string_decode(&string, copy, string.raw.len)};
    return true;
}

static unsigned nibble(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10) & 15u;
}

/* {"hex":"..."} */
static bool take_bytes(struct walk *w, struct json_scan *s, struct text *out)
{
    struct text key, digits;
    if (!json_scan_take(s, '{') || !take_string(w, s, &key) || !json_scan_take(s, ':') ||
        !take_string(w, s, &digits) || !json_scan_take(s, '}'))
        return false;
    char *bytes = arena_take(&w->arena, digits.len / 2 + 1, 1);
    for (size_t i = 0; bytes != NULL && i + 1 < digits.len; i += 2)
        bytes[i / 2] = (char)(unsigned char)(nibble(digits.data[i]) << 4 | nibble(digits.data[i + 1]));
    *out = (struct text){bytes, digits.len / 2};
    return bytes != NULL;
}

static void put(struct walk *w, struct text name, struct text value)
{
    w->items[w->count++] = (struct reply){.type = REPLY_TEXT, .text = name};
    w->items[w->count++] = (struct reply){.type = REPLY_TEXT, .text = value};
}

static bool read_fields(struct walk *w, struct text json)
{
    struct json_scan s = json_scan_of(json);
    w->count = 0;
    if (!json_scan_take(&s, '{'))
        return false;
    while (!json_scan_take(&s, '}')) {
        struct text name, value;
        if ((w->count > 0 && !json_scan_take(&s, ',')) || w->count == 2 * FIELDS_MAX ||
            !take_string(w, &s, &name) || !json_scan_take(&s, ':') ||
            !(json_scan_peek(&s) == '{' ? take_bytes(w, &s, &value) : take_string(w, &s, &value)))
            return false;
        put(w, name, value);
    }
    return s.at == s.end;
}

static bool give(struct walk *w, const struct archive_position *at)
{
    char id[56] = "";
    const struct reply fields = {.type = REPLY_LIST, .count = w->count, .items = w->items};
    if (at != NULL)
        snprintf(id, sizeof id, "%lld-%llu", (long long)at->ms, (unsigned long long)at->seq);
    w->code = w->visit(w->context, text_of(id), &fields);
    arena_clear(&w->arena);
    return w->code == EX_OK;
}

static bool on_entry(void *arg, const struct archive_row *row)
{
    struct walk *w = arg;
    if (read_fields(w, row->fields))
        return give(w, &row->at);
    fprintf(stderr, "%s: city.db: the entry %lld-%llu of %s cannot be read and is left out\n",
            w->kept->command, (long long)row->at.ms, (unsigned long long)row->at.seq, w->asked->stream);
    arena_clear(&w->arena);
    w->kept->unread++;
    return true;
}

/* ---- rulesets ---- */

static bool give_ruleset(struct walk *w, struct text line, int64_t batch, const struct archive_position *at)
{
    static const struct text names[] = {TEXT("ruleset"), TEXT("received"), TEXT("batch")};
    char number[24];
    struct text values[3] = {line_fix_behind(line, "{\"ruleset\":\""),
                             line_fix_behind(line, "\"received\":")};
    snprintf(number, sizeof number, "%lld", (long long)batch);
    values[2] = text_of(number);
    w->count = 0;
    for (size_t i = 0; i < 3; i++) {
        struct text copy;
        if (!arena_copy_text(&w->arena, values[i], &copy)) {
            w->code = EX_OSERR;
            return false;
        }
        put(w, names[i], copy);
    }
    return give(w, at);
}

static bool on_mark(void *arg, const struct archive_mark *mark)
{
    struct walk *w = arg;
    w->at = mark->at;
    w->seen++;
    return mark->at.ms < w->asked->since_ms || give_ruleset(w, mark->line, mark->batch, &mark->at);
}

static void rulesets_of(struct walk *w, struct archive_day *day, bool first)
{
    struct buf line;
    int64_t batch;
    buf_init(&line, 4096);
    if (first && w->asked->since_ms <= 0 && archive_day_in_force(day, TEXT("rulesets"), &line, &batch))
        give_ruleset(w, buf_text(&line), batch, NULL);
    buf_fini(&line);
    w->at = (struct archive_position){-1, -1, 0};
    w->seen = MARKS_PAGE;
    while (w->code == EX_OK && w->seen == MARKS_PAGE) {
        const struct archive_marks_asked asked = {TEXT("rulesets"), TEXT(""), w->at, MARKS_PAGE};
        w->seen = 0;
        if (!archive_day_marks(day, &asked, on_mark, w))
            return;
    }
}

static void rulesets(struct walk *w)
{
    size_t count;
    const int32_t *days = archive_look_days(w->kept->look, &count);
    for (size_t i = 0; i < count && w->code == EX_OK; i++) {
        struct archive_day *day = archive_day_begin(w->kept->look, days[i]);
        if (day != NULL)
            rulesets_of(w, day, i == 0);
        archive_day_end(day);
    }
}

int kept_stream(struct kept *kept, const struct kept_asked *asked, kept_visit *visit, void *context)
{
    struct walk w = {.kept = kept, .asked = asked, .visit = visit, .context = context, .code = EX_OK};
    const struct archive_entries_asked entries = {.stream = text_of(asked->stream),
                                                  .vehicle = text_of(asked->vehicle),
                                                  .id = text_of(asked->id),
                                                  .since_ms = asked->since_ms,
                                                  .begun_from_ms = asked->begun_from_ms,
                                                  .begun_to_ms = asked->begun_to_ms};
    arena_init(&w.arena);
    w.items = calloc(2 * FIELDS_MAX, sizeof *w.items);
    if (w.items == NULL)
        w.code = EX_OSERR;
    else if (strcmp(asked->stream, "rulesets") == 0)
        rulesets(&w);
    else
        archive_look_entries(kept->look, &entries, on_entry, &w);
    free(w.items);
    arena_fini(&w.arena);
    return w.code;
}
