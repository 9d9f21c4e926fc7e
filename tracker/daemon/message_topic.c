#include "message_topic.h"

#include <muckwatch/contract.h>

#include <stddef.h>
#include <string.h>

static bool begins_with(struct text t, const char *prefix)
{
    size_t n = strlen(prefix);
    return t.len >= n && memcmp(t.data, prefix, n) == 0;
}

static bool ends_with(struct text t, const char *suffix)
{
    size_t n = strlen(suffix);
    return t.len >= n && memcmp(t.data + t.len - n, suffix, n) == 0;
}

static struct text cut(struct text t, const char *prefix, const char *suffix)
{
    size_t before = strlen(prefix), after = strlen(suffix);
    return t.len >= before + after ? (struct text){t.data + before, t.len - before - after} : TEXT("");
}

enum topic message_topic(struct text topic, struct text *out_vehicle)
{
    static const struct {
        const char *suffix;
        enum topic topic;
    } suffixes[] = {{MW_TOPIC_FIX, TOPIC_FIX}, {MW_TOPIC_LIVE, TOPIC_LIVE}, {MW_TOPIC_STATUS, TOPIC_STATUS}};
    if (begins_with(topic, MW_TOPIC_PREFIX))
        for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
            if (ends_with(topic, suffixes[i].suffix)) {
                *out_vehicle = cut(topic, MW_TOPIC_PREFIX, suffixes[i].suffix);
                return suffixes[i].topic;
            }
    if (begins_with(topic, MW_TOPIC_OWNTRACKS)) {
        size_t at = topic.len;
        while (at > 0 && topic.data[at - 1] != '/')
            at--;
        *out_vehicle = (struct text){topic.data + at, topic.len - at};
        return TOPIC_OWNTRACKS;
    }
    return TOPIC_NONE;
}
