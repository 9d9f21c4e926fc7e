/*
 * look: what the commands that look into Redis, or into an archive, share: where it is, how times are shown, and how rows
 * are printed.
 */
#ifndef MW_LOOK_H
#define MW_LOOK_H

#include "arguments.h"
#include "buf.h"
#include "kept.h"
#include "redis_look.h"
#include "text.h"

#include <muckwatch/zone.h>

#include <stdbool.h>
#include <stdint.h>

struct look {
    const char *redis;         /* HOST:PORT or the path of a socket */
    const char *username;      /* NULL: none */
    const char *password_file; /* NULL: none */
    const char *timezone;
    int64_t partition;
    bool json;
    struct store_options options; /* its texts are borrowed from the command line and from below */
    char host[256];
    char password[512];
    struct store *store;
    const char *archive; /* the folder that is read instead; NULL: Redis is */
    const char *only;    /* of its entries those of this vehicle; NULL: all */
    struct kept *kept;
    struct mw_zone *zone;
    struct buf out; /* a line being made */
};

/* Rows for a command's table of arguments. */
#define LOOK_ARGUMENTS(look)                                                                                 \
    {ARGUMENT_TEXT, "redis", "HOST:PORT|PATH", "where Redis is (127.0.0.1:6379)", &(look)->redis},           \
        {ARGUMENT_TEXT, "username", "NAME", "Redis user", &(look)->username},                                \
        {ARGUMENT_TEXT, "password-file", "FILE", "holds the Redis password in its first line",               \
         &(look)->password_file},                                                                            \
        {ARGUMENT_COUNT, "partition", "N", "partition of the vehicles (0)", &(look)->partition},             \
        {ARGUMENT_TEXT, "timezone", "ZONE", "times are shown in it (Asia/Shanghai)", &(look)->timezone},     \
    {                                                                                                        \
        ARGUMENT_FLAG, "json", NULL, "one JSON object a line", &(look)->json                                 \
    }

/* And for those that read an archive as well. */
#define LOOK_ARCHIVE_ARGUMENT(look)                                                                          \
    {                                                                                                        \
        ARGUMENT_TEXT, "archive", "DIR", "read the archive in DIR (archive.dir), and not Redis",             \
            &(look)->archive                                                                                 \
    }

/* Zone and connection, or archive. EX_OK, or an exit code after a sentence on stderr. `command` is "muckctl tail" and so
 * on. */
int look_open(struct look *look, const char *command);
void look_close(struct look *look);
/* EX_DATAERR instead of EX_OK where an archive turned out to be damaged in what was read. */
int look_end(const struct look *look, int code);
/* Connects again after a failure; the old connection is kept when that fails. */
bool look_reopen(struct look *look);
/* A failed command: tells why on stderr; EX_UNAVAILABLE. */
int look_failed(const struct look *look, const char *command);

/* A key of the contract with the partition and, where the format takes one, an id. */
const char *look_key(const struct look *look, char *key, const char *format, struct text id);

/* Calls visit for each entry of a stream, oldest first, from an id on ("-", or a time in milliseconds).
 * Anything but EX_OK ends it, and is returned. A visit asks the store nothing: that would take the reply
 * away. */
typedef int look_visit(void *context, struct text id, const struct reply *fields);
struct look_visitor {
    look_visit *visit;
    void *context;
};
int look_stream(struct look *look, const char *command, const char *key, const char *from,
                struct look_visitor visitor);

/* Appends the local time of milliseconds in decimal, "2026-06-07 22:00:05"; `-` when the text is empty. */
void look_put_time(struct look *look, struct text ms);
/* Appends text for a terminal: control characters become `?`, and it is filled up to `width` columns. */
void look_put_text(struct look *look, struct text text, size_t width);
/* A point in time as people give it after --since and the like: RFC 3339, or "90s", "15m", "2h", "3d" before now. Tells on
 * stderr when it is neither. */
bool look_parse_time(const char *command, const char *option, const char *text, int64_t *out_ms);
bool look_parse_since(const char *command, const char *text, int64_t *out_ms);

/* Prints the fields of an entry as one JSON object and ends the line; numbers are JSON numbers. `id`, unless
 * empty, comes first. */
void look_print_json(struct look *look, const char *id_name, struct text id, const struct reply *fields);
/* Whether an entry says that late data changed what was said (docs/PROTOCOL.md, "Corrections"). Of kinds that have a
 * cause of their own an `updated` one does not show it. */
bool look_corrects(const struct reply *fields);
/* Appends what such an entry does, in Chinese and English, in brackets; nothing for others. */
void look_put_correction(struct look *look, const struct reply *fields);
/* Prints one violation entry as a line for people. */
void look_print_violation(struct look *look, const struct reply *fields);

#endif
