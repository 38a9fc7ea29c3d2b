#include "journal_segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

void journal_segment_close(struct journal_segment *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->number = 0;
}

bool journal_segment_open(struct journal_segment *s, const char *name, uint64_t number,
                          struct error *e)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(e, ERROR_IO, "create %s: %s", name, strerror(errno));
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
    if (!locked || ftruncate(fd, 0) != 0) {
        error_set(e, ERROR_IO, "create %s: %s", name,
                  locked ? strerror(errno) : "another process writes it");
        close(fd);
        return false;
    }
    journal_segment_close(s);
    s->fd = fd;
    s->number = number;
    s->size = 0;
    s->dirty = s->named = false;
    return true;
}

static bool write_all(int fd, struct slice bytes, off_t at)
{
    while (bytes.len > 0) {
        ssize_t n = pwrite(fd, bytes.p, bytes.len, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes.p += n;
        bytes.len -= (size_t)n;
        at += n;
    }
    return true;
}

bool journal_segment_append(struct journal_segment *s, struct slice bytes, struct error *e)
{
    if (s->dirty && ftruncate(s->fd, s->size) != 0)
        return error_set(e, ERROR_IO, "truncate: %s", strerror(errno));
    s->dirty = true;
    if (!write_all(s->fd, bytes, s->size))
        return error_set(e, ERROR_IO, "write: %s", strerror(errno));
    if (fdatasync(s->fd) != 0)
        return error_set(e, ERROR_IO, "fdatasync: %s", strerror(errno));
    if (!s->named && fsync(s->folder) != 0)
        return error_set(e, ERROR_IO, "fsync of the folder: %s", strerror(errno));
    s->named = true;
    s->dirty = false;
    s->size += (off_t)bytes.len;
    return true;
}

bool journal_segment_is_in_use(const char *name)
{
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool in_use = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return in_use;
}
