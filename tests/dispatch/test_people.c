/*
 * Who may ask for what: the file of users, scopes, sessions and their ends, wrong tries, credentials of a request.
 */
#include "credentials.h"
#include "password.h"
#include "people.h"
#include "sessions.h"
#include "tries.h"

#include "cmocka_all.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HASH                                                                                                 \
    "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"

static const char file[] = "users:\n"
                           "  li:\n"
                           "    role: dispatcher\n"
                           "    password: \"" HASH "\"\n"
                           "    jurisdictions: [\"city/east\", \"渣土\\n\\\"x\"]\n"
                           "  \"王\":\n"
                           "    role: admin\n"
                           "    token: " TOKEN "\n"
                           "    companies: [Acme, \"Bee: Co\"]\n";

static struct people *read_people(const char *yaml)
{
    static struct people people;
    struct problem problem;
    people_init(&people);
    if (!people_read(&people, TEXT("/etc/users.yaml"), text_of(yaml), &problem))
        fail_msg("%s", problem.text);
    return &people;
}

static void test_read(void **state)
{
    struct people *p = read_people(file);
    assert_int_equal(p->count, 2);
    const struct person *li = people_find(p, TEXT("li")), *wang = people_find(p, TEXT("王"));
    assert_int_equal(li->role, ROLE_DISPATCHER);
    assert_true(text_equal(li->password, TEXT(HASH)));
    assert_int_equal(li->scope.jurisdictions.count, 2);
    assert_true(text_equal(li->scope.jurisdictions.items[1], TEXT("渣土\n\"x")));
    assert_int_equal(wang->role, ROLE_ADMIN);
    assert_ptr_equal(people_by_token(p, TEXT(TOKEN)), wang);
    assert_null(people_by_token(p, TEXT("")));
    assert_null(people_by_token(p, TEXT("0123")));
    assert_null(people_find(p, TEXT("L")));
    people_fini(p);
}

/* What is written reads back as the same, marks included. */
static void test_written(void **state)
{
    struct people first = *read_people(file);
    struct buf out;
    buf_init(&out, 1 << 16);
    people_write(&first, &out);
    buf_put_char(&out, '\0');
    assert_true(buf_ok(&out));
    struct people *again = read_people(out.data);
    assert_int_equal(again->count, first.count);
    for (size_t i = 0; i < first.count; i++) {
        assert_true(text_equal(first.items[i].name, again->items[i].name));
        assert_memory_equal(first.items[i].mark, again->items[i].mark, PERSON_MARK_SIZE);
    }
    people_fini(again);
    people_fini(&first);
    buf_fini(&out);
}

static const char *const wrong[][2] = {
    {"users:\n  li: {role: boss}\n", "/etc/users.yaml:2:14: users.li.role: boss"},
    {"users:\n  li: {}\n", "users.li.role is missing"},
    {"users:\n  li: {role: viewer, pasword: x}\n", "is it meant to be \"password\""},
    {"users:\n  li: {role: viewer, password: secret}\n", "no hash of argon2id"},
    {"users:\n  li: {role: viewer, password: \"$argon2id$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA\"}\n",
     "no hash of argon2id"},
    {"users:\n  li: {role: viewer, token: abc}\n", "64 to 64 bytes"},
    {"users:\n  \"l i\": {role: viewer}\n", "letters, digits"},
    {"users:\n  li: {role: viewer, jurisdictions: [\"\"]}\n", "text of 1 to 255 bytes"},
    {"users:\n  li: {role: viewer, jurisdictions: east}\n", "a list of texts"},
    {"users:\n  li: {role: viewer}\n  li: {role: admin}\n", "stands twice"},
    {"user:\n  li: {role: viewer}\n", "unknown key"},
};

static void test_wrong(void **state)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct people p;
        struct problem problem;
        people_init(&p);
        assert_false(people_read(&p, TEXT("/etc/users.yaml"), text_of(wrong[i][0]), &problem));
        if (strstr(problem.text, wrong[i][1]) == NULL)
            fail_msg("%s", problem.text);
        people_fini(&p);
    }
}

