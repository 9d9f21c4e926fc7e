/*
 * kept_vehicle: the last fixes of one vehicle, from an archive.
 */
#ifndef MW_KEPT_VEHICLE_H
#define MW_KEPT_VEHICLE_H

#include "look.h"

/* Prints where it was last and its last fixes, the newest first, as muckctl vehicle does from the store. An exit code. */
int kept_vehicle(struct look *look, const char *command, const char *id, size_t count);

#endif
