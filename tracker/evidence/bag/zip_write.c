#include "zip_write.h"

#include "zip_form.h"

#include <zlib.h>

static void put_u16(struct buf *out, uint32_t v)
{
    buf_put_char(out, (char)(v & 0xff));
    buf_put_char(out, (char)(v >> 8 & 0xff));
}

static void put_u32(struct buf *out, uint32_t v)
{
    put_u16(out, v & 0xffff);
    put_u16(out, v >> 16);
}

/* Year, month and day of a day since the epoch (Howard Hinnant's civil_from_days). */
static void civil(int64_t day, int *out_year, int *out_month, int *out_day)
{
    int64_t z = day + 719468;
    int64_t era = z / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *out_day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *out_month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *out_year = (int)(yoe + era * 400 + (*out_month <= 2));
}

uint32_t zip_dos_time(int64_t at_ms)
{
    const int64_t first_s = INT64_C(315532800),
                  last_s = INT64_C(4354819198); /* 1980-01-01, the end of 2107 */
    int64_t s = at_ms / 1000;
    int year, month, day;
    s = s < first_s ? first_s : s > last_s ? last_s : s;
    civil(s / 86400, &year, &month, &day);
    uint32_t of_day = (uint32_t)(s % 86400);
    uint32_t date = (uint32_t)(year - 1980) << 9 | (uint32_t)month << 5 | (uint32_t)day;
    return date << 16 | (of_day / 3600) << 11 | (of_day / 60 % 60) << 5 | of_day % 60 / 2;
}

void zip_writer_init(struct zip_writer *w, struct buf *out, int64_t at_ms)
{
    w->out = out;
    w->dos_time = zip_dos_time(at_ms);
    w->count = 0;
    buf_init(&w->central, ZIP_BYTES_MAX);
}

/* What both headers say of an entry, from the version that is needed to read it to the length of its name. */
static void put_shared(struct buf *out, const struct zip_writer *w, struct text name, struct text bytes)
{
    uLong crc = crc32_z(0, (const Bytef *)bytes.data, bytes.len);
    put_u16(out, 10);
    put_u16(out, ZIP_FLAG_UTF8);
    put_u16(out, ZIP_STORED);
    put_u32(out, w->dos_time);
    put_u32(out, (uint32_t)crc);
    put_u32(out, (uint32_t)bytes.len);
    put_u32(out, (uint32_t)bytes.len);
    put_u16(out, (uint32_t)name.len);
    put_u16(out, 0);
}

void zip_put(struct zip_writer *w, struct text name, struct text bytes, bool runs)
{
    uint32_t at = (uint32_t)w->out->len;
    if (name.len > ZIP_NAME_MAX || bytes.len > ZIP_BYTES_MAX || w->out->len > ZIP_BYTES_MAX ||
        ++w->count > ZIP_ENTRIES_MAX) {
        w->out->failed = true;
        return;
    }
    put_u32(w->out, ZIP_LOCAL_SIGNATURE);
    put_shared(w->out, w, name, bytes);
    buf_put_text(w->out, name);
    buf_put_text(w->out, bytes);
    put_u32(&w->central, ZIP_CENTRAL_SIGNATURE);
    put_u16(&w->central, ZIP_MADE_ON_UNIX << 8 | 30);
    put_shared(&w->central, w, name, bytes);
    put_u16(&w->central, 0); /* no comment, the first disk, no attributes of its inside */
    put_u16(&w->central, 0);
    put_u16(&w->central, 0);
    put_u32(&w->central, (uint32_t)(ZIP_TYPE_FILE | (runs ? 0755 : 0644)) << 16);
    put_u32(&w->central, at);
    buf_put_text(&w->central, name);
}

bool zip_end(struct zip_writer *w)
{
    uint32_t at = (uint32_t)w->out->len;
    buf_put_text(w->out, buf_text(&w->central));
    put_u32(w->out, ZIP_END_SIGNATURE);
    put_u32(w->out, 0); /* one disk */
    put_u16(w->out, (uint32_t)w->count);
    put_u16(w->out, (uint32_t)w->count);
    put_u32(w->out, (uint32_t)w->central.len);
    put_u32(w->out, at);
    put_u16(w->out, 0);
    bool ok = buf_ok(&w->central) && buf_ok(w->out) && w->out->len <= ZIP_BYTES_MAX;
    buf_fini(&w->central);
    return ok;
}
