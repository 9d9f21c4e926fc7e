/*
 * zoneinfo: loads a time zone by its name from the system's time zone files.
 *
 * Read once, when a world is built; never TZ or localtime.
 */
#ifndef MW_ZONEINFO_H
#define MW_ZONEINFO_H

#include <muckwatch/zone.h>

#define ZONEINFO_DIR "/usr/share/zoneinfo" /* where Debian's tzdata has them */

enum zoneinfo_status {
    ZONEINFO_OK = 0,
    ZONEINFO_BAD_NAME, /* not the name of a zone, such as Asia/Shanghai */
    ZONEINFO_NOT_FOUND,
    ZONEINFO_BROKEN, /* there is a file, but not of a time zone */
    ZONEINFO_NO_MEMORY,
};

/* Loads the zone; the caller frees it with mw_zone_free. `dir` is ZONEINFO_DIR but in tests. */
enum zoneinfo_status zoneinfo_load(const char *dir, const char *name, struct mw_zone **out_zone);

/* In words, for a message. */
const char *zoneinfo_status_text(enum zoneinfo_status status);

#endif
