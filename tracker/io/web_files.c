#include "web_files.h"

#include "web_problem.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 256, HASH_DIGITS = 8 };

struct web_files {
    int folder;
    enum web_files_kind kind;
};

/* A file that is open and may be sent. */
struct opened {
    int fd;
    uint64_t size;
    char etag[64];
    bool gzip; /* it is the twin */
};

struct web_files *web_files_new(const char *folder, enum web_files_kind kind)
{
    struct web_files *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->kind = kind;
    f->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->folder >= 0)
        return f;
    int error = errno;
    free(f);
    errno = error;
    return NULL;
}

void web_files_free(struct web_files *f)
{
    if (f == NULL)
        return;
    close(f->folder);
    free(f);
}

/* ---- finding a file ---- */

static int open_at(int folder, struct text name, const char *more, int flags)
{
    char path[NAME_SIZE];
    int n = snprintf(path, sizeof path, "%.*s%s", TEXT_ARG(name), more);
    if (n <= 0 || n >= (int)sizeof path || path[0] == '.')
        return -1;
    /* A FIFO would be waited for. */
    return openat(folder, path, flags | O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

/* The folder that the last segment lies in; `folder` itself where there is one segment. -1: it is not there. */
static int open_folder(int folder, const struct web_target *target, size_t skip)
{
    int at = dup(folder);
    for (size_t i = skip; i + 1 < target->segment_count && at >= 0; i++) {
        int next = open_at(at, target->segments[i], "", O_DIRECTORY);
        close(at);
        at = next;
    }
    return at;
}

/* Takes the descriptor over. False: it is nothing that may be sent. */
static bool look_at(int fd, struct opened *out)
{
    struct stat st;
    if (fd < 0)
        return false;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return false;
    }
    out->fd = fd;
    out->size = (uint64_t)st.st_size;
    snprintf(out->etag, sizeof out->etag, "\"%llx-%llx-%llx\"", (unsigned long long)st.st_ino,
             (unsigned long long)st.st_mtim.tv_sec * 1000000000u + (unsigned long long)st.st_mtim.tv_nsec,
             (unsigned long long)st.st_size);
    return true;
}

static bool contains(struct text t, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= t.len; i++)
        if (memcmp(t.data + i, word, n) == 0)
            return true;
    return false;
}

/* Whether a list such as "gzip, deflate;q=0.5" takes gzip. */
static bool takes_gzip(struct text list)
{
    while (list.len > 0) {
        const char *comma = memchr(list.data, ',', list.len);
        size_t n = comma != NULL ? (size_t)(comma - list.data) : list.len;
        size_t i = 0;
        while (i < n && (list.data[i] == ' ' || list.data[i] == '\t'))
            i++;
        if (n - i >= 4 && strncasecmp(list.data + i, "gzip", 4) == 0) {
            struct text rest = {list.data + i + 4, n - i - 4};
            return !contains(rest, "q=0") || contains(rest, "q=0.");
        }
        n += comma != NULL;
        list = (struct text){list.data + n, list.len - n};
    }
    return false;
}

static bool find(const struct web_files *f, const struct web_request *r, size_t skip, struct text name,
                 struct opened *out)
{
    *out = (struct opened){.fd = -1};
    int folder = open_folder(f->folder, r->target, skip);
    if (folder < 0)
        return false;
    bool found = false;
    if (f->kind == WEB_FILES_PAGE && takes_gzip(web_field(r, WEB_FIELD_ACCEPT_ENCODING)))
        found = out->gzip = look_at(open_at(folder, name, ".gz", 0), out);
    if (!found)
        found = look_at(open_at(folder, name, "", 0), out);
    close(folder);
    return found;
}

/* ---- what it is ---- */

static bool ends_with(struct text name, const char *ending)
{
    size_t n = strlen(ending);
    return name.len > n && memcmp(name.data + name.len - n, ending, n) == 0;
}

static const char *type_of(struct text name)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".geojson", "application/geo+json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".wasm", "application/wasm"},
        {".txt", "text/plain; charset=utf-8"},
        {".pbf", "application/x-protobuf"},
        {".ogg", "audio/ogg"},
        {".mp3", "audio/mpeg"},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (ends_with(name, types[i][0]))
            return types[i][1];
    return "application/octet-stream";
}

/* "app-0a1b2c3d.js", "app.0a1b2c3d.js": the name of what never changes. */
static bool has_hash(struct text name)
{
    unsigned digits = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool ends = c == '.' || c == '-';
        if (ends && digits >= HASH_DIGITS && digits % 2 == 0)
            return true;
        bool hex = isdigit((unsigned char)c) || (c >= 'a' && c <= 'f');
        digits = ends ? 0
                 : hex && (digits > 0 || i == 0 || name.data[i - 1] == '.' || name.data[i - 1] == '-')
                     ? digits + 1
                     : 0;
    }
    return false;
}

/* ---- answering ---- */

