/*
 * What the gateway counts.
 */
#include "gateway.h"

enum metric {
    METRIC_STORE_CONNECTED,
    METRIC_WORLD_KNOWN,
    METRIC_ANSWERS,
    METRIC_ANSWER_SECONDS,
    METRIC_TURN_SECONDS,
    METRIC_TURN_LONGEST,
    METRIC_NOT_HTTP,
    METRIC_CONNECTIONS,
    METRIC_CONNECTIONS_MAX,
    METRIC_ACCEPTED,
    METRIC_NOT_ACCEPTED,
    METRIC_TOO_SLOW,
    METRIC_SESSIONS,
    METRIC_SIGN_INS,
    METRIC_SIGN_INS_WAITING,
    METRIC_USERS,
    METRIC_ALERTS,
    METRIC_VEHICLES,
    METRIC_MEMORY,
    METRIC_WHOLE,
    METRIC_ENTRIES,
    METRIC_STRANGE,
    METRIC_REBUILT,
    METRIC_LEFT,
    METRIC_STREAMS,
    METRIC_STREAM_GROUPS,
    METRIC_STREAMS_OPENED,
    METRIC_STREAMS_DROPPED,
    METRIC_STREAMS_RESET,
    METRIC_EVENTS,
    METRIC_PUSHES,
    METRIC_LOG_BYTES,
    METRIC_HOOK_EVENTS,
    METRIC_HOOK_DEAD,
    METRIC_HOOK_WAITING,
    METRIC_COUNT
};

static const char *const classes[] = {"2xx", "3xx", "4xx", "5xx", NULL};
static const char *const left[] = {"closed", "unclosed", NULL};
static const char *const hook_outcomes[] = {"told", "failed", "given_up", NULL}; /* enum hook_next */
static const char *const outcomes[] = {"right", "wrong", "locked", "not_looked_at", NULL};

