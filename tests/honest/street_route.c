/* Routing over the street net: Dijkstra with a binary heap, and which nodes hang together. */
#include "street_net.h"

#include <stdlib.h>
#include <string.h>

float *street_net_cost(const struct street_net *net, bool trucks)
{
    static const float by_grade[] = {1.6f, 1.2f, 1};
    float *cost = must_take(net->arena, net->street_count, sizeof *cost);
    for (size_t i = 0; i < net->street_count; i++) {
        const struct street *s = &net->streets[i];
        cost[i] = trucks && !s->trucks ? INFINITY : by_grade[s->grade];
    }
    return cost;
}

static void spread(const struct street_net *net, const float *cost, uint32_t root, bool back, uint8_t bit,
                   uint8_t *marks)
{
    uint32_t *queue = malloc(net->node_count * sizeof *queue), head = 0, tail = 0;
    if (queue == NULL)
        abort();
    queue[tail++] = root;
    marks[root] |= bit;
    while (head < tail) {
        uint32_t n = queue[head++];
        for (uint32_t k = net->first_link[n]; k < net->first_link[n + 1]; k++) {
            const struct street_link *l = &net->links[k];
            if ((marks[l->to] & bit) || !(back ? l->enter : l->leave) || cost[l->street] == INFINITY)
                continue;
            marks[l->to] |= bit;
            queue[tail++] = l->to;
        }
    }
    free(queue);
}

uint8_t *street_net_strong(const struct street_net *net, const float *cost, uint32_t root)
{
    uint8_t *marks = must_take(net->arena, net->node_count, 1);
    spread(net, cost, root, false, 1, marks);
    spread(net, cost, root, true, 2, marks);
    for (size_t n = 0; n < net->node_count; n++)
        marks[n] = marks[n] == 3;
    return marks;
}

struct heap_item {
    double cost;
    uint32_t node;
};

struct search {
    struct heap_item *heap;
    size_t count;
    double *best;
    uint32_t *by; /* link * 2 + 1 .. of the step that leads here, plus 1 */
    uint8_t *done;
};

static void push(struct search *s, struct heap_item item)
{
    size_t i = s->count++;
    for (; i > 0 && s->heap[(i - 1) / 2].cost > item.cost; i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = item;
}

static struct heap_item pop(struct search *s)
{
    struct heap_item top = s->heap[0], last = s->heap[--s->count];
    size_t i = 0;
    for (;;) {
        size_t child = i * 2 + 1;
        if (child >= s->count)
            break;
        if (child + 1 < s->count && s->heap[child + 1].cost < s->heap[child].cost)
            child++;
        if (s->heap[child].cost >= last.cost)
            break;
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = last;
    return top;
}

static void relax(const struct street_net *net, const float *cost, struct search *s, struct heap_item at)
{
    for (uint32_t k = net->first_link[at.node]; k < net->first_link[at.node + 1]; k++) {
        const struct street_link *l = &net->links[k];
        double c = at.cost + (double)cost[l->street] * (double)net->streets[l->street].length_m;
        if (!l->leave || s->done[l->to] || c >= s->best[l->to])
            continue;
        s->best[l->to] = c;
        s->by[l->to] = l->street * 2 + l->reverse + 1;
        push(s, (struct heap_item){c, l->to});
    }
}

static uint32_t step_from(const struct street_net *net, uint32_t step)
{
    const struct street *s = &net->streets[step / 2];
    return step % 2 ? s->to : s->from;
}

static void trace_back(const struct street_net *net, const struct search *s, struct street_path *out)
{
    out->count = 0;
    for (uint32_t n = out->to; n != out->from; n = step_from(net, s->by[n] - 1))
        out->count++;
    out->steps = must_take(net->arena, out->count, sizeof *out->steps);
    out->length_m = 0;
    uint32_t i = out->count;
    for (uint32_t n = out->to; n != out->from; n = step_from(net, s->by[n] - 1)) {
        out->steps[--i] = s->by[n] - 1;
        out->length_m += (double)net->streets[out->steps[i] / 2].length_m;
    }
}

bool street_net_route(const struct street_net *net, const float *cost, uint32_t from, uint32_t to,
                      struct street_path *out)
{
    struct search s = {.heap = malloc((net->street_count * 2 + 2) * sizeof *s.heap),
                       .best = malloc(net->node_count * sizeof *s.best),
                       .by = calloc(net->node_count, sizeof *s.by),
                       .done = calloc(net->node_count, 1)};
    if (s.heap == NULL || s.best == NULL || s.by == NULL || s.done == NULL)
        abort();
    for (size_t n = 0; n < net->node_count; n++)
        s.best[n] = INFINITY;
    s.best[from] = 0;
    push(&s, (struct heap_item){0, from});
    while (s.count > 0 && !s.done[to]) {
        struct heap_item at = pop(&s);
        if (s.done[at.node])
            continue;
        s.done[at.node] = 1;
        relax(net, cost, &s, at);
    }
    bool found = s.done[to] && from != to;
    *out = (struct street_path){.from = from, .to = to};
    if (found)
        trace_back(net, &s, out);
    free(s.heap);
    free(s.best);
    free(s.by);
    free(s.done);
    return found;
}
