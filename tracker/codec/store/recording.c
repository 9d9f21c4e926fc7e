#include "recording.h"

#include "array.h"
#include "commit.h"

#include <muckwatch/contract.h>

#include <stdio.h>
#include <stdlib.h>

enum {
    SHARED_BYTES = 1 << 19,
    FIELDS_MAX = 100,
    HEAD_BYTES = 256, /* the command, its key, and the lengths */
};

/* The texts as fields: first the canonical one, then the files. */
struct field {
    struct text name;
    struct text *value;
};

static size_t field_count(const struct world_texts *t)
{
    return t->file_count + 1;
}

static struct field field_at(struct world_texts *t, size_t i)
{
    return i == 0 ? (struct field){TEXT("canonical"), &t->canonical}
                  : (struct field){t->files[i - 1].path, &t->files[i - 1].bytes};
}

/* How many fields from `at` on make one command, and how long it gets at most. */
static size_t take_fields(struct world_texts *t, size_t at, size_t *out_bytes)
{
    size_t n = 0, values = 0, bytes = HEAD_BYTES;
    for (; n < FIELDS_MAX && at + n < field_count(t); n++) {
        struct field f = field_at(t, at + n);
        values += f.value->len;
        if (n > 0 && values > SHARED_BYTES)
            break;
        bytes += f.name.len + f.value->len + HEAD_BYTES;
    }
    *out_bytes = bytes;
    return n;
}

static bool write_command(struct text key, struct world_texts *t, size_t *at, struct buf *out)
{
    size_t bytes, n = take_fields(t, *at, &bytes);
    buf_init(out, bytes);
    buf_reserve(out, bytes);
    resp_put_command(out, 2 + 2 * n);
    resp_put_text(out, TEXT("HSET"));
    resp_put_text(out, key);
    for (size_t i = 0; i < n; i++) {
        struct field f = field_at(t, *at + i);
        resp_put_text(out, f.name);
        resp_put_text(out, *f.value);
        free((char *)(uintptr_t)f.value->data);
        *f.value = (struct text){0};
    }
    *at += n;
    return buf_ok(out);
}

bool recording_write(const char *hash, struct world_texts *take_texts, struct recording *out)
{
    struct recording r = {0};
    char key[MW_KEY_MAX];
    snprintf(key, sizeof key, MW_KEY_RULESET, TEXT_ARG(text_of(hash)));
    bool ok = true;
    for (size_t at = 0; ok && at < field_count(take_texts);) {
        ok = array_reserve(&r.commands, &r.cap, r.count + 1, sizeof *r.commands) &&
             write_command(text_of(key), take_texts, &at, &r.commands[r.count++]);
        r.bytes += ok ? r.commands[r.count - 1].len : 0;
    }
    world_texts_fini(take_texts);
    if (ok)
        *out = r;
    else
        recording_fini(&r);
    return ok;
}

void recording_fini(struct recording *recording)
{
    for (size_t i = 0; i < recording->count; i++)
        buf_fini(&recording->commands[i]);
    free(recording->commands);
    *recording = (struct recording){0};
}
