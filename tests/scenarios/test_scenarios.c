/* Runs scenario files; --fails: succeeds if each of them fails, which shows that the runner can tell. */
#include "scenario.h"

#include <stdio.h>

static unsigned run_file(const char *path)
{
    struct scenario s;
    scenario_load(&s, path);
    struct records first;
    scenario_run(&s, 0, &first);
    unsigned wrong = first.wrong + check_expected(&s, &first);
    for (unsigned variant = 1; variant < VARIANT_COUNT && wrong == 0; variant++) {
        struct records other;
        scenario_run(&s, variant, &other);
        wrong += other.wrong + check_same(&s, &first, &other, variant);
        records_free(&other);
    }
    records_free(&first);
    scenario_free(&s);
    return wrong;
}

int main(int argc, char **argv)
{
    bool must_fail = argc > 1 && strcmp(argv[1], "--fails") == 0;
    int bad = argc < 2;
    for (int i = must_fail ? 2 : 1; i < argc; i++) {
        bool failed = run_file(argv[i]) > 0;
        if (failed && must_fail)
            continue;
        if (!failed && must_fail)
            fprintf(stderr, "%s: was expected to fail\n", argv[i]);
        bad += failed != must_fail;
    }
    return bad > 0;
}
