/*
 * web_head: the head of an HTTP/1 request (RFC 9112), read strictly.
 *
 * Two readers that understand one request differently are how requests are smuggled, and a proxy stands in front
 * of us. So whatever the RFC lets a server repair is refused here instead: lines that do not end in CRLF, folded
 * lines, a blank before a colon, control characters, a field that decides something and stands twice, a length
 * beside a transfer coding, a coding other than `chunked`, a target that is no path. libevent's own reader lets
 * most of these pass and shows nobody what it repaired; that is why it is not used.
 *
 * Texts are borrowed from the bytes. A field that is absent is empty with `data` NULL.
 */
#ifndef MW_WEB_HEAD_H
#define MW_WEB_HEAD_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

/* The longest head, and how many fields it may have. */
enum { WEB_HEAD_MAX = 8192, WEB_FIELDS_MAX = 64 };

enum web_method { WEB_OTHER, WEB_GET, WEB_HEAD, WEB_POST, WEB_PUT, WEB_DELETE, WEB_METHOD_COUNT };
const char *web_method_name(enum web_method method);

/* The fields that anybody here looks at. Each may stand once. */
enum web_field {
    WEB_FIELD_HOST,
    WEB_FIELD_CONTENT_LENGTH,
    WEB_FIELD_TRANSFER_ENCODING,
    WEB_FIELD_CONNECTION,
    WEB_FIELD_EXPECT,
    WEB_FIELD_CONTENT_TYPE,
    WEB_FIELD_CONTENT_ENCODING,
    WEB_FIELD_COOKIE,
    WEB_FIELD_AUTHORIZATION,
    WEB_FIELD_ORIGIN,
    WEB_FIELD_SEC_FETCH_SITE,
    WEB_FIELD_ACCEPT_ENCODING,
    WEB_FIELD_IF_NONE_MATCH,
    WEB_FIELD_IF_MATCH,
    WEB_FIELD_IF_RANGE,
    WEB_FIELD_RANGE,
    WEB_FIELD_LAST_EVENT_ID,
    WEB_FIELD_FORWARDED_FOR,
    WEB_FIELD_COUNT
};

struct web_head {
    enum web_method method;
    struct text target; /* begins with '/' */
    struct text fields[WEB_FIELD_COUNT];
    bool closes; /* the connection ends with the answer */
    bool chunked;
    bool expects_continue;
    bool proxied;    /* a field says that it came by a proxy */
    uint64_t length; /* of the body, where it is not chunked */
};

/*
 * 0: the head is not whole yet; 200, with its bytes in *out_length; or the status that refuses it: 400, 417, 431,
 * 501, 505. After a refusal nothing on this connection can be trusted.
 */
int web_head_read(struct text bytes, struct web_head *out, size_t *out_length);

#endif
