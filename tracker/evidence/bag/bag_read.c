#include "bag_read.h"

#include "buf.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

static int by_name(const void *a, const void *b)
{
    return text_compare(((const struct zip_entry *)a)->name, ((const struct zip_entry *)b)->name);
}

/* Takes the top folder off each name. */
static bool take_top(struct bag *bag, struct problem *problem)
{
    struct text first = bag->zip.count > 0 ? bag->zip.entries[0].name : TEXT("");
    const char *slash = memchr(first.data, '/', first.len);
    if (slash == NULL) {
        problem_set(problem, "no file in a folder: not a package of a case");
        return false;
    }
    bag->top = (struct text){first.data, (size_t)(slash - first.data)};
    for (size_t i = 0; i < bag->zip.count; i++) {
        struct text *name = &bag->zip.entries[i].name;
        if (name->len <= bag->top.len + 1 || memcmp(name->data, first.data, bag->top.len + 1) != 0) {
            problem_set(problem, "%.*s: it is not in the folder '%.*s' as all else", PROBLEM_ARG(*name),
                        PROBLEM_ARG(bag->top));
            return false;
        }
        *name = (struct text){name->data + bag->top.len + 1, name->len - bag->top.len - 1};
    }
    qsort(bag->zip.entries, bag->zip.count, sizeof *bag->zip.entries, by_name);
    return true;
}

enum zip_status bag_open(struct text archive, struct bag *out, struct problem *out_problem)
{
    *out = (struct bag){0};
    enum zip_status status = zip_read(archive, &out->zip, out_problem);
    return status == ZIP_OK && !take_top(out, out_problem) ? ZIP_REFUSED : status;
}

void bag_fini(struct bag *bag)
{
    zip_archive_fini(&bag->zip);
}

bool bag_file(const struct bag *bag, struct text path, struct text *out)
{
    struct zip_entry key = {.name = path};
    const struct zip_entry *found = NULL;
    if (bag->zip.count > 0)
        found = bsearch(&key, bag->zip.entries, bag->zip.count, sizeof key, by_name);
    *out = found != NULL ? found->bytes : TEXT("");
    return found != NULL;
}

/* ---- form ---- */

static bool take_line(struct text *left, struct text *out)
{
    const char *feed = left->len > 0 ? memchr(left->data, '\n', left->len) : NULL;
    if (feed == NULL)
        return false;
    *out = (struct text){left->data, (size_t)(feed - left->data)};
    *left = (struct text){feed + 1, left->len - out->len - 1};
    return true;
}

bool bag_info(const struct bag *bag, const char *name, struct text *out)
{
    struct text info, line, label = text_of(name);
    bag_file(bag, TEXT("bag-info.txt"), &info);
    while (take_line(&info, &line))
        if (line.len > label.len + 2 && memcmp(line.data, label.data, label.len) == 0 &&
            memcmp(line.data + label.len, ": ", 2) == 0) {
            *out = (struct text){line.data + label.len + 2, line.len - label.len - 2};
            return true;
        }
    return false;
}

static bool is_data(struct text path)
{
    return path.len > 5 && memcmp(path.data, "data/", 5) == 0;
}

static bool info_is_true(const struct bag *bag, struct problem *problem)
{
    struct text id, oxum;
    char counted[48];
    struct buf sum;
    uint64_t bytes = 0, files = 0;
    for (size_t i = 0; i < bag->zip.count; i++)
        if (is_data(bag->zip.entries[i].name)) {
            bytes += bag->zip.entries[i].bytes.len;
            files++;
        }
    buf_init(&sum, sizeof counted);
    buf_put_u64(&sum, bytes);
    buf_put_char(&sum, '.');
    buf_put_u64(&sum, files);
    bool counts = bag_info(bag, "Payload-Oxum", &oxum) && text_equal(oxum, buf_text(&sum));
    buf_fini(&sum);
    if (!bag_info(bag, "External-Identifier", &id) || !text_equal(id, bag->top)) {
        problem_set(problem, "bag-info.txt: External-Identifier is not the folder's name '%.*s'",
                    PROBLEM_ARG(bag->top));
        return false;
    }
    if (!counts)
        problem_set(
            problem,
            "bag-info.txt: Payload-Oxum is not %llu.%llu: files below data/ were added, removed or changed",
            (unsigned long long)bytes, (unsigned long long)files);
    return counts;
}

