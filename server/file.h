/* Small files that an administrator writes and replaces. */
#ifndef FILE_H
#define FILE_H

#include "buffer.h"
#include "error.h"

/* `name`, relative to `folder` unless it begins with '/', with a NUL at its end. */
void file_path(const char *folder, const char *name, struct buffer *path);

/* Appends all of a regular file of at most `most` bytes. The message of *e begins with the path. */
bool file_read(const char *path, size_t most, struct buffer *to, struct error *e);

/* A number that changes when the file does, or is replaced: made of its inode, size and times. 0 if
 * there is none. */
uint64_t file_stamp(const char *path);

#endif
