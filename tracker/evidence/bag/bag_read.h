/*
 * bag_read: a package from a stranger as files, and whether each is what the manifests say.
 *
 * Nothing of it is believed: the archive is read by zip_read.h, and a manifest counts as far as it goes. Who signed the manifest is another question
 * (verify.h).
 */
#ifndef MW_BAG_READ_H
#define MW_BAG_READ_H

#include "bag.h"
#include "zip_read.h"

struct bag {
    struct zip_archive zip; /* by name; without the top folder in them */
    struct text top;        /* the top folder's name */
};

/* bag_fini is due either way. */
enum zip_status bag_open(struct text archive, struct bag *out, struct problem *out_problem);
void bag_fini(struct bag *bag);
/* False: there is none. */
bool bag_file(const struct bag *bag, struct text path, struct text *out);

/* It is a bag as it is written here: its declaration, the files that each has, bag-info.txt true of id and size. */
bool bag_check_form(const struct bag *bag, struct problem *out_problem);
/* Every file is in the manifest of its part with its SHA-256, and all that these name are there. The first that differs is named. */
bool bag_check_hashes(const struct bag *bag, struct problem *out_problem);
/* A line of bag-info.txt, without its name. */
bool bag_info(const struct bag *bag, const char *name, struct text *out);

#endif
