/* store_json: fields of a hash or an entry as JSON members: numbers and lists as what they are, all else as texts. */
#ifndef MW_STORE_JSON_H
#define MW_STORE_JSON_H

#include "fields.h"
#include "json_write.h"

void store_json_write(struct json_writer *w, struct field field);
/* An entry as it was written: its id as `entry`, all else as texts. */
void store_json_write_entry(struct json_writer *w, struct text id, struct fields fields);
/* All of them, as one object. */
void store_json_write_all(struct json_writer *w, struct fields fields);

#endif
