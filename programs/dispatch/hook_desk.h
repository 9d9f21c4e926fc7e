/*
 * hook_desk: webhooks: entries of the streams, each told to whoever wants it, in their order, at least once.
 *
 * A lane is one hook on one stream of one partition. Its place, the entry up to which all is told, is a field NAME/STREAM of the hash
 * `hooks`; it is written behind each event that was told or given up, so a kill repeats the last one and leaves none out. A hook that is
 * new begins with what comes from now on.
 *
 *     unknown ──► idle ──► reading ──► sending ──► storing ──► idle
 *                  ▲          └► waiting ─┘└──► later (hook_try.h) ──┘
 *
 * Of a hook HOOK_POSTS_MAX are under way at once; the others wait, and go on in turn.
 * What was given up is in `hooks` as well, field NAME!STREAM!ENTRY, the newest HOOK_DEAD_MAX of a hook.
 */
#ifndef MW_HOOK_DESK_H
#define MW_HOOK_DESK_H

#include "dispatch_config.h"
#include "hook_event.h"
#include "hook_try.h"
#include "overdue_told.h"
#include "web_post.h"

struct gateway;
struct hook_at;

enum {
    HOOK_DEAD_MAX = 200,
    HOOK_ENTRY_MAX = 48,
    HOOK_REASON_MAX = 128,
    HOOK_SECRET_MAX = 512,
    HOOK_POSTS_MAX = 4
};

enum lane_state {
    LANE_UNKNOWN,
    LANE_ASKING,
    LANE_IDLE,
    LANE_READING,
    LANE_WAITING,
    LANE_SENDING,
    LANE_LATER,
    LANE_STORING
};

struct hook_dead {
    enum hook_stream stream;
    uint32_t partition;
    char entry[HOOK_ENTRY_MAX];
    int status;
    int64_t at_ms;
    char reason[HOOK_REASON_MAX];
};

struct hook_lane {
    struct hook_at *hook;
    uint32_t partition;
    enum hook_stream stream;
    enum lane_state state;
    char place[HOOK_ENTRY_MAX];   /* all up to here is told */
    char sending[HOOK_ENTRY_MAX]; /* the entry in hand */
    bool dirty;                   /* the store has another place */
    bool buries;                  /* with `dead` */
    struct hook_dead dead;
    struct hook_try try;
};

struct hook_at {
    struct gateway *g;
    struct dispatch_hook config; /* its texts are those of the first configuration, which stays */
    struct hook_wish wish;
    char secret[HOOK_SECRET_MAX];
    unsigned posts; /* under way */
    bool name_lost; /* web_post.h */
    uint64_t told;
    int status; /* of the last attempt; 0: there was no answer */
    char reason[HOOK_REASON_MAX];
    struct hook_dead dead[HOOK_DEAD_MAX]; /* the oldest first */
    size_t dead_count;
};

struct hooking {
    struct web_poster *poster;
    struct loop_timer *timer;
    struct hook_at *hooks;
    size_t count;
    struct hook_lane *lanes;
    size_t lane_count;
    size_t partitions_known;
    bool asking; /* for what a partition's hash has */
    struct overdue_told overdue;
    size_t overdue_asked;
    int64_t overdue_at_ms;
    struct buf command;
};

#endif
