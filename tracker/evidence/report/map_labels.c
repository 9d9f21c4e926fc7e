/*
 * map_labels: words on a map: none over another, none outside; where the violation began and ended comes first.
 */
#include "map_private.h"

#include <math.h>
#include <stdio.h>

double map_words_width(struct text words)
{
    double width = 0;
    for (size_t i = 0; i < words.len; i++) {
        unsigned char c = (unsigned char)words.data[i];
        width += c >= 0xc0 ? MAP_LABEL_HEIGHT : c < 0x80 ? 0.56 * MAP_LABEL_HEIGHT : 0;
    }
    return width;
}

static bool is_free(const struct map *m, struct scene_point at, double width)
{
    for (size_t i = 0; i < m->label_count; i++) {
        const struct map_label *l = &m->labels[i];
        if (at.x < l->x + l->width + 1 && l->x < at.x + width + 1 &&
            fabs(at.y - l->y) < MAP_LABEL_HEIGHT + 0.8)
            return false;
    }
    return true;
}

bool map_take_label(struct map *m, struct scene_point *at, double width)
{
    static const double steps[] = {0, 4, -4, 8, -8, 12, -12};
    double last = m->s->frame[1].x - width - 2;
    if (last < 2 || m->label_count == MAP_LABELS_MAX)
        return false;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct scene_point p = {fmin(fmax(at->x, 2), last),
                                fmin(fmax(at->y + steps[i], 4), m->s->frame[1].y - 2)};
        if (!is_free(m, p, width))
            continue;
        m->labels[m->label_count++] = (struct map_label){p.x, p.y, width};
        *at = p;
        return true;
    }
    return false;
}

void map_put_label(struct map *m, unsigned rgb, struct scene_point at, struct text words)
{
    scene_rectangle(m->s, (struct scene_style){0xffffff, 0.75, 0, 0},
                    (struct scene_point){at.x - 0.5, at.y - 2.5},
                    (struct scene_point){at.x + map_words_width(words) + 0.5, at.y + 0.9});
    scene_text(m->s, rgb, MAP_LABEL_HEIGHT, at, words);
}

/* ---- where it began and ended ---- */

static void take_end(struct map *m, struct map_end *end, double lat_deg, double lon_deg)
{
    end->there = !isnan(lat_deg) && !isnan(lon_deg);
    if (!end->there)
        return;
    end->point = map_place(m, lat_deg, lon_deg);
    end->label = (struct scene_point){end->point.x + 2.4, end->point.y + 1};
    double width = map_words_width(text_of(end->words));
    if (end->label.x + width > m->s->frame[1].x - 2)
        end->label.x = end->point.x - width - 2.4;
    map_take_label(m, &end->label, width);
}

static void name_end(struct map *m, struct map_end *end, const char *word, int64_t ms)
{
    char bytes[64];
    struct buf time = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    case_put_time(m->f, ms, false, &time);
    /* The day stands on the first page. */
    snprintf(end->words, sizeof end->words, "%s %.8s", word, bytes + 11);
}

void map_take_ends(struct map *m)
{
    const struct json_node *last = m->f->last;
    name_end(m, &m->ends[0], "起 start", case_start_ms(m->f));
    name_end(m, &m->ends[1], case_field(last, "end").len > 0 ? "止 end" : "至 last", case_end_ms(m->f));
    take_end(m, &m->ends[0], case_number(last, "start_lat"), case_number(last, "start_lon"));
    take_end(m, &m->ends[1], case_number(last, "lat"), case_number(last, "lon"));
}

void map_draw_ends(struct map *m)
{
    for (int i = 0; i < 2; i++) {
        const struct map_end *end = &m->ends[i];
        if (!end->there)
            continue;
        scene_circle(m->s, (struct scene_style){MAP_RGB_WITHIN, 1, 0, 0}, end->point, 1.3);
        scene_circle(m->s, (struct scene_style){0xffffff, 1, 0, 0}, end->point, 0.6);
        map_put_label(m, MAP_RGB_WITHIN, end->label, text_of(end->words));
    }
}
