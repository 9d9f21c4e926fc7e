/*
 * A case that is handed over: the log has whom, by whom and the SHA-256 of the package, before anybody has a receipt.
 */
#include "bag.h"
#include "keeping_answer.h"
#include "log.h"
#include "receipt.h"
#include "tlog_tile.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

/* The receipt, behind the answer. It is handed over once it is in the log, with or without one. */
static void put_receipt(struct answering *a, const struct receipt *r)
{
    struct problem problem = {""};
    struct buf pdf;
    buf_init(&pdf, EVIDENCE_OBJECT_MAX);
    bool drawn = receipt_pdf(r, &pdf, &problem);
    if (!drawn) {
        log_warn("receipt_not_drawn", LOG_TEXT("id", r->header->id), LOG_STR("why", problem.text));
        buf_clear(&pdf);
    }
    answer_begin(a);
    answer_number(a, "log", (int64_t)r->log_index);
    answer_hash(&a->w, "package", r->package);
    answer_number(a, "bytes", drawn ? (int64_t)pdf.len : 0);
    json_write_end_object(&a->w);
    a->package = pdf;
}

static void put_transfer(const struct question *q, const struct evidence_edition *e, const struct receipt *r,
                         struct buf *entry)
{
    struct json_writer w;
    answer_begin_entry(&w, entry, "muckwatch/transfer/1", q);
    json_write_key(&w, "edition");
    json_write_u64(&w, e->edition);
    answer_hash(&w, "case", e->record);
    answer_hash(&w, "package", r->package);
    json_write_key(&w, "to");
    json_write_string(&w, q->to);
    json_write_key(&w, "reason");
    json_write_string(&w, q->reason);
    json_write_end_object(&w);
}

static void transfer(struct answering *a, const struct evidence_edition *e, const struct sealed_case *c)
{
    struct receipt r = {.header = &c->header,
                        .to = a->q->to,
                        .who = a->q->who,
                        .reason = a->q->reason,
                        .origin = a->k->config.origin,
                        .at_ms = clock_wall().ms};
    struct buf entry, zip;
    buf_init(&zip, EVIDENCE_OBJECT_MAX);
    bool whole = bag_write(c, &zip);
    crypto_hash_sha256(r.package, (const unsigned char *)zip.data, zip.len);
    buf_fini(&zip);
    memcpy(r.record, e->record, sizeof r.record);
    put_transfer(a->q, e, &r, &entry);
    if (!whole || !buf_ok(&entry) || entry.len > TLOG_ENTRY_MAX) {
        answer_refuse(a, "it is too long", TEXT(""));
    } else if (!keeping_log(a->k, buf_text(&entry))) {
        answer_refuse(a, strerror(errno), TEXT(""));
        keeping_failed(a->k, "socket", strerror(errno));
    } else {
        r.log_index = evidence_log_size(a->k->log) - 1;
        put_receipt(a, &r);
    }
    buf_fini(&entry);
}

void answer_transfer(struct answering *a)
{
    struct evidence_edition e;
    struct keeping_package p;
    if (a->q->to.len == 0 || a->q->who.len == 0) {
        answer_refuse(a, "it is needed", a->q->to.len == 0 ? TEXT("to") : TEXT("who"));
        return;
    }
    if (!answer_find(a, &e))
        return;
    if (keeping_package(a->k, &e, &p))
        transfer(a, &e, &p.sealed);
    else
        answer_refuse(a, "it cannot be exported, and so not handed over", TEXT(""));
    keeping_package_fini(&p);
}
