/*
 * discard: the least a subscriber can do: takes every fix with QoS 1 and throws it away, the library's own
 * loop.
 *
 *   bench_discard PORT COUNT      ends after COUNT messages; prints the CPU they cost
 *
 * The peer of muckwatchd in `scripts/bench daemon`: what it costs is what MQTT costs, before any judging.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <mosquitto.h>

static long left;

static void connected(struct mosquitto *m, void *arg, int rc)
{
    (void)arg, (void)rc;
    mosquitto_subscribe(m, NULL, "muck/v1/+/fix", 1);
    puts("subscribed");
    fflush(stdout);
}

static void message(struct mosquitto *m, void *arg, const struct mosquitto_message *msg)
{
    (void)arg, (void)msg;
    if (--left == 0)
        mosquitto_disconnect(m);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 64;
    long count = left = atol(argv[2]);
    mosquitto_lib_init();
    struct mosquitto *m = mosquitto_new("discard", true, NULL);
    mosquitto_connect_callback_set(m, connected);
    mosquitto_message_callback_set(m, message);
    if (mosquitto_connect(m, "127.0.0.1", atoi(argv[1]), 60) != MOSQ_ERR_SUCCESS)
        return 69;
    mosquitto_loop_forever(m, -1, 1);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double us = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
                (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    printf("%ld %.3f\n", count, us / (double)count);
    mosquitto_destroy(m);
    mosquitto_lib_cleanup();
    return 0;
}
