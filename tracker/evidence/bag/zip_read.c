#include "zip_read.h"

#include "zip_form.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* An entry as the directory tells it. */
struct row {
    struct text name;
    uint32_t flags, method, crc, packed, size, at, attributes;
    uint32_t made_on;
    uint64_t end; /* behind its data */
    bool folder;
};

struct reading {
    struct text archive;
    size_t central, central_end; /* where the directory lies */
    struct row *rows;
    size_t count;
    struct problem *problem;
};

static uint32_t u16(const char *p)
{
    return (uint32_t)(unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8;
}

static uint32_t u32(const char *p)
{
    return u16(p) | u16(p + 2) << 16;
}

/* The name may hold anything, and is shown on a terminal. */
static bool refuse(struct reading *r, struct text name, const char *why)
{
    char shown[PROBLEM_SHOWN + 1];
    size_t n = 0;
    for (; n < name.len && n < PROBLEM_SHOWN; n++)
        shown[n] = (char)(name.data[n] >= 0x20 && name.data[n] <= 0x7e ? name.data[n] : '?');
    shown[n] = '\0';
    problem_set(r->problem, "%s%s%s", shown, n > 0 ? ": " : "", why);
    return false;
}

/* ---- names ---- */

static bool is_part(struct text part)
{
    return part.len > 0 && !text_equal(part, TEXT(".")) && !text_equal(part, TEXT(".."));
}

static bool is_name(struct text name)
{
    size_t from = 0;
    if (name.len == 0 || name.len > ZIP_NAME_MAX)
        return false;
    for (size_t i = 0; i <= name.len; i++) {
        char c = i < name.len ? name.data[i] : '/';
        if (c < 0x20 || c > 0x7e || c == '\\' || c == ':')
            return false;
        if (c != '/')
            continue;
        bool ends_folder = i == name.len && from == name.len;
        if (!ends_folder && !is_part((struct text){name.data + from, i - from}))
            return false;
        from = i + 1;
    }
    return true;
}

static int folded(char c)
{
    return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c == '/' ? 1 : (unsigned char)c;
}

/* By name without case; `/` before all other characters, so that a folder stands right before what is in it. */
static int by_name(const void *a, const void *b)
{
    struct text x = ((const struct row *)a)->name, y = ((const struct row *)b)->name;
    for (size_t i = 0; i < x.len && i < y.len; i++)
        if (folded(x.data[i]) != folded(y.data[i]))
            return folded(x.data[i]) - folded(y.data[i]);
    return (x.len > y.len) - (x.len < y.len);
}

/* Two names that stand next to each other: they differ, and so do no two folders in case alone. */
static bool differ(struct reading *r, const struct row *before, const struct row *row)
{
    struct text x = before->name, y = row->name;
    size_t same = 0, folder = 0;
    for (; same < x.len && same < y.len && folded(x.data[same]) == folded(y.data[same]); same++)
        if (x.data[same] == '/')
            folder = same + 1;
    if (same == x.len && same == y.len)
        return refuse(r, y, "the name stands twice, or differs from another in case alone");
    if (same == x.len && y.data[same] == '/')
        return refuse(r, y, "a file of the archive is its folder");
    if (memcmp(x.data, y.data, folder) != 0)
        return refuse(r, y, "the folder's name differs from another in case alone");
    return true;
}

static bool names_differ(struct reading *r)
{
    for (size_t i = 1; i < r->count; i++)
        if (!differ(r, &r->rows[i - 1], &r->rows[i]))
            return false;
    return true;
}

/* ---- the directory ---- */

/* Times and owners as Info-ZIP writes them are passed over; what may give another name or size is not. */
static bool extras_are_harmless(struct text extra)
{
    while (extra.len >= 4) {
        uint32_t id = u16(extra.data), len = u16(extra.data + 2);
        bool known = id == 0x5455 || id == 0x7875 || id == 0x5855 || id == 0x7855;
        if (!known || len > extra.len - 4)
            return false;
        extra = (struct text){extra.data + 4 + len, extra.len - 4 - len};
    }
    return extra.len == 0;
}

static bool find_end(struct reading *r)
{
    if (r->archive.len < ZIP_END_BYTES || r->archive.len > ZIP_BYTES_MAX)
        return refuse(r, TEXT(""), "no ZIP archive, or one of more than 1 GiB");
    const char *p = r->archive.data + r->archive.len - ZIP_END_BYTES;
    if (u32(p) != ZIP_END_SIGNATURE || u16(p + 20) != 0)
        return refuse(r, TEXT(""), "the archive does not end with a ZIP directory");
    if (u32(p + 4) != 0 || u16(p + 8) != u16(p + 10))
        return refuse(r, TEXT(""), "a ZIP archive over several disks");
    uint64_t size = u32(p + 12), at = u32(p + 16);
    if (at + size != r->archive.len - ZIP_END_BYTES)
        return refuse(r, TEXT(""), "the ZIP directory is not where its end says");
    r->count = u16(p + 10);
    r->central = (size_t)at;
    r->central_end = (size_t)(at + size);
    if (r->count > ZIP_ENTRIES_MAX)
        return refuse(r, TEXT(""), "more than 10,000 entries");
    return true;
}

static bool is_plain(struct reading *r, const struct row *row, const char *p)
{
    uint32_t type = row->made_on == ZIP_MADE_ON_UNIX ? row->attributes >> 16 & ZIP_TYPE_MASK : 0;
    if (!is_name(row->name))
        return refuse(r, row->name,
                      "not a name that is taken: relative, printable ASCII, no '..' and no '\\'");
    if (type != 0 && type != (row->folder ? ZIP_TYPE_FOLDER : ZIP_TYPE_FILE))
        return refuse(r, row->name, "neither a file nor a folder");
    if ((row->flags & ~(uint32_t)(ZIP_FLAG_UTF8 | 6)) != 0)
        return refuse(r, row->name, "encrypted, or its sizes stand behind it");
    if (row->method != ZIP_STORED && row->method != ZIP_DEFLATED)
        return refuse(r, row->name, "neither stored nor deflated");
    if ((row->method == ZIP_STORED && row->packed != row->size) || (row->folder && row->size != 0))
        return refuse(r, row->name, "its sizes do not fit one another");
    if (u16(p + 32) != 0 || u16(p + 34) != 0)
        return refuse(r, row->name, "it has a comment, or lies on another disk");
    return true;
}

static bool read_row(struct reading *r, size_t *at, struct row *row)
{
    const char *p = r->archive.data + *at;
    if (r->central_end - *at < ZIP_CENTRAL_BYTES || u32(p) != ZIP_CENTRAL_SIGNATURE)
        return refuse(r, TEXT(""), "the ZIP directory is damaged");
    uint32_t name = u16(p + 28), extra = u16(p + 30);
    if (r->central_end - *at - ZIP_CENTRAL_BYTES < (size_t)name + extra)
        return refuse(r, TEXT(""), "the ZIP directory is damaged");
    *row = (struct row){.name = {p + ZIP_CENTRAL_BYTES, name},
                        .made_on = u16(p + 4) >> 8,
                        .flags = u16(p + 8),
                        .method = u16(p + 10),
                        .crc = u32(p + 16),
                        .packed = u32(p + 20),
                        .size = u32(p + 24),
                        .attributes = u32(p + 38),
                        .at = u32(p + 42)};
    row->folder = name > 0 && row->name.data[name - 1] == '/';
    if (!extras_are_harmless((struct text){p + ZIP_CENTRAL_BYTES + name, extra}))
        return refuse(r, row->name, "an extra field that may mean another name or size");
    *at += ZIP_CENTRAL_BYTES + name + extra;
    return is_plain(r, row, p);
}

/* The entry's own header says the same. */
static bool check_local(struct reading *r, struct row *row)
{
    const char *p = r->archive.data + row->at;
    if (row->at >= r->central || r->central - row->at < ZIP_LOCAL_BYTES || u32(p) != ZIP_LOCAL_SIGNATURE)
        return refuse(r, row->name, "there is no entry where the directory says");
    uint32_t name = u16(p + 26), extra = u16(p + 28);
    row->end = (uint64_t)row->at + ZIP_LOCAL_BYTES + name + extra + row->packed;
    if (row->end > r->central)
        return refuse(r, row->name, "it reaches into the directory");
    bool same = u16(p + 6) == row->flags && u16(p + 8) == row->method && u32(p + 14) == row->crc &&
                u32(p + 18) == row->packed && u32(p + 22) == row->size &&
                text_equal((struct text){p + ZIP_LOCAL_BYTES, name}, row->name);
    if (!same)
        return refuse(r, row->name, "its two headers differ");
    if (!extras_are_harmless((struct text){p + ZIP_LOCAL_BYTES + name, extra}))
        return refuse(r, row->name, "an extra field that may mean another name or size");
    return true;
}

static bool read_rows(struct reading *r)
{
    size_t at = r->central;
    uint64_t total = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!read_row(r, &at, &r->rows[i]) || !check_local(r, &r->rows[i]))
            return false;
        total += r->rows[i].size;
        if (total > ZIP_BYTES_MAX)
            return refuse(r, r->rows[i].name, "more than 1 GiB of contents");
    }
    return at == r->central_end || refuse(r, TEXT(""), "bytes in the ZIP directory that are no entry");
}

