/*
 * muckctl evidence export: a sealed case as a package, from the keeper. muckctl evidence transfer: that it was handed to somebody is written into the log,
 * and there is a receipt.
 */
#include "arguments.h"
#include "evidence_ask.h"
#include "evidence_words.h"
#include "whole_file.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <sodium.h>

enum { QUESTION_MAX = 65536, EDITION_UNSAID = -1 };

struct session {
    const char *command, *id, *out, *socket, *to, *who, *reason;
    int64_t edition;
    bool draft;
};

static void put(struct json_writer *w, const char *key, const char *value)
{
    if (value == NULL)
        return;
    json_write_key(w, key);
    json_write_string(w, text_of(value));
}

static void write_question(const struct session *s, const char *op, struct buf *out)
{
    struct json_writer w;
    buf_init(out, QUESTION_MAX);
    json_writer_init(&w, out);
    json_write_begin_object(&w);
    put(&w, "op", op);
    put(&w, "id", s->id);
    put(&w, "to", s->to);
    put(&w, "who", s->who);
    put(&w, "reason", s->reason);
    if (s->edition != EDITION_UNSAID) {
        json_write_key(&w, "edition");
        json_write_i64(&w, s->edition);
    }
    if (s->draft) {
        json_write_key(&w, "draft");
        json_write_bool(&w, true);
    }
    json_write_end_object(&w);
}

static bool is_whole(const struct evidence_answer *a)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    crypto_hash_sha256(hash, (const unsigned char *)a->bytes.data, a->bytes.len);
    sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return text_equal(evidence_answer_text(a, "sha256"), text_of(hex));
}

/* Asks, and puts what came where it is wanted. */
static int ask_and_put(const struct session *s, const char *op, bool hashed)
{
    struct evidence_answer answer;
    struct buf question;
    write_question(s, op, &question);
    int code =
        buf_ok(&question) ? evidence_ask(s->command, s->socket, buf_text(&question), &answer) : EX_USAGE;
    if (buf_ok(&question) && code == EX_OK && hashed && !is_whole(&answer)) {
        fprintf(stderr, "%s: what came is not what the keeper sent\n", s->command);
        code = EX_PROTOCOL;
    }
    if (code == EX_OK && s->out != NULL && answer.bytes.len > 0)
        /* Where somebody was: not for everybody. */
        code = whole_file_put(s->command, s->out, buf_text(&answer.bytes), 0640);
    if (code == EX_OK)
        printf("%.*s\n", TEXT_ARG(buf_text(&answer.line)));
    if (buf_ok(&question))
        evidence_answer_fini(&answer);
    buf_fini(&question);
    return code;
}

/* `-o` is what everybody types. */
static void spell_out(int argc, char **argv)
{
    static char out[] = "--out";
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "-o") == 0)
            argv[i] = out;
}

int evidence_export(int argc, char **argv)
{
    struct session s = {
        .command = "muckctl evidence export", .socket = EVIDENCE_SOCKET, .edition = EDITION_UNSAID};
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "out", "FILE.zip", "where the package goes (also -o)", &s.out},
        {ARGUMENT_COUNT, "edition", "N", "an older edition (the newest)", &s.edition},
        {ARGUMENT_FLAG, "draft", NULL, "of a case that goes on, as it stands: in no log", &s.draft},
        {ARGUMENT_TEXT, "socket", "PATH", "the keeper's socket (" EVIDENCE_SOCKET ")", &s.socket},
        {0},
    };
    const struct command_line line = {
        s.command,
        "ID --out FILE.zip",
        "Has the keeper join a sealed case to a package, which anybody can verify. The same edition is the "
        "same\n"
        "bytes each time. Prints what the keeper answers, with the package's SHA-256.",
        rows,
        1,
        1};
    spell_out(argc, argv);
    enum arguments_status status = arguments_read(&line, argc, argv, &s.id);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (s.out == NULL) {
        fprintf(stderr, "%s: --out FILE.zip is needed\n", s.command);
        return EX_USAGE;
    }
    return sodium_init() < 0 ? EX_OSERR : ask_and_put(&s, "export", true);
}

int evidence_transfer(int argc, char **argv)
{
    char login[64];
    struct session s = {
        .command = "muckctl evidence transfer", .socket = EVIDENCE_SOCKET, .edition = EDITION_UNSAID};
    const struct argument rows[] = {
        {ARGUMENT_TEXT, "to", "WHOM", "who is handed the case", &s.to},
        {ARGUMENT_TEXT, "who", "WHO", "who hands it over (who is logged in)", &s.who},
        {ARGUMENT_TEXT, "reason", "TEXT", "why", &s.reason},
        {ARGUMENT_COUNT, "edition", "N", "an older edition (the newest)", &s.edition},
        {ARGUMENT_TEXT, "out", "FILE.pdf", "where the receipt goes (also -o)", &s.out},
        {ARGUMENT_TEXT, "socket", "PATH", "the keeper's socket (" EVIDENCE_SOCKET ")", &s.socket},
        {0},
    };
    const struct command_line line = {s.command,
                                      "ID --to WHOM [--out FILE.pdf]",
                                      "Writes into the log that a case was handed to somebody: whom, by "
                                      "whom, and the SHA-256 of the package\n"
                                      "that `muckctl evidence export` gives; and makes a receipt to sign.",
                                      rows,
                                      1,
                                      1};
    spell_out(argc, argv);
    enum arguments_status status = arguments_read(&line, argc, argv, &s.id);
    if (status != ARGUMENTS_OK)
        return status == ARGUMENTS_DONE ? EX_OK : EX_USAGE;
    if (s.who == NULL && getlogin_r(login, sizeof login) == 0)
        s.who = login;
    if (s.to == NULL || s.who == NULL) {
        fprintf(stderr, "%s: --to WHOM is needed, and --who WHO where nobody is logged in\n", s.command);
        return EX_USAGE;
    }
    return ask_and_put(&s, "transfer", false);
}
