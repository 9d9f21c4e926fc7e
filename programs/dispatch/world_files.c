#include "world_files.h"

#include "file_text.h"
#include "version_folder.h"

#include <sodium.h>
#include <stdio.h>

/* What is behind `DIR/now/`, if the path is that of a file there. */
static struct text name_below(struct text path, const char *dir)
{
    static const char now[] = "/now/";
    size_t n = strlen(dir);
    while (n > 0 && dir[n - 1] == '/')
        n--;
    if (n == 0 || path.len <= n + sizeof now - 1 || memcmp(path.data, dir, n) != 0 ||
        memcmp(path.data + n, now, sizeof now - 1) != 0)
        return (struct text){0};
    struct text name = {path.data + n + sizeof now - 1, path.len - n - (sizeof now - 1)};
    return version_name_valid(name) ? name : (struct text){0};
}

static bool read_row(struct world_files *f, const char *kind, struct text path, const char *dir,
                     struct problem *out_problem)
{
    if (f->count == WORLD_FILES_MAX) {
        problem_set(out_problem, "the configuration names more than %d files", WORLD_FILES_MAX);
        return false;
    }
    struct world_file_row *row = &f->rows[f->count++];
    *row = (struct world_file_row){.kind = kind, .path = path, .name = name_below(path, dir)};
    buf_init(&row->bytes, WORLD_FILE_MAX);
    return file_text_read(path.data, &row->bytes, out_problem);
}

static bool read_list(struct world_files *f, const char *kind, const struct text_list *paths, const char *dir,
                      struct problem *out_problem)
{
    for (size_t i = 0; i < paths->count; i++)
        if (!read_row(f, kind, paths->items[i], dir, out_problem))
            return false;
    return true;
}

static void hash_text(crypto_generichash_state *hash, struct text t)
{
    uint64_t len = t.len;
    crypto_generichash_update(hash, (const unsigned char *)&len, sizeof len);
    crypto_generichash_update(hash, (const unsigned char *)t.data, t.len);
}

static void make_tag(struct world_files *f)
{
    crypto_generichash_state hash;
    unsigned char bytes[16];
    char digits[2 * sizeof bytes + 1];
    crypto_generichash_init(&hash, NULL, 0, sizeof bytes);
    for (size_t i = 0; i < f->count; i++) {
        hash_text(&hash, f->rows[i].path);
        hash_text(&hash, buf_text(&f->rows[i].bytes));
    }
    crypto_generichash_final(&hash, bytes, sizeof bytes);
    sodium_bin2hex(digits, sizeof digits, bytes, sizeof bytes);
    snprintf(f->tag, sizeof f->tag, "\"%s\"", digits);
}

bool world_files_read(struct world_files *f, const char *config_path, const char *dir,
                      struct problem *out_problem)
{
    memset(f, 0, sizeof *f);
    problem_set(out_problem, "out of memory");
    if (!config_init(&f->config) || !config_read_file(&f->config, config_path, out_problem))
        return false;
    const struct city_config *c = &f->config.city;
    f->version = dir[0] != '\0' ? version_folder_now(dir) : 0;
    bool ok = read_list(f, "calendar", &c->calendar, dir, out_problem) &&
              read_list(f, "school_calendar", &c->school_calendar, dir, out_problem) &&
              read_list(f, "fences", &c->fences, dir, out_problem) &&
              read_list(f, "fleet", &c->fleet, dir, out_problem);
    if (ok)
        make_tag(f);
    return ok;
}

void world_files_fini(struct world_files *f)
{
    for (size_t i = 0; i < f->count; i++)
        buf_fini(&f->rows[i].bytes);
    config_fini(&f->config);
    memset(f, 0, sizeof *f);
}

struct world_file_row *world_files_find(struct world_files *f, struct text name)
{
    for (size_t i = 0; i < f->count && name.len > 0; i++)
        if (text_equal(f->rows[i].name, name))
            return &f->rows[i];
    return NULL;
}

bool world_files_say(void *files, const char *path, struct buf *out, struct problem *out_problem)
{
    const struct world_files *f = files;
    for (size_t i = 0; i < f->count; i++)
        if (text_equal(f->rows[i].path, text_of(path))) {
            buf_put_text(out, buf_text(&f->rows[i].bytes));
            if (buf_ok(out))
                return true;
        }
    problem_set(out_problem, "%s: it cannot be had", path);
    return false;
}