static const struct metric_row rows[METRIC_COUNT] = {
    [METRIC_STORE_CONNECTED] = {"muckwatch_dispatch_store_connected", METRIC_GAUGE,
                                "Whether the store is there.", NULL, NULL},
    [METRIC_WORLD_KNOWN] = {"muckwatch_dispatch_world_known", METRIC_GAUGE,
                            "Whether the tracker's world is known.", NULL, NULL},
    [METRIC_ANSWERS] = {"muckwatch_dispatch_answers_total", METRIC_COUNTER,
                        "Answers, by the class of their status.", "class", classes},
    [METRIC_ANSWER_SECONDS] = {"muckwatch_dispatch_answer_seconds", METRIC_HISTOGRAM,
                               "What the loop was held up by a request.", NULL, NULL},
    [METRIC_TURN_SECONDS] = {"muckwatch_dispatch_loop_turn_seconds", METRIC_HISTOGRAM,
                             "Processor time of a turn of the loop: for so long nobody else was served.",
                             NULL, NULL},
    [METRIC_TURN_LONGEST] = {"muckwatch_dispatch_loop_turn_longest_seconds", METRIC_GAUGE,
                             "The longest of the turns since all streams were read, or all was read anew.",
                             NULL, NULL},
    [METRIC_NOT_HTTP] = {"muckwatch_dispatch_not_http_total", METRIC_COUNTER,
                         "Requests that were refused before they were understood.", NULL, NULL},
    [METRIC_CONNECTIONS] = {"muckwatch_dispatch_connections", METRIC_GAUGE, "Connections that are open.",
                            NULL, NULL},
    [METRIC_CONNECTIONS_MAX] = {"muckwatch_dispatch_connections_max", METRIC_GAUGE,
                                "As many as there may be.", NULL, NULL},
    [METRIC_ACCEPTED] = {"muckwatch_dispatch_accepted_total", METRIC_COUNTER, "Connections taken.", NULL,
                         NULL},
    [METRIC_NOT_ACCEPTED] = {"muckwatch_dispatch_not_accepted_total", METRIC_COUNTER,
                             "Connections that could not be taken.", NULL, NULL},
    [METRIC_TOO_SLOW] = {"muckwatch_dispatch_too_slow_total", METRIC_COUNTER,
                         "Connections ended since a request took too long to come, or an answer to be taken.",
                         NULL, NULL},
    [METRIC_SESSIONS] = {"muckwatch_dispatch_sessions", METRIC_GAUGE, "Who is signed in.", NULL, NULL},
    [METRIC_SIGN_INS] = {"muckwatch_dispatch_sign_ins_total", METRIC_COUNTER, "Passwords tried.", "outcome",
                         outcomes},
    [METRIC_SIGN_INS_WAITING] = {"muckwatch_dispatch_sign_ins_waiting", METRIC_GAUGE,
                                 "Passwords that wait to be looked at.", NULL, NULL},
    [METRIC_ALERTS] = {"muckwatch_dispatch_alerts", METRIC_GAUGE, "Alerts in memory.", NULL, NULL},
    [METRIC_VEHICLES] = {"muckwatch_dispatch_vehicles", METRIC_GAUGE, "Vehicles in memory.", NULL, NULL},
    [METRIC_MEMORY] = {"muckwatch_dispatch_memory_bytes", METRIC_GAUGE, "Bytes that they take.", NULL, NULL},
    [METRIC_WHOLE] = {"muckwatch_dispatch_memory_whole", METRIC_GAUGE,
                      "Whether all streams have been read to their ends and are followed.", NULL, NULL},
    [METRIC_ENTRIES] = {"muckwatch_dispatch_entries_total", METRIC_COUNTER, "Entries of streams read.", NULL,
                        NULL},
    [METRIC_STRANGE] = {"muckwatch_dispatch_strange_entries_total", METRIC_COUNTER,
                        "Of these, entries that could not be understood.", NULL, NULL},
    [METRIC_REBUILT] = {"muckwatch_dispatch_rebuilt_total", METRIC_COUNTER,
                        "Times all was read anew, since the store had gone back.", NULL, NULL},
    [METRIC_LEFT] = {"muckwatch_dispatch_alerts_left_total", METRIC_COUNTER,
                     "Alerts that were let go of since there were too many.", "what", left},
    [METRIC_STREAMS] = {"muckwatch_dispatch_streams", METRIC_GAUGE, "Streams of events that are open.", NULL,
                        NULL},
    [METRIC_STREAM_GROUPS] = {"muckwatch_dispatch_stream_groups", METRIC_GAUGE,
                              "Different ones: of those that are told the same there is one text.", NULL,
                              NULL},
    [METRIC_STREAMS_OPENED] = {"muckwatch_dispatch_streams_opened_total", METRIC_COUNTER, "Streams begun.",
                               NULL, NULL},
    [METRIC_STREAMS_DROPPED] = {"muckwatch_dispatch_streams_dropped_total", METRIC_COUNTER,
                                "Streams ended since they did not take what was sent.", NULL, NULL},
    [METRIC_STREAMS_RESET] = {"muckwatch_dispatch_streams_reset_total", METRIC_COUNTER,
                              "Streams that wanted to go on from where nothing is known.", NULL, NULL},
    [METRIC_EVENTS] = {"muckwatch_dispatch_events_total", METRIC_COUNTER, "Durable events.", NULL, NULL},
    [METRIC_PUSHES] = {"muckwatch_dispatch_pushes_total", METRIC_COUNTER, "Pieces given to streams.", NULL,
                       NULL},
    [METRIC_LOG_BYTES] = {"muckwatch_dispatch_event_log_bytes", METRIC_GAUGE,
                          "Memory that events are kept in for whoever comes back.", NULL, NULL},
    [METRIC_HOOK_EVENTS] = {"muckwatch_dispatch_hook_events_total", METRIC_COUNTER,
                            "Attempts to tell an event by webhook.", "outcome", hook_outcomes},
    [METRIC_HOOK_DEAD] = {"muckwatch_dispatch_hook_dead", METRIC_GAUGE,
                          "Events that were given up and are shown as dead letters.", NULL, NULL},
    [METRIC_HOOK_WAITING] = {"muckwatch_dispatch_hook_waiting", METRIC_GAUGE,
                             "Hooks' streams that wait, since their receiver did not take an event.", NULL,
                             NULL},
    [METRIC_USERS] = {"muckwatch_dispatch_users", METRIC_GAUGE, "Users there are.", NULL, NULL},
};

struct metrics *gateway_metrics(void)
{
    return metrics_new(rows, METRIC_COUNT);
}

void gateway_count_answer(struct gateway *g, int status)
{
    size_t class = status < 300 ? 0 : status < 400 ? 1 : status < 500 ? 2 : 3;
    metrics_add(g->metrics, METRIC_ANSWERS, class, 1);
}

void gateway_count_refused(struct gateway *g)
{
    metrics_add(g->metrics, METRIC_NOT_HTTP, 0, 1);
}

void gateway_count_time(struct gateway *g, double seconds)
{
    metrics_observe(g->metrics, METRIC_ANSWER_SECONDS, seconds);
}

