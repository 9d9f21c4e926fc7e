/*
 * city_entries: the things of all files of a city together: their order, ids that stand twice, and telling of
 * one whose file has been put away.
 *
 * A file of half a gigabyte is not kept for the few lines that may be told of it in the end: whoever needs
 * one has the file read again.
 */
#ifndef MW_CITY_ENTRIES_H
#define MW_CITY_ENTRIES_H

#include "city_load.h"

struct city_entries {
    struct city_load *city;
    /* Has a file's bytes once more, as world_load_options.read; NULL: nobody has, and there are no lines. */
    bool (*read)(void *context, const char *path, struct buf *out, struct problem *out_problem);
    void *read_context;
    /* The file read last for its lines: */
    struct text path;
    struct buf bytes;
    struct text_lines lines;
    size_t len;
};

void city_entries_fini(struct city_entries *entries);

/*
 * Sorts them by kind and id. The same day in two calendar files, say of December, is one day; the same thing
 * twice is a mistake: false, after complaining.
 */
bool city_entries_sort(struct city_entries *entries);
/* Tells something of an entry, or of one that was made for the purpose; `place` is where it lies, or NULL. */
void city_entries_tell(struct city_entries *entries, bool error, const struct city_entry *entry,
                       const struct mw_point *place, const char *reason);
/* The entry of that kind and id, after sorting; NULL: there is none. */
const struct city_entry *city_entries_find(const struct city_entries *entries, const char *what,
                                           struct text id);
/* Tells what the builder found in the whole: of the permit or duty whose id stands in front. For world_builder_tell.
 */
void city_entries_hear(void *entries, const struct world_error *error);

#endif
