#include "streams.h"

#include <fcntl.h>
#include <unistd.h>

void streams_hold(void)
{
    int fd;
    do
        fd = open("/", O_RDONLY | O_DIRECTORY); /* each gets the lowest number that is free */
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}
