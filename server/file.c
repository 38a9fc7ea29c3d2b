#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

void file_path(const char *folder, const char *name, struct buffer *path)
{
    if (name[0] != '/') {
        buffer_text(path, folder);
        buffer_byte(path, '/');
    }
    buffer_text(path, name);
    buffer_byte(path, '\0');
}

static bool read_all(int fd, const char *path, size_t most, struct buffer *to, struct error *e)
{
    struct stat status;
    ssize_t n = 1;
    if (fstat(fd, &status) != 0)
        return error_set(e, ERROR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(e, ERROR_IO, "%s: not a regular file", path);
    while (n > 0) {
        enum { PIECE = 16 << 10 };
        char *at = buffer_reserve(to, PIECE);
        if (!at)
            return error_no_memory(e);
        n = read(fd, at, PIECE);
        if (n < 0)
            return error_set(e, ERROR_IO, "%s: %s", path, strerror(errno));
        to->len += (size_t)n;
        if (to->len > most)
            return error_set(e, ERROR_IO, "%s: larger than %zu bytes", path, most);
    }
    return true;
}

bool file_read(const char *path, size_t most, struct buffer *to, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return error_set(e, ERROR_IO, "%s: %s", path, strerror(errno));
    bool ok = read_all(fd, path, most, to, e);
    close(fd);
    return ok;
}

uint64_t file_stamp(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return 0;
    uint64_t facts[] = {status.st_dev,         status.st_ino,          (uint64_t)status.st_size,
                        status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                        status.st_ctim.tv_nsec};
    return XXH3_64bits(facts, sizeof(facts)) | 1;
}
