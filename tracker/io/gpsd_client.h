/*
 * gpsd_client: positions from gpsd, over libgps, on the loop.
 *
 * Connects, asks for reports, reads until nothing comes, connects again with back-off when gpsd goes or says
 * nothing for two minutes. A report becomes a struct fix with what is there and finite; nothing is judged
 * here (sampler.h does). The time is 0 where the receiver tells none.
 *
 * One thread, that of the loop. libgps' types do not leave gpsd_client.c.
 */
#ifndef MW_GPSD_CLIENT_H
#define MW_GPSD_CLIENT_H

#include "fix.h"
#include "loop.h"

struct gpsd_client;

struct gpsd_client_callbacks {
    void (*position)(void *arg, const struct fix *position);
    /* Connected to gpsd, or no more. */
    void (*state)(void *arg, bool connected);
};

/* `host` and `port` are borrowed. NULL without memory. */
struct gpsd_client *gpsd_client_new(struct loop *loop, const char *host, uint16_t port,
                                    const struct gpsd_client_callbacks *callbacks, void *arg);
void gpsd_client_start(struct gpsd_client *c);
/* Not from inside its callbacks. Takes NULL. */
void gpsd_client_free(struct gpsd_client *c);

#endif
