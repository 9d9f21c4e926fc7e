#include "hook_event.h"

#include "json_write.h"
#include "scope.h"
#include "time_text.h"

#include <sodium.h>
#include <stdio.h>

enum { NAME_SHOWN_MAX = 64 };

static const char *const words[] = {"opened", "updated", "closed", "withdrawn", "overdue"};

const char *hook_stream_name(enum hook_stream stream)
{
    return stream == HOOK_OVERDUE ? "overdue" : "violations";
}

struct text hook_event_word(const struct hook_event *e)
{
    return e->stream == HOOK_OVERDUE ? TEXT("overdue") : fields_value(e->entry, "event");
}

bool hook_event_is_word(struct text word)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(word, text_of(words[i])))
            return true;
    return false;
}

static bool is_one_of(struct text value, struct text_list list)
{
    for (size_t i = 0; i < list.count; i++)
        if (text_equal(value, list.items[i]))
            return true;
    return list.count == 0;
}

bool hook_wants(const struct hook_wish *w, const struct hook_event *e)
{
    struct text jurisdiction = fields_value(e->entry, "jurisdiction");
    bool within = w->jurisdictions.count == 0;
    for (size_t i = 0; i < w->jurisdictions.count && !within; i++)
        within = scope_is_within(jurisdiction, w->jurisdictions.items[i]);
    return within && is_one_of(hook_event_word(e), w->events) &&
           is_one_of(fields_value(e->entry, "kind"), w->kinds) &&
           is_one_of(fields_value(e->entry, "severity"), w->severities);
}

void hook_event_id(const struct hook_event *e, char out[HOOK_EVENT_ID_MAX])
{
    snprintf(out, HOOK_EVENT_ID_MAX, "%u/%s/%.*s", e->partition, hook_stream_name(e->stream),
             TEXT_ARG(e->entry_id));
}

static void put(struct json_writer *w, const char *key, struct text value)
{
    json_write_key(w, key);
    json_write_string(w, value);
}

static void put_time(struct json_writer *w, struct text entry_id)
{
    struct entry_id id = {0};
    struct buf time;
    buf_init(&time, 64);
    if (entry_id_read(entry_id, &id))
        time_text_write((struct wall){id.ms}, &time);
    put(w, "time", buf_text(&time));
    buf_fini(&time);
}

void hook_event_write(const struct hook_event *e, struct buf *out)
{
    struct json_writer w;
    char id[HOOK_EVENT_ID_MAX], source[32], type[NAME_SHOWN_MAX + 32], name[NAME_SHOWN_MAX];
    struct text word = hook_event_word(e);
    hook_event_id(e, id);
    snprintf(source, sizeof source, "/muckwatch/%u", e->partition);
    snprintf(type, sizeof type, "muckwatch.violation.%.*s",
             (int)(word.len < NAME_SHOWN_MAX ? word.len : NAME_SHOWN_MAX), word.len > 0 ? word.data : "");
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    put(&w, "specversion", TEXT("1.0"));
    put(&w, "id", text_of(id));
    put(&w, "source", text_of(source));
    put(&w, "type", text_of(type));
    put(&w, "subject", fields_value(e->entry, "id"));
    put_time(&w, e->entry_id);
    put(&w, "datacontenttype", TEXT("application/json"));
    json_write_key(&w, "data");
    json_write_begin_object(&w);
    for (size_t i = 0; i < e->entry.count; i++) {
        snprintf(name, sizeof name, "%.*s", TEXT_ARG(e->entry.items[i].name));
        put(&w, name, e->entry.items[i].value);
    }
    json_write_end_object(&w);
    json_write_end_object(&w);
}

void hook_sign(struct text secret, const struct hook_signed *what, char out[HOOK_SIGNATURE_MAX])
{
    crypto_auth_hmacsha256_state state;
    unsigned char bytes[crypto_auth_hmacsha256_BYTES];
    char head[HOOK_EVENT_ID_MAX + 32];
    int n = snprintf(head, sizeof head, "%s.%lld.", what->id, (long long)what->at_s);
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret.data, secret.len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)head, (unsigned long long)n);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)what->body.data, what->body.len);
    crypto_auth_hmacsha256_final(&state, bytes);
    sodium_memzero(&state, sizeof state);
    snprintf(out, HOOK_SIGNATURE_MAX, "v1,");
    sodium_bin2base64(out + 3, HOOK_SIGNATURE_MAX - 3, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
}
