#include "bag.h"

#include "array.h"
#include "time_text.h"
#include "zip_form.h"
#include "zip_write.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

const char bag_declaration[] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

extern const char bag_readme[], bag_verify_sh[];
extern const size_t bag_readme_len, bag_verify_sh_len;

/* The order of the archive. What ends in a slash is all below it, by path; what is in no row comes last of data/, or last. */
static const char *const order[] = {"README.txt",
                                    "verify.sh",
                                    "bagit.txt",
                                    "bag-info.txt",
                                    BAG_MANIFEST,
                                    BAG_TAG_MANIFEST,
                                    BAG_SIGNATURE,
                                    BAG_TIME_STAMP,
                                    BAG_SM2,
                                    "data/violation.json",
                                    "data/raw.jsonl",
                                    "data/actions.jsonl",
                                    "data/warnings.jsonl",
                                    "data/marks.jsonl",
                                    "data/world.json",
                                    "data/worlds/",
                                    "data/rule.txt",
                                    "data/track.geojson",
                                    "data/track.gpx",
                                    "data/fixes.csv",
                                    "data/media/",
                                    "data/earlier.json",
                                    BAG_REPORT,
                                    "data/map.svg",
                                    "data/",
                                    BAG_PROOF,
                                    BAG_RECORD,
                                    BAG_PUBLIC_KEY,
                                    BAG_KEYS,
                                    "proof/software.txt",
                                    "proof/"};

static size_t rank_of(struct text path)
{
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct text row = text_of(order[i]);
        bool below =
            row.data[row.len - 1] == '/' && path.len > row.len && memcmp(path.data, row.data, row.len) == 0;
        if (below || text_equal(row, path))
            return i;
    }
    return sizeof order / sizeof *order;
}

static int by_rank(const void *a, const void *b)
{
    struct text x = (*(const struct sealed_entry *const *)a)->path;
    struct text y = (*(const struct sealed_entry *const *)b)->path;
    size_t i = rank_of(x), k = rank_of(y);
    return i != k ? (i > k) - (i < k) : text_compare(x, y);
}

static int by_path(const void *a, const void *b)
{
    return text_compare((*(const struct sealed_entry *const *)a)->path,
                        (*(const struct sealed_entry *const *)b)->path);
}

static bool is_data(struct text path)
{
    return path.len > 5 && memcmp(path.data, "data/", 5) == 0;
}

void bag_put_hex(struct buf *out, const unsigned char hash[SEALED_SHA256])
{
    char hex[2 * SEALED_SHA256 + 1];
    buf_puts(out, sodium_bin2hex(hex, sizeof hex, hash, SEALED_SHA256));
}

void bag_data_digest(struct text manifest, unsigned char out[SEALED_SHA256])
{
    static const char report[] = "  " BAG_REPORT "\n";
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    while (manifest.len > 0) {
        const char *feed = memchr(manifest.data, '\n', manifest.len);
        size_t n = feed != NULL ? (size_t)(feed - manifest.data) + 1 : manifest.len;
        bool of_report = n >= sizeof report - 1 &&
                         memcmp(manifest.data + n - (sizeof report - 1), report, sizeof report - 1) == 0;
        if (!of_report)
            crypto_hash_sha256_update(&state, (const unsigned char *)manifest.data, n);
        manifest = (struct text){manifest.data + n, manifest.len - n};
    }
    crypto_hash_sha256_final(&state, out);
}

/* ---- tag files ---- */

struct tagging {
    struct sealed_case *c;
    struct arena *arena;
    struct buf scratch;
    bool ok;
};

static void add(struct tagging *t, const char *path, struct text bytes)
{
    struct text kept;
    t->ok = t->ok && arena_copy_text(t->arena, bytes, &kept) && sealed_add(t->c, text_of(path), kept);
}

static void add_scratch(struct tagging *t, const char *path)
{
    t->ok = t->ok && buf_ok(&t->scratch);
    add(t, path, buf_text(&t->scratch));
    buf_clear(&t->scratch);
}

static void put_time(struct buf *out, const char *name, int64_t ms)
{
    buf_puts(out, name);
    time_text_write((struct wall){ms}, out);
    buf_put_char(out, '\n');
}

static const char *review_of(const struct sealed_header *h)
{
    return h->reviewed   ? "approved 已审核"
           : h->rejected ? "rejected 审核不予认定"
                         : BAG_DRAFT " (not reviewed)";
}

