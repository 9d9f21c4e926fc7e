/*
 * replay_corpus: runs a fuzz target over every file of a corpus folder, without a fuzzer.
 *
 * Linked with a libFuzzer entry point in ordinary builds, so that inputs found once stay tested at every run.
 * An empty or missing folder is a failure: a corpus that got lost must not look like a corpus that passed.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        perror(path);
        return -1;
    }
    size_t cap = 1u << 20, n = 0;
    uint8_t *data = malloc(cap);
    if (data != NULL)
        n = fread(data, 1, cap, f);
    fclose(f);
    if (data == NULL)
        return -1;
    /* An exact-size copy, so that the address sanitizer sees a read past the end. */
    uint8_t *exact = malloc(n > 0 ? n : 1);
    if (exact != NULL) {
        for (size_t i = 0; i < n; i++)
            exact[i] = data[i];
        LLVMFuzzerTestOneInput(exact, n);
        free(exact);
    }
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS_DIR\n", argv[0]);
        return 64;
    }
    DIR *dir = opendir(argv[1]);
    if (dir == NULL) {
        perror(argv[1]);
        return 66;
    }
    unsigned long count = 0;
    for (struct dirent *e; (e = readdir(dir)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        char path[4096];
        if (snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name) >= (int)sizeof path ||
            replay_file(path) != 0) {
            closedir(dir);
            return 1;
        }
        count++;
    }
    closedir(dir);
    printf("%lu inputs\n", count);
    return count > 0 ? 0 : 1;
}
