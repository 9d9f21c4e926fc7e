#include "evidence_ask.h"

#include "line_ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum { PATIENCE_S = 600 }; /* a large case is put together before its first byte */

static int fail(const char *command, const char *what)
{
    int error = errno;
    fprintf(stderr, "%s: %s: %s\n", command, what, strerror(error));
    return error == EACCES ? EX_NOPERM : error == ENAMETOOLONG ? EX_USAGE : EX_UNAVAILABLE;
}

struct text evidence_answer_text(const struct evidence_answer *answer, const char *name)
{
    const struct json_node *n = json_node_member(answer->tree.nodes, name);
    return json_node_is(n, JSON_NODE_STRING) ? json_node_text(n) : TEXT("");
}

/* How many bytes follow the line; false where that is no count. */
static bool count_of(const struct evidence_answer *a, uint64_t *out)
{
    const struct json_node *bytes = json_node_member(a->tree.nodes, "bytes");
    double n = json_node_is(bytes, JSON_NODE_NUMBER) ? bytes->number : 0;
    *out = n >= 0 && n <= (double)LINE_ASK_BYTES_MAX ? (uint64_t)n : 0;
    return (double)*out == n;
}

static int receive_answer(const char *command, struct line_ask *ask, struct text question,
                          struct evidence_answer *out)
{
    uint64_t bytes;
    if (!line_ask_line(ask, question, &out->line))
        return fail(command, "the keeper's answer");
    if (json_tree_read(&out->tree, buf_text(&out->line), NULL) != JSON_TREE_OK || !count_of(out, &bytes)) {
        fprintf(stderr, "%s: the keeper's answer is not as agreed\n", command);
        return EX_PROTOCOL;
    }
    if (!json_node_is(json_node_member(out->tree.nodes, "ok"), JSON_NODE_TRUE)) {
        struct text why = evidence_answer_text(out, "error"), field = evidence_answer_text(out, "field");
        fprintf(stderr, "%s: %.*s%s%.*s\n", command, TEXT_ARG(field), field.len > 0 ? ": " : "",
                TEXT_ARG(why));
        return EX_DATAERR;
    }
    return line_ask_bytes(ask, bytes, &out->bytes) ? EX_OK : fail(command, "the keeper's answer");
}

int evidence_ask(const char *command, const char *path, struct text question, struct evidence_answer *out)
{
    *out = (struct evidence_answer){0};
    buf_init(&out->line, LINE_ASK_LINE_MAX);
    buf_init(&out->bytes, LINE_ASK_BYTES_MAX + 1);
    struct line_ask *ask = line_ask_new(path);
    int code = ask != NULL && line_ask_wait(ask, PATIENCE_S) ? receive_answer(command, ask, question, out)
                                                             : fail(command, path);
    line_ask_free(ask);
    return code;
}

void evidence_answer_fini(struct evidence_answer *answer)
{
    buf_fini(&answer->line);
    buf_fini(&answer->bytes);
    json_tree_fini(&answer->tree);
}
