/* Preloaded into the server under test: makes allocations and calls on files fail, and steps the
 * wall clock, as struct control says, which the tests write to while the server runs (shim.py has
 * its twin). The page is shared, so that it holds for the child that saves, too.
 *
 *   FAULT_CONTROL   file that holds struct control
 *   FAULT_FOLDER    calls on files below this path are those that fail */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The names of libc's parameters are reserved ones.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

enum call { NO_CALL, OPEN, WRITE, FSYNC, RENAME, CLOSE, UNLINK, READ, CALLS };

struct control {
    _Atomic int64_t fail_allocation;  /* the how manieth from now; 0: none */
    _Atomic int64_t more_allocations; /* so many fail behind it */
    _Atomic int64_t allocations, failed_allocations;
    _Atomic int64_t live; /* pieces taken and not given back, since the page was mapped */

    _Atomic int64_t call;     /* enum call: which kind fails */
    _Atomic int64_t skip;     /* so many of the kind are let through first */
    _Atomic int64_t times;    /* so many then fail */
    _Atomic int64_t error;    /* errno of the failure; 0: a write takes half of what it is given */
    _Atomic int64_t delay_ms; /* before each of the kind that is not made to fail */
    _Atomic int64_t failed;   /* calls that were made to fail */
    _Atomic int64_t delaying; /* calls that wait now */

    _Atomic int64_t wall_step_ns; /* added to the wall clock */
};

/* Until the page is mapped. */
static struct control idle, *control = &idle;
static const char *folder = "";
static _Atomic bool watched[4096]; /* by file descriptor */

#define REAL(name)    ((__typeof__(&(name)))real(&real_##name, #name))
#define DECLARE(name) static void *real_##name

static void *real(void **slot, const char *name)
{
    if (!*slot)
        *slot = dlsym(RTLD_NEXT, name);
    return *slot;
}

__attribute__((constructor)) static void start(void)
{
    const char *page = getenv("FAULT_CONTROL"), *path = getenv("FAULT_FOLDER");
    int fd = page ? open(page, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (path)
        folder = path;
    if (mapped != MAP_FAILED)
        control = mapped;
}

/* Counts down, never below 0, which would stand for endlessly many: the server's threads, the child
 * that saves and the test all change the page. Returns what was there before. */
static int64_t take_one(_Atomic int64_t *left)
{
    int64_t before = *left;
    while (before > 0 && !atomic_compare_exchange_weak(left, &before, before - 1))
        ;
    return before;
}

/* --- Allocations ---------------------------------------------------------------------------------
 */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *p);

/* libc's own functions that allocate (strdup, asprintf) come here, too. */
static bool out_of_memory(void)
{
    control->allocations++;
    if (take_one(&control->fail_allocation) != 1)
        return false;
    control->failed_allocations++;
    if (take_one(&control->more_allocations) > 0)
        control->fail_allocation = 1;
    errno = ENOMEM;
    return true;
}

static void *count_in(void *p)
{
    if (p)
        control->live++;
    return p;
}