/* Until all is known nobody is answered. */
void gateway_count_turn(void *gateway, int64_t cpu_ns)
{
    struct gateway *g = gateway;
    double seconds = (double)cpu_ns / 1e9;
    metrics_observe(g->metrics, METRIC_TURN_SECONDS, seconds);
    bool began_whole = g->turn_whole;
    g->turn_whole = memory_is_whole(g);
    if (!g->turn_whole)
        metrics_set(g->metrics, METRIC_TURN_LONGEST, 0, 0);
    else if (began_whole && seconds > metrics_get(g->metrics, METRIC_TURN_LONGEST, 0))
        metrics_set(g->metrics, METRIC_TURN_LONGEST, 0, seconds);
}

void gateway_count_signed(struct gateway *g, enum signed_in how)
{
    metrics_add(g->metrics, METRIC_SIGN_INS, how, 1);
}

void gateway_count_hook(struct gateway *g, enum hook_next what)
{
    metrics_add(g->metrics, METRIC_HOOK_EVENTS, what, 1);
}

static void write_hooks(const struct gateway *g, struct metrics *m)
{
    size_t dead = 0, waiting = 0;
    for (size_t i = 0; i < g->hooking.count; i++)
        dead += g->hooking.hooks[i].dead_count;
    for (size_t i = 0; i < g->hooking.lane_count; i++)
        waiting += g->hooking.lanes[i].try.failed > 0;
    metrics_set(m, METRIC_HOOK_DEAD, 0, (double)dead);
    metrics_set(m, METRIC_HOOK_WAITING, 0, (double)waiting);
}

/* A counter grows to what somebody else has counted; where that was counted anew, it stays. */
static void grow_label_to(struct metrics *m, enum metric row, size_t label, uint64_t count)
{
    uint64_t is = (uint64_t)metrics_get(m, row, label);
    metrics_add(m, row, label, count > is ? count - is : 0);
}

static void grow_to(struct metrics *m, enum metric row, uint64_t count)
{
    grow_label_to(m, row, 0, count);
}

static void write_memory(const struct gateway *g, struct metrics *m)
{
    struct register_figures f;
    register_figures(g->memory.book, &f);
    metrics_set(m, METRIC_ALERTS, 0, (double)f.alerts);
    metrics_set(m, METRIC_MEMORY, 0, (double)f.bytes);
    metrics_set(m, METRIC_WHOLE, 0, memory_is_whole(g));
    struct fleet_now_figures fleet = fleet_now_figures(g->memory.fleet);
    metrics_set(m, METRIC_VEHICLES, 0, (double)fleet.vehicles);
    grow_to(m, METRIC_ENTRIES, g->memory.taken);
    grow_to(m, METRIC_STRANGE, f.strange + fleet.strange);
    grow_to(m, METRIC_REBUILT, g->memory.rebuilt);
    grow_label_to(m, METRIC_LEFT, 0, f.left_closed);
    grow_label_to(m, METRIC_LEFT, 1, f.left_unclosed);
}

static void write_streams(const struct gateway *g, struct metrics *m)
{
    struct feed_figures f = feed_figures(g->pushing.feed);
    metrics_set(m, METRIC_STREAMS, 0, (double)f.streams);
    metrics_set(m, METRIC_STREAM_GROUPS, 0, (double)f.groups);
    metrics_set(m, METRIC_LOG_BYTES, 0, (double)f.log_bytes);
    grow_to(m, METRIC_STREAMS_OPENED, f.opened);
    grow_to(m, METRIC_STREAMS_DROPPED, f.dropped);
    grow_to(m, METRIC_STREAMS_RESET, f.resets);
    grow_to(m, METRIC_EVENTS, f.events);
    grow_to(m, METRIC_PUSHES, f.pieces);
}

void gateway_write_metrics(struct gateway *g, struct buf *out)
{
    struct metrics *m = g->metrics;
    struct web_server_figures f = web_server_figures(g->server);
    size_t sessions = sessions_settle(&g->sessions, &g->people, loop_now(g->loop));
    metrics_set(m, METRIC_STORE_CONNECTED, 0, redis_connected(g->redis));
    metrics_set(m, METRIC_WORLD_KNOWN, 0, g->following.world != NULL);
    metrics_set(m, METRIC_CONNECTIONS, 0, f.open);
    metrics_set(m, METRIC_CONNECTIONS_MAX, 0, f.most);
    grow_to(m, METRIC_ACCEPTED, f.accepted);
    grow_to(m, METRIC_NOT_ACCEPTED, f.not_accepted);
    grow_to(m, METRIC_TOO_SLOW, f.too_slow);
    metrics_set(m, METRIC_SESSIONS, 0, (double)sessions);
    metrics_set(m, METRIC_SIGN_INS_WAITING, 0, (double)g->signing.count);
    metrics_set(m, METRIC_USERS, 0, (double)g->people.count);
    write_memory(g, m);
    write_streams(g, m);
    write_hooks(g, m);
    metrics_write(m, out);
}
