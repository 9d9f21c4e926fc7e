#include "city_files.h"

#include "../cmocka_all.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

unsigned city_warnings;
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
