/*
 * muckctl who: the reverse look-up: a spill was reported, who passed there?
 */
#include "kept.h"
#include "look_asked.h"
#include "muckctl.h"
#include "who_audit.h"
#include "who_print.h"
#include "who_search.h"

#include "clock.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

static const char command[] = "muckctl who";

enum { GAP_S = 300, BAR = 30, BAR_EVERY_MS = 100 };

struct request {
    struct look look; /* the store, or the archive where there is none */
    const char *archive, *purpose;
    struct look_asked asked;
    struct argument_number gap_s;
    bool geojson;
};

/* A bar on a terminal. */
struct bar {
    bool shown;
    int64_t next_ms;
};

static void draw(void *context, double share)
{
    struct bar *bar = context;
    int64_t now_ms = clock_mono().ms;
    if (now_ms < bar->next_ms)
        return;
    bar->next_ms = now_ms + BAR_EVERY_MS;
    bar->shown = true;
    int filled = (int)(share * BAR);
    fprintf(stderr, "\r[%.*s%*s] %3d %%", filled < BAR ? filled : BAR, "##############################",
            BAR - (filled < BAR ? filled : BAR), "", (int)(share * 100));
}

static int answer(struct request *r, struct kept *kept)
{
    struct bar bar = {.next_ms = clock_mono().ms + 5 * BAR_EVERY_MS};
    struct who_found found;
    const struct look_asked *a = &r->asked;
    const struct who_asked asked = {.look = kept_look(kept),
                                    .question = {a->lat_deg, a->lon_deg, a->radius.value, a->from_ms,
                                                 a->to_ms, (int64_t)(r->gap_s.value * 1000)},
                                    .vehicle = text_of(a->vehicle),
                                    .progress = isatty(STDERR_FILENO) ? draw : NULL,
                                    .context = &bar};
    bool ok = who_search(&asked, &found);
    if (bar.shown)
        fprintf(stderr, "\r%*s\r", BAR + 10, "");
    int code = EX_OSERR;
    if (ok)
        code = who_print(&(struct who_print){&r->look, kept, r->look.json, r->geojson}, &found);
    else
        fprintf(stderr, "%s: out of memory\n", command);
    if (ok && !r->look.json && !r->geojson)
        fprintf(stderr, "%zu passes; of %llu chunks %llu were opened\n", found.count,
                (unsigned long long)found.chunks, (unsigned long long)found.opened);
    who_found_fini(&found);
    return kept_end(kept, code);
}

static int ask(struct request *r)
{
    char near[96];
    struct kept *kept = NULL;
    int code = look_open(&r->look, command);
    if (code == EX_OK && r->look.kept == NULL)
        code = kept_open(command, r->archive, &kept);
    if (code != EX_OK)
        return code;
    snprintf(near, sizeof near, "%.60s,%lld", r->asked.near, (long long)r->asked.radius.value);
    const struct who_audit audit = {.command = command,
                                    .archive = r->archive,
                                    .purpose = r->purpose,
                                    .from_ms = r->asked.from_ms,
                                    .to_ms = r->asked.to_ms,
                                    .near = near};
    code = who_audit(&r->look, &audit);
    if (code == EX_OK)
        code = answer(r, r->look.kept != NULL ? r->look.kept : kept);
    kept_close(kept);
    return code;
}

static bool is_right(struct request *r)
{
    if (r->archive == NULL || r->asked.near == NULL || r->asked.from == NULL || r->asked.to == NULL) {
        fprintf(stderr, "%s: --archive DIR, --near LAT,LON, --from T and --to T are needed\n", command);
        return false;
    }
    if (r->look.json && r->geojson) {
        fprintf(stderr, "%s: --json and --geojson exclude each other\n", command);
        return false;
    }
    if (!look_asked_read(command, &r->asked))
        return false;
    if (r->asked.from_ms <= r->asked.to_ms)
        return true;
    fprintf(stderr, "%s: --from is later than --to\n", command);
    return false;
}

static int run(int argc, char **argv)
{
    struct request r = {.asked = look_asked_all(), .gap_s = {GAP_S, 1, 86400}};
    const struct argument rows[] = {
        LOOK_NEAR_ARGUMENTS(&r.asked),
        LOOK_SPAN_ARGUMENTS(&r.asked),
        {ARGUMENT_TEXT, "vehicle", "ID", "only this vehicle", &r.asked.vehicle},
        {ARGUMENT_TEXT, "purpose", "TEXT", "what for; it is written down with the question", &r.purpose},
        {ARGUMENT_NUMBER, "gap-s", "S",
         "no path between fixes that are farther apart than this, unless it stood there (300)", &r.gap_s},
        {ARGUMENT_FLAG, "geojson", NULL, "one GeoJSON FeatureCollection of the nearest places", &r.geojson},
        {ARGUMENT_TEXT, "archive", "DIR", "the archive's folder (archive.dir)", &r.archive},
        LOOK_ARGUMENTS(&r.look),
        {0},
    };
    const struct command_line line = {
        command,
        "--archive DIR --near LAT,LON [--radius M] --from T --to T [--purpose TEXT] [--redis HOST:PORT]",
        "Shows which vehicles passed a place, by the path between their fixes: when each entered the\n"
        "circle and left it, how near it came, and its speed, load, cover and body there, with what was\n"
        "open about it then, and its haul. Tracks are personal data: before anything is answered the\n"
        "question is written to the stream `audit` of the store that --redis names, or, without it, to\n"
        "audit.ndjson in DIR; where neither can be, nothing is answered.",
        rows,
        0,
        0};
    enum arguments_status status = arguments_read(&line, argc, argv, NULL);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (!is_right(&r))
        return EX_USAGE;
    if (r.look.redis == NULL)
        r.look.archive = r.archive;
    int code = ask(&r);
    look_close(&r.look);
    return code;
}

const struct ctl_command ctl_who = {"who", "show who passed a place, from an archive", run};
