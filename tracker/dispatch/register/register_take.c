/*
 * register_take: entries become alerts. The entry with the highest rev tells the violation, wherever in the order it comes; so
 * a page that is read again, or a stream that is read behind another, changes nothing.
 */
#include "register_state.h"

#include "text_fold.h"

#include <stdlib.h>

enum { OVERHEAD = 16, LINES_MAX = 1200, LINE_STEP = 2, PLATE_MAX = 256, REALM_MAX = 1024 };

static enum register_taken strange(struct register_book *r)
{
    r->strange++;
    return REGISTER_STRANGE;
}

/* ---- history ---- */

static int line_compare(struct register_line a, struct register_line b)
{
    if (a.ms != b.ms)
        return a.ms < b.ms ? -1 : 1;
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    return a.action - b.action;
}

/* False without memory. `*out_known`: it was there. Kept in order. */
static bool add_line(struct register_book *r, struct alert_more *more, struct register_place place,
                     bool action, bool *out_known)
{
    const struct register_line line = {place.id.ms, (uint32_t)place.id.n, action};
    size_t at = more->line_count;
    while (at > 0 && line_compare(more->lines[at - 1], line) > 0)
        at--;
    if (at > 0 && line_compare(more->lines[at - 1], line) == 0) {
        *out_known = true;
        return true;
    }
    *out_known = false;
    if (more->line_count == LINES_MAX)
        return true;
    if (more->line_count == more->line_cap) {
        uint16_t cap = (uint16_t)(more->line_cap + LINE_STEP + more->line_cap / 4);
        struct register_line *lines = realloc(more->lines, cap * sizeof *lines);
        if (lines == NULL)
            return false;
        r->bytes += (size_t)(cap - more->line_cap) * sizeof *lines;
        more->lines = lines;
        more->line_cap = cap;
    }
    memmove(more->lines + at + 1, more->lines + at, (more->line_count - at) * sizeof *more->lines);
    more->lines[at] = line;
    more->line_count++;
    return true;
}

/* ---- the violation ---- */

static enum alert_condition condition_of(struct fields entry)
{
    struct text event = fields_value(entry, "event");
    if (text_equal(event, TEXT("withdrawn")))
        return CONDITION_WITHDRAWN;
    bool over = text_equal(event, TEXT("closed")) || fields_value(entry, "end").len > 0;
    return over ? CONDITION_ENDED : CONDITION_ACTIVE;
}

/* Whom it is about: a vehicle, or the duty that none is to blame for. */
static struct text about(struct fields of)
{
    struct text vehicle = fields_value(of, "vehicle");
    return vehicle.len > 0 ? vehicle : fields_value(of, "duty");
}

static bool set_plate(struct register_book *r, uint32_t number, struct fields of)
{
    struct text plate = fields_value(of, "plate");
    char folded[PLATE_MAX];
    if (plate.len == 0)
        plate = about(of);
    plate.len = plate.len < sizeof folded ? plate.len : sizeof folded;
    size_t len = text_fold(plate, TEXT_FOLD_CASE | TEXT_FOLD_MARKS, folded);
    return register_set(r, number, COLUMN_PLATE, (struct text){folded, len});
}

static bool set_realm(struct register_book *r, uint32_t number, struct fields of)
{
    struct text jurisdiction = fields_value(of, "jurisdiction"), company = fields_value(of, "company");
    char realm[REALM_MAX];
    memcpy(realm, jurisdiction.data, jurisdiction.len);
    realm[jurisdiction.len] = '\0';
    memcpy(realm + jurisdiction.len + 1, company.data, company.len);
    return register_set(r, number, COLUMN_REALM, (struct text){realm, jurisdiction.len + 1 + company.len});
}

/* A scope that is judged by a part of a name would be another one. */
static bool has_realm(struct fields of)
{
    return fields_value(of, "jurisdiction").len + 1 + fields_value(of, "company").len <= REALM_MAX;
}

