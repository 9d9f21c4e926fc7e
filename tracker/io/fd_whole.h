/* fd_whole: bytes onto a descriptor, all of them, and a folder's names onto the disk. */
#ifndef MW_FD_WHOLE_H
#define MW_FD_WHOLE_H

#include "text.h"

#include <stdbool.h>

/* Writes all of them, or false with errno. */
bool fd_write_whole(int fd, struct text bytes);
/* What was made, renamed or removed in it is on the disk. False with errno. */
bool folder_sync(const char *path);

#endif
