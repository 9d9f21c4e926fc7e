/*
 * fix_object: one element of a payload, to a fix or to why it was refused: its keys in any order, and what
 * only the whole object can tell. Who walks the payload is fix_json.
 */
#ifndef MW_FIX_OBJECT_H
#define MW_FIX_OBJECT_H

#include "fix_item.h"
#include "json_scan.h"

/*
 * One element, from where `scan` stands: an object, or anything else, refused. `line` is NULL but for a line
 * of recorded fixes, whose own keys go there. `depth` levels are open around it. On a fault the item's bytes
 * are the rest of the text and `scan` stands at the end.
 */
void fix_object_read(struct json_scan *scan, unsigned depth, struct fix_line *line, struct fix_item *out);

#endif
