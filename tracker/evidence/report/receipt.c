#include "receipt.h"

#include "bag.h"
#include "report_pages.h"
#include "time_text.h"

#include <stdio.h>

static double put_row(struct pages *p, double y, const char *label)
{
    pages_puts(p, PAGE_MARGIN, y, (struct page_text){9, false, 0x555555, 130, 2}, label);
    double height = pages_put_scratch(p, PAGE_MARGIN + 140, y,
                                      (struct page_text){9.5, false, 0x111111, PAGE_INNER - 140, 4});
    return y + (height > 14 ? height : 14) + 8;
}

static double put_text(struct pages *p, double y, const char *label, struct text value)
{
    buf_put_text(&p->scratch, value.len > 0 ? value : TEXT("–"));
    return put_row(p, y, label);
}

static double put_hash(struct pages *p, double y, const char *label, const unsigned char hash[SEALED_SHA256])
{
    bag_put_hex(&p->scratch, hash);
    return put_row(p, y, label);
}

static double draw_rows(struct pages *p, const struct receipt *r, double y)
{
    const struct sealed_header *h = r->header;
    y = put_text(p, y, "案件 case", h->id);
    buf_printf(&p->scratch, "%s %.*s；%.*s", case_kind_zh(h->kind), TEXT_ARG(h->kind), TEXT_ARG(h->vehicle));
    y = put_row(p, y, "类别、车辆 kind, vehicle");
    buf_printf(&p->scratch, "%u（%s）", (unsigned)h->edition,
               h->reviewed   ? "已审核，予以认定 approved"
               : h->rejected ? "已审核，不予认定 rejected"
                             : BAG_DRAFT);
    y = put_row(p, y, "版次 edition");
    y = put_text(p, y, "接收方 handed to", r->to);
    y = put_text(p, y, "移交人 handed over by", r->who);
    y = put_text(p, y, "事由 reason", r->reason);
    time_text_write((struct wall){r->at_ms}, &p->scratch);
    y = put_row(p, y, "时间 at (UTC)");
    y = put_hash(p, y, "证据包 SHA-256 of the package", r->package);
    y = put_hash(p, y, "日志记录 SHA-256 of the record", r->record);
    buf_printf(&p->scratch, "%.*s, %llu", TEXT_ARG(r->origin), (unsigned long long)r->log_index);
    return put_row(p, y, "移交记录 entry of the log");
}

bool receipt_pdf(const struct receipt *r, struct buf *out, struct problem *out_problem)
{
    struct pages p = {.font = report_font(out_problem)};
    char words[256], hex[2 * SEALED_SHA256 + 1];
    if (p.font.map == NULL)
        return false;
    snprintf(words, sizeof words, "Muckwatch receipt of case %.*s", TEXT_ARG(r->header->id));
    pages_open(&p, out, words, r->at_ms);
    pages_puts(&p, PAGE_MARGIN, 44, (struct page_text){19, true, 0x1a237e, PAGE_INNER, 1},
               "电子证据移交回执");
    pages_puts(&p, PAGE_MARGIN, 72, (struct page_text){10, false, 0x444444, PAGE_INNER, 1},
               "Receipt: a case that was handed over");
    double y = draw_rows(&p, r, 110);
    bag_put_hex(&p.scratch, r->package);
    snprintf(hex, sizeof hex, "%.*s", TEXT_ARG(buf_text(&p.scratch)));
    buf_clear(&p.scratch);
    snprintf(words, sizeof words, "muckwatch:%.*s:%u:package:%s", TEXT_ARG(r->header->id),
             (unsigned)r->header->edition, hex);
    pages_qr(&p, words, 90, (double[2]){PAGE_MARGIN, y + 10});
    pages_puts(&p, PAGE_MARGIN + 110, y + 14, (struct page_text){8.5, false, 0x333333, PAGE_INNER - 110, 6},
               "接收方请核对所收文件的 SHA-256 与上列一致，并按包内 README.txt 核验。\n"
               "Whoever receives it compares the file's SHA-256 with the one above, and checks it as "
               "README.txt in it says.");
    y += 160;
    pages_line(&p, 0x333333, 0.6, (double[4]){PAGE_MARGIN, y, PAGE_MARGIN + 200, y});
    pages_line(&p, 0x333333, 0.6,
               (double[4]){PAGE_WIDTH - PAGE_MARGIN - 200, y, PAGE_WIDTH - PAGE_MARGIN, y});
    pages_puts(&p, PAGE_MARGIN, y + 4, (struct page_text){8.5, false, 0x333333, 200, 1},
               "移交人签名、日期 handed over by, date");
    pages_puts(&p, PAGE_WIDTH - PAGE_MARGIN - 200, y + 4, (struct page_text){8.5, false, 0x333333, 200, 1},
               "接收人签名、日期 received by, date");
    pages_end(&p);
    return pages_close(&p, out, out_problem);
}
