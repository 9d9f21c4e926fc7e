#include "geojson_crs.h"

#include <stdio.h>

/* What a name is when all that may stand around it is taken off: `urn:ogc:def:crs:EPSG:6.9:4326`,
 * `http://www.opengis.net/def/crs/EPSG/0/4326`, `EPSG:4326`. */
enum { CODE_MAX = 16 };

static bool divides(char c)
{
    return c == ':' || c == '/' || c == '#';
}

/* Takes the next part, up to a divider, off the name. False: there is none. */
static bool take_part(struct text *name, struct text *out)
{
    if (name->data == NULL)
        return false;
    size_t n = 0;
    while (n < name->len && !divides(name->data[n]))
        n++;
    *out = (struct text){name->data, n};
    *name = n < name->len ? (struct text){name->data + n + 1, name->len - n - 1} : (struct text){0};
    return true;
}

/* In letters of either case; `word` has no small ones. */
static bool is_word(struct text part, const char *word)
{
    size_t same = 0;
    while (same < part.len && part.len == strlen(word) &&
           (part.data[same] == word[same] || (part.data[same] & ~0x20) == word[same]))
        same++;
    return same == strlen(word) && same == part.len;
}

/* Who named it, which stands behind `crs` or in front of all, and its code, which stands last. */
static void take_apart(struct text name, struct text *out_authority, struct text *out_code)
{
    struct text part = {0}, before = {0}, authority = {0};
    size_t parts = 0;
    for (struct text rest = name; take_part(&rest, &part); before = part, parts++)
        if (parts == 0 || is_word(before, "CRS"))
            authority = part;
    *out_authority = parts > 1 ? authority : (struct text){0};
    *out_code = part;
}

static bool is_code(struct text name, const char *code)
{
    struct text authority, last;
    take_apart(name, &authority, &last);
    return is_word(authority, "EPSG") && text_equal(last, text_of(code));
}

static bool is_wgs84(struct text name)
{
    struct text authority, code;
    take_apart(name, &authority, &code);
    bool crs84 = is_word(code, "CRS84") || is_word(code, "CRS84H");
    return is_code(name, "4326") || is_code(name, "4979") ||
           (crs84 && (authority.len == 0 || is_word(authority, "OGC")));
}

static bool refuse(struct city_load *load, const struct json_node *crs, struct text name)
{
    if (is_code(name, "4490"))
        return city_fail_at(
            load, crs,
            "crs \"%.*s\": only WGS-84 is read; CGCS2000 lies within a metre of it, so export "
            "the layer in EPSG:4326, or take the member out",
            PROBLEM_ARG(name));
    return city_fail_at(load, crs,
                        "crs \"%.*s\": only WGS-84 is read: export the layer in EPSG:4326 (QGIS: Save "
                        "Features As, CRS; ogr2ogr -t_srs EPSG:4326)",
                        PROBLEM_ARG(name));
}

bool geojson_crs_check(struct city_load *load, const struct json_node *object)
{
    const struct json_node *crs = json_node_member(object, "crs");
    if (crs == NULL || crs->type == JSON_NODE_NULL)
        return true;
    const struct json_node *properties = json_node_member(crs, "properties");
    const struct json_node *name = json_node_member(properties, "name");
    const struct json_node *code = json_node_member(properties, "code"), *href;
    char text[CODE_MAX + 8];
    if (json_node_is(name, JSON_NODE_STRING))
        return is_wgs84(json_node_text(name)) || refuse(load, crs, json_node_text(name));
    if (json_node_is(crs, JSON_NODE_STRING))
        return is_wgs84(json_node_text(crs)) || refuse(load, crs, json_node_text(crs));
    if (json_node_is(code, JSON_NODE_NUMBER) && code->len <= CODE_MAX) {
        snprintf(text, sizeof text, "EPSG:%.*s", (int)code->len, code->at);
        return is_wgs84(text_of(text)) || refuse(load, crs, text_of(text));
    }
    href = json_node_member(properties, "href");
    if (json_node_is(href, JSON_NODE_STRING))
        return is_wgs84(json_node_text(href)) || refuse(load, crs, json_node_text(href));
    return city_fail_at(load, crs, "crs: names no system: take the member out if the coordinates are WGS-84");
}
