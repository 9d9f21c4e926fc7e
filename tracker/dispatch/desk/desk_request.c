/*
 * desk_request: a table of members, and a table of which action takes which. What a member is not for is refused, not passed
 * over: somebody who sends `until` with a close means something that would not happen.
 */
#include "desk_request.h"

#include "buf.h"

#include <stdio.h>

static const struct text usual_reasons[] = {TEXT("定位漂移"), TEXT("围栏有误"), TEXT("许可未录入"),
                                            TEXT("终端故障"), TEXT("紧急避险"), TEXT("重复")};
const struct desk_reasons desk_reasons_usual = {usual_reasons, sizeof usual_reasons / sizeof *usual_reasons};

enum member {
    ACTION,
    REVISION,
    REQUEST,
    ID,
    WHY,
    TO,
    FOUND,
    MEDIA,
    VERDICT,
    REASON,
    UNTIL,
    OF,
    MEMBER_COUNT
};

static const char *const names[MEMBER_COUNT] = {"action", "rev",   "request", "id",     "why",   "to",
                                                "found",  "media", "verdict", "reason", "until", "of"};

#define BIT(member) (1u << (member))
#define ALWAYS      (BIT(ACTION) | BIT(REVISION) | BIT(REQUEST))

static const struct {
    unsigned takes, needs; /* beside those of every request, and `why` */
} uses[DESK_ACTION_COUNT] = {
    [DESK_ASSIGN] = {BIT(TO), BIT(TO)},
    [DESK_NOTE] = {0, BIT(WHY)},
    [DESK_HANDLED] = {BIT(FOUND) | BIT(MEDIA), BIT(FOUND)},
    [DESK_APPROVE] = {BIT(VERDICT) | BIT(REASON), BIT(VERDICT)},
    [DESK_REJECT] = {BIT(VERDICT) | BIT(REASON), BIT(VERDICT) | BIT(REASON)},
    [DESK_REOPEN] = {0, BIT(WHY)},
    [DESK_SHELVE] = {BIT(UNTIL), BIT(UNTIL) | BIT(WHY)},
    [DESK_DUPLICATE] = {BIT(OF), BIT(OF)},
};

static bool fail(struct desk_fault *fault, const char *member, const char *text)
{
    snprintf(fault->pointer, sizeof fault->pointer, "/%s", member);
    fault->text = text;
    return false;
}

/* Lines may end in a text that people write; nothing else of what steers a terminal. */
static bool is_plain(struct text t, bool lines)
{
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.data[i];
        if (c == 0x7f || (c < 0x20 && !(lines && (c == '\n' || c == '\t'))))
            return false;
    }
    return true;
}

static bool is_id(struct text t)
{
    if (t.len != DESK_ID_LENGTH)
        return false;
    for (size_t i = 0; i < t.len; i++)
        if (!((t.data[i] >= 'a' && t.data[i] <= 'z') || (t.data[i] >= '2' && t.data[i] <= '7')))
            return false;
    return true;
}

