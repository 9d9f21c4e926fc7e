/* What became of warnings: the automaton by itself. Each is written once, whenever it is known, in whatever order. */
#include "../cmocka_all.h"
#include "warned.h"

#include <stdio.h>

static struct shared shared;
static struct warned w;

static struct batch_group nobody;

static int setup(void **state)
{
    uint32_t symbol;
    memset(&shared, 0, sizeof shared);
    memset(&w, 0, sizeof w);
    shared.names = names_new(10);
    assert_true(names_intern(shared.names, TEXT("t1"), &symbol) && symbol > 0);
    commit_group_init(&nobody.ops, 1 << 16);
    shared.now.mono.ms = 1000;
    shared.now.wall.ms = 70000;
    return 0;
}

static int teardown(void **state)
{
    commit_group_fini(&nobody.ops);
    warned_fini(&w);
    names_free(shared.names);
    return 0;
}

static void add(const char *id)
{
    struct batch_warned about = {.kind = KIND_SPILL, .event = TRANSITION_OPENED, .at_ms = 5};
    snprintf(about.id, sizeof about.id, "%s", id);
    assert_true(warned_add(&w, 1, &about));
}

static void hear(enum fact_kind kind, bool done, int id)
{
    warned_hear(&w, &(struct fact){.kind = kind, .now = shared.now, .handing = {done, id}});
}

/* Ids and `sent` of what the next commit has, in its order. */
static void expect(const char *want)
{
    char got[256] = "";
    commit_group_clear(&nobody.ops);
    assert_int_equal(warned_waits(&w, shared.now.mono), want[0] != '\0');
    warned_write(&w, &shared, &nobody, 9);
    buf_put_char(&nobody.ops.ops, '\0');
    for (const char *at = nobody.ops.ops.data; (at = strstr(at, "$2\r\nid\r\n$")) != NULL; at++) {
        const char *id = strstr(at + 9, "\r\n") + 2, *sent = strstr(at, "$4\r\nsent\r\n$");
        sent = strstr(sent + 11, "\r\n") + 2;
        assert_non_null(strstr(at, "$5\r\nbatch\r\n$1\r\n9\r\n"));
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s %.*s", got[0] != '\0' ? ", " : "",
                 (int)strcspn(id, "\r"), id, (int)strcspn(sent, "\r"), sent);
    }
    assert_string_equal(got, want);
}

static void test_confirmed_or_not(void **state)
{
    add("a");
    add("b");
    add("c");
    add("d");
    expect("");
    hear(FACT_WARNED, true, 7);
    hear(FACT_WARNED, false, 0);
    hear(FACT_WARNED, true, 0); /* QoS 0 */
    hear(FACT_WARNED, true, 8);
    expect("b expired, c 70000");
    warned_durable(&w);
    expect("");
    shared.now.wall.ms = 70001;
    hear(FACT_TAKEN, true, 8);
    hear(FACT_TAKEN, true, 9); /* of no warning */
    expect("d 70001");
    warned_durable(&w);
    shared.now.mono.ms += WARNED_WAIT_MS;
    expect("");
    shared.now.mono.ms++;
    expect("a expired");
    hear(FACT_TAKEN, true, 7); /* too late to be said */
    warned_durable(&w);
    expect("");
    assert_int_equal(w.count, 0);
}

/* A commit that is given up has told nobody; one that is durable has told once, and what came meanwhile waits. */
static void test_given_up(void **state)
{
    add("a");
    hear(FACT_WARNED, true, 0);
    expect("a 70000");
    add("b");
    hear(FACT_WARNED, false, 0);
    warned_given_up(&w);
    expect("a 70000, b expired");
    warned_durable(&w);
    expect("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_confirmed_or_not, setup, teardown),
        cmocka_unit_test_setup_teardown(test_given_up, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
