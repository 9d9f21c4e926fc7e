/*
 * sqlite: one SQLite database on this thread. The only file that knows SQLite.
 *
 * A statement is named by its text, a literal: it is prepared when it is first asked for and kept. It is bound from 1 on,
 * stepped until it has no more rows, and is then free again; unbound values are NULL.
 */
#ifndef MW_SQLITE_H
#define MW_SQLITE_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

struct sqlite;
struct sqlite_query;

enum sqlite_mode { SQLITE_TO_READ, SQLITE_TO_WRITE, SQLITE_TO_WRITE_LONG /* rows of kilobytes */ };

/*
 * NULL, with a sentence, where it cannot be opened, and errno is then as of sqlite_errno. To write: made where it is not, in
 * WAL mode with synchronous=FULL. To read: beside who writes, and without keeping him waiting; also in a folder where nothing
 * may be written, as long as no log (`-wal`) lies beside the file that nobody has open.
 */
struct sqlite *sqlite_open(const char *path, enum sqlite_mode mode, char *why, size_t why_size);
void sqlite_close(struct sqlite *db);
/* Of the last call that failed. */
const char *sqlite_why(const struct sqlite *db);
/* What the disk said when it failed: ENOSPC, EIO and so on; 0 where it was not the disk. */
int sqlite_errno(const struct sqlite *db);
/* Statements without rows, parted by semicolons. */
bool sqlite_run(struct sqlite *db, const char *sql);
bool sqlite_in_transaction(const struct sqlite *db);
/* NULL where it cannot be prepared. */
struct sqlite_query *sqlite_ask(struct sqlite *db, const char *literal);

void sqlite_bind_whole(struct sqlite_query *q, int place, int64_t value);
void sqlite_bind_real(struct sqlite_query *q, int place, double value);
void sqlite_bind_text(struct sqlite_query *q, int place, struct text value); /* empty: NULL */
void sqlite_bind_bytes(struct sqlite_query *q, int place, const void *bytes, size_t n);

enum sqlite_came { SQLITE_CAME_NOT, SQLITE_CAME_ROW, SQLITE_CAME_END };
enum sqlite_came sqlite_next(struct sqlite *db, struct sqlite_query *q);
/* Before its end. */
void sqlite_leave(struct sqlite_query *q);
/* To its end; false when it failed. */
bool sqlite_do(struct sqlite *db, struct sqlite_query *q);

int64_t sqlite_whole(const struct sqlite_query *q, int column);
double sqlite_real(const struct sqlite_query *q, int column);
bool sqlite_is_null(const struct sqlite_query *q, int column);
struct text sqlite_bytes(const struct sqlite_query *q, int column); /* until the next step */

/* What the file does not need is given back, and its log of writes, unless somebody reads it; nobody is waited for. */
bool sqlite_shrink(struct sqlite *db);

/* A whole copy while others write. */
bool sqlite_copy(struct sqlite *from, const char *to, char *why, size_t why_size);

#endif