/* Expected by hand: scope of places, scope of companies, the thing's place, its company. */
static const struct {
    const char *places, *companies, *place, *company;
    bool covered;
} covers[] = {
    {"", "", "city/east", "Acme", true},
    {"", "", "", "", true},
    {"city", "", "city", "Acme", true},
    {"city", "", "city/east", "Acme", true},
    {"city", "", "city/east/3", "", true},
    {"city", "", "city-east", "", false},
    {"city", "", "cit", "", false},
    {"city", "", "", "", false}, /* nobody knows whose it is */
    {"city/east", "", "city", "", false},
    {"city/east", "", "city/west", "", false},
    {"city/east|city/west", "", "city/west/1", "", true},
    {"", "Acme", "city", "Acme", true},
    {"", "Acme", "city", "acme", false},
    {"", "Acme", "city", "Acme Two", false},
    {"", "Acme", "city", "", false},
    {"", "Acme|Bee", "", "Bee", true},
    {"city/east", "Acme", "city/east", "Acme", true},
    {"city/east", "Acme", "city/east", "Bee", false},
    {"city/east", "Acme", "city/west", "Acme", false},
};

static struct text_list split(const char *words, struct text items[4])
{
    struct text_list list = {items, 0};
    while (*words != '\0') {
        size_t n = strcspn(words, "|");
        items[list.count++] = (struct text){words, n};
        words += n + (words[n] == '|');
    }
    return list;
}

static void test_scope(void **state)
{
    for (size_t i = 0; i < sizeof covers / sizeof covers[0]; i++) {
        struct text places[4], companies[4];
        struct scope scope = {split(covers[i].places, places), split(covers[i].companies, companies)};
        if (scope_covers(&scope, text_of(covers[i].place), text_of(covers[i].company)) != covers[i].covered)
            fail_msg("row %zu", i);
        assert_int_equal(scope_is_whole(&scope),
                         covers[i].places[0] == '\0' && covers[i].companies[0] == '\0');
    }
}

static const char *hash_of(unsigned n)
{
    static char hashes[4][TOKEN_HASH_SIZE + 1];
    char *out = hashes[n % 4];
    snprintf(out, TOKEN_HASH_SIZE + 1, "%064u", n + 1);
    return out;
}

static void test_sessions(void **state)
{
    struct people *p = read_people(file);
    struct sessions s;
    assert_true(sessions_init(&s, 30, 1000));
    const struct person *li = people_find(p, TEXT("li")), *wang = people_find(p, TEXT("王"));
    assert_null(sessions_find(&s, p, hash_of(0), (struct mono){0}));
    assert_true(sessions_open(&s, li, hash_of(0), (struct mono){0}));
    assert_ptr_equal(sessions_find(&s, p, hash_of(0), (struct mono){1000}), li);
    assert_ptr_equal(sessions_find(&s, p, hash_of(0), (struct mono){2000}), li); /* it was used */
    assert_null(sessions_find(&s, p, hash_of(0), (struct mono){3001}));
    assert_null(sessions_find(&s, p, hash_of(0), (struct mono){2000})); /* and does not come back */
    assert_true(sessions_open(&s, li, hash_of(1), (struct mono){0}));
    assert_true(sessions_close(&s, hash_of(1)) && !sessions_close(&s, hash_of(1)));
    assert_null(sessions_find(&s, p, hash_of(1), (struct mono){0}));
    /* One person pushes nobody else out. */
    assert_true(sessions_open(&s, wang, hash_of(1), (struct mono){0}));
    for (unsigned i = 0; i < 100; i++)
        assert_true(sessions_open(&s, li, hash_of(100 + i), (struct mono){(int64_t)i}));
    assert_ptr_equal(sessions_find(&s, p, hash_of(1), (struct mono){500}), wang);
    assert_ptr_equal(sessions_find(&s, p, hash_of(199), (struct mono){500}), li);
    assert_null(sessions_find(&s, p, hash_of(179), (struct mono){500}));
    assert_int_equal(sessions_settle(&s, p, (struct mono){500}), SESSIONS_A_PERSON + 1);
    /* Who has changed, or is gone, is signed out. */
    struct people after = *p;
    struct people *changed = read_people("users:\n  li: {role: viewer}\n  \"王\": {role: admin, token: " TOKEN
                                         ", companies: [Acme, \"Bee: Co\"]}\n");
    assert_null(sessions_find(&s, changed, hash_of(198), (struct mono){500}));
    assert_int_equal(sessions_settle(&s, changed, (struct mono){500}), 1);
    assert_non_null(sessions_find(&s, changed, hash_of(1), (struct mono){500}));
    people_fini(changed);
    struct people *gone = read_people("users:\n  li: {role: viewer}\n");
    assert_null(sessions_find(&s, gone, hash_of(1), (struct mono){500}));
    people_fini(gone);
    people_fini(&after);
    sessions_fini(&s);
}

