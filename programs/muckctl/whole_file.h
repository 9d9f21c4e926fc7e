/* whole_file: a file that a command makes: there whole, or as it was before. */
#ifndef MW_WHOLE_FILE_H
#define MW_WHOLE_FILE_H

#include "text.h"

/* Under another name first, PATH.part, with `mode` less the umask; then on the disk in its place. EX_OK, or EX_USAGE,
 * EX_CANTCREAT or EX_IOERR after a sentence on stderr. */
int whole_file_put(const char *command, const char *path, struct text bytes, unsigned mode);

#endif
