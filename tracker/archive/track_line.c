/*
 * A line is the fix as it was received, with the vehicle and the time of arrival put in front. Entries that only tell
 * of a hole, and marks of kinds that are not for a replay, make no line.
 *
 * A unit may send its JSON over several lines. What stands between its tokens means nothing, and within a text no line feed
 * stands as such, so a line feed becomes a space: what is one line to its readers has to be one.
 */
#include "track_line.h"

static struct text get(const struct track_entry_fields *from, const char *name)
{
    return from->field(from->entry, name);
}

static void put_fix(struct buf *out, struct text vehicle, const struct track_entry_fields *from)
{
    struct text fix = get(from, "fix"), received = get(from, "received");
    if (fix.len < 2 || fix.data[0] != '{')
        return;
    buf_puts(out, "{\"vehicle\":\"");
    buf_put_text(out, vehicle);
    buf_puts(out, "\",\"received\":");
    buf_put_text(out, received);
    if (fix.data[1] != '}')
        buf_put_char(out, ',');
    buf_put(out, fix.data + 1, fix.len - 1);
}

/* What was judged again stands behind the fixes of the batch that carries it. */
static void put_redo(struct buf *out, const struct track_entry_fields *from)
{
    struct text begin = get(from, "begin"), left = get(from, "left");
    if (!text_equal(get(from, "kind"), TEXT("redo")))
        return;
    buf_printf(
        out,
        "{\"mark\":\"redo\",\"vehicle\":\"%.*s\",\"received\":%.*s,\"clock\":%.*s,\"from\":%.*s%s%.*s%s%.*s}",
        TEXT_ARG(get(from, "vehicle")), TEXT_ARG(get(from, "received")), TEXT_ARG(get(from, "clock")),
        TEXT_ARG(get(from, "from")), begin.len > 0 ? ",\"begin\":" : "", TEXT_ARG(begin),
        left.len > 0 ? ",\"left\":" : "", TEXT_ARG(left));
}

static void put_life(struct buf *out, const struct track_entry_fields *from)
{
    if (text_equal(get(from, "kind"), TEXT("life")))
        buf_printf(out, "{\"mark\":\"life\",\"vehicle\":\"%.*s\",\"received\":%.*s,\"clock\":%.*s}",
                   TEXT_ARG(get(from, "vehicle")), TEXT_ARG(get(from, "received")),
                   TEXT_ARG(get(from, "clock")));
}

static void put_clock(struct buf *out, const struct track_entry_fields *from)
{
    bool runs = text_equal(get(from, "runs"), TEXT("1"));
    struct text fired = get(from, "fired");
    buf_printf(out, "{\"attended\":%.*s,\"received\":%.*s,\"runs\":%s%s%.*s}", TEXT_ARG(get(from, "clock")),
               TEXT_ARG(get(from, "received")), runs ? "true" : "false", fired.len > 0 ? ",\"fired\":" : "",
               TEXT_ARG(fired));
}

static void put_sync(struct buf *out, const struct track_entry_fields *from)
{
    bool synchronised = text_equal(get(from, "synchronised"), TEXT("1"));
    buf_printf(out, "{\"received\":%.*s,\"synchronised\":%s,\"offset_us\":%.*s,\"maxerror_us\":%.*s}",
               TEXT_ARG(get(from, "received")), synchronised ? "true" : "false",
               TEXT_ARG(get(from, "offset")), TEXT_ARG(get(from, "error")));
}

static void put_ruleset(struct buf *out, const struct track_entry_fields *from)
{
    buf_printf(out, "{\"ruleset\":\"%.*s\",\"received\":%.*s}", TEXT_ARG(get(from, "ruleset")),
               TEXT_ARG(get(from, "received")));
}

static void keep_one_line(struct buf *out, size_t from)
{
    for (char *feed; from < out->len && (feed = memchr(out->data + from, '\n', out->len - from)) != NULL;)
        *feed = ' ';
}

void track_line_put(struct buf *out, enum track_line_kind kind, struct text vehicle,
                    const struct track_entry_fields *from)
{
    size_t begin = out->len;
    switch (kind) {
    case TRACK_LINE_LIFE:
        put_life(out, from);
        break;
    case TRACK_LINE_CLOCK:
        put_clock(out, from);
        break;
    case TRACK_LINE_RULESET:
        put_ruleset(out, from);
        break;
    case TRACK_LINE_FIX:
        put_fix(out, vehicle, from);
        break;
    case TRACK_LINE_REDO:
        put_redo(out, from);
        break;
    case TRACK_LINE_SYNC:
        put_sync(out, from);
        break;
    }
    keep_one_line(out, begin);
}
