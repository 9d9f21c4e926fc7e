/* web_server_state: what web_server.c (who may come) and web_server_peer.c (one who came) share. */
#ifndef MW_WEB_SERVER_STATE_H
#define MW_WEB_SERVER_STATE_H

#include "http_listener.h"
#include "web_chunks.h"
#include "web_server.h"
#include "web_tls.h"

#include <event2/bufferevent.h>
#include <event2/event.h>

enum {
    REQUEST_S = 10,       /* a request comes within so long, whatever is said meanwhile, */
    BODY_BPS = 512 << 10, /* and of a large body a second more for so many bytes */
    BODY_LARGE = 2 << 20, /* one is large beyond this, */
    BODIES_LARGE_MAX = 2, /* and so many of them may be here at once */
    IDLE_S = 60,          /* between two of them */
    LATER_S = 120,        /* what is answered later is by then */
    TAKEN_S = 30,         /* an answer is taken within so long, */
    TAKEN_BPS = 4096,     /* and a second more for so many bytes of it */
    STREAM_S = 60,        /* of a stream, what was pushed */
    LINGER_S = 2,         /* there was more than was read: closing at once would reset the answer away */
};

enum peer_state {
    PEER_FREE,
    PEER_IDLE,
    PEER_HEAD,
    PEER_BODY,
    PEER_LATER,
    PEER_WRITING,
    PEER_STREAM,
    PEER_LINGERING
};

struct web_peer {
    struct web_server *server;
    struct bufferevent *stream;
    struct event *end;
    enum peer_state state;
    uint32_t life;     /* counts who had this place: a ticket of one that is gone fits nobody */
    uint64_t idle_seq; /* when it became idle, by a count */
    bool secret;
    bool closes; /* with the answer in hand */
    bool lingers;
    char address[48];
    struct buf head_bytes, body;
    struct web_head head;
    struct web_chunks chunks;
    int file; /* -1: none */
    uint64_t file_at, file_left;
    unsigned *file_count; /* has this file in it; NULL: nobody counts */
};

struct web_server {
    struct web_server_callbacks callbacks;
    void *arg;
    struct loop *loop;
    struct event_base *base;
    struct http_listener *listener;
    struct web_tls *tls;
    struct buf head;          /* of the answer in hand */
    struct web_answer answer; /* to what is answered at once */
    struct web_target target; /* of the request in hand */
    struct web_peer *peers;
    uint64_t idle_count;
    struct web_server_figures figures;
};

/* Takes a connection in; `stream` is taken over. */
void web_peer_begin(struct web_peer *peer, struct bufferevent *stream);
/* Asks the request in hand. */
void web_peer_ask(struct web_peer *peer, bool noted);
/* Sends the answer to the request in hand. */
void web_peer_send(struct web_peer *peer, struct web_answer *answer);
void web_peer_end(struct web_peer *peer);
/* ---- web_server_stream.c ---- */
uint64_t web_peer_ticket(const struct web_peer *peer);
/* The answer, whose stream this is, has been written. */
void web_stream_begin(struct web_peer *peer);
/* Its connection is lost, or nobody took what was pushed: it ends, and that is told. */
void web_stream_lost(struct web_peer *peer);
/* One has gone or is idle: there is room again. */
void web_server_has_room(struct web_server *server);

#endif
