/*
 * What the store let go of before it was read.
 *
 * The tracker lets go of refused messages by count, archived or not. The store counts what was ever added to a stream, and
 * says the id that it counted to (XINFO STREAM). Whoever has counted along from such an id to the next one knows how many
 * between the two were not there to be read. What was let go of before the first look, and what a store that went back
 * no longer knows of, is not counted.
 */
#include "archive_state.h"

struct followed *archive_capped(struct archive *a)
{
    for (size_t i = 0; i < a->count; i++)
        if (a->streams[i].row->capped)
            return &a->streams[i];
    return NULL;
}

struct archive_step archive_ask_added(struct archive *a)
{
    char key[MW_KEY_MAX];
    const struct followed *stream = archive_capped(a);
    if (stream == NULL)
        return ARCHIVE_ASK_WORDS(a, ASK_COUNT_OF_VEHICLES, "HLEN", "state");
    archive_command_begin(&a->command, 3);
    archive_command_word(&a->command, TEXT("XINFO"));
    archive_command_word(&a->command, TEXT("STREAM"));
    archive_command_word(&a->command, archive_key_of(a, stream->name.data, key));
    return archive_asking(a, ASK_ADDED);
}

static int64_t number_of(const struct archive_answer *answer, const char *name)
{
    for (size_t i = 0; i + 1 < answer->count; i += 2)
        if (text_equal(answer->items[i].text, text_of(name)))
            return answer->items[i + 1].integer;
    return -1;
}

void archive_take_added(struct archive *a, const struct archive_answer *answer)
{
    struct followed *stream = archive_capped(a);
    bool there = answer->type == ANSWER_LIST;
    stream->marked = archive_id(there ? archive_answer_field(answer, "last-generated-id") : TEXT(""));
    stream->marked_added = there ? number_of(answer, "entries-added") : 0;
}

/* Everything up to the mark that was still there has been read. */
static void settle(struct followed *stream)
{
    if (stream->added >= 0 && stream->marked_added > stream->added)
        stream->missed += stream->marked_added - stream->added;
    stream->added = stream->marked_added;
    stream->marked_added = -1;
}

void archive_count_before(struct followed *stream, struct archive_position at)
{
    const struct archive_position *marked = &stream->marked;
    bool behind = at.ms > marked->ms || (at.ms == marked->ms && at.seq > marked->seq);
    if (stream->marked_added >= 0 && behind)
        settle(stream);
}

bool archive_count_at_end(struct archive *a)
{
    struct followed *stream = archive_capped(a);
    int64_t added = stream != NULL ? stream->added : 0;
    if (stream == NULL || stream->marked_added < 0)
        return true;
    settle(stream);
    if (stream->added == added)
        return true;
    if (!archive_turn_begin(a))
        return false;
    stream->moved = true;
    stream->file = ARCHIVE_CITY;
    return true;
}
