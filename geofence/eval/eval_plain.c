/* eval_plain: the evaluator for any processor; the compiler may vectorise it. */
#include "eval.h"

#include "chunk.h"
#include "lanes_plain.h"

#define EVAL_NAME                        geo_eval_plain
#define marked_leaf(words, at, out, cap) UNTOLD
#define EVAL_TEXT                        "plain"

static inline bool poly_bits(const uint32_t *points, uint32_t edges, int px, int py, uint8_t *bits)
{
    unsigned near = 0;
    for (uint32_t base = 0; base < edges; base += 8) {
        unsigned byte = 0;
        for (uint32_t k = 0; k < 8; k++) {
            int x1 = geo_word_x(points[base + k]), y1 = geo_word_y(points[base + k]);
            int x2 = geo_word_x(points[base + k + 1]), y2 = geo_word_y(points[base + k + 1]);
            /* Wraps around as the vectors' arithmetic does, on the edge between two outlines. */
            int dx = (int16_t)(uint16_t)(x2 - x1), dy = (int16_t)(uint16_t)(y2 - y1);
            int qx = (int16_t)(uint16_t)(px - x1), qy = (int16_t)(uint16_t)(py - y1);
            int cross = (int)((unsigned)(dx * qy) - (unsigned)(dy * qx));
            int band = 2 * ((dx < 0 ? -dx : dx) + (dy < 0 ? -dy : dy));
            unsigned straddles = (unsigned)((y1 > py) != (y2 > py));
            byte |= (straddles & (unsigned)((cross ^ dy) >= 0)) << k;
            near |= (unsigned)((cross < band) & (cross > -band));
        }
        bits[base / 8] = (uint8_t)byte;
    }
    return near;
}

static inline void run_squares(const uint32_t *points, uint32_t edges, struct geo_frame f, float *squares)
{
    for (uint32_t i = 0; i < edges; i++) {
        float ax = (float)(geo_word_x(points[i]) - f.px) * f.x_m;
        float ay = (float)(geo_word_y(points[i]) - f.py) * f.y_m;
        float bx = (float)(geo_word_x(points[i + 1]) - f.px) * f.x_m;
        float by = (float)(geo_word_y(points[i + 1]) - f.py) * f.y_m;
        float dx = bx - ax, dy = by - ay, d2 = dx * dx + dy * dy;
        float t = -(ax * dx + ay * dy) / (d2 > 1e-12f ? d2 : 1e-12f);
        t = t > 0 ? t : 0;
        t = t < 1 ? t : 1;
        float x = ax + t * dx, y = ay + t * dy;
        squares[i] = x * x + y * y;
    }
}

/* The sides of the strip that a point lies beyond, as bits. An edge does not touch the strip if both its ends
 * lie beyond the same side. */
static inline unsigned beyond(const struct geo_strip *s, uint32_t word)
{
    int x = geo_word_x(word), y = geo_word_y(word);
    int cross = s->dx * (y - s->y) - s->dy * (x - s->x);
    return (unsigned)(x < s->west) | (unsigned)(x > s->east) << 1 | (unsigned)(y < s->south) << 2 |
           (unsigned)(y > s->north) << 3 | (unsigned)(cross > s->margin) << 4 |
           (unsigned)(cross < -s->margin) << 5;
}

static uint64_t strip_bits(const uint32_t *points, uint32_t edges, const struct geo_strip *strip)
{
    uint64_t bits = 0;
    unsigned before = beyond(strip, points[0]);
    for (uint32_t i = 0; i < edges; i++) {
        unsigned here = beyond(strip, points[i + 1]);
        bits |= (uint64_t) !(before & here) << i;
        before = here;
    }
    return bits;
}

static inline float run_least(const float *squares, uint32_t edges)
{
    float least = squares[0];
    for (uint32_t k = 1; k < edges; k++)
        least = squares[k] < least ? squares[k] : least;
    return least;
}

static inline bool has_id(const uint32_t *ids, size_t count, uint32_t id)
{
    bool found = false;
    for (size_t i = 0; i < count && i < 16; i++)
        found |= ids[i] == id;
    return found;
}

static inline uint32_t count_less(const int64_t *items, int64_t item)
{
    uint32_t less = 0;
    for (int i = 0; i < 8; i++)
        less += items[i] < item;
    return less;
}

#include "eval_body.h"

#include "batch.h"
