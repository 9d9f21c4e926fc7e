/*
 * shim: a disk, a clock, a memory and an MQTT library as tests need them, preloaded into programs that know nothing of
 * it.
 *
 *   MW_SHIM_DISK=DIR    files in DIR say what the disk does with append-only files (*.aof) and databases (*.db, *-wal):
 *                         slow_ms     a number: each sync takes so much longer
 *                         full        there is no room: what writes fails with ENOSPC
 *                         unwritable  what writes fails with EIO
 *                         unreadable  what reads fails with EIO
 *                         broken      sync fails with EIO
 *                       DIR/NAME.synced always holds how many bytes of the append-only file NAME the last sync has made
 *                       safe, and DIR/NAME.safe is the database NAME as of its last sync, so that a power loss can be
 *                       played by cutting the file there, or putting that back.
 *   MW_SHIM_CLOCK=FILE  FILE holds a number of milliseconds, as 8 bytes of this machine, that is added to the
 *                       wall clock. It may change at any time. Monotonic clocks are left alone.
 *   MW_SHIM_MALLOC=N    each N-th allocation that the program itself asks for is refused; those of libraries are
 *                       given, since what they make of it is theirs.
 *   MW_SHIM_HANGS=HOST  whoever looks up the name HOST waits for ever.
 *   MW_SHIM_ACK=N       mosquitto_threaded_set does nothing from its N-th call on: PUBACK leaves by itself, as
 *                       is the library's default.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <netdb.h>
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

static bool ends_with(const char *text, size_t n, const char *end)
{
    size_t m = strlen(end);
    return n > m && memcmp(text + n - m, end, m) == 0;
}

/* The file's own name if the disk is asked about it. */
static const char *watched(int fd, char path[512])
{
    char link[32];
    if (getenv("MW_SHIM_DISK") == NULL)
        return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, 511);
    if (n < 0)
        return NULL;
    path[n] = '\0';
    const char *slash = strrchr(path, '/');
    size_t len = (size_t)n;
    bool is = ends_with(path, len, ".aof") || ends_with(path, len, ".db") || ends_with(path, len, "-wal");
    return is && slash != NULL ? slash + 1 : NULL;
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

/* What was written to a database since its last sync. */
static struct image {
    char name[64];
    struct {
        off_t from, to;
    } written[256];
    size_t count;
    off_t least; /* it was cut to so much in between */
} images[16];

static struct image *image_of(const char *name)
{
    if (ends_with(name, strlen(name), ".aof") || strlen(name) >= sizeof images[0].name)
        return NULL;
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        if (images[i].name[0] == '\0') {
            strcpy(images[i].name, name);
            images[i].least = INT64_MAX;
        }
        if (strcmp(images[i].name, name) == 0)
            return &images[i];
    }
    abort();
}

static void note_written(struct image *image, off_t from, off_t to)
{
    if (image == NULL)
        return;
    size_t last = image->count - 1, most = sizeof image->written / sizeof image->written[0];
    if (image->count > 0 && (image->written[last].to == from || image->count == most)) {
        /* Where there are too many the last one covers all between. */
        image->written[last].from = from < image->written[last].from ? from : image->written[last].from;
        image->written[last].to = to > image->written[last].to ? to : image->written[last].to;
        return;
    }
    image->written[image->count].from = from;
    image->written[image->count++].to = to;
}

static void copy_range(int from, int to, off_t at, off_t end)
{
    char block[1 << 16];
    while (at < end) {
        size_t n = end - at < (off_t)sizeof block ? (size_t)(end - at) : sizeof block;
        ssize_t got = syscall(SYS_pread64, from, block, n, at);
        if (got <= 0)
            return;
        if (syscall(SYS_pwrite64, to, block, got, at) != got)
            abort();
        at += got;
    }
}

/* Of the file as it was when the sync began. */
static void make_safe(const char *name, int fd, off_t size)
{
    char path[512];
    struct image *image = image_of(name);
    if (image == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s.safe", getenv("MW_SHIM_DISK"), name);
    int safe = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat was;
    if (safe < 0 || fstat(safe, &was) != 0)
        abort();
    bool cut = image->least < was.st_size && syscall(SYS_ftruncate, safe, image->least) != 0;
    if (cut || syscall(SYS_ftruncate, safe, size) != 0)
        abort();
    for (size_t i = 0; i < image->count; i++)
        copy_range(fd, safe, image->written[i].from,
                   image->written[i].to < size ? image->written[i].to : size);
    image->count = 0;
    image->least = INT64_MAX;
    close(safe);
}

static int sync_through(int fd, long call)
{
    char path[512], text[32];
    const char *name = watched(fd, path);
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
    if (result == 0 && ends_with(name, strlen(name), ".aof"))
        remember_synced(name, before.st_size);
    else if (result == 0)
        make_safe(name, fd, before.st_size);
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

/* Whether the disk takes nothing now. */
static bool refuses_writing(const char *name)
{
    char text[32];
    if (name == NULL)
        return false;
    errno = control("full", text) ? ENOSPC : control("unwritable", text) ? EIO : 0;
    return errno != 0;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    char path[512];
    const char *name = watched(fd, path);
    if (refuses_writing(name))
        return -1;
    off_t at = name != NULL ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = syscall(SYS_write, fd, bytes, n);
    if (name != NULL && done > 0)
        note_written(image_of(name), at, at + done);
    return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
    char path[512];
    const char *name = watched(fd, path);
    if (refuses_writing(name))
        return -1;
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, n, at);
    if (name != NULL && done > 0)
        note_written(image_of(name), at, at + done);
    return done;
}

ssize_t pread64(int fd, void *bytes, size_t n, off_t at)
{
    char path[512], text[32];
    if (watched(fd, path) != NULL && control("unreadable", text)) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, fd, bytes, n, at);
}

int ftruncate64(int fd, off_t size)
{
    char path[512];
    const char *name = watched(fd, path);
    if (refuses_writing(name))
        return -1;
    int result = (int)syscall(SYS_ftruncate, fd, size);
    struct image *image = name != NULL ? image_of(name) : NULL;
    if (result == 0 && image != NULL && size < image->least)
        image->least = size;
    return result;
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

/* ---- names ---- */

int getaddrinfo(const char *restrict host, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict out)
{
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    const char *hangs = getenv("MW_SHIM_HANGS");
    while (hangs != NULL && host != NULL && strcmp(host, hangs) == 0)
        pause();
    if (real == NULL)
        real = (int (*)(const char *, const char *, const struct addrinfo *, struct addrinfo **))next(
            "getaddrinfo");
    return real(host, service, hints, out);
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