/* Of an entry, or of what the hash of an alert knows of it. */
static bool set_columns(struct register_book *r, uint32_t number, struct fields of)
{
    static const struct {
        const char *name;
        enum register_column column;
    } rows[] = {{"kind", COLUMN_KIND},       {"vehicle", COLUMN_VEHICLE},
                {"company", COLUMN_COMPANY}, {"jurisdiction", COLUMN_JURISDICTION},
                {"fence", COLUMN_FENCE},     {"permit", COLUMN_PERMIT},
                {"trip", COLUMN_TRIP}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!register_set(r, number, rows[i].column, fields_value(of, rows[i].name)))
            return false;
    struct text fences = fields_value(of, "fences");
    bool several = fences.len > 0 && memchr(fences.data, ',', fences.len) != NULL;
    if (!register_set(r, number, COLUMN_FENCES, several ? fences : (struct text){"", 0}))
        return false;
    r->rows[number].severity = (uint8_t)alert_severity_of(fields_value(of, "severity"));
    r->rows[number].start_ms = fields_whole(of, "start", 0);
    return set_plate(r, number, of) && set_realm(r, number, of);
}

static bool pack(struct register_book *r, uint32_t number, struct fields entry)
{
    struct alert_more *more = &r->mores[number];
    buf_clear(&r->scratch);
    fields_pack(&r->words, entry, &r->scratch);
    char *packed = buf_ok(&r->scratch) ? malloc(r->scratch.len + 1) : NULL;
    if (packed == NULL)
        return false;
    memcpy(packed, r->scratch.data, r->scratch.len);
    r->bytes += r->scratch.len - more->packed_len + (more->packed == NULL ? 2 * OVERHEAD : 0);
    free(more->packed);
    more->packed = packed;
    more->packed_len = (uint32_t)r->scratch.len;
    return true;
}

static struct work work_of(const struct register_book *r, uint32_t number)
{
    const struct alert_row *row = &r->rows[number];
    const struct alert_more *more = &r->mores[number];
    return (struct work){.state = (enum work_state)row->work,
                         .rev = more->work_rev,
                         .until_ms = row->until_ms,
                         .reopened_ms = more->reopened_ms,
                         .acknowledged_by = symbols_text(&r->columns[COLUMN_TO], more->acknowledged_by),
                         .to = symbols_text(&r->columns[COLUMN_TO], row->columns[COLUMN_TO]),
                         .of = {more->of, more->of != NULL ? DESK_ID_LENGTH : 0}};
}

static void set_due(struct register_book *r, uint32_t number)
{
    struct alert_row *row = &r->rows[number];
    struct work work = work_of(r, number);
    row->due_ms =
        desk_due(r->settings.desk, &work, (enum alert_severity)row->severity, r->mores[number].told_ms);
}

void register_desk_changed(struct register_book *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        if (r->rows[i].used)
            set_due(r, i);
}

/*
 * By its first entry. While that is not read, since the store has let go of it, nobody knows: it was told before any entry that is
 * there, and began before that, so a time that is behind is not said to be pending.
 */
static void note_told(struct alert_more *more, int64_t rev, int64_t at_ms, int64_t start_ms)
{
    if (rev == 1 && (!more->begun || at_ms < more->told_ms))
        more->told_ms = at_ms;
    more->begun = more->begun || rev == 1;
    if (more->begun)
        return;
    int64_t before_ms = start_ms < at_ms ? start_ms : at_ms;
    more->told_ms = more->told_ms == 0 || before_ms < more->told_ms ? before_ms : more->told_ms;
}

enum register_taken register_take_violation(struct register_book *r, struct register_place place,
                                            struct fields entry)
{
    struct text id = fields_value(entry, "id");
    int64_t rev = fields_whole(entry, "rev", 0);
    uint32_t number;
    bool is_new, known;
    if (!register_id_fits(id) || rev < 1 || rev > UINT32_MAX || about(entry).len == 0 ||
        fields_whole(entry, "start", 0) <= 0 || !has_realm(entry) || place.id.n > UINT32_MAX)
        return strange(r);
    if (!register_place_of(r, id, &number, &is_new) || !add_line(r, &r->mores[number], place, false, &known))
        return REGISTER_FULL;
    struct alert_more *more = &r->mores[number];
    int64_t told_before_ms = more->told_ms;
    note_told(more, rev, place.id.ms, fields_whole(entry, "start", 0));
    if (more->told_ms != told_before_ms)
        set_due(r, number);
    more->partition = place.partition;
    if (rev <= (int64_t)more->rev)
        return known ? REGISTER_KNOWN : REGISTER_CHANGED;
    if (!pack(r, number, entry) || !set_columns(r, number, entry))
        return REGISTER_FULL;
    more->rev = (uint32_t)rev;
    more->known = true;
    r->rows[number].condition = (uint8_t)condition_of(entry);
    r->rows[number].end_ms = fields_whole(entry, "end", 0);
    set_due(r, number);
    return is_new ? REGISTER_NEW : REGISTER_CHANGED;
}

