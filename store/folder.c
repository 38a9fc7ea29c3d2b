#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *folder_of(const char *path)
{
    char *copy = strdup(path);
    char *folder = copy ? strdup(dirname(copy)) : NULL;
    free(copy);
    return folder;
}

bool folder_sync(const char *path, struct error *e)
{
    char *folder = folder_of(path);
    if (!folder)
        return error_no_memory(e);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        error_set(e, ERROR_IO, "fsync of the folder: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    free(folder);
    return ok;
}
