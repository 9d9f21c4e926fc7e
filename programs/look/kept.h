/*
 * kept: an archive as the commands read it: opened, its damage told, and its entries handed out as those of the store are.
 */
#ifndef MW_KEPT_H
#define MW_KEPT_H

#include "archive_look.h"
#include "redis_look.h"

struct kept;

/* EX_OK, or an exit code after a sentence on stderr. */
int kept_open(const char *command, const char *path, struct kept **out);
void kept_close(struct kept *kept);
struct archive_look *kept_look(const struct kept *kept);
/* EX_DATAERR instead of EX_OK where something that was asked for is damaged. */
int kept_end(const struct kept *kept, int code);

/* Entries of a stream, by its name behind "muck:{P}:", in their order, as look_stream gives them; of one vehicle, or (NULL)
 * of all. `rulesets` are those of the day files; what was in force before the first of them comes first, without an id. */
struct kept_asked {
    const char *stream, *vehicle;
    int64_t since_ms;
    const char *id; /* of one finding or trip, or about one finding; NULL: of all */
    /* In place of these: those that began in [from, to); 0, 0: not asked. */
    int64_t begun_from_ms, begun_to_ms;
};
typedef int kept_visit(void *context, struct text id, const struct reply *fields);
int kept_stream(struct kept *kept, const struct kept_asked *asked, kept_visit *visit, void *context);

#endif
