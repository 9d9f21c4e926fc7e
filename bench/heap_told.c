/*
 * heap_told: preloaded into a program, says each second into the file MW_HEAP_TOLD how many bytes of the heap are in use.
 *
 * What a process has of the machine says little about what grows in it: what was in use once and is free again takes up the growth of hours.
 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *tell(void *arg)
{
    FILE *out = arg;
    for (;;) {
        struct mallinfo2 m = mallinfo2();
        fprintf(out, "%zu\n", m.uordblks + m.hblkhd);
        fflush(out);
        sleep(1);
    }
    return NULL;
}

/* Signals are for the program's own threads. */
__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("MW_HEAP_TOLD");
    FILE *out = path != NULL ? fopen(path, "w") : NULL;
    pthread_t thread;
    sigset_t all, before;
    if (out == NULL)
        return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, tell, out) == 0)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}