static bool is_token(struct text t)
{
    for (size_t i = 0; i < t.len; i++) {
        char c = t.data[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                    c == '_' || c == '.';
        if (!good)
            return false;
    }
    return t.len > 0;
}

static bool take_text(const struct json_node *node, size_t most, struct text *out)
{
    if (!json_node_is(node, JSON_NODE_STRING) || node->len == 0 || node->len > most)
        return false;
    *out = json_node_text(node);
    return true;
}

static bool take_whole(const struct json_node *node, double most, int64_t *out)
{
    if (!json_node_is(node, JSON_NODE_NUMBER) || !node->whole || node->number < 0 || node->number > most)
        return false;
    *out = (int64_t)node->number;
    return true;
}

static bool starts(struct text t, struct text with)
{
    return t.len > with.len && memcmp(t.data, with.data, with.len) == 0;
}

/* A page makes links of them: nothing but http, and nothing that ends an attribute. */
static bool is_link(struct text t)
{
    for (size_t i = 0; i < t.len; i++)
        if ((unsigned char)t.data[i] <= ' ' || strchr("\"\\<>\x7f", t.data[i]) != NULL)
            return false;
    return starts(t, TEXT("https://")) || starts(t, TEXT("http://"));
}

/* As JSON once more, into the request's own bytes; links need no escapes. */
static bool take_media(const struct json_node *node, struct desk_request *r)
{
    struct buf out = {.data = r->media_bytes, .cap = sizeof r->media_bytes, .limit = sizeof r->media_bytes};
    if (!json_node_is(node, JSON_NODE_ARRAY) || node->len == 0 || node->len > DESK_MEDIA_MAX)
        return false;
    const struct json_node *item = json_node_first(node);
    for (uint32_t i = 0; i < node->len; i++, item = json_node_next(item)) {
        struct text link;
        if (!take_text(item, DESK_URI_MAX, &link) || !is_link(link))
            return false;
        buf_puts(&out, i == 0 ? "[\"" : ",\"");
        buf_put_text(&out, link);
        buf_put_char(&out, '"');
    }
    buf_put_char(&out, ']');
    r->media = buf_text(&out);
    return buf_ok(&out);
}

static bool find_action(struct text word, const struct json_node *verdict, enum desk_action *out)
{
    for (size_t i = 0; i < DESK_ACTION_COUNT; i++)
        if (text_equal(word, text_of(desk_action_word((enum desk_action)i)))) {
            bool rejects = json_node_is(verdict, JSON_NODE_STRING) &&
                           text_equal(json_node_text(verdict), TEXT("reject"));
            *out = (enum desk_action)i == DESK_APPROVE && rejects ? DESK_REJECT : (enum desk_action)i;
            return true;
        }
    return false;
}

static bool has_reason(struct desk_reasons reasons, struct text reason)
{
    for (size_t i = 0; i < reasons.count; i++)
        if (text_equal(reasons.items[i], reason))
            return true;
    return false;
}

/* NULL, or what was expected. */
static const char *take_member(enum member m, const struct json_node *node, struct desk_request *r)
{
    int64_t whole;
    switch (m) {
    case REVISION:
        if (!take_whole(node, UINT32_MAX, &whole))
            return "expected the rev of the work that was seen, a whole number";
        r->rev = (uint32_t)whole;
        return NULL;
    case REQUEST:
        return take_text(node, DESK_REQUEST_MAX, &r->request) && is_token(r->request)
                   ? NULL
                   : "expected 1 to 64 letters, digits, - . _";
    case ID:
        return take_text(node, DESK_ID_LENGTH, &r->id) && is_id(r->id) ? NULL
                                                                       : "expected the id of a violation";
    case WHY:
        return take_text(node, DESK_TEXT_MAX, &r->why) && is_plain(r->why, true)
                   ? NULL
                   : "expected a text of 1 to 2,000 bytes";
    case TO:
        return take_text(node, DESK_NAME_MAX, &r->to) && is_plain(r->to, false)
                   ? NULL
                   : "expected a person or a unit";
    case FOUND:
        return take_text(node, DESK_TEXT_MAX, &r->found) && is_plain(r->found, true)
                   ? NULL
                   : "expected a text of 1 to 2,000 bytes";
    case MEDIA:
        return take_media(node, r) ? NULL : "expected 1 to 16 URIs of http or https, of 512 bytes";
    case UNTIL:
        return take_whole(node, 4e12, &r->until_ms) ? NULL : "expected milliseconds since the epoch, or 0";
    case OF:
        return take_text(node, DESK_ID_LENGTH, &r->of) && is_id(r->of) ? NULL
                                                                       : "expected the id of a violation";
    case REASON:
        return take_text(node, DESK_NAME_MAX, &r->reason) ? NULL
                                                          : "expected one of the reasons that are configured";
    case ACTION:
    case VERDICT:
    case MEMBER_COUNT:
        break;
    }
    return NULL;
}

static enum member find_member(struct text name)
{
    size_t i = 0;
    while (i < MEMBER_COUNT && !text_equal(name, text_of(names[i])))
        i++;
    return (enum member)i;
}

static bool take_members(const struct json_node *node, unsigned takes, struct desk_request *r,
                         struct desk_fault *fault, unsigned *out_seen)
{
    const struct json_node *key = json_node_first(node);
    for (uint32_t i = 0; i < node->len; i++) {
        const struct json_node *value = json_node_next(key);
        struct text name = json_node_text(key);
        enum member m = find_member(name);
        char shown[64];
        snprintf(shown, sizeof shown, "%.*s", TEXT_ARG(name.len < sizeof shown ? name : TEXT("…")));
        if (m == MEMBER_COUNT || (takes & BIT(m)) == 0)
            return fail(fault, shown, "this action takes no such member");
        const char *expected = take_member(m, value, r);
        if (expected != NULL)
            return fail(fault, shown, expected);
        *out_seen |= BIT(m);
        key = json_node_next(value);
    }
    return true;
}

bool desk_request_read(const struct json_node *node, struct text id, struct desk_reasons reasons,
                       struct desk_request *out, struct desk_fault *out_fault)
{
    const struct json_node *action = json_node_member(node, "action"),
                           *verdict = json_node_member(node, "verdict");
    struct desk_request *r = out;
    *r = (struct desk_request){.id = id};
    if (!json_node_is(node, JSON_NODE_OBJECT))
        return fail(out_fault, "", "expected an object");
    if (!json_node_is(action, JSON_NODE_STRING) || !find_action(json_node_text(action), verdict, &r->action))
        return fail(
            out_fault, "action",
            "expected acknowledge, assign, note, handled, review, close, reopen, shelve or duplicate");
    unsigned seen = 0, of_place = id.len == 0 ? BIT(ID) : 0,
             needs = ALWAYS | of_place | uses[r->action].needs;
    if (!take_members(node, needs | uses[r->action].takes | BIT(WHY), r, out_fault, &seen))
        return false;
    for (enum member m = ACTION; m < MEMBER_COUNT; m++)
        if ((needs & BIT(m)) != 0 && (seen & BIT(m)) == 0)
            return fail(out_fault, names[m], "this action needs it");
    if (r->action == DESK_APPROVE &&
        !text_equal(json_node_is(verdict, JSON_NODE_STRING) ? json_node_text(verdict) : TEXT(""),
                    TEXT("approve")))
        return fail(out_fault, "verdict", "expected approve or reject");
    if (r->reason.len > 0 && !has_reason(reasons, r->reason))
        return fail(out_fault, "reason", "expected one of the reasons that are configured");
    return true;
}
