/* fuzz: a line of gpsd; what is written of it is read as the same report again. */
#include "gpsd_line.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out, again;
    int sats = -1;
    buf_init(&out, GPSD_POSITION_MAX);
    buf_init(&again, GPSD_POSITION_MAX);
    enum gpsd_line kind = gpsd_line_read((struct text){(const char *)data, size}, &out, &sats);
    if (kind == GPSD_LINE_POSITION) {
        struct text line = {out.data, out.len - 1};
        if (out.data[out.len - 1] != '\0' || memchr(line.data, '\0', line.len) != NULL ||
            gpsd_line_read(line, &again, &sats) != GPSD_LINE_POSITION ||
            !text_equal(buf_text(&out), buf_text(&again)))
            abort();
    }
    if (kind == GPSD_LINE_SKY && sats < 0)
        abort();
    buf_fini(&out);
    buf_fini(&again);
    return 0;
}
