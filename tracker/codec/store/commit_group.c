#include "commit_group.h"

#include <muckwatch/contract.h>

#include <assert.h>

void commit_group_init(struct commit_group *g, size_t limit)
{
    buf_init(&g->ops, limit);
    g->args = 0;
}

void commit_group_fini(struct commit_group *g)
{
    buf_fini(&g->ops);
}

void commit_group_clear(struct commit_group *g)
{
    buf_clear(&g->ops);
    g->args = 0;
}

void resp_put_text(struct buf *out, struct text t)
{
    buf_put_char(out, '$');
    buf_put_u64(out, t.len);
    buf_put(out, "\r\n", 2);
    buf_put(out, t.data, t.len);
    buf_put(out, "\r\n", 2);
}

void resp_put_i64(struct buf *out, int64_t n)
{
    char digits[24];
    struct buf b = {.data = digits, .cap = sizeof digits, .limit = sizeof digits};
    buf_put_i64(&b, n);
    resp_put_text(out, buf_text(&b));
}

void resp_put_command(struct buf *out, size_t args)
{
    buf_put_char(out, '*');
    buf_put_u64(out, args);
    buf_put(out, "\r\n", 2);
}

/* ---- operations: name, key's tail, number of arguments, arguments ---- */

void op_begin(struct commit_group *g, const char *op, struct text tail, uint32_t args)
{
    resp_put_text(&g->ops, text_of(op));
    resp_put_text(&g->ops, tail);
    resp_put_i64(&g->ops, args);
    g->args += 3 + args;
}

void op_begin_of(struct commit_group *g, const char *op, const char *before, struct text id, uint32_t args)
{
    char bytes[MW_KEY_MAX];
    struct buf tail = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    buf_puts(&tail, before);
    buf_put_text(&tail, id);
    assert(buf_ok(&tail));
    op_begin(g, op, buf_text(&tail), args);
}

void op_put(struct commit_group *g, struct text value)
{
    resp_put_text(&g->ops, value);
}

void op_put_word(struct commit_group *g, const char *word)
{
    resp_put_text(&g->ops, text_of(word));
}

void op_put_fixed(struct commit_group *g, double v, int decimals)
{
    char digits[48];
    struct buf b = {.data = digits, .cap = sizeof digits, .limit = sizeof digits};
    buf_put_fixed(&b, v, decimals);
    resp_put_text(&g->ops, buf_text(&b));
}

void op_put_fields(struct commit_group *g, const struct entry *e)
{
    for (uint32_t i = 0; i < e->count; i++) {
        op_put_word(g, e->fields[i].name);
        op_put(g, e->fields[i].value);
    }
}
