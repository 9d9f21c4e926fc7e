/* vehicle_id: what may name a vehicle. */
#ifndef MW_VEHICLE_ID_H
#define MW_VEHICLE_ID_H

#include "text.h"

#include <stdbool.h>

#define VEHICLE_ID_MAX 64

/* Whether `id` can name a vehicle: [A-Za-z0-9._-]{1,64}. */
bool vehicle_id_valid(struct text id);

#endif
