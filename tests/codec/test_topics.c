/* topics: what is written is read back, and what is not a vehicle's topic is not taken for one. */
#include "topics.h"

#include "cmocka_all.h"

#include <string.h>

#include <muckwatch/contract.h>

static const char *const suffixes[] = {MW_TOPIC_FIX, MW_TOPIC_LIVE, MW_TOPIC_STATUS, MW_TOPIC_ACK,
                                       MW_TOPIC_WARN};
enum { SUFFIXES = sizeof suffixes / sizeof suffixes[0] };

static void are_those_of_the_contract(void **state)
{
    char topic[TOPIC_SIZE];
    (void)state;
    assert_int_equal(topic_write(TEXT("truck-7"), MW_TOPIC_FIX, topic, sizeof topic), 19);
    assert_string_equal(topic, "muck/v1/truck-7/fix");
}

static void the_longest_id_has_room(void **state)
{
    char topic[TOPIC_SIZE], id[65];
    (void)state;
    memset(id, 'x', 64);
    id[64] = '\0';
    for (int i = 0; i < SUFFIXES; i++) {
        struct text vehicle;
        size_t len = topic_write(text_of(id), suffixes[i], topic, sizeof topic);
        assert_true(len < sizeof topic && strlen(topic) == len);
        for (int k = 0; k < SUFFIXES; k++)
            assert_int_equal(topic_vehicle(text_of(topic), suffixes[k], &vehicle), i == k);
        assert_true(topic_vehicle(text_of(topic), suffixes[i], &vehicle));
        assert_true(text_equal(vehicle, text_of(id)));
    }
}

static void others_are_refused(void **state)
{
    const char *const others[] = {
        "",
        "muck/v1/",
        "muck/v1//ack",
        "muck/v1/ack",
        "muck/v1/a/b/ack",
        "muck/v2/a/ack",
        "owntracks/a/ack",
        "/ack",
        "muck/v1/a/ack/",
        "muck/v1/a/acks",
    };
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct text vehicle = TEXT("untouched");
        assert_false(topic_vehicle(text_of(others[i]), MW_TOPIC_ACK, &vehicle));
        assert_true(text_equal(vehicle, TEXT("untouched")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_those_of_the_contract),
        cmocka_unit_test(the_longest_id_has_room),
        cmocka_unit_test(others_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