static void test_full(void **state)
{
    struct people *p = read_people(file);
    struct sessions s;
    assert_true(sessions_init(&s, 1, 1000));
    assert_true(sessions_open(&s, people_find(p, TEXT("li")), hash_of(0), (struct mono){0}));
    assert_false(sessions_open(&s, people_find(p, TEXT("王")), hash_of(1), (struct mono){0}));
    assert_true(sessions_open(&s, people_find(p, TEXT("王")), hash_of(1), (struct mono){1001}));
    sessions_fini(&s);
    people_fini(p);
}

static void test_tries(void **state)
{
    static struct tries t;
    struct tried li = {TEXT("li"), TEXT("10.0.0.1"), {1000}, {1000}};
    int64_t wait_ms;
    bool fresh;
    tries_init(&t, (struct hash_key){1, 2}, 5);
    for (int i = 0; i < 5; i++)
        assert_true(tries_take(&t, &li, &wait_ms, &fresh));
    assert_false(tries_take(&t, &li, &wait_ms, &fresh));
    assert_true(fresh && wait_ms == 12000);
    assert_false(tries_take(&t, &li, &wait_ms, &fresh));
    assert_false(fresh);
    assert_string_equal(t.kept[0].name, "li");
    assert_string_equal(t.kept[0].address, "10.0.0.1");
    assert_int_equal(t.kept[0].count, 2);
    /* The same name from elsewhere, and another from there. */
    struct tried elsewhere = {TEXT("li"), TEXT("10.0.0.2"), {1000}, {1000}};
    struct tried other = {TEXT("wang"), TEXT("10.0.0.1"), {1000}, {1000}};
    assert_true(tries_take(&t, &elsewhere, &wait_ms, &fresh));
    assert_true(tries_take(&t, &other, &wait_ms, &fresh));
    /* What is right does not count. */
    for (int i = 0; i < 20; i++) {
        assert_true(tries_take(&t, &other, &wait_ms, &fresh));
        tries_right(&t, &other);
    }
    /* Many names from one address are too many as well. */
    unsigned taken = 0;
    for (int i = 0; i < 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        struct tried one = {text_of(name), TEXT("10.0.0.9"), {1000}, {1000}};
        taken += tries_take(&t, &one, &wait_ms, &fresh);
    }
    assert_int_equal(taken, 50);
    li.ticks.ms += 12000;
    assert_true(tries_take(&t, &li, &wait_ms, &fresh));
}

