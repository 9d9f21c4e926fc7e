/*
 * shim: a disk, a clock, a memory and an MQTT library as tests need them, preloaded into programs that know nothing of
 * it.
 *
 *   MW_SHIM_DISK=DIR    files in DIR say what the disk does with append-only files (*.aof):
 *                         slow_ms   a number: each sync takes so much longer
 *                         full      there is no room: write() fails with ENOSPC
 *                         broken    sync fails with EIO
 *                       and DIR/NAME.synced always holds how many bytes of NAME the last sync has made safe,
 *                       so that a power loss can be played by cutting the file there.
 *   MW_SHIM_CLOCK=FILE  FILE holds a number of milliseconds, as 8 bytes of this machine, that is added to the
 *                       wall clock. It may change at any time. Monotonic clocks are left alone.
 *   MW_SHIM_MALLOC=N    each N-th allocation that the program itself asks for is refused; those of libraries are
 *                       given, since what they make of it is theirs.
 *   MW_SHIM_ACK=N       mosquitto_threaded_set does nothing from its N-th call on: PUBACK leaves by itself, as
 *                       is the library's default.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct mosquitto;
int mosquitto_threaded_set(struct mosquitto *mosq, bool threaded);

/* ---- the disk ---- */

/* The file's own name if it is an append-only file. */
static const char *append_only(int fd, char path[512])
{
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, 511);
    if (n < 5 || memcmp(path + n - 4, ".aof", 4) != 0)
        return NULL;
    path[n] = '\0';
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : NULL;
}

static bool control(const char *name, char out[32])
{
    char path[512];
    const char *folder = getenv("MW_SHIM_DISK");
    if (folder == NULL)
        return false;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, out, 31);
    out[n > 0 ? n : 0] = '\0';
    close(fd);
    return true;
}

static void remember_synced(const char *name, off_t size)
{
    char path[512], text[32];
    snprintf(path, sizeof path, "%s/%s.synced", getenv("MW_SHIM_DISK"), name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    int n = snprintf(text, sizeof text, "%020lld", (long long)size);
    if (pwrite(fd, text, (size_t)n, 0) != n)
        abort();
    close(fd);
}

static int sync_through(int fd, long call)
{
    char path[512], text[32];
    const char *name = getenv("MW_SHIM_DISK") != NULL ? append_only(fd, path) : NULL;
    if (name == NULL)
        return (int)syscall(call, fd);
    struct stat before; /* what is written while the sync runs may not be safe */
    if (fstat(fd, &before) != 0)
        return -1;
    if (control("slow_ms", text))
        usleep((useconds_t)atoi(text) * 1000);
    if (control("broken", text)) {
        errno = EIO;
        return -1;
    }
    int result = (int)syscall(call, fd);
    if (result == 0)
        remember_synced(name, before.st_size);
    return result;
}

int fdatasync(int fd)
{
    return sync_through(fd, SYS_fdatasync);
}

int fsync(int fd)
{
    return sync_through(fd, SYS_fsync);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    char path[512], text[32];
    if (getenv("MW_SHIM_DISK") != NULL && append_only(fd, path) != NULL && control("full", text)) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, fd, bytes, n);
}

/* ---- the clock ---- */

static int64_t shift_ms(void)
{
    static _Atomic(const volatile int64_t *) shift;
    static const int64_t none = 0;
    const volatile int64_t *at = shift;
    if (at == NULL) {
        const char *path = getenv("MW_SHIM_CLOCK");
        int fd = path != NULL ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;
        void *map = fd >= 0 ? mmap(NULL, sizeof *at, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
        at = map != MAP_FAILED ? map : &none;
        shift = at;
    }
    return *at;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int result = (int)syscall(SYS_clock_gettime, clock, out);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        out->tv_sec += shift_ms() / 1000;
    return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    (void)zone;
    struct timespec now;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return result;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}

/* ---- the memory ---- */

static struct {
    uintptr_t begin, end; /* of the program's code and data */
    long every;           /* 0: none is refused */
    _Atomic long asked;
} memory;

static int note_program(struct dl_phdr_info *info, size_t size, void *arg)
{
    (void)size, (void)arg;
    memory.begin = UINTPTR_MAX;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        uintptr_t at = info->dlpi_addr + p->p_vaddr;
        if (p->p_type != PT_LOAD)
            continue;
        memory.begin = at < memory.begin ? at : memory.begin;
        memory.end = at + p->p_memsz > memory.end ? at + p->p_memsz : memory.end;
    }
    return 1; /* the first one is the program */
}

__attribute__((constructor)) static void look_at_program(void)
{
    const char *every = getenv("MW_SHIM_MALLOC");
    dl_iterate_phdr(note_program, NULL);
    memory.every = every != NULL ? atol(every) : 0;
}

static bool refuses(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;
    if (memory.every == 0 || at < memory.begin || at >= memory.end || ++memory.asked % memory.every != 0)
        return false;
    errno = ENOMEM;
    return true;
}

/* Whoever is asked while the next one is looked for has nothing: dlsym then does without. */
static void *next(const char *name)
{
    static bool looking;
    if (looking)
        return NULL;
    looking = true;
    void *found = dlsym(RTLD_NEXT, name);
    looking = false;
    return found;
}

void *malloc(size_t size)
{
    static void *(*real)(size_t);
    if (real == NULL)
        real = (void *(*)(size_t))next("malloc");
    return real == NULL || refuses(__builtin_return_address(0)) ? NULL : real(size);
}

void *calloc(size_t count, size_t size)
{
    static void *(*real)(size_t, size_t);
    if (real == NULL)
        real = (void *(*)(size_t, size_t))next("calloc");
    return real == NULL || refuses(__builtin_return_address(0)) ? NULL : real(count, size);
}

void *realloc(void *old, size_t size)
{
    static void *(*real)(void *, size_t);
    if (real == NULL)
        real = (void *(*)(void *, size_t))next("realloc");
    return real == NULL || refuses(__builtin_return_address(0)) ? NULL : real(old, size);
}

/* ---- the MQTT library ---- */

int mosquitto_threaded_set(struct mosquitto *mosq, bool threaded)
{
    static int calls;
    const char *from = getenv("MW_SHIM_ACK");
    int (*real)(struct mosquitto *, bool) =
        (int (*)(struct mosquitto *, bool))dlsym(RTLD_NEXT, "mosquitto_threaded_set");
    if (from != NULL && ++calls >= atoi(from))
        return 0;
    return real != NULL ? real(mosq, threaded) : 0;
}