void *malloc(size_t size)
{
    return out_of_memory() ? NULL : count_in(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    return out_of_memory() ? NULL : count_in(__libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
    if (out_of_memory())
        return NULL;
    void *grown = __libc_realloc(p, size);
    return p ? grown : count_in(grown);
}

void *memalign(size_t alignment, size_t size)
{
    return out_of_memory() ? NULL : count_in(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    *out = memalign(alignment, size);
    return *out ? 0 : ENOMEM;
}

void free(void *p)
{
    if (p)
        control->live--;
    __libc_free(p);
}

/* --- Files ---------------------------------------------------------------------------------------
 */

/* Whether this call is to fail; errno is set unless half of it is to be done. */
static bool fails(enum call call)
{
    if (control->call != call || control->times == 0)
        return false;
    if (take_one(&control->skip) > 0)
        return false;
    if (control->delay_ms > 0) {
        control->delaying++;
        struct timespec wait = {control->delay_ms / 1000, control->delay_ms % 1000 * 1000000};
        while (nanosleep(&wait, &wait) != 0)
            ;
        control->delaying--;
        return false;
    }
    if (take_one(&control->times) == 0)
        return false;
    control->failed++;
    errno = (int)control->error;
    return true;
}

static bool is_below(const char *path)
{
    return folder[0] && strncmp(path, folder, strlen(folder)) == 0;
}

static bool is_watched(int fd)
{
    return fd >= 0 && fd < (int)(sizeof(watched) / sizeof(*watched)) && watched[fd];
}

static int watch(int fd, const char *path)
{
    if (fd >= 0 && fd < (int)(sizeof(watched) / sizeof(*watched)))
        watched[fd] = is_below(path);
    return fd;
}

DECLARE(openat);

static int open_file(int at, const char *path, int flags, mode_t mode)
{
    if (is_below(path) && fails(OPEN))
        return -1;
    return watch(REAL(openat)(at, path, flags, mode), path);
}

#define OPEN_WITH_MODE(at)                                                                         \
    va_list args;                                                                                  \
    va_start(args, flags);                                                                         \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;                        \
    va_end(args);                                                                                  \
    return open_file(at, path, flags, mode)

int open(const char *path, int flags, ...)
{
    OPEN_WITH_MODE(AT_FDCWD);
}

int open64(const char *path, int flags, ...)
{
    OPEN_WITH_MODE(AT_FDCWD);
}

int openat(int at, const char *path, int flags, ...)
{
    OPEN_WITH_MODE(at);
}

DECLARE(write);
ssize_t write(int fd, const void *bytes, size_t n)
{
    if (is_watched(fd) && fails(WRITE)) {
        if (control->error != 0)
            return -1;
        n = (n + 1) / 2;
    }
    return REAL(write)(fd, bytes, n);
}

DECLARE(pwrite);
ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    if (is_watched(fd) && fails(WRITE)) {
        if (control->error != 0)
            return -1;
        n = (n + 1) / 2;
    }
    return REAL(pwrite)(fd, bytes, n, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n, off_t at)
{
    return pwrite(fd, bytes, n, at);
}

DECLARE(writev);
ssize_t writev(int fd, const struct iovec *pieces, int n)
{
    if (is_watched(fd) && fails(WRITE)) {
        if (control->error != 0)
            return -1;
        return REAL(write)(fd, pieces[0].iov_base, (pieces[0].iov_len + 1) / 2);
    }
    return REAL(writev)(fd, pieces, n);
}

DECLARE(read);
ssize_t read(int fd, void *bytes, size_t n)
{
    return is_watched(fd) && fails(READ) ? -1 : REAL(read)(fd, bytes, n);
}

DECLARE(fsync);
int fsync(int fd)
{
    return is_watched(fd) && fails(FSYNC) ? -1 : REAL(fsync)(fd);
}

DECLARE(fdatasync);
int fdatasync(int fd)
{
    return is_watched(fd) && fails(FSYNC) ? -1 : REAL(fdatasync)(fd);
}

/* A file that could not be closed is closed all the same. */
DECLARE(close);
int close(int fd)
{
    bool failed = is_watched(fd) && fails(CLOSE);
    int error = errno;
    if (is_watched(fd))
        watched[fd] = false;
    int result = REAL(close)(fd);
    if (!failed)
        return result;
    errno = error;
    return -1;
}

DECLARE(rename);
int rename(const char *from, const char *to)
{
    return is_below(to) && fails(RENAME) ? -1 : REAL(rename)(from, to);
}

DECLARE(unlink);
int unlink(const char *path)
{
    return is_below(path) && fails(UNLINK) ? -1 : REAL(unlink)(path);
}

/* --- Time ----------------------------------------------------------------------------------------
 */

static void step(struct timespec *t)
{
    int64_t ns = (int64_t)t->tv_sec * 1000000000 + t->tv_nsec + control->wall_step_ns;
    t->tv_sec = ns / 1000000000;
    t->tv_nsec = ns % 1000000000;
}

DECLARE(clock_gettime);
int clock_gettime(clockid_t clock, struct timespec *out)
{
    int result = REAL(clock_gettime)(clock, out);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        step(out);
    return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out)
        *out = now.tv_sec;
    return now.tv_sec;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