static void test_passwords(void **state)
{
    char hash[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
    assert_true(password_hash(TEXT("correct horse"), hash) && password_hash(TEXT("correct horse"), again));
    assert_string_not_equal(hash, again);
    assert_non_null(strstr(hash, "$argon2id$v=19$m=65536,"));
    assert_int_equal(password_look(TEXT("correct horse"), text_of(hash)), PASSWORD_RIGHT);
    assert_int_equal(password_look(TEXT("correct horsf"), text_of(hash)), PASSWORD_WRONG);
    assert_int_equal(password_look(TEXT(""), text_of(hash)), PASSWORD_WRONG);
    assert_int_equal(password_look(TEXT(""), TEXT("")), PASSWORD_WRONG);
    assert_int_equal(password_look(TEXT("x"), TEXT("not a hash")), PASSWORD_WRONG);
}

static bool no_memory;

/* For want of memory libsodium answers -1: tried with its own and RLIMIT_AS, which the sanitizer does not outlive. */
int __wrap_crypto_pwhash(unsigned char *out, unsigned long long out_len, const char *password,
                         unsigned long long password_len, const unsigned char *salt,
                         unsigned long long passes, size_t bytes, int alg);
int __real_crypto_pwhash(unsigned char *out, unsigned long long out_len, const char *password,
                         unsigned long long password_len, const unsigned char *salt,
                         unsigned long long passes, size_t bytes, int alg);

int __wrap_crypto_pwhash(unsigned char *out, unsigned long long out_len, const char *password,
                         unsigned long long password_len, const unsigned char *salt,
                         unsigned long long passes, size_t bytes, int alg)
{
    return no_memory ? -1
                     : __real_crypto_pwhash(out, out_len, password, password_len, salt, passes, bytes, alg);
}

/* What cannot be looked at for want of memory is not wrong: the right one neither, nor that of somebody who is not there. */
static void test_password_without_memory(void **state)
{
    char hash[PASSWORD_HASH_SIZE];
    assert_true(password_hash(TEXT("correct horse"), hash));
    no_memory = true;
    assert_int_equal(password_look(TEXT("correct horse"), text_of(hash)), PASSWORD_UNKNOWN);
    assert_int_equal(password_look(TEXT("correct horsf"), text_of(hash)), PASSWORD_UNKNOWN);
    assert_int_equal(password_look(TEXT("correct horse"), TEXT("")), PASSWORD_UNKNOWN);
    no_memory = false;
    assert_int_equal(password_look(TEXT("correct horse"), text_of(hash)), PASSWORD_RIGHT);
}

/* Ours says of each hash what libsodium's does: other settings, and hashes that are cut or changed anywhere. */
static void test_password_as_libsodium(void **state)
{
    char hash[PASSWORD_HASH_SIZE], changed[PASSWORD_HASH_SIZE];
    assert_int_equal(crypto_pwhash_str(hash, "correct horse", 13, 3, 1 << 20), 0);
    assert_int_equal(password_look(TEXT("correct horse"), text_of(hash)), PASSWORD_RIGHT);
    for (size_t i = 9; i < strlen(hash); i += 5) {
        memcpy(changed, hash, sizeof hash);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_int_not_equal(crypto_pwhash_str_verify(changed, "correct horse", 13), 0);
        assert_int_not_equal(password_look(TEXT("correct horse"), text_of(changed)), PASSWORD_RIGHT);
    }
    for (size_t cut = 1; cut < 4; cut++)
        assert_int_not_equal(password_look(TEXT("correct horse"), (struct text){hash, strlen(hash) - cut}),
                             PASSWORD_RIGHT);
    size_t len = strlen(hash);
    assert_true(len + 1 < sizeof changed);
    memcpy(changed, hash, len);
    memcpy(changed + len, "A", 2);
    assert_int_not_equal(password_look(TEXT("correct horse"), text_of(changed)), PASSWORD_RIGHT);
}

static void ask(struct web_request *r, struct web_head *head, const char *cookie, const char *authorization)
{
    *head = (struct web_head){0};
    head->fields[WEB_FIELD_COOKIE] = text_of(cookie);
    head->fields[WEB_FIELD_AUTHORIZATION] = text_of(authorization);
    *r = (struct web_request){.head = head};
}

static void test_credentials(void **state)
{
    static const uint8_t bytes[SECRET_BYTES] = {1, 2, 3};
    char secret[SECRET_CHARS + 1], hash[TOKEN_HASH_SIZE + 1], cookie[256], yaml[512];
    struct web_head head;
    struct web_request r;
    struct sessions s;
    secret_write(bytes, secret);
    secret_hash(text_of(secret), hash);
    snprintf(yaml, sizeof yaml,
             "users:\n  wall: {role: viewer, token: %s}\n  li: {role: admin, password: \"" HASH "\"}\n",
             hash);
    struct people *p = read_people(yaml);
    assert_true(sessions_init(&s, 4, 1000));
    assert_true(sessions_open(&s, people_find(p, TEXT("li")), hash, (struct mono){0}));

    char bearer[128];
    snprintf(bearer, sizeof bearer, "bearer %s", secret);
    ask(&r, &head, NULL, bearer);
    credentials_read(&r, false, p, &s);
    assert_true(r.role == ROLE_VIEWER && text_equal(r.who->name, TEXT("wall")));

    snprintf(cookie, sizeof cookie, "a=b; muckwatch=%s; c=d", secret);
    ask(&r, &head, cookie, NULL);
    credentials_read(&r, false, p, &s);
    assert_true(r.role == ROLE_ADMIN);
    /* With TLS the other name counts, and a token that is wrong is nobody, also beside a cookie. */
    credentials_read(&r, true, p, &s);
    assert_true(r.role == ROLE_NOBODY && r.who == NULL);
    ask(&r, &head, cookie, "Bearer nonsense");
    credentials_read(&r, false, p, &s);
    assert_true(r.role == ROLE_NOBODY);
    static const char *const bad[] = {
        "muckwatch=", "muckwatch", "xmuckwatch=aaaa", "muckwatch=aaaa; muckwatch=bbbb", ";;;", ""};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ask(&r, &head, bad[i], NULL);
        credentials_read(&r, false, p, &s);
        assert_null(r.who);
    }
    sessions_fini(&s);
    people_fini(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_written),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_scope),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_tries),
        cmocka_unit_test(test_passwords),
        cmocka_unit_test(test_password_without_memory),
        cmocka_unit_test(test_password_as_libsodium),
        cmocka_unit_test(test_credentials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
