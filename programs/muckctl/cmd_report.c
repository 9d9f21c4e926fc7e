/*
 * muckctl report: figures for assessment from an archive (docs/REPORT.md).
 */
#include "archive_folder.h"
#include "arguments.h"
#include "config.h"
#include "muckctl.h"
#include "report_count.h"
#include "report_write.h"
#include "zoneinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const char command[] = "muckctl report";

struct asked {
    const char *dir, *day, *month, *by_word, *lang, *xlsx, *config, *ack, *close;
    bool csv, json, explain, rebuild;
    int32_t first, last;
    enum tally_by by;
    enum figure_language language;
    struct tally_limits limits;
};

/* ---- what is asked ---- */

static int wrong(const char *what, const char *expected)
{
    fprintf(stderr, "%s: %s: expected %s\n", command, what, expected);
    return EX_USAGE;
}

/* The first that is set says it, as for the C library. */
static enum figure_language language_of_place(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0')
            return strncmp(value, "zh", 2) == 0 ? FIGURE_ZH : FIGURE_EN;
    }
    return FIGURE_EN;
}

/* "CRITICAL,MAJOR,MINOR" in a unit. One whose severity is not told has the longest. */
static bool read_limits(const char *text, int64_t unit_ms, int64_t out_ms[TALLY_SEVERITY_COUNT])
{
    unsigned critical, major, minor;
    int end = 0;
    if (sscanf(text, "%7u,%7u,%7u%n", &critical, &major, &minor, &end) != 3 || text[end] != '\0')
        return false;
    out_ms[TALLY_SEVERITY_CRITICAL] = (int64_t)critical * unit_ms;
    out_ms[TALLY_SEVERITY_MAJOR] = (int64_t)major * unit_ms;
    out_ms[TALLY_SEVERITY_MINOR] = out_ms[TALLY_SEVERITY_UNKNOWN] = (int64_t)minor * unit_ms;
    return true;
}

static int read_by(struct asked *a)
{
    for (int by = 0; by < TALLY_BY_COUNT; by++)
        if (strcmp(a->by_word, tally_by_name((enum tally_by)by)) == 0) {
            a->by = (enum tally_by)by;
            return EX_OK;
        }
    return wrong("--by", "company, vehicle, site, disposal, material, route, jurisdiction, kind or road");
}

static int read_asked(struct asked *a)
{
    const char *when = a->day != NULL ? a->day : a->month;
    if ((a->day == NULL) == (a->month == NULL) ||
        strlen(when) != (a->day != NULL ? strlen("2026-06-01") : strlen("2026-06")) ||
        !city_day_read(text_of(when), &a->first, &a->last))
        return wrong("--day or --month", "one of --day 2026-06-01 and --month 2026-06");
    if (strcmp(a->lang, "zh") == 0 || strcmp(a->lang, "en") == 0)
        a->language = a->lang[0] == 'z' ? FIGURE_ZH : FIGURE_EN;
    else if (a->lang[0] != '\0')
        return wrong("--lang", "zh or en");
    if (a->csv + a->json + (a->xlsx != NULL) > 1)
        return wrong("--csv, --json, --xlsx", "one of them");
    if (!read_limits(a->ack, 60000, a->limits.ack_ms))
        return wrong("--ack", "minutes for critical, major, minor, as 2,10,60");
    if (!read_limits(a->close, 3600000, a->limits.close_ms))
        return wrong("--close", "hours for critical, major, minor, as 4,24,72");
    return read_by(a);
}

/* ---- a report ---- */

static int no_folder(const char *why, enum archive_folder_error error)
{
    static const int codes[] = {[ARCHIVE_FOLDER_OK] = EX_OK,
                                [ARCHIVE_FOLDER_TAKEN] = EX_TEMPFAIL,
                                [ARCHIVE_FOLDER_LATER] = EX_DATAERR,
                                [ARCHIVE_FOLDER_DISK] = EX_IOERR,
                                [ARCHIVE_FOLDER_FAILED] = EX_NOINPUT};
    fprintf(stderr, "%s: %s\n", command, why);
    return codes[error];
}

/* To be read: what may not be is told from what is not there. */
static int refused(const char *dir, const char *why, enum archive_folder_error error)
{
    char path[4096];
    int code = no_folder(why, error);
    snprintf(path, sizeof path, "%s/city.db", dir);
    return access(path, R_OK) != 0 && errno == EACCES ? EX_NOPERM : code;
}

