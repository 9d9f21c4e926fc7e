/* journal_folder: a folder of the real disk, behind the interface that the journal uses (journal_disk.h). */
#ifndef MW_JOURNAL_FOLDER_H
#define MW_JOURNAL_FOLDER_H

#include "journal_disk.h"

/* The folder `path`, made (mode 0750) where absent. 0 or a negated errno. */
int journal_folder_open(const char *path, struct journal_disk *out);
/* The same to read only: makes nothing, writes and locks fail. */
int journal_folder_open_to_read(const char *path, struct journal_disk *out);

#endif
