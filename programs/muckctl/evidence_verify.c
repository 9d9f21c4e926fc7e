/*
 * muckctl evidence verify: a package of a case judged, a line a step.
 */
#include "arguments.h"
#include "evidence_outside.h"
#include "evidence_words.h"
#include "file_text.h"
#include "json_write.h"
#include "verify.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include <sodium.h>

static const char command[] = "muckctl evidence verify";

enum { ARCHIVE_MAX = (1 << 30) + 1, SMALL_MAX = 1 << 20, LINE_MAX_BYTES = 1 << 16 };

struct session {
    const char *key, *checkpoint, *tsa_ca;
    bool json, no_replay;
    struct buf archive, key_text, checkpoint_text;
};

static bool read_into(struct buf *out, size_t most, const char *path)
{
    struct problem problem;
    buf_init(out, most);
    if (path == NULL || file_text_read(path, out, &problem))
        return true;
    fprintf(stderr, "%s: %s\n", command, problem.text);
    return false;
}

static void print_step(enum verify_step step, const struct verify_finding *finding, bool json)
{
    struct buf out;
    struct json_writer w;
    if (!json) {
        printf("%-11s %s: %s\n", verify_result_name(finding->result), verify_step_name(step),
               finding->said.text);
        return;
    }
    buf_init(&out, LINE_MAX_BYTES);
    json_writer_init(&w, &out);
    json_write_begin_object(&w);
    json_write_key(&w, "step");
    json_write_string(&w, text_of(verify_step_name(step)));
    json_write_key(&w, "result");
    json_write_string(&w, text_of(verify_result_name(finding->result)));
    json_write_key(&w, "said");
    json_write_string(&w, text_of(finding->said.text));
    json_write_end_object(&w);
    printf("%.*s\n", TEXT_ARG(buf_text(&out)));
    buf_fini(&out);
}

static struct verify_finding finding_of(enum evidence_outside judged, const char *file, const char *said)
{
    static const enum verify_result results[] = {[EVIDENCE_OUTSIDE_GOOD] = VERIFY_OK,
                                                 [EVIDENCE_OUTSIDE_BAD] = VERIFY_FAILED,
                                                 [EVIDENCE_OUTSIDE_UNABLE] = VERIFY_NOT_CHECKED};
    struct verify_finding f = {.result = results[judged]};
    problem_set(&f.said, "%s%s%s", judged == EVIDENCE_OUTSIDE_GOOD ? "" : file,
                judged == EVIDENCE_OUTSIDE_GOOD ? "" : ": ", said);
    return f;
}

static struct verify_finding judge_time_stamp(void *context, struct text response, struct text text,
                                              struct text key)
{
    const struct session *s = context;
    char said[256];
    (void)key;
    return finding_of(evidence_time_stamp(response, text, s->tsa_ca, said, sizeof said), BAG_TIME_STAMP,
                      said);
}

static struct verify_finding judge_sm2(void *context, struct text signature, struct text text,
                                       struct text key)
{
    char said[256];
    (void)context;
    return finding_of(evidence_sm2(signature, text, key, said, sizeof said), BAG_SM2, said);
}

static int judge(struct session *s)
{
    const struct verify_asked asked = {.archive = buf_text(&s->archive),
                                       .key = buf_text(&s->key_text),
                                       .checkpoint = buf_text(&s->checkpoint_text),
                                       .time_stamp = judge_time_stamp,
                                       .sm2 = judge_sm2,
                                       .context = s,
                                       .no_replay = s->no_replay};
    struct verify_report report;
    verify(&asked, &report);
    if (report.no_memory) {
        fprintf(stderr, "%s: out of memory\n", command);
        return EX_OSERR;
    }
    for (int step = 0; step < VERIFY_STEP_COUNT; step++)
        print_step((enum verify_step)step, &report.steps[step], s->json);
    enum verify_result whole = verify_whole(&report);
    return whole == VERIFY_FAILED ? EX_DATAERR : whole == VERIFY_NOT_CHECKED ? EX_NOINPUT : EX_OK;
}

int evidence_verify(int argc, char **argv)
{
    struct session s = {0};
    const char *path[1];
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "key", "FILE", "the public key as it was published: PEM, or a vkey of C2SP", &s.key},
        {ARGUMENT_TEXT, "checkpoint", "FILE",
         "a checkpoint of the log from elsewhere, or a tlog-proof of this case in one", &s.checkpoint},
        {ARGUMENT_TEXT, "tsa-ca", "FILE", "certificates that are trusted for time stamps (PEM)", &s.tsa_ca},
        {ARGUMENT_FLAG, "no-replay", NULL, "leave the engine out", &s.no_replay},
        {ARGUMENT_FLAG, "json", NULL, "one JSON object a line", &s.json},
        {0},
    };
    const struct command_line line = {command,
                                      "CASE.zip [--key FILE] [--checkpoint FILE]",
                                      "Judges a package of a case, a line a step: ok; failed, with the file; "
                                      "not checked, with the reason;\n"
                                      "absent, of what need not be there. The last step runs its fixes "
                                      "through the engine again, under the\n"
                                      "worlds in it. Exit: 0, 65 if a step failed, 66 if none did and "
                                      "something that is there was not checked.",
                                      rows,
                                      1,
                                      1};
    enum arguments_status status = arguments_read(&line, argc, argv, path);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    bool read = read_into(&s.archive, ARCHIVE_MAX, path[0]);
    read &= read_into(&s.key_text, SMALL_MAX, s.key);
    read &= read_into(&s.checkpoint_text, SMALL_MAX, s.checkpoint);
    int code = !read ? EX_NOINPUT : sodium_init() < 0 ? EX_OSERR : judge(&s);
    buf_fini(&s.archive);
    buf_fini(&s.key_text);
    buf_fini(&s.checkpoint_text);
    return code;
}