static void show_progress(size_t done, size_t all)
{
    static size_t shown;
    size_t now = all > 0 ? done * 100 / all : 100;
    if (!isatty(STDERR_FILENO) || (now == shown && done < all))
        return;
    shown = now;
    fprintf(stderr, done < all ? "\rsumming what has come: %zu %%" : "\r\033[K", now);
    fflush(stderr);
}

static int write_report(const struct asked *a, const struct report_days *days, struct report_count *count,
                        size_t summed)
{
    const struct report_written written = {.sheet = {.tally = count->tally,
                                                     .by = a->by,
                                                     .language = a->language,
                                                     .rows = tally_count(count->tally)},
                                           .first = a->first,
                                           .last = a->last,
                                           .timezone = days->timezone,
                                           .ends_ms = days->days.ends_ms,
                                           .summed = summed};
    return a->xlsx != NULL ? report_write_xlsx(&written, command, a->xlsx)
           : a->csv        ? report_write_csv(&written)
           : a->json       ? report_write_json(&written)
                           : report_write_table(&written);
}

static int count_and_write(struct asked *a, struct report_days *days, struct report_tracks *tracks)
{
    struct report_count count = {.days = days, .tracks = tracks, .by = a->by};
    a->limits.now_ms = clock_wall().ms;
    if (!archive_report_worked(days->folder, &a->limits.worked)) {
        fprintf(stderr, "%s: %s\n", command, archive_report_why(days->folder));
        return EX_DATAERR;
    }
    count.tally = tally_new(a->by, &a->limits);
    int code = count.tally != NULL ? report_count_all(&count, command) : EX_OSERR;
    if (code == EX_OK)
        code = write_report(a, days, &count, tracks->summed);
    tally_free(count.tally);
    return code;
}

static int report(struct asked *a)
{
    struct archive_folder *folder;
    struct report_days days = {0};
    struct report_tracks tracks = {0};
    char why[512];
    enum archive_folder_error error = archive_folder_look(a->dir, &folder, why, sizeof why);
    if (error != ARCHIVE_FOLDER_OK)
        return refused(a->dir, why, error);
    int code = report_days_read(&days, command, folder);
    if (code == EX_OK)
        code = report_tracks_hold(&tracks, &days, command, a->first);
    tracks.progress = show_progress;
    if (code == EX_OK)
        code = report_days_worlds(&days, command, a->first, a->last);
    if (code == EX_OK)
        code = report_tracks_read(&tracks, command);
    if (code == EX_OK)
        code = count_and_write(a, &days, &tracks);
    report_tracks_fini(&tracks);
    report_days_fini(&days);
    archive_folder_close(folder);
    return code;
}

/* ---- anew ---- */

static int sum_all(struct archive_folder *folder, const struct city_days *days, int64_t gap_ms)
{
    const struct archive_disk *disk = archive_folder_disk(folder);
    struct summing summing = summing_new(disk, *days, gap_ms);
    const struct archive_due due = summing_due(&summing, clock_wall().ms);
    bool more = true, ok = true;
    for (size_t done = 0; ok && more; done++) {
        ok = summing_some(&summing, &due, &more);
        if (isatty(STDERR_FILENO) && done % 16 == 0)
            fprintf(stderr, more ? "\r%zu days of vehicles' files " : "\r\033[K", done);
    }
    summing_free(&summing);
    if (!ok)
        fprintf(stderr, "%s: %s\n", command, disk->why(disk->context));
    return ok ? EX_OK : EX_IOERR;
}

static int rebuild_folder(const struct asked *a, const struct config *config, const struct city_days *days)
{
    struct archive_folder *folder;
    char why[512];
    const struct archive_figure_settings settings = {config->city.timezone, days->ends_ms,
                                                     config->common.gap_ms};
    if (access(a->dir, F_OK) != 0)
        return no_folder("there is no such folder", ARCHIVE_FOLDER_FAILED);
    enum archive_folder_error error = archive_folder_open(a->dir, &folder, why, sizeof why);
    if (error != ARCHIVE_FOLDER_OK)
        return no_folder(why, error);
    const struct archive_disk *disk = archive_folder_disk(folder);
    int code = EX_OK;
    if (!archive_folder_keep_figures(folder, &settings, true)) {
        fprintf(stderr, "%s: %s\n", command, disk->why(disk->context));
        code = EX_IOERR;
    }
    if (code == EX_OK)
        code = sum_all(folder, days, settings.gap_ms);
    archive_folder_close(folder);
    return code;
}

