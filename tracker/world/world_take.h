/*
 * world_take: the steps by which a builder takes over what several kinds of things have: texts, ids, classes, hours.
 */
#ifndef MW_WORLD_TAKE_H
#define MW_WORLD_TAKE_H

#include "world_steps.h"

bool world_take_text(struct world_builder *b, struct text t, struct text *out);
/* An id of a fence, vehicle, permit or duty; `what` says which. */
enum world_status world_take_id(struct world_builder *b, const char *what, struct text id,
                                uint32_t *out_symbol, struct world_error *out_error);
/* A list of them, in the arena. */
enum world_status world_take_ids(struct world_steps *s, const char *what, const struct text *ids,
                                 size_t count, uint32_t **out);
void world_sort_symbols(uint32_t *symbols, size_t count);
/* A name that may be absent: symbol 0. */
bool world_take_name(struct world_builder *b, struct text name, uint32_t *out_symbol);
enum world_status world_take_class(struct world_builder *b, struct text name, uint32_t *out_number,
                                   struct world_error *out_error);
/* Hours of the thing in hand; `member` is how the file calls them. Absent: NULL. */
enum world_status world_take_hours(struct world_steps *s, const char *member, struct text hours,
                                   const struct mw_hours **out_hours, uint32_t *out_slot);

#endif
