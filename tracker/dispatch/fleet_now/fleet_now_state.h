/* fleet_now_state: what it is made of; for its own files alone. */
#ifndef MW_FLEET_NOW_STATE_H
#define MW_FLEET_NOW_STATE_H

#include "fleet_now.h"
#include "symbols.h"

struct fleet_now {
    struct symbols ids;
    struct vehicle_now **by_symbol, **ordered;
    size_t symbol_cap, order_cap, count, sorted, most; /* `ordered` is in order up to `sorted` */
    struct vehicle_now *newest;
    uint64_t strange, changes, removals;
    int64_t latest_ms;
    bool truncated;
};

/* Takes what a row, or a hash, tells. False without memory. */
bool fleet_now_put(struct fleet_now *f, const struct vehicle_now *told, bool row);

#endif
