/*
 * The duty log of a day of the city: what was done, in the order of time, from `actions` of all partitions and `shifts`. It is read a page
 * at a time; who may know of an alert may know what was done about it, as far as it is in memory.
 */
#include "alert_query.h"
#include "alerts_answer.h"
#include "array.h"
#include "duty_log.h"
#include "gateway.h"
#include "handlers.h"
#include "web_problem.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum { PAGE = 500, ROWS_BYTES = 12 << 20 };
enum duty_format { DUTY_JSON, DUTY_CSV, DUTY_HTML };

/* A row that is written already, to be put in order. */
struct duty_piece {
    struct entry_id id;
    size_t at, len;
};

struct duty_reading {
    struct gateway *g;
    uint64_t ticket;
    char who[PERSON_NAME_MAX + 1];
    enum duty_format format;
    char day[11], zone[65];
    int64_t from_ms, to_ms; /* `to` not included */
    size_t stream;          /* of the partitions' actions, then the watch */
    char place[48];         /* read up to here */
    struct buf rows;
    struct duty_piece *pieces;
    size_t count, cap;
};

static void ask(struct duty_reading *d);

static void end(struct duty_reading *d, struct web_answer *out)
{
    gateway_answer(d->g, d->ticket, out);
    web_answer_fini(out);
    buf_fini(&d->rows);
    free(d->pieces);
    free(d);
}

static void fail(struct duty_reading *d, int status, const char *words)
{
    struct web_answer out;
    web_answer_init(&out);
    if (status == 503)
        web_answer_field(&out, "Retry-After", TEXT("5"));
    web_problem(&out, status, "%s", words);
    end(d, &out);
}

/* ---- the answer ---- */