/* ---- the work on it ---- */

static bool set_of(struct alert_more *more, struct text of)
{
    if (of.len != DESK_ID_LENGTH) {
        free(more->of);
        more->of = NULL;
        return true;
    }
    if (more->of == NULL)
        more->of = malloc(DESK_ID_LENGTH);
    if (more->of != NULL)
        memmove(more->of, of.data, DESK_ID_LENGTH);
    return more->of != NULL;
}

/* The texts of `work` may be the register's own: the new ones are used before the old ones are left. */
static bool set_work(struct register_book *r, uint32_t number, const struct work *work)
{
    struct alert_more *more = &r->mores[number];
    uint32_t by;
    if (!symbols_use(&r->columns[COLUMN_TO], work->acknowledged_by, &by))
        return false;
    symbols_leave(&r->columns[COLUMN_TO], more->acknowledged_by);
    more->acknowledged_by = by;
    if (!register_set(r, number, COLUMN_TO, work->to) || !set_of(more, work->of))
        return false;
    more->work_rev = work->rev;
    more->reopened_ms = work->reopened_ms;
    r->rows[number].work = (uint8_t)work->state;
    r->rows[number].until_ms = work->until_ms;
    r->rows[number].touched = work->rev > 0;
    set_due(r, number);
    return true;
}

enum register_taken register_take_action(struct register_book *r, struct register_place place,
                                         struct fields entry)
{
    struct text id = fields_value(entry, "id");
    uint32_t number;
    bool is_new, known;
    if (!register_id_fits(id) || fields_whole(entry, "rev", 0) < 1 || place.id.n > UINT32_MAX)
        return strange(r);
    if (!register_place_of(r, id, &number, &is_new) || !add_line(r, &r->mores[number], place, true, &known))
        return REGISTER_FULL;
    r->mores[number].partition = place.partition;
    struct work work = work_of(r, number);
    if (!work_take_action(&work, entry, place.id.ms))
        return known ? REGISTER_KNOWN : REGISTER_CHANGED;
    if (!set_work(r, number, &work) || !register_note_review(r, number, entry))
        return REGISTER_FULL;
    register_note_step(&r->mores[number], fields_value(entry, "action"), place.id.ms);
    return is_new ? REGISTER_NEW : REGISTER_CHANGED;
}

enum register_taken register_take_hash(struct register_book *r, uint32_t partition, struct text id,
                                       struct fields hash)
{
    uint32_t number;
    bool is_new;
    struct work work;
    work_of_hash(&work, hash);
    if (!register_id_fits(id) || work.rev == 0 || !has_realm(hash))
        return strange(r);
    if (!register_place_of(r, id, &number, &is_new))
        return REGISTER_FULL;
    if (is_new || !r->mores[number].known) {
        r->mores[number].partition = partition;
        if (!set_columns(r, number, hash))
            return REGISTER_FULL;
        r->mores[number].told_ms = r->rows[number].start_ms;
    }
    if (work.rev <= r->mores[number].work_rev)
        return is_new ? REGISTER_NEW : REGISTER_KNOWN;
    if (!set_work(r, number, &work) || !register_note_review_of_hash(r, number, hash))
        return REGISTER_FULL;
    register_note_hash(&r->mores[number], hash);
    return is_new ? REGISTER_NEW : REGISTER_CHANGED;
}

bool register_next_unknown(const struct register_book *r, uint32_t *number)
{
    for (; *number < r->count; ++*number)
        if (r->rows[*number].used && !r->mores[*number].known && r->rows[*number].work != WORK_CLOSED)
            return true;
    return false;
}

/* ---- one alert ---- */

void register_alert(const struct register_book *r, uint32_t number, struct register_alert *out)
{
    const struct alert_row *row = &r->rows[number];
    const struct alert_more *more = &r->mores[number];
    *out = (struct register_alert){.id = more->id,
                                   .partition = more->partition,
                                   .rev = more->rev,
                                   .severity = (enum alert_severity)row->severity,
                                   .condition = (enum alert_condition)row->condition,
                                   .work = work_of(r, number),
                                   .start_ms = row->start_ms,
                                   .end_ms = row->end_ms,
                                   .told_ms = more->told_ms,
                                   .due_ms = row->due_ms,
                                   .known = more->known};
}

size_t register_lines(const struct register_book *r, uint32_t number, const struct register_line **out)
{
    *out = r->mores[number].lines;
    return r->mores[number].line_count;
}
