/* Tables of stops: rows with their lines, clocks, weekdays, the fewest stops left out. */
#include "cmocka_all.h"

#include "csv_rows.h"
#include "stop_words.h"
#include "stops_read.h"

#include <stdio.h>
#include <stdlib.h>

struct seen {
    char text[600];
    size_t len;
};

static bool see(void *context, const struct csv_row *row)
{
    struct seen *s = context;
    s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "%u:", (unsigned)row->line);
    for (size_t i = 0; i < row->count; i++)
        s->len +=
            (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "[%.*s]", TEXT_ARG(row->cells[i]));
    s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "{%.*s} ", TEXT_ARG(row->raw));
    return true;
}

static void check_rows(const char *table, const char *expected)
{
    struct seen s = {.text = ""};
    uint32_t line;
    assert_int_equal(csv_rows_read(text_of(table), see, &s, &line), CSV_ROWS_OK);
    assert_string_equal(s.text, expected);
}

static void test_rows(void **state)
{
    check_rows("a,b\n1,2\n", "1:[a][b]{a,b} 2:[1][2]{1,2} ");
    check_rows("\xef\xbb\xbf"
               "a,b\r\n\r\n1,\"x\r\ny\"\r\n3,4",
               "1:[a][b]{a,b} 3:[1][x\r\ny]{1,\"x\r\ny\"} 5:[3][4]{3,4} ");
    check_rows("a\r1\r2", "1:[a]{a} 2:[1]{1} 3:[2]{2} ");
    check_rows("\"say \"\"hi\"\"\", b ,\n  \n,x",
               "1:[say \"hi\"][b][]{\"say \"\"hi\"\"\", b ,} 3:[][x]{,x} ");
    check_rows("", "");
    struct seen s = {.text = ""};
    uint32_t line;
    assert_int_equal(csv_rows_read((struct text){NULL, 0}, see, &s, &line), CSV_ROWS_OK);
}

static void test_rows_wrong(void **state)
{
    struct seen s = {.text = ""};
    uint32_t line;
    assert_int_equal(csv_rows_read(TEXT("a,b\n1,\"2\n3,4\n"), see, &s, &line), CSV_ROWS_OPEN_QUOTE);
    assert_int_equal(line, 2);
    char wide[CSV_CELLS_MAX + 8];
    memset(wide, ',', sizeof wide);
    assert_int_equal(csv_rows_read((struct text){wide, sizeof wide}, see, &s, &line), CSV_ROWS_TOO_WIDE);
}