static int by_time(const void *a, const void *b)
{
    const struct duty_piece *x = a, *y = b;
    int order = entry_id_compare(x->id, y->id);
    return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

static void put_rows(const struct duty_reading *d, const char *between, struct buf *out)
{
    for (size_t i = 0; i < d->count; i++) {
        if (i > 0)
            buf_puts(out, between);
        buf_put(out, d->rows.data + d->pieces[i].at, d->pieces[i].len);
    }
}

static void put_all(const struct duty_reading *d, struct web_answer *out)
{
    char disposition[64];
    switch (d->format) {
    case DUTY_JSON:
        out->type = "application/json";
        buf_printf(&out->body, "{\"day\":\"%s\",\"timezone\":\"%s\",\"items\":[", d->day, d->zone);
        put_rows(d, ",", &out->body);
        buf_puts(&out->body, "],\"next\":null}");
        break;
    case DUTY_CSV:
        out->type = "text/csv; charset=utf-8";
        snprintf(disposition, sizeof disposition, "attachment; filename=\"duty-log-%s.csv\"", d->day);
        web_answer_field(out, "Content-Disposition", text_of(disposition));
        duty_log_csv_head(&out->body);
        put_rows(d, "", &out->body);
        break;
    case DUTY_HTML:
        out->type = "text/html; charset=utf-8";
        duty_log_html_head(text_of(d->day), text_of(d->zone), &out->body);
        put_rows(d, "", &out->body);
        duty_log_html_end(&out->body);
        break;
    }
    out->status = 200;
}

static void answer(struct duty_reading *d)
{
    struct web_answer out;
    if (d->count > 0)
        qsort(d->pieces, d->count, sizeof *d->pieces, by_time);
    web_answer_init(&out);
    put_all(d, &out);
    end(d, &out);
}

/* ---- reading ---- */

/* Whoever asked may have been put out meanwhile: then nothing is covered. */
static bool is_covered(const struct duty_reading *d, struct fields entry)
{
    const struct person *who = people_find(&d->g->people, text_of(d->who));
    uint32_t number;
    if (who == NULL)
        return false;
    if (d->stream == d->g->config.partitions.count || scope_is_whole(&who->scope))
        return true;
    return register_look(d->g->memory.book, fields_value(entry, "id"), alert_scope(who), &number);
}

static bool take_entry(struct duty_reading *d, struct entry_id id, struct fields entry)
{
    char at[32];
    struct mw_civil c;
    if (!is_covered(d, entry))
        return true;
    mw_civil_from_ms(d->g->following.world->zone, id.ms, &c);
    snprintf(at, sizeof at, "%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
             c.second);
    const struct duty_row row = {id.ms, text_of(at), entry};
    if (!array_reserve(&d->pieces, &d->cap, d->count + 1, sizeof *d->pieces))
        return false;
    struct duty_piece *piece = &d->pieces[d->count++];
    *piece = (struct duty_piece){.id = id, .at = d->rows.len};
    if (d->format == DUTY_JSON)
        duty_log_json_row(&row, &d->rows);
    else if (d->format == DUTY_CSV)
        duty_log_csv_row(&row, &d->rows);
    else
        duty_log_html_row(&row, &d->rows);
    piece->len = d->rows.len - piece->at;
    return buf_ok(&d->rows);
}

static void on_page(void *arg, const struct redis_reply *reply)
{
    struct duty_reading *d = arg;
    size_t count = redis_reply_count(reply);
    if (redis_reply_type(reply) != REDIS_ARRAY) {
        fail(d, 503, "the store did not answer");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct redis_reply *entry = redis_reply_at(reply, i);
        struct text text = redis_reply_text(redis_reply_at(entry, 0));
        struct entry_id id;
        if (!entry_id_read(text, &id))
            continue;
        if (!take_entry(d, id, memory_fields(d->g, redis_reply_at(entry, 1)))) {
            fail(d, 413, "there is more of that day than one answer can hold");
            return;
        }
        snprintf(d->place, sizeof d->place, "(%.*s", TEXT_ARG(text));
    }
    if (count < PAGE) {
        d->stream++;
        snprintf(d->place, sizeof d->place, "%lld", (long long)d->from_ms);
    }
    ask(d);
}

static void ask(struct duty_reading *d)
{
    const struct gateway *g = d->g;
    char key[MW_KEY_MAX], to[32], count[16];
    if (d->stream > g->config.partitions.count) {
        answer(d);
        return;
    }
    if (d->stream < g->config.partitions.count)
        snprintf(key, sizeof key, MW_KEY_ACTIONS, g->config.partitions.items[d->stream]);
    else
        snprintf(key, sizeof key, "muck:{0}:shifts");
    snprintf(to, sizeof to, "%lld", (long long)d->to_ms - 1);
    snprintf(count, sizeof count, "%d", PAGE);
    const struct text words[] = {TEXT("XRANGE"), text_of(key),  text_of(d->place),
                                 text_of(to),    TEXT("COUNT"), text_of(count)};
    if (!redis_send(g->redis, 6, words, on_page, d))
        fail(d, 503, "the store is away");
}

/* ---- the question ---- */

static bool read_day(struct text t, int32_t *out_days)
{
    int year, month, day, end = 0;
    char text[16];
    snprintf(text, sizeof text, "%.*s", TEXT_ARG(t));
    bool ok = strspn(text, "0123456789-") == 10 &&
              sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) == 3 && end == 10 &&
              mw_civil_date_valid(year, month, day);
    if (ok)
        *out_days = mw_civil_to_days(year, month, day);
    return ok;
}

static enum duty_format format_of(struct text word)
{
    return text_equal(word, TEXT("csv")) ? DUTY_CSV : text_equal(word, TEXT("html")) ? DUTY_HTML : DUTY_JSON;
}

void handle_duty_log(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct world *world = g->following.world;
    int32_t days;
    struct text day = web_match_text(match, "day", 0);
    if (!read_day(day, &days)) {
        web_problem_at(out, 400, "bad-parameter", "day", TEXT("expected a date, 2026-05-01"));
        return;
    }
    if (!alerts_are_whole(g, out))
        return;
    struct duty_reading *d = world != NULL && redis_connected(g->redis) ? calloc(1, sizeof *d) : NULL;
    if (d == NULL) {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "no world is known yet, or the store is away");
        return;
    }
    *d = (struct duty_reading){.g = g,
                               .ticket = match->request->ticket,
                               .format = format_of(web_match_text(match, "format", 0)),
                               .from_ms = mw_zone_day_start_ms(world->zone, days),
                               .to_ms = mw_zone_day_start_ms(world->zone, days + 1)};
    snprintf(d->who, sizeof d->who, "%.*s", TEXT_ARG(match->request->who->name));
    snprintf(d->day, sizeof d->day, "%.*s", TEXT_ARG(day));
    snprintf(d->zone, sizeof d->zone, "%.*s", TEXT_ARG(world->timezone));
    snprintf(d->place, sizeof d->place, "%lld", (long long)d->from_ms);
    buf_init(&d->rows, ROWS_BYTES);
    out->later = true;
    ask(d);
}
