/* Fuzzes the reader of calendar files: anything gets an answer, a refusal has words and a line of the file.
 */
#include <muckwatch/hours.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "calendar_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mw_calendar *calendar = mw_calendar_new();
    struct calendar_json_error error = {0};
    int lines = 1;
    if (calendar == NULL)
        abort();
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    if (calendar_json_read((struct text){(const char *)data, size}, calendar, &error) != CALENDAR_JSON_OK &&
        (error.text[0] == '\0' || error.line < 0 || error.line > lines))
        abort();
    struct mw_calendar *school = mw_calendar_new();
    if (school == NULL)
        abort();
    struct calendar_json_error again = {0};
    enum calendar_json_status status =
        calendar_json_read_school((struct text){(const char *)data, size}, school, &again);
    if ((status == CALENDAR_JSON_OK) != (error.text[0] == '\0') || strcmp(error.text, again.text) != 0)
        abort(); /* the same file, the same answer */
    mw_calendar_free(school);
    mw_calendar_free(calendar);
    return 0;
}
