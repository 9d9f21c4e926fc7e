/*
 * progress: a bar on standard error while something takes long, where that is a terminal; nothing where it is not.
 */
#ifndef MW_PROGRESS_H
#define MW_PROGRESS_H

#include "buf.h"

/* `share` of all that is to be done, 0 to 1; what is beyond counts as its end. */
void progress_draw(double share, const char *what);
/* The bar is taken away again, if one was drawn. */
void progress_clear(void);
/* The bar's text alone. */
void progress_write(struct buf *out, double share, const char *what);

#endif
