/*
 * fleet_json: files with vehicles, permits and duties, into a world builder.
 *
 * The contract is in docs/CONFIGURATION.md. A file has any of the three lists. Duties are kept for the hash
 * of the world; nothing judges them yet.
 */
#ifndef MW_FLEET_JSON_H
#define MW_FLEET_JSON_H

#include "city_load.h"

/* Loads the file load->file. False, with the reason in load->problem. */
bool fleet_json_load(struct city_load *load, struct text bytes);

#endif
