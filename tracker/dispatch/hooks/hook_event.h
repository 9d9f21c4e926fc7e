/*
 * hook_event: an entry of a stream as an event for others: CloudEvents 1.0 in structured JSON, and who wants it.
 *
 *     {"specversion":"1.0","id":"0/violations/1777593600125-0","source":"/muckwatch/0","type":"muckwatch.violation.opened",
 *      "subject":"ncktf5syu5c3tap2nmgliksklj","time":"2026-05-01T00:00:00.125Z","datacontenttype":"application/json","data":{…}}
 *
 * `id` is that of the entry, so an event that is sent twice has one id; `time` is when the entry was written; `data` has the entry's
 * fields as texts (docs/PROTOCOL.md). The signature is that of "Standard Webhooks": HMAC-SHA-256 over `id.seconds.body`.
 */
#ifndef MW_HOOK_EVENT_H
#define MW_HOOK_EVENT_H

#include "buf.h"
#include "fields.h"
#include "options.h"

#include <stdbool.h>
#include <stdint.h>

enum hook_stream { HOOK_VIOLATIONS, HOOK_OVERDUE, HOOK_STREAM_COUNT };
/* As its key ends. */
const char *hook_stream_name(enum hook_stream stream);

/* Each an exact word, a jurisdiction with all below it; an empty list: all of them. */
struct hook_wish {
    struct text_list events, kinds, severities, jurisdictions;
};

struct hook_event {
    uint32_t partition;
    enum hook_stream stream;
    struct text entry_id;
    struct fields entry;
};

/* "opened", "overdue" and so on. */
struct text hook_event_word(const struct hook_event *event);
bool hook_event_is_word(struct text word);
bool hook_wants(const struct hook_wish *wish, const struct hook_event *event);

enum { HOOK_EVENT_ID_MAX = 96, HOOK_SIGNATURE_MAX = 64, HOOK_BODY_MAX = 65536 };
void hook_event_id(const struct hook_event *event, char out[HOOK_EVENT_ID_MAX]);
void hook_event_write(const struct hook_event *event, struct buf *out);
/* "v1," and the signature in base64. */
struct hook_signed {
    const char *id;
    int64_t at_s;
    struct text body;
};
void hook_sign(struct text secret, const struct hook_signed *what, char out[HOOK_SIGNATURE_MAX]);

#endif
