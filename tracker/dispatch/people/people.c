#include "people.h"

#include "array.h"
#include "json_write.h"
#include "option_row.h"

#include <sodium.h>
#include <stdlib.h>

static const char *const role_names[ROLE_COUNT] = {"nobody", "viewer", "dispatcher", "enforcer", "admin"};

static options_tree read_person;

static const struct option rows[] = {
    {.path = "users.*", .type = OPTION_TREE, .tree = read_person, .text = "a user"}};

/* What stands below a name. */
struct person_row {
    int role;
    struct text password, token;
    struct text_list jurisdictions, companies;
};

#define ROW(...) OPTION_ROW(struct person_row, __VA_ARGS__)

static const struct option person_rows[] = {
    ROW(WORD, "role", role, 0, 0, NULL, NULL, "what they may do", .words = ROLE_WORDS, .required = true)
        ROW(TEXT, "password", password, 1, crypto_pwhash_STRBYTES, NULL, NULL, "the hash of a password")
            ROW(TEXT, "token", token, TOKEN_HASH_SIZE, TOKEN_HASH_SIZE, NULL, NULL, "the hash of a token")
                ROW(TEXTS, "jurisdictions", jurisdictions, 1, 255, NULL, NULL, "of which they may know")
                    ROW(TEXTS, "companies", companies, 1, 255, NULL, NULL, "of which they may know")};

void people_init(struct people *people)
{
    *people = (struct people){0};
    arena_init(&people->arena);
}

void people_fini(struct people *people)
{
    free(people->items);
    arena_fini(&people->arena);
    *people = (struct people){0};
}

bool person_name_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '_' && c != '-' && c < 0x80)
            return false;
    }
    return name.len > 0 && name.len <= PERSON_NAME_MAX;
}

struct person *people_find(const struct people *people, struct text name)
{
    for (size_t i = 0; i < people->count; i++)
        if (text_equal(people->items[i].name, name))
            return &people->items[i];
    return NULL;
}

const struct person *people_by_token(const struct people *people, struct text token_hash)
{
    for (size_t i = 0; i < people->count && token_hash.len == TOKEN_HASH_SIZE; i++)
        if (text_equal(people->items[i].token, token_hash))
            return &people->items[i];
    return NULL;
}

struct person *people_take(struct people *people, struct text name)
{
    struct person *found = people_find(people, name);
    struct text own;
    if (found != NULL)
        return found;
    if (people->count >= PEOPLE_MAX ||
        !array_reserve(&people->items, &people->cap, people->count + 1, sizeof *people->items) ||
        !arena_copy_text(&people->arena, name, &own))
        return NULL;
    people->items[people->count] = (struct person){.name = own};
    return &people->items[people->count++];
}

static void write_list(const char *key, struct text_list list, struct buf *out)
{
    if (list.count == 0)
        return;
    buf_printf(out, "    %s: [", key);
    for (size_t i = 0; i < list.count; i++) {
        buf_puts(out, i > 0 ? ", " : "");
        json_put_string(out, list.items[i]);
    }
    buf_puts(out, "]\n");
}

/* What JSON writes as a string YAML reads as the same. */
static void write_person(const struct person *p, struct buf *out)
{
    buf_puts(out, "  ");
    json_put_string(out, p->name);
    buf_printf(out, ":\n    role: %s\n", role_names[p->role]);
    if (p->password.len > 0)
        buf_printf(out, "    password: \"%.*s\"\n", TEXT_ARG(p->password));
    if (p->token.len > 0)
        buf_printf(out, "    token: \"%.*s\"\n", TEXT_ARG(p->token));
    write_list("jurisdictions", p->scope.jurisdictions, out);
    write_list("companies", p->scope.companies, out);
}

void people_write(const struct people *people, struct buf *out)
{
    buf_puts(out, "# Who may do what at the gateway. muckwatch-dispatch passwd and token write this file "
                  "anew, so comments go;\n"
                  "# role, jurisdictions and companies may be changed by hand. SIGHUP has it read again.\n"
                  "users:\n");
    for (size_t i = 0; i < people->count; i++)
        write_person(&people->items[i], out);
}

static bool set_mark(struct person *p)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    write_person(p, &text);
    bool ok = buf_ok(&text) && crypto_generichash(p->mark, sizeof p->mark, (const unsigned char *)text.data,
                                                  text.len, NULL, 0) == 0;
    buf_fini(&text);
    return ok;
}

static bool read_person(struct options_reader *reader, struct text key, const struct options_node *node,
                        void *out)
{
    struct people *people = out;
    struct person_row row = {0};
    if (!person_name_valid(key))
        return options_fail(reader, node, "a name has 1 to %d bytes: letters, digits, _ and -",
                            PERSON_NAME_MAX);
    if (!options_bind(reader, node, OPTIONS_TABLE(person_rows), &row))
        return false;
    if (row.password.len > 0 && !password_hash_valid(row.password))
        return options_fail(reader, node,
                            "the password is no hash of argon2id: write it with muckwatch-dispatch passwd");
    if (people->count >= PEOPLE_MAX)
        return options_fail(reader, node, "more than %d users", PEOPLE_MAX);
    struct person *p = people_take(people, key);
    if (p == NULL)
        return options_fail(reader, node, "out of memory");
    p->role = (enum role)row.role;
    p->password = row.password;
    p->token = row.token;
    p->scope = (struct scope){row.jurisdictions, row.companies};
    return set_mark(p) || options_fail(reader, node, "out of memory");
}

bool people_read(struct people *people, struct text name, struct text bytes, struct problem *out_problem)
{
    return options_read(OPTIONS_TABLE(rows), (struct options_source){name, bytes},
                        (struct options_target){people, &people->arena}, out_problem);
}
