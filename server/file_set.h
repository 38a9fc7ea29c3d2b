/* Files that make up one thing, and whether one of them has changed since they were read. */
#ifndef FILE_SET_H
#define FILE_SET_H

#include "buffer.h"

enum { FILE_SET_MAX = 4 };

struct file_set {
    struct buffer paths[FILE_SET_MAX]; /* each with a NUL at its end */
    size_t n;
    uint64_t stamp; /* changes with the files; as it was when they were added */
};

/* To be called before the file is read, so that no change is missed. Returns the path, NULL when
 * memory is out. */
const char *file_set_add(struct file_set *files, const char *folder, const char *name);

/* The stamp as it is now. */
uint64_t file_set_stamp(const struct file_set *files);

void file_set_free(struct file_set *files);

#endif
