/* alerts_answer: what other routes say of alerts and of the watch, in the words of their own. */
#ifndef MW_ALERTS_ANSWER_H
#define MW_ALERTS_ANSWER_H

#include "gateway.h"
#include "json_write.h"

/* False, with a problem: the streams are still being read. */
bool alerts_are_whole(const struct gateway *g, struct web_answer *out);
/* The alerts of a request: those of memory, or of the archive. NULL: they are being read, or a problem. */
struct register_book *alerts_book(struct gateway *g, const struct web_match *match, struct web_answer *out);
/* `counts` and `truncated`, and one of their kind. */
void counts_write(struct json_writer *w, const struct register_found *found);
void count_write(struct json_writer *w, const char *key, uint64_t count);
/* A page of a list, with its counts: one object. */
void alerts_write(struct gateway *g, const struct register_found *found, int64_t now_ms, struct buf *out);
/* Who has the watch: one object. */
void shift_write(const struct shift *shift, struct json_writer *w);

#endif
