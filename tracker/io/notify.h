/*
 * notify: tells systemd how the service is, where it asked to be told (NOTIFY_SOCKET); else does nothing.
 */
#ifndef MW_NOTIFY_H
#define MW_NOTIFY_H

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..." */
void notify_send(const char *message);

#endif
