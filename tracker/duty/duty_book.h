/*
 * duty_book: the ledgers of all duties and days that are not over, and which of them an entry of work concerns.
 *
 *     an entry of work ──► the duties it may be of ──► their day's ledger ──► judged ──► differences, told
 *
 * A day's ledger begins with the first clock that has come to its first window, or with the first deed of it, and is
 * let go of some time after the day is over; what comes later than that is passed over. No clock is read: the vehicles'
 * own, as the entries say them, are all there is. Of a vehicle that was never heard of there is none, and it holds up
 * nothing.
 *
 * Everything is known by symbols. The world is the caller's, and is told when it changes.
 */
#ifndef MW_DUTY_BOOK_H
#define MW_DUTY_BOOK_H

#include "duty_judge.h"
#include "duty_known_day.h"
#include "duty_times.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So long after a day is over what comes late is still taken: beyond the horizon of late data, at its longest. */
#define DUTY_KEEP_MS INT64_C(259200000)

struct duty_gone {
    uint32_t duty;
    int32_t day;
    size_t pages;
};

struct duty_book {
    struct duty_judge judge;
    struct duty_known_day *days; /* of the world's duties */
    struct duty_ledger **ledgers;
    size_t count, cap;
    uint32_t *table; /* of ledgers by duty and day: place + 1; 0: free */
    size_t table_size;
    struct duty_times clocks; /* of vehicles: how far they have come */
    struct duty_times since;  /* of duties: since when they are known */
    int64_t clock_ms;         /* the farthest of all */
    struct duty_gone *gone;   /* ledgers that were let go of since they were written */
    size_t gone_count, gone_cap;
    uint64_t passed_over; /* entries that came too late, or did not fit */
};

void duty_book_init(struct duty_book *b, const struct names *names, struct duty_listener listener);
void duty_book_fini(struct duty_book *b);
/* Forgets all but what it was made with. */
void duty_book_clear(struct duty_book *b);
/* Another world is in force: what the old one had and this has not is closed. Before any entry. False without memory,
 * as below: what is in the book is then worth nothing. */
bool duty_book_set_world(struct duty_book *b, const struct world *world);
/* Entries of one vehicle come in the order of its stream. */
bool duty_book_take(struct duty_book *b, const struct duty_work *work);

/* What has changed is written. */
void duty_book_written(struct duty_book *b);

/* For who brings back what was written. */
bool duty_book_restore_clock(struct duty_book *b, uint32_t vehicle, int64_t ms);
bool duty_book_restore_since(struct duty_book *b, uint32_t duty, int64_t ms);
/* Takes it. Its points are not laid yet. */
bool duty_book_restore_ledger(struct duty_book *b, struct duty_ledger *take);
struct duty_ledger *duty_book_find(const struct duty_book *b, uint32_t duty, int32_t day);
/* All was brought back: lets go of ledgers that are not whole, and counts them. */
bool duty_book_restored(struct duty_book *b, uint32_t *out_damaged);

#endif
