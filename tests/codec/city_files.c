#include "city_files.h"
#include "finding_lines.h"

#include "../cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

unsigned city_warnings;
char city_told[1 << 19], city_told_json[1 << 19];
char city_last_warning[640];

void city_files_init(struct city_files *files)
{
    strcpy(files->dir, "/tmp/muckwatch-city-XXXXXX");
    assert_non_null(mkdtemp(files->dir));
}

void city_files_write(const struct city_files *files, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", files->dir, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

void city_files_write_bytes(const struct city_files *files, const char *name, const void *bytes, size_t count)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", files->dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, count, f), count);
    assert_int_equal(fclose(f), 0);
}

void city_files_fini(struct city_files *files)
{
    DIR *dir = opendir(files->dir);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", files->dir, e->d_name);
        unlink(path);
    }
    closedir(dir);
    assert_int_equal(rmdir(files->dir), 0);
}

static void count_warning(void *context, const char *text)
{
    (void)context;
    city_warnings++;
    snprintf(city_last_warning, sizeof city_last_warning, "%s", text);
}

static void cut_folder(const struct city_files *files, char *text)
{
    size_t n = strlen(files->dir) + 1;
    for (char *at; (at = strstr(text, files->dir)) != NULL;)
        memmove(at, at + n, strlen(at + n) + 1);
}

struct world *city_files_load(const struct city_files *files, const char *yaml, struct names *names,
                              struct world_texts *texts, struct problem *out_problem)
{
    char path[128];
    struct config config;
    struct world *world = NULL;
    struct world_load_options options = {.warn = count_warning, .texts = texts};
    city_warnings = 0;
    city_last_warning[0] = '\0';
    snprintf(path, sizeof path, "%s/muckwatch.yaml", files->dir);
    assert_true(config_init(&config));
    if (config_read(&config, text_of(path), text_of(yaml), out_problem))
        world_load(&config, names, options, &world, out_problem);
    config_fini(&config);
    cut_folder(files, out_problem->text);
    cut_folder(files, city_last_warning);
    return world;
}

static void keep_finding(void *context, const struct city_finding *finding)
{
    (void)context;
    size_t n = strlen(city_told);
    struct buf json;
    snprintf(city_told + n, sizeof city_told - n, "%s%s\n", finding->error ? "" : "warning: ", finding->text);
    buf_init(&json, 1 << 16);
    finding_write_json(finding, &json);
    assert_true(buf_ok(&json));
    n = strlen(city_told_json);
    snprintf(city_told_json + n, sizeof city_told_json - n, "%.*s\n", TEXT_ARG(buf_text(&json)));
    buf_fini(&json);
}

bool city_files_check(const struct city_files *files, const char *yaml, int64_t now_ms)
{
    char path[128];
    struct config config;
    struct world *world = NULL;
    struct problem problem = {""};
    struct names *names = names_new(10000);
    struct world_load_options options = {.tell = keep_finding, .doubts = true, .now_ms = now_ms};
    city_told[0] = city_told_json[0] = '\0';
    snprintf(path, sizeof path, "%s/muckwatch.yaml", files->dir);
    assert_true(config_init(&config) && names != NULL);
    assert_true(config_read(&config, text_of(path), text_of(yaml), &problem));
    bool ok = world_load(&config, names, options, &world, &problem);
    assert_true(ok == (world != NULL) && ok == (problem.text[0] == '\0'));
    world_free(world);
    config_fini(&config);
    names_free(names);
    cut_folder(files, city_told);
    cut_folder(files, city_told_json);
    return ok;
}
