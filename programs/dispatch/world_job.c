#include "world_job.h"

#include "clock.h"
#include "json_write.h"
#include "web_problem.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void world_job_init(struct world_job *job)
{
    memset(job, 0, sizeof *job);
    web_answer_init(&job->answer);
    buf_init(&job->against, WORLD_AGAINST_BYTES);
    buf_init(&job->warnings, WORLD_FINDINGS_BYTES);
}

void world_job_fini(struct world_job *job)
{
    web_answer_fini(&job->answer);
    buf_fini(&job->against);
    buf_fini(&job->warnings);
    free(job->body);
    job->body = NULL;
}

bool world_asked_read(struct text words, uint64_t *out_number, uint64_t *out_before, char out_expect[65])
{
    char line[160];
    unsigned long long number, before;
    snprintf(line, sizeof line, "%.*s", TEXT_ARG(words));
    bool ok = sscanf(line, "%llu %llu %64[0-9a-f]", &number, &before, out_expect) == 3;
    *out_number = ok ? number : 0;
    *out_before = ok ? before : 0;
    return ok;
}

/* ---- showing ---- */

static void put_member(struct json_writer *w, const char *key, struct text value)
{
    json_write_key(w, key);
    if (value.len > 0)
        json_write_string(w, value);
    else
        json_write_null(w);
}

static void put_files(const struct world_files *f, struct json_writer *w)
{
    json_write_begin_array(w);
    for (size_t i = 0; i < f->count; i++) {
        json_write_begin_object(w);
        put_member(w, "name", f->rows[i].name);
        put_member(w, "path", f->rows[i].path);
        put_member(w, "kind", text_of(f->rows[i].kind));
        json_write_key(w, "bytes");
        json_write_u64(w, f->rows[i].bytes.len);
        json_write_end_object(w);
    }
    json_write_end_array(w);
}

static void put_versions(const struct world_job *job, struct json_writer *w)
{
    static uint64_t numbers[VERSIONS_MAX];
    struct buf about;
    size_t count = job->dir[0] != '\0' ? version_folder_list(job->dir, numbers) : 0;
    buf_init(&about, VERSION_ABOUT_MAX);
    json_write_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        buf_clear(&about);
        json_write_begin_object(w);
        json_write_key(w, "version");
        json_write_u64(w, numbers[i]);
        /* Lines of "KEY VALUE", as world_job wrote them; a version that was put there by hand has none. */
        bool told = version_folder_read(job->dir, numbers[i], TEXT(VERSION_ABOUT), &about);
        for (size_t at = 0; told && at < about.len;) {
            const char *begin = about.data + at, *end = memchr(begin, '\n', about.len - at);
            const char *blank = memchr(begin, ' ', about.len - at);
            if (end == NULL || blank == NULL || blank > end)
                break;
            struct text key = {begin, (size_t)(blank - begin)},
                        value = {blank + 1, (size_t)(end - blank - 1)};
            if (text_equal(key, TEXT("at"))) {
                json_write_key(w, "at");
                json_write_i64(w, text_whole(value));
            } else if (text_equal(key, TEXT("who")) || text_equal(key, TEXT("ruleset"))) {
                put_member(w, *key.data == 'w' ? "who" : "ruleset", value);
            }
            at = (size_t)(end + 1 - about.data);
        }
        json_write_end_object(w);
    }
    json_write_end_array(w);
    buf_fini(&about);
}

static void say_tag(const struct world_files *f, struct web_answer *out)
{
    web_answer_field(out, "ETag", text_of(f->tag));
}

static void show(struct world_job *job, const struct world_files *f)
{
    struct web_answer *out = &job->answer;
    struct json_writer w;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    put_member(&w, "etag", text_of(f->tag));
    json_write_key(&w, "version");
    if (f->version != 0)
        json_write_u64(&w, f->version);
    else
        json_write_null(&w);
    json_write_key(&w, "files");
    put_files(f, &w);
    json_write_key(&w, "versions");
    put_versions(job, &w);
    /* The loop adds the rest, and the end. */
    out->status = 200;
    out->type = "application/json";
    say_tag(f, out);
}