bool bag_check_form(const struct bag *bag, struct problem *out_problem)
{
    static const char *const needed[] = {"README.txt",      "verify.sh",          "bag-info.txt",
                                         BAG_MANIFEST,      BAG_TAG_MANIFEST,     "data/violation.json",
                                         "data/raw.jsonl",  "data/actions.jsonl", "data/marks.jsonl",
                                         "data/world.json", BAG_PUBLIC_KEY,       "proof/software.txt"};
    struct text text;
    if (!bag_file(bag, TEXT("bagit.txt"), &text) || !text_equal(text, text_of(bag_declaration))) {
        problem_set(out_problem, "bagit.txt: missing, or not that of a BagIt 1.0 bag in UTF-8");
        return false;
    }
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!bag_file(bag, text_of(needed[i]), &text)) {
            problem_set(out_problem, "%s: missing", needed[i]);
            return false;
        }
    return info_is_true(bag, out_problem);
}

/* ---- hashes ---- */

/* "HEX  PATH" */
static bool read_row(struct text line, unsigned char hash[SEALED_SHA256], struct text *out_path)
{
    enum { HEX = 2 * SEALED_SHA256 };
    size_t n;
    if (line.len < HEX + 3 || memcmp(line.data + HEX, "  ", 2) != 0)
        return false;
    for (size_t i = 0; i < HEX; i++)
        if (strchr("0123456789abcdef", line.data[i]) == NULL)
            return false;
    *out_path = (struct text){line.data + HEX + 2, line.len - HEX - 2};
    return sodium_hex2bin(hash, SEALED_SHA256, line.data, HEX, NULL, &n, NULL) == 0 && n == SEALED_SHA256;
}

static bool is_right(struct text bytes, const unsigned char hash[SEALED_SHA256])
{
    unsigned char own[SEALED_SHA256];
    crypto_hash_sha256(own, (const unsigned char *)bytes.data, bytes.len);
    return memcmp(own, hash, sizeof own) == 0;
}

/* A manifest's rows, in the order of their paths, each once: how many. SIZE_MAX: something is wrong. */
static size_t check_rows(const struct bag *bag, const char *manifest, bool of_data, struct problem *problem)
{
    struct text left, line, path, before = TEXT(""), bytes;
    unsigned char hash[SEALED_SHA256];
    size_t rows = 0;
    bag_file(bag, text_of(manifest), &left);
    for (; take_line(&left, &line); rows++, before = path) {
        if (!read_row(line, hash, &path) || is_data(path) != of_data || text_compare(before, path) >= 0) {
            problem_set(problem, "%s: line %zu is not one of its rows, in their order", manifest, rows + 1);
            return SIZE_MAX;
        }
        if (!bag_file(bag, path, &bytes)) {
            problem_set(problem, "%.*s: %s names it, and it is not there", PROBLEM_ARG(path), manifest);
            return SIZE_MAX;
        }
        if (!is_right(bytes, hash)) {
            problem_set(problem, "%.*s: it is not what %s says (SHA-256)", PROBLEM_ARG(path), manifest);
            return SIZE_MAX;
        }
    }
    if (left.len == 0)
        return rows;
    problem_set(problem, "%s: it does not end with a line feed", manifest);
    return SIZE_MAX;
}

static bool is_named_in(struct text manifest, struct text path)
{
    struct text line, named;
    unsigned char hash[SEALED_SHA256];
    while (take_line(&manifest, &line))
        if (read_row(line, hash, &named) && text_equal(named, path))
            return true;
    return false;
}

/* What stands in no manifest: the manifest of tags itself and what signs it. */
static bool is_apart(struct text path)
{
    return text_equal(path, TEXT(BAG_TAG_MANIFEST)) || text_equal(path, TEXT(BAG_SIGNATURE)) ||
           text_equal(path, TEXT(BAG_TIME_STAMP)) || text_equal(path, TEXT(BAG_SM2));
}

/* Names a file that no manifest has. */
static void find_added(const struct bag *bag, struct problem *problem)
{
    for (size_t i = 0; i < bag->zip.count; i++) {
        struct text path = bag->zip.entries[i].name, manifest;
        bag_file(bag, is_data(path) ? TEXT(BAG_MANIFEST) : TEXT(BAG_TAG_MANIFEST), &manifest);
        if (!is_apart(path) && !is_named_in(manifest, path)) {
            problem_set(problem, "%.*s: no manifest names it", PROBLEM_ARG(path));
            return;
        }
    }
}

bool bag_check_hashes(const struct bag *bag, struct problem *out_problem)
{
    size_t files = 0;
    for (size_t i = 0; i < bag->zip.count; i++)
        files += !is_apart(bag->zip.entries[i].name);
    size_t tags = check_rows(bag, BAG_TAG_MANIFEST, false, out_problem);
    size_t data = tags != SIZE_MAX ? check_rows(bag, BAG_MANIFEST, true, out_problem) : SIZE_MAX;
    if (tags == SIZE_MAX || data == SIZE_MAX)
        return false;
    if (tags + data == files)
        return true;
    find_added(bag, out_problem);
    return false;
}
