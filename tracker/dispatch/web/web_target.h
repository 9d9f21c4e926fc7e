/*
 * web_target: what a request asks for: the segments of a path and the parameters of a query, decoded once.
 *
 * A path that could be read in two ways is refused: an encoded slash, backslash or per cent sign, a dot or two as
 * a segment, an empty segment, a control character, bytes that are not UTF-8. So a segment can be used as an id or
 * as the name of a file without being looked at again. In a query `+` is a blank, as forms write it.
 */
#ifndef MW_WEB_TARGET_H
#define MW_WEB_TARGET_H

#include "text.h"
#include "web_head.h"

enum { WEB_SEGMENTS_MAX = 12, WEB_PARAMETERS_MAX = 32 };

struct web_parameter {
    struct text name, value;
};

struct web_target {
    struct text segments[WEB_SEGMENTS_MAX];
    size_t segment_count; /* 0: "/" */
    struct web_parameter parameters[WEB_PARAMETERS_MAX];
    size_t parameter_count;
    char bytes[WEB_HEAD_MAX]; /* of all of them */
    size_t used;
};

/* 200; 400: it is not of that form; 404: a path of more segments than anything here has. */
int web_target_read(struct text target, struct web_target *out);

#endif