/* A file of a version, or of those in use, straight from the disk. */
static void read_one(struct world_job *job, struct world_files *f)
{
    char path[2 * WORLD_PATH_MAX];
    struct stat status;
    struct web_answer *out = &job->answer;
    const struct world_file_row *row = world_files_find(f, text_of(job->name));
    uint64_t version = job->version != 0 ? job->version : f->version;
    snprintf(path, sizeof path, "%s/%llu/%s", job->dir, (unsigned long long)version, job->name);
    int fd = row != NULL && version != 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        if (fd >= 0)
            close(fd);
        web_problem(out, 404, "there is no such file that can be changed");
        return;
    }
    out->status = 200;
    out->type = "application/json";
    out->file = fd;
    out->file_length = (uint64_t)status.st_size;
    if (version == f->version)
        say_tag(f, out);
}

/* ---- changing ---- */

static void put_lists(const struct text errors, const struct text warnings, struct json_writer *w)
{
    json_write_key(w, "errors");
    json_write_begin_array(w);
    json_write_raw(w, errors);
    json_write_end_array(w);
    json_write_key(w, "warnings");
    json_write_begin_array(w);
    json_write_raw(w, warnings);
    json_write_end_array(w);
}

static void refuse(struct world_job *job, const struct world_judged *judged)
{
    struct web_answer *out = &job->answer;
    struct json_writer w;
    web_problem_at(out, 422, "bad-world", NULL,
                   TEXT("these files make no world: errors says what is wrong, and where"));
    if (!buf_ok(&out->body) || out->body.len == 0)
        return;
    out->body.len--; /* the object goes on */
    json_writer_init_within(&w, &out->body);
    put_lists(buf_text(&judged->errors), buf_text(&judged->warnings), &w);
    json_write_end_object(&w);
}

void world_write_outcome(const struct world_job *job, const char *result, struct web_answer *out)
{
    struct json_writer w;
    bool dry = strcmp(result, "dry_run") == 0;
    json_writer_init(&w, &out->body);
    json_write_begin_object(&w);
    put_member(&w, "result", text_of(result));
    put_member(&w, "ruleset", text_of(job->expect));
    if (!dry) {
        json_write_key(&w, "version");
        json_write_u64(&w, job->number);
        put_member(&w, "etag", text_of(job->tag));
    }
    json_write_key(&w, "against");
    json_write_raw(&w, buf_text(&job->against));
    put_lists((struct text){0}, buf_text(&job->warnings), &w);
    json_write_end_object(&w);
    out->status = strcmp(result, "asked") == 0 ? 202 : 200;
    out->type = "application/json";
}

/* The bytes of each file that may be changed, as they are to be; what is not given stays as it is. */
static size_t gather(const struct world_files *f, struct version_file out[WORLD_FILES_MAX + 1])
{
    size_t count = 0;
    for (size_t i = 0; i < f->count; i++)
        if (f->rows[i].name.len > 0)
            out[count++] = (struct version_file){f->rows[i].name, buf_text(&f->rows[i].bytes)};
    return count;
}

static bool write_version(struct world_job *job, const struct world_files *f, char *why)
{
    struct version_file files[WORLD_FILES_MAX + 1];
    char about[512], words[160];
    size_t count = gather(f, files);
    snprintf(about, sizeof about, "at %lld\nwho %s\nruleset %s\n", (long long)clock_wall().ms, job->who,
             job->expect);
    files[count++] = (struct version_file){TEXT(VERSION_ABOUT), text_of(about)};
    job->before = f->version;
    job->number = version_folder_put(job->dir, files, count, why);
    if (job->number == 0)
        return false;
    snprintf(words, sizeof words, "%llu %llu %s", (unsigned long long)job->number,
             (unsigned long long)job->before, job->expect);
    if (version_folder_ask(job->dir, text_of(words), why) && version_folder_use(job->dir, job->number, why))
        return true;
    char rather[VERSION_WHY_MAX];
    version_folder_ask(job->dir, (struct text){0}, rather);
    return false;
}

