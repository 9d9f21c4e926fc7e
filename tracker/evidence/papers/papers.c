#include "papers.h"

enum { PAPER_MAX = 1 << 28 };

bool papers_add(struct sealed_case *c, const struct case_facts *facts, struct arena *arena)
{
    static const struct {
        const char *path;
        void (*write)(const struct case_facts *f, struct buf *out);
    } rows[] = {{"data/rule.txt", paper_rule},
                {"data/track.geojson", paper_geojson},
                {"data/track.gpx", paper_gpx},
                {"data/fixes.csv", paper_csv}};
    bool ok = true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && ok; i++) {
        struct buf out;
        struct text kept;
        buf_init(&out, PAPER_MAX);
        rows[i].write(facts, &out);
        ok = buf_ok(&out) && arena_copy_text(arena, buf_text(&out), &kept) &&
             sealed_add(c, text_of(rows[i].path), kept);
        buf_fini(&out);
    }
    return ok;
}
