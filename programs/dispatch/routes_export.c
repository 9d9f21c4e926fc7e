/*
 * Lists as sheets: what fits the filters of the list, within the scope of whoever asks, the newest first. That it is asked
 * is written down first.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "export_columns.h"
#include "export_past.h"
#include "fix_item.h"
#include "gateway.h"
#include "handlers.h"
#include "track_reading.h"
#include "trip_query.h"
#include "vehicle_id.h"
#include "vehicle_scope.h"
#include "web_problem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Hauls that are looked at for a slice, whether they fit or not; and what is looked at, or written, between looks at the clock. */
enum { SLICE_LOOKED_AT = 20000, LOOKED_AT_ONCE = 64, POINTS_AT_ONCE = 16 };

static bool in_english(const struct web_match *match)
{
    return text_equal(web_match_text(match, "lang", 0), TEXT("en"));
}

static void begin_sheet(const struct gateway *g, const struct web_match *match, const struct export_job *job,
                        const struct export_table *table, struct buf *rows)
{
    if (!job->begun)
        export_put_headings(table, g->following.world, in_english(match), rows);
}

/* ---- alerts ---- */

static const struct export_column of_alerts[] = {
    {"start", EXPORT_TIME, "开始", "start"},
    {"end", EXPORT_TIME, "结束", "end"},
    {"kind", EXPORT_TEXT, "类型", "kind"},
    {"severity", EXPORT_TEXT, "级别", "severity"},
    {"condition", EXPORT_TEXT, "状态", "condition"},
    {"state", EXPORT_TEXT, "处置", "work"},
    {"plate", EXPORT_TEXT, "车牌", "plate"},
    {"vehicle", EXPORT_TEXT, "车辆", "vehicle"},
    {"company", EXPORT_TEXT, "企业", "company"},
    {"jurisdiction", EXPORT_TEXT, "辖区", "jurisdiction"},
    {"fence", EXPORT_TEXT, "围栏", "fence"},
    {"permit", EXPORT_TEXT, "许可", "permit"},
    {"trip", EXPORT_TEXT, "运输", "trip"},
    {"value", EXPORT_NUMBER, "数值", "value"},
    {"limit", EXPORT_NUMBER, "限值", "limit"},
    {"unit", EXPORT_TEXT, "单位", "unit"},
    {"error", EXPORT_NUMBER, "误差（m）", "error (m)"},
    {"lat", EXPORT_NUMBER, "纬度", "latitude"},
    {"lon", EXPORT_NUMBER, "经度", "longitude"},
    {"assignee", EXPORT_TEXT, "负责", "assignee"},
    {"acknowledged_by", EXPORT_TEXT, "确认人", "acknowledged by"},
    {"due", EXPORT_TIME, "期限", "due"},
    {"told", EXPORT_TIME, "报出", "told"},
    {"text_zh", EXPORT_TEXT, "说明", "text (zh)"},
    {"text_en", EXPORT_TEXT, "说明（英文）", "text (en)"},
    {"id", EXPORT_TEXT, "编号", "id"},
};
static const struct export_table alerts_table = {of_alerts, sizeof of_alerts / sizeof *of_alerts};