/* Puts what was sent, or was so in a former version, in the place of what is there. */
static bool take_files(struct world_job *job, struct world_files *f)
{
    struct web_answer *out = &job->answer;
    for (size_t i = 0; i < job->file_count; i++) {
        struct world_file_row *row = world_files_find(f, job->files[i].name);
        if (row == NULL) {
            char pointer[VERSION_NAME_MAX + 16];
            snprintf(
                pointer, sizeof pointer, "/files/%.*s",
                (int)(job->files[i].name.len < VERSION_NAME_MAX ? job->files[i].name.len : VERSION_NAME_MAX),
                job->files[i].name.data);
            web_problem_at(out, 422, "no-such-file", pointer,
                           TEXT("the configuration names no such file that can be changed"));
            return false;
        }
        buf_clear(&row->bytes);
        buf_put_text(&row->bytes, job->files[i].bytes);
        row->put = true;
    }
    for (size_t i = 0; i < f->count && job->version != 0; i++) {
        struct world_file_row *row = &f->rows[i];
        if (row->name.len == 0)
            continue;
        buf_clear(&row->bytes);
        if (!version_folder_read(job->dir, job->version, row->name, &row->bytes)) {
            web_problem_at(out, 404, NULL, "/version", TEXT("there is no such version"));
            return false;
        }
    }
    return true;
}

static void retag(struct world_job *job)
{
    struct world_files again;
    struct problem problem;
    if (world_files_read(&again, job->config, job->dir, &problem))
        snprintf(job->tag, sizeof job->tag, "%s", again.tag);
    world_files_fini(&again);
}

static void decide(struct world_job *job, const struct world_files *f, struct world_judged *judged)
{
    char why[VERSION_WHY_MAX];
    struct web_answer *out = &job->answer;
    if (judged->error_count > 0) {
        refuse(job, judged);
        return;
    }
    if (judged->reason[0] != '\0') {
        web_answer_field(out, "Retry-After", TEXT("5"));
        web_problem(out, 503, "what it would change cannot be told: %s", judged->reason);
        return;
    }
    memcpy(job->expect, judged->ruleset, sizeof job->expect);
    buf_put_text(&job->against, buf_text(&judged->against));
    buf_put_text(&job->warnings, buf_text(&judged->warnings));
    if (job->dry_run) {
        world_write_outcome(job, "dry_run", out);
        return;
    }
    if (write_version(job, f, why)) {
        job->written = true;
        retag(job);
    } else {
        web_problem(out, 500, "it could not be written: %s", why);
    }
}

static void put(struct world_job *job, struct world_files *f)
{
    struct world_judged judged;
    struct web_answer *out = &job->answer;
    if (f->version == 0) {
        web_problem_at(out, 409, "read-only", NULL,
                       TEXT("no file can be changed here: world.dir has no version in use"));
        return;
    }
    if (strcmp(job->if_match, f->tag) != 0) {
        say_tag(f, out);
        web_problem(out, 412, "the files are others by now: look at them again");
        return;
    }
    if (!take_files(job, f))
        return;
    if (world_judge(f, &job->store, &judged))
        decide(job, f, &judged);
    else
        web_problem(out, 503, "there is no memory for it");
    world_judged_fini(&judged);
}

static void settle(struct world_job *job)
{
    char why[VERSION_WHY_MAX];
    if (job->version != 0)
        job->failed = !version_folder_use(job->dir, job->version, why);
    else
        job->failed = !version_folder_ask(job->dir, (struct text){0}, why);
    if (!job->failed)
        version_folder_trim(job->dir, job->kept);
}

void world_job_do(void *arg)
{
    struct world_job *job = arg;
    struct world_files *files = job->task != WORLD_SETTLE ? malloc(sizeof *files) : NULL;
    struct problem problem;
    if (job->task == WORLD_SETTLE) {
        settle(job);
        return;
    }
    if (files == NULL) {
        web_problem(&job->answer, 503, "there is no memory for it");
        return;
    }
    if (!world_files_read(files, job->config, job->dir, &problem))
        web_problem(&job->answer, 503, "the files cannot be read: %s", problem.text);
    else if (job->task == WORLD_SHOW)
        show(job, files);
    else if (job->task == WORLD_READ)
        read_one(job, files);
    else
        put(job, files);
    world_files_fini(files);
    free(files);
}
