#include "verify_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *verify_step_name(enum verify_step step)
{
    static const char *const names[VERIFY_STEP_COUNT] = {
        "structure",  "hashes", "signature", "key",   "record", "inclusion", "checkpoint",
        "time stamp", "sm2",    "review",    "world", "fixes",  "replay"};
    return names[step];
}

const char *verify_result_name(enum verify_result result)
{
    static const char *const names[] = {"not checked", "ok", "failed", "absent"};
    return names[result];
}

void verify_say(struct verifying *v, enum verify_step step, enum verify_result result, const char *format,
                ...)
{
    struct verify_finding *f = &v->report->steps[step];
    va_list arguments;
    f->result = result;
    va_start(arguments, format);
    vsnprintf(f->said.text, sizeof f->said.text, format, arguments);
    va_end(arguments);
}

struct text verify_file(const struct verifying *v, const char *path)
{
    struct text bytes;
    bag_file(&v->bag, text_of(path), &bytes);
    return bytes;
}

bool verify_take_line(struct text *left, struct text *out)
{
    if (left->len == 0)
        return false;
    const char *feed = memchr(left->data, '\n', left->len);
    size_t n = feed != NULL ? (size_t)(feed - left->data) : left->len;
    size_t taken = n + (feed != NULL);
    *out = (struct text){left->data, n};
    *left = (struct text){left->data + taken, left->len - taken};
    return true;
}

struct text verify_member(const struct json_node *object, const char *name)
{
    const struct json_node *n = json_node_member(object, name);
    return json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : TEXT("");
}

/* A signature beside that of Ed25519, which may not be there. */
static void judge_outside(struct verifying *v, enum verify_step step, const char *path, verify_outside *judge)
{
    struct text signature;
    if (!bag_file(&v->bag, text_of(path), &signature))
        verify_say(v, step, VERIFY_ABSENT, "there is no %s", path);
    else if (judge == NULL)
        verify_say(v, step, VERIFY_NOT_CHECKED, "%s: this program cannot judge it", path);
    else
        v->report->steps[step] = judge(v->asked->context, signature, verify_file(v, BAG_TAG_MANIFEST),
                                       verify_file(v, BAG_SM2_KEY));
}

static void judge(struct verifying *v)
{
    struct problem problem = {""};
    if (bag_check_form(&v->bag, &problem))
        verify_say(v, VERIFY_STRUCTURE, VERIFY_OK, "a BagIt 1.0 bag of %zu files, case %.*s",
                   v->bag.zip.count, TEXT_ARG(v->bag.top));
    else
        verify_say(v, VERIFY_STRUCTURE, VERIFY_FAILED, "%s", problem.text);
    if (bag_check_hashes(&v->bag, &problem))
        verify_say(v, VERIFY_HASHES, VERIFY_OK, "every file is what the manifests say (SHA-256)");
    else
        verify_say(v, VERIFY_HASHES, VERIFY_FAILED, "%s", problem.text);
    snprintf(v->report->id, sizeof v->report->id, "%.*s", TEXT_ARG(v->bag.top));
    verify_signature(v);
    verify_key(v);
    verify_record(v);
    verify_inclusion(v);
    verify_checkpoint(v);
    judge_outside(v, VERIFY_TIME_STAMP, BAG_TIME_STAMP, v->asked->time_stamp);
    judge_outside(v, VERIFY_SM2, BAG_SM2, v->asked->sm2);
    verify_review(v);
    verify_world(v);
    verify_fixes(v);
    verify_replay(v);
}

void verify(const struct verify_asked *asked, struct verify_report *out)
{
    struct verifying v = {.asked = asked, .report = out};
    struct problem problem = {""};
    *out = (struct verify_report){0};
    for (int step = 0; step < VERIFY_STEP_COUNT; step++)
        verify_say(&v, (enum verify_step)step, VERIFY_NOT_CHECKED, "it is no package");
    enum zip_status status = bag_open(asked->archive, &v.bag, &problem);
    out->no_memory = status == ZIP_NO_MEMORY;
    if (status == ZIP_OK)
        judge(&v);
    else if (status == ZIP_REFUSED)
        verify_say(&v, VERIFY_STRUCTURE, VERIFY_FAILED, "%s", problem.text);
    bag_fini(&v.bag);
}

enum verify_result verify_whole(const struct verify_report *report)
{
    enum verify_result whole = VERIFY_OK;
    for (int i = 0; i < VERIFY_STEP_COUNT; i++) {
        if (report->steps[i].result == VERIFY_FAILED)
            return VERIFY_FAILED;
        if (report->steps[i].result == VERIFY_NOT_CHECKED)
            whole = VERIFY_NOT_CHECKED;
    }
    return whole;
}