/* Fields of the entry first: what people made of it is never what an entry says. */
static void put_alert(const struct gateway *g, struct register_book *book, uint32_t number, struct buf *rows)
{
    static struct export_row cells, *row = &cells;
    struct register_alert a;
    struct field f;
    size_t place = 0;
    export_row_begin(row, &alerts_table);
    register_alert(book, number, &a);
    while (register_field(book, number, &place, &f))
        export_row_take(row, f);
    export_row_take_text(row, "id", (struct text){a.id, DESK_ID_LENGTH});
    export_row_take_text(row, "severity", text_of(alert_severity_word(a.severity)));
    export_row_take_text(row, "condition", text_of(alert_condition_word(a.condition)));
    export_row_take_text(row, "state", text_of(work_state_word(a.work.state)));
    export_row_take_text(row, "assignee", a.work.to);
    export_row_take_text(row, "acknowledged_by", a.work.acknowledged_by);
    export_row_take_text(row, "due", TEXT(""));
    export_row_take_whole(row, "told", a.told_ms);
    if (a.due_ms != INT64_MAX)
        export_row_take_whole(row, "due", a.due_ms);
    if (!a.known) {
        export_row_take_text(row, "kind", register_of(book, number, COLUMN_KIND));
        export_row_take_text(row, "vehicle", register_of(book, number, COLUMN_VEHICLE));
        export_row_take_text(row, "company", register_of(book, number, COLUMN_COMPANY));
        export_row_take_text(row, "jurisdiction", register_of(book, number, COLUMN_JURISDICTION));
        export_row_take_whole(row, "start", a.start_ms);
    }
    export_row_put(row, g->following.world, rows);
}

static bool find_page(struct register_book *book, const struct register_query *question,
                      struct export_job *job, struct web_answer *out)
{
    static struct register_found found;
    const struct register_page wanted = {ORDER_TIME, EXPORT_PAGE_MAX, text_of(job->cursor), NULL};
    struct export_page *page = &job->page;
    if (page->ids == NULL)
        page->ids = malloc(EXPORT_PAGE_MAX * sizeof *page->ids);
    enum register_asked asked =
        page->ids != NULL ? register_find_uncounted(book, question, &wanted, &found) : REGISTER_NO_MEMORY;
    if (asked != REGISTER_OK) {
        web_problem(out, 503, "%s",
                    asked == REGISTER_CURSOR ? "all was read anew meanwhile: begin again"
                                             : "there is no memory for it");
        return false;
    }
    for (size_t i = 0; i < found.count; i++) {
        struct register_alert a;
        register_alert(book, found.alerts[i], &a);
        memcpy(page->ids[i], a.id, DESK_ID_LENGTH);
    }
    page->count = found.count;
    page->at = 0;
    page->over = found.next[0] == '\0';
    page->total += found.count;
    snprintf(job->cursor, sizeof job->cursor, "%s", found.next);
    job->truncated = job->truncated || found.truncated;
    return true;
}

/* Who may not see one any more, or where it is gone, is not told of it. */
static void put_page(const struct gateway *g, struct register_book *book, struct register_scope scope,
                     struct export_job *job)
{
    struct export_page *page = &job->page;
    uint32_t number;
    for (; page->at < page->count && exporting_has_time(job); page->at++)
        if (register_look(book, (struct text){page->ids[page->at], DESK_ID_LENGTH}, scope, &number))
            put_alert(g, book, number, &job->rows);
}

static bool more_alerts(struct gateway *g, const struct web_match *match, struct export_job *job,
                        struct web_answer *out)
{
    static struct alert_query query;
    struct export_page *page = &job->page;
    if (!alerts_are_whole(g, out) || !alert_query_read(match, &query, out))
        return false;
    bool past = export_is_past(g, match, job, PAST_ALERTS);
    const struct past_book *stretch = past ? export_stretch(g, match, job, PAST_ALERTS, out) : NULL;
    if (out->later || out->status != 0)
        return false;
    begin_sheet(g, match, job, &alerts_table, &job->rows);
    if (past && stretch == NULL)
        return true;
    struct register_book *book = past ? stretch->alerts : g->memory.book;
    if (page->at < page->count)
        put_page(g, book, query.question.scope, job);
    else if (!find_page(book, &query.question, job, out))
        return false;
    bool over = page->over && page->at == page->count;
    if (past && over)
        export_stretch_end(job, page->total);
    job->last = !past && over;
    return true;
}

void handle_export_violations(void *context, const struct web_match *match, struct web_answer *out)
{
    static const struct export_kind kind = {"violations", more_alerts};
    exporting_step(context, match, &kind, out);
}

/* ---- hauls ---- */