static void test_clocks(void **state)
{
    static const struct {
        const char *text;
        int minute;
    } rows[] = {{"18:05", 1085}, {"1805", 1085},  {"805", 485},  {" 8:05 ", 485},    {"2417", 1457},
                {"24:17", 1457}, {"29:59", 1799}, {"30:00", -1}, {"2960", -1},       {"18:60", -1},
                {"18", -1},      {"18:5", -1},    {"", -1},      {"18:05:30", 1085}, {"18：05", 1085},
                {"12:00x", -1},  {"0000", 0},     {"00000", -1}, {"-1:00", -1},      {"18:05:61", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (stop_clock(text_of(rows[i].text)) != rows[i].minute)
            fail_msg("%s: %d", rows[i].text, stop_clock(text_of(rows[i].text)));
}

static void test_days(void **state)
{
    static const struct {
        const char *text, *days; /* NULL: no days */
    } rows[] = {{"一,二,四,六", "Mo,Tu,Th,Sa"},
                {"週一、週五", "Mo,Fr"},
                {"星期一至星期三", "Mo,Tu,We"},
                {"1,2,7", "Mo,Tu,Su"},
                {"Mon Thursday", "Mo,Th"},
                {"Mo-Fr", "Mo,Tu,We,Th,Fr"},
                {"Sa-Mo", "Mo,Sa,Su"},
                {"YYNNNNY", "Mo,Tu,Su"},
                {"Tues/Thurs", "Tu,Th"},
                {"NNNNNNN", NULL},
                {"", NULL},
                {"8", NULL},
                {"Mo-", NULL},
                {"Mox", NULL},
                {"135", "Mo,We,Fr"},
                {"日", "Su"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t days;
        char written[24] = "";
        bool good = stop_days(text_of(rows[i].text), &days);
        if (good)
            stop_days_write(days, written);
        if (good != (rows[i].days != NULL) || (good && strcmp(written, rows[i].days) != 0))
            fail_msg("%s: %s", rows[i].text, written);
    }
    assert_int_equal(stop_flag(TEXT("Y")), 1);
    assert_int_equal(stop_flag(TEXT(" n ")), 0);
    assert_int_equal(stop_flag(TEXT("")), 0);
    assert_int_equal(stop_flag(TEXT("maybe")), -1);
    assert_int_equal(stop_flag((struct text){NULL, 0}), 0);
    assert_int_equal(stop_clock((struct text){NULL, 0}), -1);
}

/* The longest run by every way that there is. */
static size_t longest(const int16_t *clocks, size_t count)
{
    size_t best = 0;
    for (unsigned set = 0; set < 1u << count; set++) {
        int16_t last = -1;
        size_t size = 0;
        bool forward = true;
        for (size_t i = 0; i < count && forward; i++)
            if ((set >> i & 1u) != 0) {
                forward = clocks[i] >= last;
                last = clocks[i];
                size++;
            }
        if (forward && size > best)
            best = size;
    }
    return best;
}

static void test_fewest_left_out(void **state)
{
    uint32_t seed = 12345;
    for (int round = 0; round < 2000; round++) {
        int16_t clocks[10], last = -1;
        bool keep[10];
        size_t kept = 0, count = (size_t)round % 11;
        for (size_t i = 0; i < count; i++) {
            seed = seed * 1664525u + 1013904223u;
            clocks[i] = (int16_t)(seed >> 20 & 7u);
        }
        assert_true(stops_longest_forward(clocks, count, keep));
        for (size_t i = 0; i < count; i++)
            if (keep[i]) {
                assert_true(clocks[i] >= last);
                last = clocks[i];
                kept++;
            }
        assert_int_equal(kept, longest(clocks, count));
    }
}

static const struct stop_names names = {.columns = {[STOP_ROUTE] = "route",
                                                    [STOP_TRIP] = "trip",
                                                    [STOP_TIME] = "time",
                                                    [STOP_LEAVE] = "leave",
                                                    [STOP_LON] = "lon",
                                                    [STOP_LAT] = "lat",
                                                    [STOP_DAYS] = "days"}};

static struct stop_rules rules_of(const struct stop_names *n)
{
    struct stop_rules rules = {.class_name = TEXT("truck"), .stay_min = 10};
    for (int i = 0; i < STOP_COLUMNS; i++)
        rules.has[i] = n->columns[i] != NULL;
    return rules;
}

static void write_all(const struct stops *s, const char *fleet, const char *rejects)
{
    struct buf out, duties, told;
    size_t count;
    buf_init(&out, SIZE_MAX);
    buf_init(&duties, SIZE_MAX);
    buf_init(&told, SIZE_MAX);
    assert_true(stops_write(s, &out, &duties, &count));
    buf_put_char(&duties, '\0');
    assert_string_equal(duties.data, fleet);
    for (size_t i = 0; i < s->rejects.count; i++)
        buf_printf(&told, "%u %s; ", (unsigned)s->rejects.items[i].line, s->rejects.items[i].reason);
    buf_put_char(&told, '\0');
    assert_string_equal(told.data, rejects);
    buf_fini(&out);
    buf_fini(&duties);
    buf_fini(&told);
}

static void check_table(const char *table, const struct stop_names *n, const char *fleet, const char *rejects)
{
    struct stops s;
    char problem[200];
    struct stop_rules rules = rules_of(n);
    stops_init(&s, &rules);
    assert_int_equal(stops_read(text_of(table), n, &s, problem), STOPS_READ_OK);
    assert_true(stops_settle(&s));
    write_all(&s, fleet, rejects);
    stops_fini(&s);
}

static void test_table(void **state)
{
    check_table(
        "route,trip,time,leave,lon,lat,days\r\n"
        "a/b,1,23:50,0005,121.5,25.1,\"一,二\"\r\n"
        "a/b,1,00:10,,121.6,25.1,Mo\r\n"
        "a/b,1,00:12,,121.65,25.1,Mo\r\n"
        "a/b,1,23:55,,121.7,25.1,Mo\r\n"
        "a/b,1,00:20,,121.8,25.1,\"一,二\"\r\n"
        ",1,00:20,,121.8,25.1,Mo\r\n"
        "a/b,1,00:20,,,25.1,Mo\r\n"
        "a/b,1,00:20,,25.1,25.1,Mo\r\n"
        "a/b,1,25h,,121.8,25.1,Mo\r\n"
        "a/b,1,10:20,10:10,121.8,25.1,Mo\r\n"
        "a/b,1,10:20,,121.8,25.1,\r\n",
        &names,
        "{\"duties\":[{\"id\":\"a%2Fb/"
        "1\",\"type\":\"collection\",\"classes\":[\"truck\"],\"days\":\"Mo,Tu\",\"points\":["
        "{\"fence\":\"a%2Fb/1/1\",\"window\":\"23:50-24:05\"},{\"fence\":\"a%2Fb/1/"
        "5\",\"window\":\"24:20-24:30\"}]}\n"
        ",{\"id\":\"a%2Fb/1//2\",\"type\":\"collection\",\"classes\":[\"truck\"],\"days\":\"Mo\",\"points\":["
        "{\"fence\":\"a%2Fb/1/2\",\"window\":\"24:10-24:20\"},"
        "{\"fence\":\"a%2Fb/1/3\",\"window\":\"24:12-24:22\"}]}\n]}",
        "5 time 23:55: its trip's clock goes back; 7 no route; 8 no position; 9 no position: longitude and "
        "latitude are "
        "the same; 10 time: no clock up to 29:59; 11 leaves before it arrives; 12 days: no list of "
        "weekdays; ");
}

static void test_ndjson(void **state)
{
    struct stop_names n = names;
    n.list = "stops";
    n.columns[STOP_TRIP] = n.columns[STOP_LEAVE] = NULL;
    check_table(
        "{\"route\":7,\"stops\":[{\"time\":\"18:05\",\"lon\":121.5,\"lat\":25.1,\"days\":[1,2,\"四\"]},"
        "{\"time\":\"18:20\",\"lon\":null,\"lat\":25.1,\"days\":\"Mo\"}]}\n"
        "\n{\"route\":8}\nnot\n",
        &n,
        "{\"duties\":[{\"id\":\"7\",\"type\":\"collection\",\"classes\":[\"truck\"],\"days\":\"Mo,Tu,Th\","
        "\"points\":["
        "{\"fence\":\"7/1\",\"window\":\"18:05-18:15\"}]}\n]}",
        "1 no position; 3 no list of stops; 4 not JSON; ");
}

static void test_no_table(void **state)
{
    struct stops s;
    char problem[200];
    struct stop_rules rules = rules_of(&names);
    stops_init(&s, &rules);
    assert_int_equal(stops_read(TEXT("\n\nroute,trip\n"), &names, &s, problem), STOPS_READ_WRONG);
    assert_string_equal(problem, "3: there is no column \"time\"");
    assert_int_equal(stops_read(TEXT(""), &names, &s, problem), STOPS_READ_WRONG);
    assert_string_equal(problem, "1: there is no row of column names");
    stops_fini(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),   cmocka_unit_test(test_rows_wrong),      cmocka_unit_test(test_clocks),
        cmocka_unit_test(test_days),   cmocka_unit_test(test_fewest_left_out), cmocka_unit_test(test_table),
        cmocka_unit_test(test_ndjson), cmocka_unit_test(test_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
