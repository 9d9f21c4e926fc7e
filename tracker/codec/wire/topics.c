#include "topics.h"

#include <muckwatch/contract.h>

#include <assert.h>
#include <string.h>

static const struct text prefix = TEXT(MW_TOPIC_PREFIX);

size_t topic_write(struct text vehicle, const char *suffix, char *out, size_t cap)
{
    size_t after = strlen(suffix), len = prefix.len + vehicle.len + after;
    assert(len < cap);
    memcpy(out, prefix.data, prefix.len);
    memcpy(out + prefix.len, vehicle.data, vehicle.len);
    memcpy(out + prefix.len + vehicle.len, suffix, after + 1);
    return len;
}

bool topic_vehicle(struct text topic, const char *suffix, struct text *out_vehicle)
{
    size_t after = strlen(suffix);
    if (topic.len <= prefix.len + after || memcmp(topic.data, prefix.data, prefix.len) != 0 ||
        memcmp(topic.data + topic.len - after, suffix, after) != 0)
        return false;
    struct text vehicle = {topic.data + prefix.len, topic.len - prefix.len - after};
    if (memchr(vehicle.data, '/', vehicle.len) != NULL)
        return false;
    *out_vehicle = vehicle;
    return true;
}
