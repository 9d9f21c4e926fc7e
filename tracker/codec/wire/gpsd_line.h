/*
 * gpsd_line: a line of gpsd, and what of it may be handed to libgps.
 *
 * libgps 3.22 does not come back from a line that it cannot read to its end: an object that breaks off, a list
 * that is too long, a text that is too long for its field. So lines are read here first. Of a position report
 * (TPV) a new line is written with the members that are needed, each checked and short; of a sky report (SKY)
 * the satellites in use are counted. All other classes are nothing to us.
 */
#ifndef MW_GPSD_LINE_H
#define MW_GPSD_LINE_H

#include "buf.h"
#include "text.h"

enum gpsd_line {
    GPSD_LINE_OTHER,    /* another class, or an empty line */
    GPSD_LINE_BAD,      /* not an object of JSON */
    GPSD_LINE_POSITION, /* *out has what libgps is to read, ended by a zero */
    GPSD_LINE_SKY,      /* *out_sats is set */
};

/* The longest line that is looked at: gpsd writes up to 10,240 bytes. */
enum { GPSD_LINE_MAX = 16384 };
/* The most that is written for a position report. */
enum { GPSD_POSITION_MAX = 1024 };

/* `out` has room for GPSD_POSITION_MAX bytes. */
enum gpsd_line gpsd_line_read(struct text line, struct buf *out, int *out_sats);

#endif
