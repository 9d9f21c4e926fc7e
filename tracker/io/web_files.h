/*
 * web_files: files of one folder over HTTP, and nothing that is not in it.
 *
 * A path is walked from the folder's descriptor a segment at a time without following any link, so neither `..` nor
 * a link leads out; segments that begin with a dot, folders and what is no regular file are not there. There is no
 * listing. Where a browser takes gzip and a file has a twin with `.gz` behind its name, the twin is sent.
 */
#ifndef MW_WEB_FILES_H
#define MW_WEB_FILES_H

#include "web_answer.h"
#include "web_request.h"

#include <stdbool.h>

struct web_files;

/* What all files of a folder have in common. */
enum web_files_kind {
    WEB_FILES_PAGE,  /* a name with a hash in it never changes; all else is asked for again */
    WEB_FILES_TILES, /* vector tiles: gzip is inside, whatever a browser takes; a day old is good enough */
};

/* NULL when it cannot be opened; errno says why. */
struct web_files *web_files_new(const char *folder, enum web_files_kind kind);
void web_files_free(struct web_files *files);

/* The file at the path behind the first `skip` segments; of an empty one, index.html. 200, 206, 304, or a problem
 * 404, 416. */
void web_files_answer(struct web_files *files, const struct web_request *request, size_t skip,
                      struct web_answer *out);
/* One file by its path on disk, for a single `.pmtiles`. */
void web_files_answer_one(const char *path, const struct web_request *request, struct web_answer *out);

#endif
