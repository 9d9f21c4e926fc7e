#include "sessions.h"

#include <stdlib.h>
#include <string.h>

bool sessions_init(struct sessions *s, size_t most, int64_t idle_ms)
{
    *s = (struct sessions){.items = calloc(most, sizeof *s->items), .most = most, .idle_ms = idle_ms};
    return s->items != NULL;
}

void sessions_fini(struct sessions *s)
{
    free(s->items);
    *s = (struct sessions){0};
}

static bool is_free(const struct session *one)
{
    return one->secret_hash[0] == '\0';
}

static bool is_of(const struct session *one, const struct person *person)
{
    return text_equal((struct text){one->name, one->name_length}, person->name);
}

/* Whose it still is. */
static const struct person *owner_of(const struct sessions *s, const struct session *one,
                                     const struct people *people, struct mono now)
{
    if (now.ms - one->used.ms > s->idle_ms)
        return NULL;
    const struct person *person = people_find(people, (struct text){one->name, one->name_length});
    return person != NULL && memcmp(person->mark, one->mark, sizeof one->mark) == 0 ? person : NULL;
}

static struct session *place_for(struct sessions *s, const struct person *person, struct mono now)
{
    struct session *own = NULL, *free_one = NULL;
    size_t count = 0;
    for (size_t i = 0; i < s->most; i++) {
        struct session *one = &s->items[i];
        bool over = is_free(one) || now.ms - one->used.ms > s->idle_ms;
        if (over && free_one == NULL)
            free_one = one;
        if (over || !is_of(one, person))
            continue;
        count++;
        if (own == NULL || one->used.ms < own->used.ms)
            own = one;
    }
    return count >= SESSIONS_A_PERSON || free_one == NULL ? own : free_one;
}

bool sessions_open(struct sessions *s, const struct person *person, const char *secret_hash, struct mono now)
{
    struct session *one = place_for(s, person, now);
    if (one == NULL)
        return false;
    *one = (struct session){.name_length = person->name.len, .used = now};
    memcpy(one->secret_hash, secret_hash, TOKEN_HASH_SIZE);
    memcpy(one->name, person->name.data, person->name.len);
    memcpy(one->mark, person->mark, sizeof one->mark);
    return true;
}

static struct session *find(const struct sessions *s, const char *secret_hash)
{
    for (size_t i = 0; i < s->most; i++)
        if (memcmp(s->items[i].secret_hash, secret_hash, TOKEN_HASH_SIZE) == 0)
            return &s->items[i];
    return NULL;
}

const struct person *sessions_find(struct sessions *s, const struct people *people, const char *secret_hash,
                                   struct mono now)
{
    struct session *one = find(s, secret_hash);
    const struct person *person = one != NULL ? owner_of(s, one, people, now) : NULL;
    if (person != NULL)
        one->used = now;
    else if (one != NULL)
        *one = (struct session){0};
    return person;
}

bool sessions_are_open(const struct sessions *s, const char *secret_hash, struct mono now)
{
    const struct session *one = find(s, secret_hash);
    return one != NULL && now.ms - one->used.ms <= s->idle_ms;
}

bool sessions_close(struct sessions *s, const char *secret_hash)
{
    struct session *one = find(s, secret_hash);
    if (one != NULL)
        *one = (struct session){0};
    return one != NULL;
}

size_t sessions_settle(struct sessions *s, const struct people *people, struct mono now)
{
    size_t count = 0;
    for (size_t i = 0; i < s->most; i++) {
        struct session *one = &s->items[i];
        if (is_free(one))
            continue;
        if (owner_of(s, one, people, now) == NULL)
            *one = (struct session){0};
        else
            count++;
    }
    return count;
}
