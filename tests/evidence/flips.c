/*
 * flips: a package in which one byte of one file is another, and which is packed anew so that the archive itself is whole: verify has to fail and name the file.
 * Then the archive's own bytes, packed as they are: nothing that differs may pass.
 *
 *   flips CASE.zip KEY.pem STEP     every byte of files up to STEP KiB, of longer ones as many, evenly spread
 */
#include "file_text.h"
#include "verify.h"
#include "zip_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum { BYTES_MAX = 1 << 28 };

static struct text archive, key;
static unsigned long tried, passed, unnamed;

static void judge(struct text bytes, struct verify_report *report)
{
    const struct verify_asked asked = {.archive = bytes, .key = key, .no_replay = true};
    verify(&asked, report);
}

static bool is_named(const struct verify_report *report, struct text path)
{
    char name[256];
    snprintf(name, sizeof name, "%.*s", TEXT_ARG(path));
    for (int i = 0; i < VERIFY_STEP_COUNT; i++)
        if (report->steps[i].result == VERIFY_FAILED && strstr(report->steps[i].said.text, name) != NULL)
            return true;
    return false;
}

static void tell(const char *what, struct text path, size_t at)
{
    fprintf(stderr, "%s: %.*s, byte %zu\n", what, TEXT_ARG(path), at);
}

/* The archive with entry `which` of other bytes. */
static void repack(const struct bag *bag, size_t which, struct text bytes, struct buf *out)
{
    struct zip_writer zip;
    char name[512];
    buf_clear(out);
    zip_writer_init(&zip, out, 0);
    for (size_t i = 0; i < bag->zip.count; i++) {
        snprintf(name, sizeof name, "%.*s/%.*s", TEXT_ARG(bag->top), TEXT_ARG(bag->zip.entries[i].name));
        zip_put(&zip, text_of(name), i == which ? bytes : bag->zip.entries[i].bytes, false);
    }
    if (!zip_end(&zip))
        exit(2);
}

static void flip_file(const struct bag *bag, size_t which, size_t most, struct buf *out)
{
    const struct zip_entry *e = &bag->zip.entries[which];
    size_t step = e->bytes.len > most ? e->bytes.len / most : 1;
    char *copy = malloc(e->bytes.len + 1);
    struct verify_report report;
    memcpy(copy, e->bytes.data, e->bytes.len);
    for (size_t at = 0; at < e->bytes.len; at += step) {
        copy[at] = (char)(copy[at] ^ (1 << at % 8));
        repack(bag, which, (struct text){copy, e->bytes.len}, out);
        judge(buf_text(out), &report);
        tried++;
        if (verify_whole(&report) != VERIFY_FAILED) {
            passed++;
            tell("passed", e->name, at);
        } else if (!is_named(&report, e->name)) {
            unnamed++;
            tell("not named", e->name, at);
        }
        copy[at] = e->bytes.data[at];
    }
    free(copy);
}

/* Times, versions and attributes of the archive are no part of the case: only they may be others. */
static void flip_archive(size_t most)
{
    size_t step = archive.len > most ? archive.len / most : 1;
    char *copy = malloc(archive.len);
    struct verify_report report;
    struct zip_archive own, other;
    struct problem problem;
    memcpy(copy, archive.data, archive.len);
    zip_read(archive, &own, &problem);
    for (size_t at = 0; at < archive.len; at += step) {
        copy[at] = (char)(copy[at] ^ (1 << at % 8));
        judge((struct text){copy, archive.len}, &report);
        tried++;
        if (verify_whole(&report) != VERIFY_FAILED) {
            bool same = zip_read((struct text){copy, archive.len}, &other, &problem) == ZIP_OK &&
                        other.count == own.count;
            for (size_t i = 0; same && i < own.count; i++)
                same = text_equal(own.entries[i].name, other.entries[i].name) &&
                       text_equal(own.entries[i].bytes, other.entries[i].bytes);
            zip_archive_fini(&other);
            passed += !same;
            if (!same)
                tell("passed", TEXT("the archive"), at);
        }
        copy[at] = archive.data[at];
    }
    zip_archive_fini(&own);
    free(copy);
}

static void read_file(const char *path, struct buf *b, struct text *out)
{
    struct problem problem;
    buf_init(b, BYTES_MAX);
    if (!file_text_read(path, b, &problem)) {
        fprintf(stderr, "%s\n", problem.text);
        exit(2);
    }
    *out = buf_text(b);
}

int main(int argc, char **argv)
{
    struct buf archive_bytes, key_bytes, out;
    struct problem problem;
    struct bag bag;
    struct verify_report report;
    if (argc != 4 || sodium_init() < 0)
        return 64;
    read_file(argv[1], &archive_bytes, &archive);
    read_file(argv[2], &key_bytes, &key);
    size_t most = (size_t)strtoul(argv[3], NULL, 10) * 1024;
    buf_init(&out, BYTES_MAX);
    judge(archive, &report);
    if (verify_whole(&report) == VERIFY_FAILED || bag_open(archive, &bag, &problem) != ZIP_OK) {
        fprintf(stderr, "the package itself fails\n");
        return 1;
    }
    for (size_t i = 0; i < bag.zip.count; i++)
        flip_file(&bag, i, most, &out);
    flip_archive(most);
    printf("%lu flips: %lu passed, %lu not named\n", tried, passed, unnamed);
    bag_fini(&bag);
    buf_fini(&out);
    buf_fini(&archive_bytes);
    buf_fini(&key_bytes);
    return passed + unnamed > 0;
}
