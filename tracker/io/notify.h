/*
 * notify: tells systemd the state of the service if systemd has asked for it (NOTIFY_SOCKET).
 */
#ifndef MW_NOTIFY_H
#define MW_NOTIFY_H

/* "READY=1", "STOPPING=1", "WATCHDOG=1", "STATUS=..." */
void notify_send(const char *message);

#endif