/* ---- contents ---- */

static int by_place(const void *a, const void *b)
{
    uint32_t x = ((const struct row *)a)->at, y = ((const struct row *)b)->at;
    return (x > y) - (x < y);
}

/* Each byte before the directory belongs to one entry. In the order of the names, then in that of the file, which is that in which rows are left. */
static bool is_covered(struct reading *r)
{
    uint64_t at = 0;
    if (r->count > 0)
        qsort(r->rows, r->count, sizeof *r->rows, by_name);
    if (!names_differ(r))
        return false;
    if (r->count > 0)
        qsort(r->rows, r->count, sizeof *r->rows, by_place);
    for (size_t i = 0; i < r->count; i++) {
        if (r->rows[i].at != at)
            return refuse(r, r->rows[i].name, "it lies over another, or behind bytes that are no entry");
        at = r->rows[i].end;
    }
    return at == r->central || refuse(r, TEXT(""), "bytes before the directory that are no entry");
}

/* What the data inflates to is exactly as long as was said. */
static bool inflate_row(const struct row *row, const char *data, char *into)
{
    z_stream z = {
        .next_in = (Bytef *)data, .avail_in = row->packed, .next_out = (Bytef *)into, .avail_out = row->size};
    if (inflateInit2(&z, -15) != Z_OK)
        return false;
    int status = inflate(&z, Z_FINISH);
    bool ok = status == Z_STREAM_END && z.avail_in == 0 && z.avail_out == 0;
    inflateEnd(&z);
    return ok;
}