static bool is_named(struct text list, const char *etag)
{
    return text_equal(list, TEXT("*")) || contains(list, etag);
}

static bool read_digits(struct text *t, uint64_t *out)
{
    size_t n = 0;
    *out = 0;
    while (n < t->len && n < 18 && isdigit((unsigned char)t->data[n]))
        *out = *out * 10 + (uint64_t)(t->data[n++] - '0');
    *t = (struct text){t->data + n, t->len - n};
    return n > 0;
}

enum range { RANGE_WHOLE, RANGE_PART, RANGE_NONE };

/* RFC 9110 14.1.2, one range: "bytes=5-9", "bytes=5-", "bytes=-5". What is of no such form is as if not said. */
static enum range read_range(struct text t, uint64_t size, uint64_t *out_from, uint64_t *out_length)
{
    uint64_t first = 0, last = 0;
    if (t.len < 6 || memcmp(t.data, "bytes=", 6) != 0)
        return RANGE_WHOLE;
    t = (struct text){t.data + 6, t.len - 6};
    bool has_first = read_digits(&t, &first);
    if (t.len == 0 || t.data[0] != '-')
        return RANGE_WHOLE;
    t = (struct text){t.data + 1, t.len - 1};
    bool has_last = read_digits(&t, &last);
    if (t.len > 0 || (!has_first && !has_last) || (has_first && has_last && last < first))
        return RANGE_WHOLE;
    if (!has_first) {
        if (last == 0 || size == 0)
            return RANGE_NONE;
        *out_length = last < size ? last : size;
        *out_from = size - *out_length;
        return RANGE_PART;
    }
    if (first >= size)
        return RANGE_NONE;
    *out_from = first;
    *out_length = (has_last && last < size - 1 ? last : size - 1) - first + 1;
    return RANGE_PART;
}

static void answer_range(const struct web_request *r, const struct opened *o, struct web_answer *out)
{
    struct text if_range = web_field(r, WEB_FIELD_IF_RANGE), range = web_field(r, WEB_FIELD_RANGE);
    char said[96];
    web_answer_field(out, "Accept-Ranges", TEXT("bytes"));
    if (range.data == NULL || (if_range.data != NULL && !text_equal(if_range, text_of(o->etag))))
        return;
    switch (read_range(range, o->size, &out->file_at, &out->file_length)) {
    case RANGE_WHOLE:
        return;
    case RANGE_NONE:
        snprintf(said, sizeof said, "bytes */%llu", (unsigned long long)o->size);
        web_answer_field(out, "Content-Range", text_of(said));
        close(o->fd);
        out->file = -1;
        web_problem(out, 416, "the file has %llu bytes", (unsigned long long)o->size);
        return;
    case RANGE_PART:
        snprintf(said, sizeof said, "bytes %llu-%llu/%llu", (unsigned long long)out->file_at,
                 (unsigned long long)(out->file_at + out->file_length - 1), (unsigned long long)o->size);
        web_answer_field(out, "Content-Range", text_of(said));
        out->status = 206;
        return;
    }
}

static void answer(const struct web_request *r, const struct opened *o, struct text name, const char *cache,
                   struct web_answer *out)
{
    web_answer_field(out, "ETag", text_of(o->etag));
    web_answer_field(out, "Cache-Control", text_of(cache));
    if (is_named(web_field(r, WEB_FIELD_IF_NONE_MATCH), o->etag)) {
        close(o->fd);
        out->status = 304;
        return;
    }
    out->status = 200;
    out->type = type_of(name);
    out->file = o->fd;
    out->file_length = o->size;
    if (o->gzip)
        web_answer_field(out, "Content-Encoding", TEXT("gzip"));
    if (ends_with(name, ".pmtiles"))
        answer_range(r, o, out);
}

void web_files_answer(struct web_files *f, const struct web_request *r, size_t skip, struct web_answer *out)
{
    const struct web_target *t = r->target;
    bool index = t->segment_count == skip;
    struct text name = index ? TEXT("index.html") : t->segments[t->segment_count - 1];
    bool tiles = f->kind == WEB_FILES_TILES;
    struct opened o;
    if ((index && tiles) || !find(f, r, skip, name, &o)) {
        web_problem(out, 404, "there is no such file");
        return;
    }
    if (tiles && ends_with(name, ".pbf"))
        o.gzip = true;
    else if (!tiles)
        web_answer_field(out, "Vary", TEXT("Accept-Encoding"));
    answer(r, &o, name,
           tiles            ? "public, max-age=86400"
           : has_hash(name) ? "public, max-age=31536000, immutable"
                            : "no-cache",
           out);
}

void web_files_answer_one(const char *path, const struct web_request *r, struct web_answer *out)
{
    struct opened o = {.fd = -1};
    if (!look_at(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), &o)) {
        web_problem(out, 404, "the file is not there");
        return;
    }
    answer(r, &o, text_of(path), "no-cache", out);
}
