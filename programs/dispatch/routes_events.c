/*
 * A stream of events, begun: whose it is, from where on, and of which moves.
 */
#include "alerts_answer.h"
#include "credentials.h"
#include "gateway.h"
#include "handlers.h"
#include "json_scan.h"
#include "vehicle_scope.h"
#include "web_problem.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { RETRY_LEAST_MS = 1000, RETRY_SPREAD_MS = 3000 };

static void not_now(struct web_answer *out, const char *detail)
{
    web_answer_field(out, "Retry-After", TEXT("5"));
    web_problem(out, 503, "%s", detail);
}

/* WEST,SOUTH,EAST,NORTH in degrees (RFC 7946). */
static bool read_box(struct text t, struct feed_box *out)
{
    double *const sides[] = {&out->west, &out->south, &out->east, &out->north};
    struct json_scan s = json_scan_of(t);
    for (size_t i = 0; i < 4; i++) {
        struct json_number number;
        if (!json_scan_at_number(&s) || json_scan_number_slow(&s, &number) != JSON_FAULT_NONE ||
            (i < 3 && !json_scan_take(&s, ',')))
            return false;
        *sides[i] = json_number_double(&number);
    }
    return s.at == s.end && out->west >= -180 && out->west <= 180 && out->east >= -180 && out->east <= 180 &&
           out->south >= -90 && out->north <= 90 && out->south <= out->north;
}

/* The header is the later word: a client that comes back sends the address that it began with. */
static struct text place_of(const struct web_match *match)
{
    struct text last = web_field(match->request, WEB_FIELD_LAST_EVENT_ID);
    return last.len > 0 ? last : web_match_text(match, "after", 0);
}

static bool read_wish(const struct web_match *match, struct feed_place *place, struct feed_wish *wish,
                      struct web_answer *out)
{
    struct text after = place_of(match), box = web_match_text(match, "bbox", 0);
    struct text pos = web_match_text(match, "pos", 0);
    enum feed_place_read read = after.len > 0 ? feed_place_read(after, place) : FEED_PLACE_OK;
    wish->pos_s = pos.len == 0 || text_equal(pos, TEXT("off")) ? 0 : (unsigned)text_whole(pos);
    wish->from = after.len > 0 ? place : NULL;
    wish->strange = read == FEED_PLACE_OTHER;
    wish->boxed = box.data != NULL;
    if (read == FEED_PLACE_NONE) {
        web_problem_at(out, 400, "bad-place", "after",
                       TEXT("this is no place in the streams: `after` of a state, or the id of an event"));
        return false;
    }
    if (!wish->boxed || read_box(box, &wish->box))
        return true;
    web_problem_at(out, 400, "bad-parameter", "bbox", TEXT("expected WEST,SOUTH,EAST,NORTH in degrees"));
    return false;
}

static void set_owner(const struct gateway *g, const struct web_request *r, struct feed_owner *owner)
{
    *owner = (struct feed_owner){.name_length = r->who->name.len};
    memcpy(owner->name, r->who->name.data, r->who->name.len);
    memcpy(owner->mark, r->who->mark, sizeof owner->mark);
    if (web_field(r, WEB_FIELD_AUTHORIZATION).data == NULL)
        credentials_session(r, gateway_is_secret(g), owner->session);
}

static void begin(struct web_answer *out)
{
    out->status = 200;
    out->type = "text/event-stream";
    web_answer_field(out, "X-Accel-Buffering", TEXT("no")); /* nginx would wait for more */
}

static void open_stream(struct gateway *g, const struct web_match *match, struct feed_wish *wish,
                        struct web_answer *out)
{
    set_owner(g, match->request, &wish->owner);
    wish->scope = &match->request->who->scope;
    switch (feed_open(g->pushing.feed, match->request->ticket, wish)) {
    case FEED_OPENED:
        begin(out);
        out->stream = true;
        /* All come back at once when the gateway does. */
        buf_printf(&out->body, "retry: %u\n\n", RETRY_LEAST_MS + randombytes_uniform(RETRY_SPREAD_MS));
        if (!loop_timer_pending(g->pushing.tick))
            loop_timer_set(g->pushing.tick, FEED_TICK_MS);
        return;
    case FEED_FULL:
        not_now(out, "there are as many streams as there may be");
        return;
    case FEED_USER_FULL:
        not_now(out, "this user has as many streams as one may have");
        return;
    case FEED_NO_MEMORY:
        not_now(out, "there is no memory for it");
        return;
    }
}

/* Who asks for moves follows everybody there is: that is written down first. */
void handle_events(void *context, const struct web_match *match, struct web_answer *out)
{
    struct gateway *g = context;
    const struct web_request *r = match->request;
    struct feed_part parts[FEED_PARTITIONS_MAX];
    const struct feed_place *end = feed_log_end(g->pushing.log);
    struct feed_place place = {parts, end->count};
    struct feed_wish wish = {0};
    memcpy(parts, end->parts, end->count * sizeof *parts);
    if (!read_wish(match, &place, &wish, out) || !alerts_are_whole(g, out))
        return;
    if (end->count != g->memory.count)
        not_now(out, "there are more partitions than a place can name");
    else if (wish.pos_s > 0 && (!memory_knows_vehicles(g) || !vehicles_can_be_judged(g, r->who)))
        not_now(out, "vehicles are not known yet");
    else if (wish.pos_s > 0 && !r->noted)
        gateway_note(g, match, out);
    else if (r->head->method == WEB_HEAD)
        begin(out);
    else
        open_stream(g, match, &wish, out);
}
