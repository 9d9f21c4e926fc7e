/*
 * The questions, as commands to the store.
 */
#include "archive_state.h"

#include <stdio.h>

struct archive_step archive_asking(struct archive *a, enum archive_ask ask)
{
    if (!buf_ok(&a->command))
        return archive_broken(a, "memory");
    a->ask = ask;
    a->waiting = true;
    return (struct archive_step){.kind = ARCHIVE_ASK, .command = buf_text(&a->command)};
}

struct archive_step archive_asleep(int64_t ms)
{
    return (struct archive_step){.kind = ARCHIVE_SLEEP, .after_ms = ms};
}

struct text archive_key_of(const struct archive *a, const char *tail, char key[MW_KEY_MAX])
{
    snprintf(key, MW_KEY_MAX, "muck:{%u}:%s", (unsigned)a->options.partition, tail);
    return text_of(key);
}

/* A command of these words, the second being a key behind the prefix. */
struct archive_step archive_ask_words(struct archive *a, enum archive_ask ask, const char *const *words)
{
    char key[MW_KEY_MAX];
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    archive_command_begin(&a->command, count);
    for (size_t i = 0; i < count; i++)
        archive_command_word(&a->command, i == 1 ? archive_key_of(a, words[1], key) : text_of(words[i]));
    return archive_asking(a, ask);
}

struct archive_step archive_ask_intent(struct archive *a)
{
    char key[MW_KEY_MAX];
    a->store_turn += a->in_turn; /* of its own for each attempt */
    archive_command_begin(&a->command, 6);
    archive_command_word(&a->command, TEXT("HSET"));
    archive_command_word(&a->command, archive_key_of(a, "archive", key));
    archive_command_word(&a->command, TEXT("archive"));
    archive_command_word(&a->command, text_of(a->state.id));
    archive_command_word(&a->command, TEXT("turn"));
    archive_command_number(&a->command, a->store_turn);
    return archive_asking(a, ASK_INTENT);
}

static size_t entries_streams(void)
{
    size_t count = 0;
    for (size_t i = 0; i < archive_stream_count; i++)
        count += archive_streams[i].goes != ARCHIVE_TO_TRACK;
    return count;
}

/* Everything up to the batch of this sweep is on disk. */
struct archive_step archive_ask_register(struct archive *a)
{
    char key[MW_KEY_MAX], word[80];
    archive_command_begin(&a->command, 12 + 2 * entries_streams());
    archive_command_word(&a->command, TEXT("HSET"));
    archive_command_word(&a->command, archive_key_of(a, "archive", key));
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {{"turn", a->store_turn},
                   {"batch", a->sweep_batch},
                   {"upto", a->sweep_ms},
                   {"seen", a->sweep_ms},
                   {"life", a->state.life}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        archive_command_word(&a->command, text_of(numbers[i].name));
        archive_command_number(&a->command, numbers[i].value);
    }
    for (size_t i = 0; i < archive_stream_count; i++) {
        if (archive_streams[i].goes == ARCHIVE_TO_TRACK)
            continue;
        const struct followed *stream = archive_follow(a, text_of(archive_streams[i].name));
        snprintf(word, sizeof word, "last:%s", archive_streams[i].name);
        archive_command_word(&a->command, text_of(word));
        snprintf(word, sizeof word, "%lld-%llu", (long long)stream->at.ms,
                 (unsigned long long)stream->at.seq);
        archive_command_word(&a->command, text_of(word));
    }
    return archive_asking(a, ASK_REGISTER);
}

struct archive_step archive_ask_read(struct archive *a)
{
    char key[MW_KEY_MAX], id[56];
    archive_command_begin(&a->command, 4 + 2 * a->asked_count);
    archive_command_word(&a->command, TEXT("XREAD"));
    archive_command_word(&a->command, TEXT("COUNT"));
    archive_command_number(&a->command, ARCHIVE_READ_COUNT);
    archive_command_word(&a->command, TEXT("STREAMS"));
    for (size_t i = 0; i < a->asked_count; i++)
        archive_command_word(&a->command, archive_key_of(a, a->streams[a->asked[i]].name.data, key));
    for (size_t i = 0; i < a->asked_count; i++) {
        struct followed *stream = &a->streams[a->asked[i]];
        snprintf(id, sizeof id, "%lld-%llu", (long long)stream->at.ms, (unsigned long long)stream->at.seq);
        archive_command_word(&a->command, text_of(id));
        stream->more = false;
    }
    return archive_asking(a, ASK_READ);
}
