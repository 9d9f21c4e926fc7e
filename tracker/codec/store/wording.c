#include "wording.h"

#include "vehicle.h"

#include <math.h>

/* ---- names ---- */

enum { NOT_UTF8 = -1 };

/* The code point at the beginning of a text, or NOT_UTF8, and how many bytes it takes. */
static int32_t decode(struct text t, size_t *out_len)
{
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)t.data[0];
    size_t len = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    *out_len = 1;
    if (lead < 0x80)
        return lead;
    if (lead < 0xc0 || lead >= 0xf8 || len > t.len)
        return NOT_UTF8;
    int32_t c = lead & (0x7f >> len);
    for (size_t i = 1; i < len; i++) {
        if (((unsigned char)t.data[i] & 0xc0) != 0x80)
            return NOT_UTF8;
        c = c << 6 | ((unsigned char)t.data[i] & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return NOT_UTF8;
    *out_len = len;
    return c;
}

struct range {
    int32_t from, to;
};

static bool among(int32_t c, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ranges[i].from <= c && c <= ranges[i].to)
            return true;
    return false;
}

#define AMONG(c, ranges) among((c), (ranges), sizeof(ranges) / sizeof *(ranges))

/* Spaces, controls, separators of lines: one space, however many. */
static const struct range blanks[] = {{0, 0x20},        {0x7f, 0xa0},     {0x2000, 0x200a}, {0x2028, 0x2029},
                                      {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
/* Marks that are not seen but turn, join or hide what is: nothing. */
static const struct range marks[] = {{0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e},
                                     {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f},
                                     {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
/* Letters of scripts that run from right to left. */
static const struct range leftward[] = {
    {0x590, 0x8ff}, {0xfb1d, 0xfdff}, {0xfe70, 0xfefc}, {0x10800, 0x10fff}, {0x1e800, 0x1efff}};
/* What could end the quotation a name stands in. */
static const struct range quotes[] = {{'"', '"'}, {0x201c, 0x201f}, {0xff02, 0xff02}};

static bool runs_leftward(struct text name)
{
    for (size_t i = 0, len; i < name.len; i += len)
        if (AMONG(decode((struct text){name.data + i, name.len - i}, &len), leftward))
            return true;
    return false;
}

/* What a character becomes; empty: nothing, a space: a blank. */
static struct text shown_as(int32_t c, struct text as_is)
{
    if (c > 0x20 && c < 0x7f && c != '"')
        return as_is;
    if (AMONG(c, marks))
        return TEXT("");
    if (AMONG(c, blanks))
        return TEXT(" ");
    return c == NOT_UTF8 ? TEXT("?") : AMONG(c, quotes) ? TEXT("'") : as_is;
}

/* How much of a name is looked at for something to show. */
enum { NAME_READ_MAX = 1024 };

/* True when all of it is shown. */
static bool show(struct text name, struct buf *shown)
{
    bool blank = false;
    size_t i = 0;
    for (size_t len; i < name.len && i < NAME_READ_MAX; i += len) {
        int32_t c = decode((struct text){name.data + i, name.len - i}, &len);
        struct text put = shown_as(c, (struct text){name.data + i, len});
        if (put.len == 1 && put.data[0] == ' ') {
            blank = shown->len > 0;
            continue;
        }
        if (put.len > 0 && shown->len + put.len + blank > NAME_SHOWN_MAX)
            return false;
        if (put.len > 0 && blank)
            buf_put_char(shown, ' ');
        buf_put_text(shown, put);
        blank = put.len == 0 && blank;
    }
    return i >= name.len;
}

void wording_put_name(struct buf *out, struct text name)
{
    char bytes[NAME_SHOWN_MAX];
    struct buf shown = {.data = bytes, .cap = sizeof bytes, .limit = sizeof bytes};
    bool whole = show(name, &shown), leftward_name = runs_leftward(buf_text(&shown));
    if (leftward_name)
        buf_puts(out, "\u2068"); /* first strong isolate */
    buf_put_text(out, shown.len > 0 ? buf_text(&shown) : TEXT("?"));
    if (!whole)
        buf_puts(out, "…");
    if (leftward_name)
        buf_puts(out, "\u2069"); /* its end */
}

void wording_put_quoted(struct buf *out, struct text name)
{
    buf_puts(out, "“");
    wording_put_name(out, name);
    buf_puts(out, "”");
}

/* ---- times ---- */

static void put_when(struct buf *out, const struct mw_civil *c, bool date, bool seconds,
                     enum phrase_language language)
{
    if (date)
        buf_printf(out, language == PHRASE_ZH ? "%d年%d月%d日 " : "%d-%02d-%02d ", c->year, c->month, c->day);
    buf_printf(out, "%02d:%02d", c->hour, c->minute);
    if (seconds)
        buf_printf(out, ":%02d", c->second);
}

static bool other_day(const struct mw_civil *c, const struct mw_zone *zone, int64_t day_ms)
{
    struct mw_civil day;
    if (day_ms == TIME_NONE)
        return true;
    mw_civil_from_ms(zone, day_ms, &day);
    return c->year != day.year || c->month != day.month || c->day != day.day;
}

void wording_put_time(struct buf *out, int64_t ms, const struct mw_zone *zone, int64_t day_ms,
                      enum phrase_language language)
{
    struct mw_civil c;
    mw_civil_from_ms(zone, ms, &c);
    put_when(out, &c, other_day(&c, zone, day_ms), true, language);
}

void wording_put_edge(struct buf *out, int64_t ms, const struct mw_zone *zone, int64_t day_ms,
                      enum phrase_language language)
{
    struct mw_civil c;
    mw_civil_from_ms(zone, ms, &c);
    put_when(out, &c, other_day(&c, zone, day_ms), c.second != 0, language);
}

void wording_put_duration(struct buf *out, int64_t ms, enum phrase_language language)
{
    static const struct {
        int64_t ms;
        const char *name[2];
    } units[] = {{86400000, {"天", " d"}},
                 {3600000, {"小时", " h"}},
                 {60000, {"分", " min"}},
                 {1000, {"秒", " s"}},
                 {0, {NULL, NULL}}};
    size_t i = 0;
    while (units[i].ms > 1000 && ms < units[i].ms)
        i++;
    int64_t rest = units[i + 1].ms > 0 ? ms % units[i].ms / units[i + 1].ms : 0;
    buf_put_i64(out, ms / units[i].ms);
    buf_puts(out, units[i].name[language]);
    if (rest == 0 && units[i].ms == 60000 && language == PHRASE_ZH)
        buf_puts(out, "钟");
    if (rest == 0)
        return;
    if (language == PHRASE_EN)
        buf_put_char(out, ' ');
    buf_put_i64(out, rest);
    buf_puts(out, units[i + 1].name[language]);
}

void wording_put_position(struct buf *out, double lat_deg, double lon_deg, enum phrase_language language)
{
    bool south = lat_deg < 0, west = lon_deg < 0, zh = language == PHRASE_ZH;
    if (zh)
        buf_puts(out, south ? "南纬" : "北纬");
    buf_put_fixed(out, fabs(lat_deg), 5);
    buf_puts(out, zh ? "°、" : south ? "°S " : "°N ");
    if (zh)
        buf_puts(out, west ? "西经" : "东经");
    buf_put_fixed(out, fabs(lon_deg), 5);
    buf_puts(out, zh ? "°" : west ? "°W" : "°E");
}

/* ---- amounts ---- */

int unit_decimals(const char *unit)
{
    static const char *const whole[] = {"s", "min", "%", "fixes"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (strcmp(unit, whole[i]) == 0)
            return 0;
    return 1;
}

static const char *unit_name(const char *unit, enum phrase_language language)
{
    static const char *const names[][2] = {
        {"km/h", "公里/小时"}, {"m/s", "米/秒"}, {"m", "米"}, {"s", "秒"}, {"min", "分钟"}, {"kg", "公斤"},
    };
    for (size_t i = 0; language == PHRASE_ZH && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], unit) == 0)
            return names[i][1];
    return unit;
}

bool wording_is_amount(float amount)
{
    return fabsf(amount) < 1e9f;
}

/* What was measured: with its decimals, but for a point and a zero that would say no more. */
void wording_put_amount(struct buf *out, float amount, const char *unit, enum phrase_language language)
{
    buf_put_fixed(out, (double)amount, unit_decimals(unit));
    if (unit_decimals(unit) == 1 && buf_ok(out) && out->data[out->len - 1] == '0')
        out->len -= 2;
    if (language == PHRASE_EN)
        buf_put_char(out, ' ');
    buf_puts(out, unit_name(unit, language));
}