static const struct export_column of_trips[] = {
    {"departed", EXPORT_TIME, "驶离", "departed"},
    {"loaded", EXPORT_TIME, "装载", "loaded"},
    {"arrived", EXPORT_TIME, "到达", "arrived"},
    {"unloaded", EXPORT_TIME, "卸载", "unloaded"},
    {"plate", EXPORT_TEXT, "车牌", "plate"},
    {"vehicle", EXPORT_TEXT, "车辆", "vehicle"},
    {"company", EXPORT_TEXT, "企业", "company"},
    {"permit", EXPORT_TEXT, "许可", "permit"},
    {"site", EXPORT_TEXT, "工地", "site"},
    {"disposal", EXPORT_TEXT, "消纳场", "disposal"},
    {"distance_m", EXPORT_NUMBER, "里程（m）", "distance (m)"},
    {"load_kg", EXPORT_NUMBER, "载重（kg）", "load (kg)"},
    {"violations", EXPORT_NUMBER, "违规数", "violations"},
    {"completeness", EXPORT_NUMBER, "完整度", "completeness"},
    {"end_reason", EXPORT_TEXT, "结束原因", "end reason"},
    {"event", EXPORT_TEXT, "更正", "corrected"},
    {"trip", EXPORT_TEXT, "编号", "id"},
};
static const struct export_table trips_table = {of_trips, sizeof of_trips / sizeof *of_trips};

static void put_trip(const struct gateway *g, const struct trip_book *book, const struct trip_row *trip,
                     struct buf *rows)
{
    static struct export_row cells, *row = &cells;
    struct text packed = {trip->packed, trip->packed_len};
    struct buf bytes;
    struct field f;
    buf_init(&bytes, (size_t)64 << 10);
    export_row_begin(row, &trips_table);
    while (trip_book_field(book, &packed, &bytes, &f)) {
        export_row_take(row, f);
        buf_clear(&bytes);
    }
    const struct vehicle_info *info = vehicle_info_of(g, export_row_value(row, "vehicle"));
    export_row_take_text(row, "company", info != NULL ? info->company_name : TEXT(""));
    export_row_put(row, g->following.world, rows);
    buf_fini(&bytes);
}

static bool more_trips(struct gateway *g, const struct web_match *match, struct export_job *job,
                       struct web_answer *out)
{
    const struct trip_book *b = g->memory.trips;
    struct trip_query q;
    size_t place, looked_at = 0;
    if (!trips_are_known(g, match->request->who, out))
        return false;
    bool past = export_is_past(g, match, job, PAST_TRIPS);
    const struct past_book *stretch = past ? export_stretch(g, match, job, PAST_TRIPS, out) : NULL;
    if (out->later || out->status != 0)
        return false;
    begin_sheet(g, match, job, &trips_table, &job->rows);
    if (past && stretch == NULL)
        return true;
    b = past ? stretch->trips : b;
    if (!trip_cursor_read(b, text_of(job->cursor), &place) || !trip_query_make(g, b, match, &q)) {
        web_problem(out, 503, "there is no memory for it");
        return false;
    }
    for (; place > 0 && looked_at < SLICE_LOOKED_AT; looked_at++) {
        if (looked_at % LOOKED_AT_ONCE == LOOKED_AT_ONCE - 1 && !exporting_has_time(job))
            break;
        const struct trip_row *trip = trip_book_at(b, --place);
        trip_cursor_write(trip, job->cursor);
        if (trip_query_fits(&q, trip))
            put_trip(g, b, trip, &job->rows);
    }
    trip_query_fini(&q);
    job->truncated = job->truncated || trip_book_truncated(b);
    if (past && place == 0)
        export_stretch_end(job, trip_book_count(b));
    job->last = !past && place == 0;
    return true;
}

void handle_export_trips(void *context, const struct web_match *match, struct web_answer *out)
{
    static const struct export_kind kind = {"trips", more_trips};
    exporting_step(context, match, &kind, out);
}

