/* base32 by RFC 4648's vectors; ids as Python's hashlib.blake2b and base64 work them out. */
#include "base32.h"
#include "violation_id.h"

#include "../cmocka_all.h"

static void test_base32_vectors(void **state)
{
    static const char *const vectors[][2] = {{"", ""},
                                             {"f", "my"},
                                             {"fo", "mzxq"},
                                             {"foo", "mzxw6"},
                                             {"foob", "mzxw6yq"},
                                             {"fooba", "mzxw6ytb"},
                                             {"foobar", "mzxw6ytboi"}};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        size_t n = strlen(vectors[i][0]), chars = strlen(vectors[i][1]);
        char out[16] = {0};
        assert_int_equal(BASE32_LENGTH(n), chars);
        base32_write((const uint8_t *)vectors[i][0], n, chars, out);
        assert_string_equal(out, vectors[i][1]);
    }
}

static void test_ids(void **state)
{
    char id[VIOLATION_ID_LENGTH + 1];
    violation_id_write(TEXT("truck-7"), TEXT("off_route"), TEXT("permit-1"), (struct wall){1777593600125},
                       id);
    assert_string_equal(id, "ncktf5syu5c3tap2nmgliksklj");
    violation_id_write(TEXT("7"), TEXT("spill"), (struct text){0}, (struct wall){1777593600000}, id);
    assert_string_equal(id, "4seov7j4muqhfls77owk5eagw3");
    char vehicle[64];
    memset(vehicle, 'a', sizeof vehicle);
    violation_id_write((struct text){vehicle, sizeof vehicle}, TEXT("banned_area"), TEXT("\xe8\xbd\xa6"),
                       (struct wall){1}, id);
    assert_string_equal(id, "2j7s6pz45xgtj6nfcrgbyctnxi");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_base32_vectors), cmocka_unit_test(test_ids)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
