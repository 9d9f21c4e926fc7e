/*
 * evidence_objects: bytes by their SHA-256: each once, pressed, read-only, and on the disk before it is said to be there.
 */
#ifndef MW_EVIDENCE_OBJECTS_H
#define MW_EVIDENCE_OBJECTS_H

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>

#define EVIDENCE_HASH_BYTES 32
#define EVIDENCE_OBJECT_MAX (1u << 30)

struct evidence_objects;

/* Objects lie in `root`/objects. NULL without memory. `root` is borrowed. */
struct evidence_objects *evidence_objects_new(const char *root);
void evidence_objects_free(struct evidence_objects *o);

/* What is there already is left as it is. False with errno. */
bool evidence_objects_put(struct evidence_objects *o, const unsigned char hash[EVIDENCE_HASH_BYTES],
                          struct text bytes);
/* Appends its bytes. False with errno: ENOENT where there is none, EILSEQ where what is there is not what was put. */
bool evidence_objects_get(struct evidence_objects *o, const unsigned char hash[EVIDENCE_HASH_BYTES],
                          struct buf *out);
bool evidence_objects_has(struct evidence_objects *o, const unsigned char hash[EVIDENCE_HASH_BYTES]);
/* False with errno where it is still there. */
bool evidence_objects_drop(struct evidence_objects *o, const unsigned char hash[EVIDENCE_HASH_BYTES]);

/* What of an object's path is behind `root`: "objects/ab/cdef…". */
#define EVIDENCE_OBJECT_PATH 80
void evidence_object_path(const unsigned char hash[EVIDENCE_HASH_BYTES], char out[EVIDENCE_OBJECT_PATH]);

#endif
