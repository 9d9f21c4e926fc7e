/* Fuzzes the reader of tables: rows lie in the text, in order, with lines that only grow; and what reads stops of them. */
#include "csv_rows.h"
#include "stops_read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct text text;
    const char *behind;
    uint32_t line;
};

static bool see(void *context, const struct csv_row *row)
{
    struct seen *s = context;
    if (row->count == 0 || row->count > CSV_CELLS_MAX || row->line <= s->line)
        abort();
    if (row->raw.data < s->behind || row->raw.data + row->raw.len > s->text.data + s->text.len)
        abort();
    size_t bytes = 0;
    for (size_t i = 0; i < row->count; i++)
        bytes += row->cells[i].len;
    if (bytes > row->raw.len)
        abort();
    s->line = row->line;
    s->behind = row->raw.data + row->raw.len;
    return true;
}

static void read_stops(struct text text)
{
    static const struct stop_names names = {.columns = {"route", "trip", "order", "time", "leave", "lon",
                                                        "lat", "days", "plate", "waste", "name"}};
    struct stop_rules rules = {.class_name = TEXT("truck"), .stay_min = 10};
    struct stops stops;
    struct buf fences, fleet, told;
    char problem[200];
    size_t duties;
    for (int i = 0; i < STOP_COLUMNS; i++)
        rules.has[i] = true;
    stops_init(&stops, &rules);
    buf_init(&fences, SIZE_MAX);
    buf_init(&fleet, SIZE_MAX);
    buf_init(&told, SIZE_MAX);
    if (stops_read(text, &names, &stops, problem) == STOPS_READ_OK) {
        if (!stops_settle(&stops) || !stops_write(&stops, &fences, &fleet, &duties) ||
            stops.kept + stops.rejects.count != stops.rows || duties > stops.kept)
            abort();
        rejects_write(&stops.rejects, &told);
    }
    buf_fini(&fences);
    buf_fini(&fleet);
    buf_fini(&told);
    stops_fini(&stops);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data, size};
    struct seen seen = {.text = text, .behind = text.data};
    uint32_t line;
    csv_rows_read(text, see, &seen, &line);
    read_stops(text);
    return 0;
}
