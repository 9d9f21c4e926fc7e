/* Fuzzes the reader of centre lines, and cuts what it reads: no length is lost, and no segment is longer than a duty takes. */
#include "centre_lines.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void cut(const struct centre_lines *c)
{
    struct buf out;
    struct line_tally tally;
    double metres = 0, longest = 0;
    for (size_t i = 0; i < c->count; i++) {
        double length_m = c->items[i].along_m[c->items[i].count - 1];
        metres += length_m;
        longest = fmax(longest, length_m);
    }
    if (longest > 1e6) /* round the globe there would be pieces by the thousand */
        return;
    buf_init(&out, SIZE_MAX);
    if (!centre_lines_write(c, &out, &tally, NULL, NULL) ||
        fabs(tally.metres - metres) > 1e-6 * metres + 1e-6 || tally.segments < c->count)
        abort();
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct line_names names = {.name = "n", .oneway = "o", .width = "w", .level = "l"};
    struct centre_lines c;
    char problem[200];
    centre_lines_init(&c);
    if (centre_lines_read(&c, (struct text){(const char *)data, size}, &names, problem) == CENTRE_LINES_OK) {
        if (c.fallen > c.features)
            abort();
        cut(&c);
    }
    centre_lines_fini(&c);
    return 0;
}
