/* A package from a stranger: the archive, its manifests, and every step of verify but the engine. */
#include "verify.h"

#include <stdlib.h>

#include <sodium.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct verify_report report;
    const struct verify_asked asked = {.archive = {(const char *)data, size}, .no_replay = true};
    struct zip_archive zip;
    struct problem problem;
    uint64_t total = 0;
    if (sodium_init() < 0)
        abort();
    if (zip_read(asked.archive, &zip, &problem) == ZIP_OK)
        for (size_t i = 0; i < zip.count; i++) {
            struct text name = zip.entries[i].name;
            total += zip.entries[i].bytes.len;
            /* What got through is what the header of zip_read promises. */
            if (name.len == 0 || name.data[0] == '/' || name.data[name.len - 1] == '/')
                abort();
            for (size_t k = 0; k < i; k++)
                if (text_equal(zip.entries[k].name, name))
                    abort();
        }
    if (total > (uint64_t)1 << 30)
        abort();
    zip_archive_fini(&zip);
    verify(&asked, &report);
    return 0;
}
