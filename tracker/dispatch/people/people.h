/*
 * people: users.yaml: who there is, with role, scope, and what proves it is them.
 *
 *     users:
 *       "li":
 *         role: dispatcher
 *         password: "$argon2id$…"          (muckwatch-dispatch passwd)
 *         jurisdictions: ["city/east"]     nothing said: everywhere
 *         companies: ["Acme"]              nothing said: every one
 *       "wall":
 *         role: viewer
 *         token: "…"                       BLAKE2b-256 of the token (muckwatch-dispatch token)
 *
 * A person's mark is a hash of all of this: a session is good for as long as its person has the mark it was opened
 * under, so whoever is taken out, or whose role, scope or password is changed, has to sign in again.
 */
#ifndef MW_PEOPLE_H
#define MW_PEOPLE_H

#include "arena.h"
#include "buf.h"
#include "password.h"
#include "problem.h"
#include "role.h"
#include "scope.h"

#include <stdint.h>

enum { PERSON_NAME_MAX = 64, PEOPLE_MAX = 10000, PERSON_MARK_SIZE = 16 };

struct person {
    struct text name;
    enum role role;
    struct text password; /* as libsodium writes it; empty: none */
    struct text token;    /* 64 hexadecimal digits; empty: none */
    struct scope scope;
    uint8_t mark[PERSON_MARK_SIZE];
};

struct people {
    struct person *items;
    size_t count, cap;
    struct arena arena; /* of all texts */
};

void people_init(struct people *people);
void people_fini(struct people *people);

/* Whether somebody can be called so: letters, digits, `_`, `-` and what is beyond ASCII. */
bool person_name_valid(struct text name);

/* Reads a file's bytes; `name` is its path, for messages. False, with file, line and reason. */
bool people_read(struct people *people, struct text name, struct text bytes, struct problem *out_problem);

/* NULL: there is nobody of this name, or with a token of this hash. */
struct person *people_find(const struct people *people, struct text name);
const struct person *people_by_token(const struct people *people, struct text token_hash);

/* Finds or adds a person of no role yet. NULL without memory, or where there are PEOPLE_MAX. */
struct person *people_take(struct people *people, struct text name);

/* The whole file. */
void people_write(const struct people *people, struct buf *out);

#endif
