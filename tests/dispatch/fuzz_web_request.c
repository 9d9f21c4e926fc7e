/*
 * fuzz: a request's head, target and body in chunks are read within their bytes, in one piece as in two.
 */
#include "web_chunks.h"
#include "web_head.h"
#include "web_target.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool within(struct text t, const char *from, size_t n)
{
    return t.data == NULL || (t.data >= from && t.data + t.len <= from + n);
}

static void check_target(struct text target)
{
    static struct web_target t;
    if (web_target_read(target, &t) != 200)
        return;
    for (size_t i = 0; i < t.segment_count; i++) {
        struct text s = t.segments[i];
        check(within(s, t.bytes, t.used) && s.len > 0 && memchr(s.data, '/', s.len) == NULL);
        check(!text_equal(s, TEXT("..")) && !text_equal(s, TEXT(".")) && memchr(s.data, '\0', s.len) == NULL);
    }
    for (size_t i = 0; i < t.parameter_count; i++)
        check(within(t.parameters[i].name, t.bytes, t.used) &&
              within(t.parameters[i].value, t.bytes, t.used));
}

/* A body cut anywhere says the same as one that comes whole. */
static void check_chunks(struct text bytes)
{
    struct buf whole, parts;
    struct web_chunks a = {0}, b = {0};
    size_t taken = 0, first = 0, second = 0, cut = bytes.len / 2;
    buf_init(&whole, 4096);
    buf_init(&parts, 4096);
    int code = web_chunks_take(&a, bytes, &whole, &taken);
    int again = web_chunks_take(&b, (struct text){bytes.data, cut}, &parts, &first);
    if (again == 0)
        again = web_chunks_take(&b, (struct text){bytes.data + cut, bytes.len - cut}, &parts, &second);
    check(code == again && whole.len == parts.len);
    check(code != 200 || (taken <= bytes.len && taken == first + second));
    check(whole.len == 0 || memcmp(whole.data, parts.data, whole.len) == 0);
    buf_fini(&whole);
    buf_fini(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct web_head head;
    struct text bytes = {(const char *)data, size};
    size_t length = 0;
    int code = web_head_read(bytes, &head, &length);
    if (code == 200) {
        check(length <= size && length <= WEB_HEAD_MAX && within(head.target, bytes.data, length));
        for (int f = 0; f < WEB_FIELD_COUNT; f++)
            check(within(head.fields[f], bytes.data, length));
        check(!head.chunked || head.length == 0);
        check_target(head.target);
        check_chunks((struct text){bytes.data + length, size - length});
        struct web_head less;
        size_t ignored;
        check(web_head_read((struct text){bytes.data, length - 1}, &less, &ignored) == 0);
    } else {
        check(code == 0 || (code >= 400 && code < 600));
        check_chunks(bytes);
    }
    return 0;
}