static enum zip_status take_contents(struct reading *r, struct row *row, struct zip_entry *out)
{
    const char *data = r->archive.data + (row->end - row->packed);
    out->name = row->name;
    out->bytes = (struct text){data, row->size};
    if (row->method == ZIP_DEFLATED) {
        out->inflated = malloc(row->size > 0 ? row->size : 1);
        if (out->inflated == NULL)
            return ZIP_NO_MEMORY;
        out->bytes.data = out->inflated;
        if (!inflate_row(row, data, out->inflated)) {
            refuse(r, row->name, "it does not inflate to what was said");
            return ZIP_REFUSED;
        }
    }
    if (crc32_z(0, (const Bytef *)out->bytes.data, out->bytes.len) != row->crc) {
        refuse(r, row->name, "its CRC is another");
        return ZIP_REFUSED;
    }
    return ZIP_OK;
}

static enum zip_status read_all(struct reading *r, struct zip_archive *out)
{
    if (!find_end(r))
        return ZIP_REFUSED;
    r->rows = calloc(r->count + 1, sizeof *r->rows);
    out->entries = calloc(r->count + 1, sizeof *out->entries);
    if (r->rows == NULL || out->entries == NULL)
        return ZIP_NO_MEMORY;
    if (!read_rows(r) || !is_covered(r))
        return ZIP_REFUSED;
    for (size_t i = 0; i < r->count; i++) {
        if (r->rows[i].folder)
            continue;
        enum zip_status status = take_contents(r, &r->rows[i], &out->entries[out->count++]);
        if (status != ZIP_OK)
            return status;
    }
    return ZIP_OK;
}

enum zip_status zip_read(struct text archive, struct zip_archive *out, struct problem *out_problem)
{
    struct reading r = {.archive = archive, .problem = out_problem};
    *out = (struct zip_archive){0};
    enum zip_status status = read_all(&r, out);
    free(r.rows);
    return status;
}

void zip_archive_fini(struct zip_archive *archive)
{
    for (size_t i = 0; i < archive->count; i++)
        free(archive->entries[i].inflated);
    free(archive->entries);
    *archive = (struct zip_archive){0};
}
