/*
 * hook: runs a command for a message, the message on its standard input.
 *
 * The command is started directly, without a shell, so nothing in a message is ever interpreted. One runs at
 * a time; at most HOOK_QUEUE_MAX messages wait, of at most HOOK_MESSAGE_MAX bytes; what is over is dropped
 * and logged. A command that has not ended after HOOK_TIMEOUT_MS is killed.
 */
#ifndef MW_HOOK_H
#define MW_HOOK_H

#include "loop.h"
#include "text.h"

enum { HOOK_QUEUE_MAX = 8, HOOK_MESSAGE_MAX = 4096, HOOK_ARGUMENTS_MAX = 16, HOOK_TIMEOUT_MS = 10000 };

struct hook;

/* `command` is split at blanks; the first word is a path. Copied. NULL without memory or with too many words.
 */
struct hook *hook_new(struct loop *loop, const char *command);
/* Kills what runs. Takes NULL. */
void hook_free(struct hook *h);
/* False when it was dropped. */
bool hook_run(struct hook *h, struct text message);

#endif
