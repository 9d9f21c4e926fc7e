/*
 * plates: which vehicle has a plate, by the vehicles of a fleet file. Width of letters, case, blanks, dots and dashes make
 * no difference. A plate that stands twice there is nobody's.
 */
#ifndef MW_PLATES_H
#define MW_PLATES_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

struct plate {
    struct text folded, id;
};

struct plates {
    struct arena texts;
    struct plate *items; /* ascending */
    size_t count, cap;
};

enum plates_status { PLATES_OK, PLATES_WRONG /* no fleet file */, PLATES_NO_MEMORY };

void plates_init(struct plates *p);
void plates_fini(struct plates *p);
enum plates_status plates_read(struct plates *p, struct text fleet);
/* Empty: nobody. */
struct text plates_find(const struct plates *p, struct text plate);

#endif
