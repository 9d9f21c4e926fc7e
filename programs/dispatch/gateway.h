/*
 * gateway: what muckwatch-dispatch is made of.
 *
 *     web_server ── admitting.c ──► who asks (people), how often, which route ──► routes_*.c ──► an answer
 *
 * admitting.c is the only way to a handler; what a handler may rely on is said there. following.c keeps the world that
 * the tracker judges by, signing.c has passwords looked at beside the loop. All else is on the loop's thread.
 */
#ifndef MW_GATEWAY_H
#define MW_GATEWAY_H

#include "case_desk.h"
#include "dispatch_config.h"
#include "drawing_desk.h"
#include "export_jobs.h"
#include "hook_desk.h"
#include "jobs.h"
#include "loop.h"
#include "memory.h"
#include "metrics.h"
#include "names.h"
#include "past_book.h"
#include "people.h"
#include "pushing.h"
#include "redis.h"
#include "sessions.h"
#include "signing_queue.h"
#include "state_line.h"
#include "tries.h"
#include "web_files.h"
#include "web_rate.h"
#include "web_route.h"
#include "web_server.h"
#include "web_tls.h"
#include "worker.h"
#include "world.h"
#include "world_desk.h"
#include "world_shelf.h"

#include <stdbool.h>

/* The world of the tracker, followed. */
struct following {
    struct worker *worker;
    struct world *world; /* held (world_shelf.h); NULL: none yet */
    uint32_t number;     /* of that world, one more each; 0: none yet */
    bool asking;
    char wanted[65];  /* being fetched or made */
    char refused[65]; /* could not be made; not tried again */
    char *canonical;
    size_t canonical_length;
    struct world *made, *gone; /* the worker's */
    struct problem problem;
};

struct gateway {
    const char *config_path;
    struct dispatch_config config;
    struct dispatch_config
        begun; /* the first, once it has been read again: the store's address is borrowed from it */
    char *redis_password;
    struct people people;
    struct sessions sessions;
    struct tries tries;
    struct web_rate rates[WEB_RATE_CLASS_COUNT];
    struct names *names;
    struct loop *loop;
    struct redis *redis;
    struct loop_timer *beat;
    struct web_server *server;
    struct web_tls *tls;
    struct web_files *dashboard, *tiles;
    struct metrics *metrics;
    struct following following;
    struct signing signing;
    struct world_desk world;
    struct hooking hooking;
    unsigned tracks_reading; /* under way */
    struct world_shelf shelf;
    struct drawing drawing;
    struct exports exports;
    struct case_desk cases;
    struct jobs jobs;
    struct jobs then; /* worlds of then are made (world_then.h) */
    struct past past;
    bool near_reading; /* tracks of all vehicles, from the store */
    struct memory memory;
    struct pushing pushing;
    struct states states;
    struct listing *listings; /* of vehicles, that are being made */
    bool turn_whole;          /* all was known when the loop's last turn ended */
    int exit_code;
};

/* ---- gateway.c ---- */
/* Everything, from the configuration; nothing is started. EX_OK, or the exit code and what is refused. */
int gateway_make(struct gateway *g, struct problem *out_problem);
void gateway_unmake(struct gateway *g);
/* Until a signal. The exit code. */
int gateway_run(struct gateway *g);
/* Whether cookies are for TLS alone. */
bool gateway_is_secret(const struct gateway *g);

/* ---- reloading.c ---- */
/* The configuration's, the users' and the certificate's files once more. What is wrong leaves all as it was. */
void gateway_reload(void *gateway);
/* The folder of the page, the tiles, and the rates, as the configuration says. */
bool gateway_take_config(struct gateway *g, struct problem *out_problem);
bool gateway_read_people(const struct dispatch_config *config, struct people *out,
                         struct problem *out_problem);
bool gateway_read_tls(const struct dispatch_config *config, struct web_tls **out,
                      struct problem *out_problem);

/* ---- admitting.c ---- */
extern const struct web_server_callbacks gateway_callbacks;
/* Answers what was to be answered later, and counts it. */
void gateway_answer(struct gateway *g, uint64_t ticket, struct web_answer *answer);

/* ---- routes_vehicles.c ---- */
void listings_unmake(struct gateway *g);

/* ---- noting.c ---- */
/* Writes down that this is asked; it is asked again when that is done. */
void gateway_note(struct gateway *g, const struct web_match *match, struct web_answer *out);

/* ---- counting.c ---- */
enum signed_in { SIGNED_RIGHT, SIGNED_WRONG, SIGNED_LOCKED, SIGNED_UNKNOWN };
struct metrics *gateway_metrics(void);
void gateway_count_answer(struct gateway *g, int status);
void gateway_count_refused(struct gateway *g);
void gateway_count_time(struct gateway *g, double seconds);
/* A loop_turned. */
void gateway_count_turn(void *gateway, int64_t cpu_ns);
void gateway_count_signed(struct gateway *g, enum signed_in how);
void gateway_count_hook(struct gateway *g, enum hook_next what);
void gateway_write_metrics(struct gateway *g, struct buf *out);

/* ---- following.c ---- */
/* Once a beat: asks which world is in force, fetches it, has it made. */
void gateway_follow(struct gateway *g);
void gateway_stop_following(struct gateway *g);

/* ---- past_asking.c ---- */
void gateway_make_past(struct gateway *g);
void gateway_unmake_past(struct gateway *g);
/* Once a beat. */
void gateway_past_beat(struct gateway *g);

/* ---- drawing.c ---- */
bool gateway_make_drawing(struct gateway *g);
void gateway_unmake_drawing(struct gateway *g);

/* ---- signing.c ---- */
/* Has a password looked at; its request is answered later. False: too many wait. `one` is copied. */
bool gateway_sign_in(struct gateway *g, const struct signing_one *one);

/* ---- world_asking.c ---- */
/* A change that was not settled when it ended is gone on with. */
void world_start(struct gateway *g);
void world_end(struct gateway *g);
/* A step of it, and the next one in a while. */
void world_go_on(void *gateway);
/* What the job in hand has written is in use: the trackers are asked, and whoever asked for it is answered then. */
void world_ask(struct gateway *g, uint64_t ticket);
/* The job that was begun for a change is done. */
void world_settled(struct gateway *g);
/* A job with the configuration as it is now; NULL: one is in hand. world_run has it done. */
struct world_job *world_new_job(struct gateway *g, enum world_task task);
bool world_run(struct gateway *g, uint64_t ticket);

/* ---- hooking.c ---- */
/* False where a secret cannot be read, or without memory. Nothing is done where no hook is configured. */
bool hooking_make(struct gateway *g, struct problem *out_problem);
void hooking_start(struct gateway *g);
void hooking_unmake(struct gateway *g);

/* ---- overdue.c ---- */
/* Now and then: writes that alerts are overdue, and lets go of those that are no more. */
void overdue_look(struct gateway *g);

/* ---- routes.c ---- */
extern const struct web_routes gateway_routes;

#endif
