#include "gob_keep.h"

#include "snapshot_format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAMES_MAX = 1000 };

static bool is_same_file(const char *path, const char *name)
{
    struct stat a, b;
    return lstat(path, &a) == 0 && lstat(name, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool copy(int from, int to, off_t size)
{
    while (size > 0) {
        ssize_t n = sendfile(to, from, NULL, (size_t)size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        size -= n;
    }
    return fsync(to) == 0;
}

/* Copies to a file that must not exist; errno says why not. */
static bool copy_to(const char *path, const char *name)
{
    struct stat st;
    int from = open(path, O_RDONLY | O_CLOEXEC);
    int to = -1;

    bool ok = from >= 0 && fstat(from, &st) == 0 &&
              (to = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) >= 0;
    if (ok && !copy(from, to, st.st_size)) {
        int why = errno;
        unlink(name);
        errno = why;
        ok = false;
    }
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    return ok;
}

/* Whether the file now has this name, too; errno says why not. */
static bool give(const char *path, const char *name)
{
    if (link(path, name) == 0)
        return true;
    if (errno == EEXIST)
        return is_same_file(path, name) || (errno = EEXIST, false);
    return copy_to(path, name);
}

static bool give_free_name(const char *path, struct error *e)
{
    char *name = malloc(strlen(path) + sizeof(".gob.1000"));
    bool ok = false;

    if (!name)
        return error_no_memory(e);
    for (int i = 0; i < NAMES_MAX && !ok; i++) {
        if (i == 0)
            sprintf(name, "%s.gob", path);
        else
            sprintf(name, "%s.gob.%d", path, i);
        ok = give(path, name);
        if (!ok && errno != EEXIST)
            break;
    }
    if (!ok)
        error_set(e, ERROR_IO, "keep the Go Pushgateway's file as %s: %s", name, strerror(errno));
    free(name);
    return ok;
}

bool gob_keep(const char *path, bool *kept, struct error *e)
{
    char head[8];

    *kept = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return true;
    ssize_t n = fd < 0 ? -1 : read(fd, head, snapshot_magic.len);
    if (n < 0)
        error_set(e, ERROR_IO, "open %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return false;
    if (n == 0 || slice_equal((struct slice){head, (size_t)n}, snapshot_magic))
        return true;
    *kept = give_free_name(path, e);
    return *kept;
}
