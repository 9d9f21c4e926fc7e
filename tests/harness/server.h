/*
 * server: real servers for a test: each in a directory of its own, on a free port, stopped by its process id.
 */
#ifndef MW_TEST_SERVER_H
#define MW_TEST_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct server {
    char dir[64]; /* made under /tmp, removed by server_fini */
    uint16_t port;
    pid_t pid; /* 0: not running */
    enum { SERVER_MOSQUITTO, SERVER_REDIS } type;
    char extra[1024]; /* lines added to its configuration */
};

/* Finds a directory and a port; does not start it. Fails the test when it cannot. */
void server_init(struct server *s, int type, const char *extra_config);
/* Starts it and waits until it answers on its port. */
void server_start(struct server *s);
void server_stop(struct server *s, int signal);
void server_fini(struct server *s);
/* A TCP port that nobody listens on now. */
uint16_t free_port(void);
bool wait_port(uint16_t port, int wait_ms);

#endif
