/* fuzz: the head of a request is read within its bytes, and what is read of it lies there. */
#include "http_request.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_request r;
    const char *bytes = (const char *)data;
    int code = http_request_read((struct text){bytes, size}, &r);
    bool refuses = code == 400 || code == 405 || code == 413 || code == 431 || code == 505;
    if (code != 0 && code != 200 && !refuses)
        abort();
    if (code == 200 && (r.path.len == 0 || r.path.data < bytes || r.path.data + r.path.len > bytes + size))
        abort();
    return 0;
}
