#include "file_set.h"

#include "file.h"

static uint64_t mix(uint64_t stamp, const char *path)
{
    return stamp * 31 + file_stamp(path);
}

const char *file_set_add(struct file_set *files, const char *folder, const char *name)
{
    struct buffer *path = &files->paths[files->n++];
    file_path(folder, name, path);
    if (path->failed)
        return NULL;
    files->stamp = mix(files->stamp, path->p);
    return path->p;
}

uint64_t file_set_stamp(const struct file_set *files)
{
    uint64_t stamp = 0;
    for (size_t i = 0; i < files->n; i++)
        stamp = mix(stamp, files->paths[i].p);
    return stamp;
}

void file_set_free(struct file_set *files)
{
    for (size_t i = 0; i < files->n; i++)
        buffer_free(&files->paths[i]);
    *files = (struct file_set){0};
}