static int rebuild(const struct asked *a)
{
    struct config config;
    struct problem problem = {"out of memory"};
    struct mw_zone *zone = NULL;
    struct city_days days = {0};
    if (a->config == NULL)
        return wrong("--rebuild", "--config FILE, for the city's zone and when its days end");
    bool ok = config_init(&config) && config_read_file(&config, a->config, &problem);
    if (ok && zoneinfo_load(ZONEINFO_DIR, config.city.timezone.data, &zone) != ZONEINFO_OK) {
        problem_set(&problem, "city.timezone: no such zone");
        ok = false;
    }
    if (ok && !city_day_ends_read(config.city.day_ends, &days.ends_ms)) {
        problem_set(&problem, "city.day_ends: expected a time from 00:00 to 23:59");
        ok = false;
    }
    days.zone = zone;
    if (!ok)
        fprintf(stderr, "%s: %s\n", command, problem.text);
    int code = ok ? rebuild_folder(a, &config, &days) : EX_CONFIG;
    mw_zone_free(zone);
    config_fini(&config);
    return code;
}

static int explain(void)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    figure_explain(&out);
    fwrite(out.data, 1, out.len, stdout);
    buf_fini(&out);
    return EX_OK;
}

/* ---- the command ---- */

static enum arguments_status read_arguments(struct asked *a, int argc, char **argv)
{
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "archive", "DIR", "the archive's folder (archive.dir)", &a->dir},
        {ARGUMENT_TEXT, "day", "DATE", "of this day, as 2026-06-01", &a->day},
        {ARGUMENT_TEXT, "month", "MONTH", "of this month, as 2026-06", &a->month},
        {ARGUMENT_TEXT, "by", "WHAT",
         "company (the default), vehicle, site, disposal, material, route, jurisdiction, kind or road",
         &a->by_word},
        {ARGUMENT_TEXT, "lang", "zh|en", "language of the headings (that of LANG)", &a->lang},
        {ARGUMENT_FLAG, "csv", NULL, "comma-separated, as spreadsheets open it", &a->csv},
        {ARGUMENT_TEXT, "xlsx", "FILE", "an Excel workbook", &a->xlsx},
        {ARGUMENT_FLAG, "json", NULL, "one JSON object", &a->json},
        {ARGUMENT_TEXT, "ack", "C,M,M",
         "minutes in which critical, major and minor findings are to be acknowledged (2,10,60)", &a->ack},
        {ARGUMENT_TEXT, "close", "C,M,M", "hours in which they are to be closed (4,24,72)", &a->close},
        {ARGUMENT_FLAG, "explain", NULL, "print what each figure is, and when it is unknown", &a->explain},
        {ARGUMENT_FLAG, "rebuild", NULL,
         "make all figures that are kept anew, from what is stored; while muckwatch-archive does not run",
         &a->rebuild},
        {ARGUMENT_TEXT, "config", "FILE", "with --rebuild: the tracker's configuration, for the city's days",
         &a->config},
        {0},
    };
    const struct command_line line = {command,
                                      "--archive DIR --day DATE|--month MONTH [--by WHAT], or --explain",
                                      "Figures for assessment from an archive (docs/REPORT.md): vehicles on "
                                      "duty, hours and kilometres, trips and what "
                                      "they\ncarried, shares of trips that kept to the rules, findings, and "
                                      "how soon they were worked. Behind a "
                                      "figure stands\nwhat it is of (/) and how many of that nobody can tell "
                                      "(?): who has no sensor is unknown, not "
                                      "good. Days are the\ncity's (city.day_ends). Exits with 65 where the "
                                      "archive is damaged or keeps no figures, 66 "
                                      "where there is none, 73\nwhere the workbook cannot be written, 75 "
                                      "where --rebuild finds an archive that runs.",
                                      rows,
                                      0,
                                      0};
    return arguments_read(&line, argc, argv, NULL);
}

static int run(int argc, char **argv)
{
    struct asked asked = {.by_word = "company", .lang = "", .ack = "2,10,60", .close = "4,24,72"};
    asked.language = language_of_place();
    enum arguments_status status = read_arguments(&asked, argc, argv);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (asked.explain)
        return explain();
    if (asked.dir == NULL)
        return wrong("--archive", "the archive's folder");
    if (asked.rebuild && asked.day == NULL && asked.month == NULL)
        return rebuild(&asked);
    int code = read_asked(&asked);
    if (code == EX_OK && asked.rebuild)
        code = rebuild(&asked);
    return code == EX_OK ? report(&asked) : code;
}

const struct ctl_command ctl_report = {"report", "figures for assessment from an archive", run};
