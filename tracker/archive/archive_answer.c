#include "archive_answer.h"

struct archive_answer archive_answer_at(const struct archive_answer *list, size_t i)
{
    return i < list->count ? list->items[i] : (struct archive_answer){.type = ANSWER_NIL};
}

struct text archive_answer_field(const struct archive_answer *list, const char *name)
{
    struct text wanted = text_of(name);
    for (size_t i = 0; i + 1 < list->count; i += 2)
        if (text_equal(list->items[i].text, wanted))
            return list->items[i + 1].text;
    return (struct text){"", 0};
}

static struct text field_of(const void *entry, const char *name)
{
    return archive_answer_field(entry, name);
}

struct track_entry_fields archive_answer_fields(const struct archive_answer *list)
{
    return (struct track_entry_fields){field_of, list};
}

void archive_command_begin(struct buf *out, size_t words)
{
    buf_clear(out);
    buf_printf(out, "*%zu\r\n", words);
}

void archive_command_word(struct buf *out, struct text word)
{
    buf_printf(out, "$%zu\r\n", word.len);
    buf_put_text(out, word);
    buf_puts(out, "\r\n");
}

void archive_command_number(struct buf *out, int64_t number)
{
    char digits[24];
    struct buf text = {.data = digits, .cap = sizeof digits, .limit = sizeof digits};
    buf_put_i64(&text, number);
    archive_command_word(out, buf_text(&text));
}
