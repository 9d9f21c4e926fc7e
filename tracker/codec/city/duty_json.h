/*
 * duty_json: a duty of the fleet file, into a world builder.
 *
 * One without a type is kept in the hash and nothing is expected of it, as worlds recorded by versions that knew no
 * duties have them.
 */
#ifndef MW_DUTY_JSON_H
#define MW_DUTY_JSON_H

#include "city_load.h"

/* The thing in hand, whose id is known. False after complaining. */
bool duty_json_load(struct city_load *load, const struct json_node *object);

#endif
