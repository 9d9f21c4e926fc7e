#include "server.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

/* Below the range that the system takes ports for outgoing connections from, where any client could be given
 * it before the server has it; begun at a place of this process's own. */
uint16_t free_port(void)
{
    enum { LOWEST = 20000, PORTS = 12000 };
    static uint32_t tried;
    for (uint32_t i = 0; i < PORTS; i++) {
        uint16_t port = (uint16_t)(LOWEST + ((uint32_t)getpid() * 37 + tried++) % PORTS);
        struct sockaddr_in at = {
            .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        bool bound = bind(fd, (struct sockaddr *)&at, sizeof at) == 0;
        close(fd);
        if (bound)
            return port;
    }
    fail_msg("no free port");
    return 0;
}

bool wait_port(uint16_t port, int wait_ms)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < wait_ms / 10; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool up = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
        if (fd >= 0)
            close(fd);
        if (up)
            return true;
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
    return false;
}

static const char *const base_config[] = {
    [SERVER_MOSQUITTO] = "listener %d 127.0.0.1\nallow_anonymous true\npersistence false\nlog_type error\n"
                         "max_queued_messages 0\nmax_inflight_messages 1000\n%s",
    [SERVER_REDIS] = "bind 127.0.0.1\nport %d\nappendonly yes\nappendfsync always\nsave \"\"\n"
                     "maxmemory-policy noeviction\n%s",
};

void server_init(struct server *s, int type, const char *extra_config)
{
    *s = (struct server){.type = (unsigned)type, .port = free_port()};
    strcpy(s->dir, "/tmp/muckwatch-test-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->extra, sizeof s->extra, "%s", extra_config != NULL ? extra_config : "");
    char path[128];
    snprintf(path, sizeof path, "%s/config", s->dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, base_config[type], s->port, s->extra);
    if (type == SERVER_REDIS)
        fprintf(f, "\ndir %s\n", s->dir);
    fclose(f);
}

void server_start(struct server *s)
{
    char config[128];
    snprintf(config, sizeof config, "%s/config", s->dir);
    s->pid = fork();
    assert_true(s->pid >= 0);
    if (s->pid == 0) {
        char log[128];
        snprintf(log, sizeof log, "%s/log", s->dir);
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(fd, 1);
        dup2(fd, 2);
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves nothing running */
        if (s->type == SERVER_MOSQUITTO) {
            execlp("mosquitto", "mosquitto", "-c", config, (char *)NULL);
            execl("/usr/sbin/mosquitto", "mosquitto", "-c", config, (char *)NULL);
        } else {
            execlp("redis-server", "redis-server", config, (char *)NULL);
        }
        _exit(127);
    }
    if (!wait_port(s->port, 10000))
        fail_msg("%s does not start: see %s/log", s->type == SERVER_REDIS ? "redis-server" : "mosquitto",
                 s->dir);
}

void server_stop(struct server *s, int signo)
{
    if (s->pid <= 0)
        return;
    kill(s->pid, SIGCONT);
    kill(s->pid, signo);
    waitpid(s->pid, NULL, 0);
    s->pid = 0;
}

void server_fini(struct server *s)
{
    server_stop(s, SIGKILL);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", s->dir);
    if (system(command) != 0)
        print_message("%s is left behind\n", s->dir);
}
