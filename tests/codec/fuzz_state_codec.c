/* Whatever bytes are read as a state, writing that state and reading it again gives the same bytes. */
#include "state_codec.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct names *names = names_new(200);
    struct vehicle_state s, again;
    if (names != NULL && state_read((struct text){(const char *)data, size}, 1, names, &s) == STATE_OK) {
        struct buf a, b;
        buf_init(&a, STATE_BYTES_MAX);
        buf_init(&b, STATE_BYTES_MAX);
        state_write(&s, names, &a);
        if (buf_ok(&a)) {
            if (state_read(buf_text(&a), 1, names, &again) != STATE_OK)
                abort();
            state_write(&again, names, &b);
            if (!text_equal(buf_text(&a), buf_text(&b)))
                abort();
        }
        buf_fini(&a);
        buf_fini(&b);
    }
    names_free(names);
    return 0;
}
