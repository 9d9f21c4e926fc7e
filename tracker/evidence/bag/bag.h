/*
 * bag: the package of a sealed case: a BagIt 1.0 bag (RFC 8493) in one ZIP archive, whose top folder is the case's id.
 *
 * The case's entries below data/ are there before; here the files around them are made: what the bag is, its manifests, what proves that the record is in
 * the log, and how to check it. tagmanifest-sha256.txt names each of them with its SHA-256, and the manifest of data/ with them, so a signature of it
 * stands for the whole bag. They are made once, when a checkpoint holds the record; the same case gives the same bytes whenever and wherever.
 */
#ifndef MW_BAG_H
#define MW_BAG_H

#include "arena.h"
#include "sealed.h"

#define BAG_MANIFEST     "manifest-sha256.txt"
#define BAG_TAG_MANIFEST "tagmanifest-sha256.txt"
#define BAG_SIGNATURE    "tagmanifest.sig"     /* Ed25519, 64 bytes */
#define BAG_TIME_STAMP   "tagmanifest.tsr"     /* RFC 3161; may come later */
#define BAG_SM2          "tagmanifest.sm2.sig" /* SM2 with SM3; may come later */
#define BAG_SM2_KEY      "proof/sm2.pem"
#define BAG_RECORD       "proof/record.json" /* the leaf of the log */
#define BAG_PROOF        "proof/case.tlog-proof"
#define BAG_PUBLIC_KEY   "proof/pub.pem"
#define BAG_KEYS         "proof/keys.txt"
#define BAG_REPORT       "data/report.pdf"

/* "BagIt-Version: 1.0" and so on. */
extern const char bag_declaration[];
/* What bag-info.txt and the report say of a case that nobody has approved. */
#define BAG_DRAFT "DRAFT 未审核"

/* Adds all files around data/ but the signatures; their texts are in the arena. `agent`: the program, with its version. False without memory. */
bool bag_add_tags(struct sealed_case *c, struct text agent, struct arena *arena);
/* Appends the archive. False where it has no room. */
bool bag_write(const struct sealed_case *c, struct buf *out);

/*
 * The SHA-256 of the lines of a manifest but that of the report: what the report can say of the case, since it cannot have a hash of itself. Anybody works
 * it out with `grep -v 'data/report.pdf$' manifest-sha256.txt | sha256sum`.
 */
void bag_data_digest(struct text manifest, unsigned char out[SEALED_SHA256]);
void bag_put_hex(struct buf *out, const unsigned char hash[SEALED_SHA256]);

#endif