static void put_info(struct tagging *t, struct text agent, struct text manifest)
{
    const struct sealed_header *h = &t->c->header;
    struct buf *out = &t->scratch;
    unsigned char digest[SEALED_SHA256];
    uint64_t bytes = 0, files = 0;
    for (size_t i = 0; i < t->c->count; i++)
        if (is_data(t->c->entries[i].path)) {
            bytes += t->c->entries[i].bytes.len;
            files++;
        }
    buf_printf(out, "External-Identifier: %.*s\nExternal-Description: Muckwatch case: %.*s by %.*s\n",
               TEXT_ARG(h->id), TEXT_ARG(h->kind), TEXT_ARG(h->vehicle));
    size_t at = out->len;
    put_time(out, "Bagging-Date: ", h->sealed_at_ms);
    out->len = at + strlen("Bagging-Date: 2026-11-30");
    buf_printf(out, "\nBag-Software-Agent: %.*s\nPayload-Oxum: %llu.%llu\n", TEXT_ARG(agent),
               (unsigned long long)bytes, (unsigned long long)files);
    buf_printf(out, "Muckwatch-Edition: %u\nMuckwatch-Sealed-Because: %s\n", (unsigned)h->edition,
               sealed_why_name(h->why));
    put_time(out, "Muckwatch-Sealed-At: ", h->sealed_at_ms);
    buf_printf(out, "Muckwatch-Review: %s\n", review_of(h));
    if (t->c->proof.len > 0)
        buf_printf(out, "Muckwatch-Log-Index: %llu\n", (unsigned long long)t->c->log_index);
    bag_data_digest(manifest, digest);
    buf_puts(out, "Muckwatch-Data-SHA256: ");
    bag_put_hex(out, digest);
    buf_put_char(out, '\n');
}

/* Entries that `wanted` says, in an order of paths; NULL without memory. */
static const struct sealed_entry **entries_by(const struct sealed_case *c,
                                              int (*order_by)(const void *, const void *))
{
    const struct sealed_entry **rows = calloc(c->count + 1, sizeof(struct sealed_entry *));
    for (size_t i = 0; rows != NULL && i < c->count; i++)
        rows[i] = &c->entries[i];
    if (rows != NULL && c->count > 0)
        qsort(rows, c->count, sizeof(struct sealed_entry *), order_by);
    return rows;
}

/* All that is not below data/, by path. */
static void put_tag_manifest(struct tagging *t)
{
    const struct sealed_entry **rows = entries_by(t->c, by_path);
    t->ok = t->ok && rows != NULL;
    for (size_t i = 0; t->ok && i < t->c->count; i++)
        if (!is_data(rows[i]->path)) {
            bag_put_hex(&t->scratch, rows[i]->sha256);
            buf_printf(&t->scratch, "  %.*s\n", TEXT_ARG(rows[i]->path));
        }
    free(rows);
}

static void add_proof(struct tagging *t)
{
    const struct sealed_case *c = t->c;
    if (c->record.len > 0)
        add(t, BAG_RECORD, c->record);
    if (c->proof.len > 0)
        add(t, BAG_PROOF, c->proof);
    add(t, BAG_PUBLIC_KEY, c->public_key);
    if (c->keys.len > 0)
        add(t, BAG_KEYS, c->keys);
    add(t, "proof/software.txt", c->software);
}

bool bag_add_tags(struct sealed_case *c, struct text agent, struct arena *arena)
{
    struct tagging t = {.c = c, .arena = arena, .ok = true};
    struct buf manifest;
    buf_init(&t.scratch, ZIP_BYTES_MAX);
    buf_init(&manifest, ZIP_BYTES_MAX);
    t.ok = sealed_manifest(c, &manifest);
    put_info(&t, agent, buf_text(&manifest));
    add_scratch(&t, "bag-info.txt");
    add(&t, BAG_MANIFEST, buf_text(&manifest));
    add(&t, "bagit.txt", text_of(bag_declaration));
    add(&t, "README.txt", (struct text){bag_readme, bag_readme_len});
    add(&t, "verify.sh", (struct text){bag_verify_sh, bag_verify_sh_len});
    add_proof(&t);
    put_tag_manifest(&t);
    add_scratch(&t, BAG_TAG_MANIFEST);
    buf_fini(&manifest);
    buf_fini(&t.scratch);
    return t.ok;
}

/* ---- the archive ---- */

bool bag_write(const struct sealed_case *c, struct buf *out)
{
    struct zip_writer zip;
    struct buf name;
    const struct sealed_entry **rows = entries_by(c, by_rank);
    if (rows == NULL)
        return false;
    buf_init(&name, ZIP_NAME_MAX);
    zip_writer_init(&zip, out, c->header.sealed_at_ms);
    for (size_t i = 0; i < c->count; i++) {
        buf_clear(&name);
        buf_printf(&name, "%.*s/%.*s", TEXT_ARG(c->header.id), TEXT_ARG(rows[i]->path));
        if (!buf_ok(&name))
            out->failed = true;
        zip_put(&zip, buf_text(&name), rows[i]->bytes, text_equal(rows[i]->path, TEXT("verify.sh")));
    }
    buf_fini(&name);
    free(rows);
    return zip_end(&zip);
}
