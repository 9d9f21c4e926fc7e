/*
 * zoneinfo: one file read whole.
 *
 * The name comes from a configuration or a command line and becomes part of a path, so only what zones are
 * named with is let through: letters, digits, '_', '+', '-' and single inner slashes. No dot, hence no way
 * out of the folder.
 */
#include "zoneinfo.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 64, MAX_BYTES = 1 << 16 /* the largest has 4 KiB */ };

static bool name_allowed(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > MAX_NAME || name[0] == '/' || name[length - 1] == '/')
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                     c == '+' || c == '-';
        if (!plain && !(c == '/' && name[i + 1] != '/'))
            return false;
    }
    return true;
}

static enum zoneinfo_status parse(FILE *file, unsigned char *bytes, struct mw_zone **out_zone)
{
    size_t size = fread(bytes, 1, MAX_BYTES + 1, file);
    if (ferror(file) || size > MAX_BYTES)
        return ZONEINFO_BROKEN;
    switch (mw_zone_parse(bytes, size, out_zone)) {
    case MW_ZONE_OK:
        return ZONEINFO_OK;
    case MW_ZONE_NO_MEMORY:
        return ZONEINFO_NO_MEMORY;
    case MW_ZONE_BROKEN:
        break;
    }
    return ZONEINFO_BROKEN;
}

enum zoneinfo_status zoneinfo_load(const char *dir, const char *name, struct mw_zone **out_zone)
{
    char path[4096];
    if (!name_allowed(name))
        return ZONEINFO_BAD_NAME;
    if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path)
        return ZONEINFO_NOT_FOUND;
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return ZONEINFO_NOT_FOUND;
    unsigned char *bytes = malloc(MAX_BYTES + 1);
    enum zoneinfo_status status = bytes != NULL ? parse(file, bytes, out_zone) : ZONEINFO_NO_MEMORY;
    free(bytes);
    fclose(file);
    return status;
}

const char *zoneinfo_status_text(enum zoneinfo_status status)
{
    switch (status) {
    case ZONEINFO_OK:
        return "found";
    case ZONEINFO_BAD_NAME:
        return "not the name of a time zone, such as Asia/Shanghai";
    case ZONEINFO_NOT_FOUND:
        return "no such time zone in " ZONEINFO_DIR " (package tzdata)";
    case ZONEINFO_BROKEN:
        return "its file in " ZONEINFO_DIR " is not a time zone file";
    case ZONEINFO_NO_MEMORY:
        return "out of memory";
    }
    return "unknown";
}
