/*
 * The start-up self-test of held acknowledgements: the promise that a fix is acknowledged only once it is
 * stored rests on how one version of a library happens to queue. So before anything else the library is put
 * to a broker of four packets, played by this file over loopback: it must take a PUBLISH, hand it over, and
 * stay silent until mosquitto_loop_write.
 */
#include "mqtt.h"

#include <errno.h>
#include <string.h>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mosquitto.h>

enum { WAIT_MS = 2000 };

/* MQTT 5: CONNACK without properties; PUBLISH QoS 1 to "t", id 7; and the PUBACK of it, in its two forms. */
static const unsigned char connack[] = {0x20, 3, 0, 0, 0};
static const unsigned char publish[] = {0x32, 6, 0, 1, 't', 0, 7, 0};
static const unsigned char puback_head[] = {0x40};

static void count_message(struct mosquitto *m, void *arg, const struct mosquitto_message *msg)
{
    (void)m, (void)msg;
    ++*(int *)arg;
}

static bool ready(int fd, short what, int wait_ms)
{
    struct pollfd p = {.fd = fd, .events = what};
    return poll(&p, 1, wait_ms) == 1;
}

/* Reads until the library has nothing new to hand over. */
static void read_all(struct mosquitto *m)
{
    while (ready(mosquitto_socket(m), POLLIN, 50))
        if (mosquitto_loop_read(m, 1) != MOSQ_ERR_SUCCESS)
            return;
}

static const char *converse(struct mosquitto *m, int peer, const int *messages)
{
    unsigned char bytes[256];
    if (mosquitto_loop_write(m, 1) != MOSQ_ERR_SUCCESS || !ready(peer, POLLIN, WAIT_MS) ||
        read(peer, bytes, sizeof bytes) <= 0)
        return "the library sends no CONNECT";
    if (write(peer, connack, sizeof connack) != sizeof connack ||
        write(peer, publish, sizeof publish) != sizeof publish)
        return "loopback does not work";
    if (!ready(mosquitto_socket(m), POLLIN, WAIT_MS))
        return "loopback does not work";
    read_all(m);
    if (*messages != 1)
        return "the library does not hand over a message";
    if (ready(peer, POLLIN, 20))
        return "the library acknowledges a message before it is told to write";
    if (!mosquitto_want_write(m))
        return "the library forgets to acknowledge";
    if (mosquitto_loop_write(m, 1) != MOSQ_ERR_SUCCESS || !ready(peer, POLLIN, WAIT_MS) ||
        read(peer, bytes, sizeof bytes) < 4 || bytes[0] != puback_head[0])
        return "the library does not acknowledge when it is told to write";
    return NULL;
}

static const char *connect_and_converse(struct mosquitto *m, int listener, uint16_t port, const int *messages)
{
    if (mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) != MOSQ_ERR_SUCCESS ||
        mosquitto_threaded_set(m, true) != MOSQ_ERR_SUCCESS ||
        mosquitto_connect_async(m, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS)
        return "the library does not connect";
    if (!ready(listener, POLLIN, WAIT_MS))
        return "loopback does not work";
    int peer = accept(listener, NULL, NULL);
    if (peer < 0)
        return "loopback does not work";
    const char *reason = converse(m, peer, messages);
    close(peer);
    return reason;
}

bool mqtt_self_test(const char **out_reason)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int messages = 0;
    const char *reason = "cannot listen on loopback";
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct mosquitto *m = mosquitto_new("muckwatch-self-test", true, &messages);
    if (m == NULL)
        reason = "out of memory";
    else if (listener >= 0 && bind(listener, (struct sockaddr *)&at, sizeof at) == 0 &&
             getsockname(listener, (struct sockaddr *)&at, &len) == 0 && listen(listener, 1) == 0) {
        mosquitto_message_callback_set(m, count_message);
        reason = connect_and_converse(m, listener, ntohs(at.sin_port), &messages);
    }
    if (m != NULL)
        mosquitto_destroy(m);
    if (listener >= 0)
        close(listener);
    if (reason != NULL)
        *out_reason = reason;
    return reason == NULL;
}
