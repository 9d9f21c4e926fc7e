#include "yaml_depth.h"

#include <yaml.h>

static int step_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return 1;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return -1;
    default:
        return 0;
    }
}

static bool is_value(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT || event->type == YAML_ALIAS_EVENT || step_of(event) == 1;
}

static bool walk(yaml_parser_t *parser, struct yaml_place *out_deep)
{
    int depth = 0, values = 0;
    bool more = true;
    while (more && depth <= YAML_DEPTH_MAX && values <= YAML_VALUES_MAX) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return true;
        depth += step_of(&event);
        values += is_value(&event);
        *out_deep = (struct yaml_place){.line = event.start_mark.line + 1,
                                        .column = event.start_mark.column + 1,
                                        .many = values > YAML_VALUES_MAX};
        more = event.type != YAML_STREAM_END_EVENT && event.type != YAML_NO_EVENT;
        yaml_event_delete(&event);
    }
    return depth <= YAML_DEPTH_MAX && values <= YAML_VALUES_MAX;
}

bool yaml_depth_holds(struct text bytes, struct yaml_place *out_deep)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return true;
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes.data, bytes.len);
    bool holds = walk(&parser, out_deep);
    yaml_parser_delete(&parser);
    return holds;
}