/* ---- a track ---- */

static const struct export_column of_points[] = {
    {"time", EXPORT_TIME, "时间", "time"},
    {"lat", EXPORT_NUMBER, "纬度", "latitude"},
    {"lon", EXPORT_NUMBER, "经度", "longitude"},
    {"speed", EXPORT_NUMBER, "速度（km/h）", "speed (km/h)"},
    {"track", EXPORT_NUMBER, "方向（°）", "track (°)"},
    {"load", EXPORT_TEXT, "载重状态", "load"},
    {"cover", EXPORT_TEXT, "篷盖", "cover"},
    {"body", EXPORT_TEXT, "车斗", "body"},
    {"ignition", EXPORT_TEXT, "点火", "ignition"},
    {"late", EXPORT_TEXT, "迟到", "late"},
    {"hole", EXPORT_TEXT, "前有缺失", "hole before"},
    {"vehicle", EXPORT_TEXT, "车辆", "vehicle"},
    {"plate", EXPORT_TEXT, "车牌", "plate"},
};
static const struct export_table points_table = {of_points, sizeof of_points / sizeof *of_points};

static void put_point(const struct gateway *g, const struct track_point *p, struct text vehicle,
                      struct buf *rows)
{
    char bytes[64];
    struct buf time = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    export_put_time(&time, g->following.world->zone, p->time_ms);
    row_put_text(rows, buf_text(&time));
    row_put_number(rows, p->lat_deg, 7);
    row_put_number(rows, p->lon_deg, 7);
    row_put_number(rows, track_point_kmh(p), 1);
    row_put_number(rows, (double)p->track_deg, 1);
    for (enum track_sensor s = 0; s < TRACK_SENSOR_COUNT; s++) {
        const char *word = track_point_word(p, s);
        row_put_text(rows, word != NULL ? text_of(word) : TEXT(""));
    }
    row_put_text(rows, p->late ? TEXT("1") : TEXT(""));
    row_put_text(rows, p->hole ? TEXT("1") : TEXT(""));
    row_put_text(rows, vehicle);
    row_put_text(rows, vehicle_info_of(g, vehicle)->plate);
    row_end(rows);
}

static void on_track(void *arg, struct track_points *points, const char *why)
{
    struct export_job *job = arg;
    job->reading = false;
    job->read = points != NULL;
    job->failed = points == NULL;
    job->why = why;
    if (points != NULL)
        job->points = *points;
    exporting_go_on(job);
}

static bool more_points(struct gateway *g, const struct web_match *match, struct export_job *job,
                        struct web_answer *out)
{
    const struct track_wanted wanted = {web_match_text(match, "vehicle", 0),
                                        (int64_t)web_match_number(match, "from", 0),
                                        (int64_t)web_match_number(match, "to", (double)FIX_TIME_END_MS)};
    bool simplified;
    if (!vehicle_id_valid(wanted.id) || !track_may_be_known(g, match->request->who, wanted.id)) {
        web_problem(out, 404, "there is no such vehicle");
        return false;
    }
    if (!job->read) {
        job->reading = out->later = track_read(g, &wanted, on_track, job, out);
        return false;
    }
    if (!job->begun) {
        track_points_settle(&job->points, &match->request->who->scope, g->following.world, TRACK_POINTS_MAX,
                            &simplified);
        job->truncated = job->points.truncated;
    }
    begin_sheet(g, match, job, &points_table, &job->rows);
    for (size_t n = 1; job->at < job->points.count && (n % POINTS_AT_ONCE != 0 || exporting_has_time(job));
         n++)
        put_point(g, &job->points.items[job->at++], wanted.id, &job->rows);
    job->last = job->at == job->points.count;
    return true;
}

void handle_export_track(void *context, const struct web_match *match, struct web_answer *out)
{
    static const struct export_kind kind = {"track", more_points};
    exporting_step(context, match, &kind, out);
}
