/*
 * sensor_socket: a Unix datagram socket at a path: where readers of the hardware send what they see, and
 * where this program sends what is for the cab.
 *
 * A datagram is at most SENSOR_DATAGRAM_MAX bytes; longer ones are dropped and counted. Who may write to it
 * is a matter of the folder's and the socket's permissions (0660).
 */
#ifndef MW_SENSOR_SOCKET_H
#define MW_SENSOR_SOCKET_H

#include "loop.h"
#include "text.h"

enum { SENSOR_DATAGRAM_MAX = 2048 };

struct sensor_socket;
typedef void sensor_datagram(void *arg, struct text datagram);

/* Makes the socket; one that a process left behind is replaced, one that lives is not. NULL with errno. */
struct sensor_socket *sensor_socket_new(struct loop *loop, const char *path, sensor_datagram *received,
                                        void *arg);
/* Removes it. Takes NULL. */
void sensor_socket_free(struct sensor_socket *s);

/* Sends one datagram to whoever listens at the path, without waiting. 0 or an errno. */
int sensor_socket_send(const char *path, struct text datagram);

#endif
