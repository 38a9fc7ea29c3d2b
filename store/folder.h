/* The folder in which a file lies. */
#ifndef FOLDER_H
#define FOLDER_H

#include "error.h"

/* Its name, to be freed; NULL when memory is out. */
char *folder_of(const char *path);

/* Makes lasting which names are in the folder of `path`. Fails with ERROR_IO or ERROR_NO_MEMORY. */
bool folder_sync(const char *path, struct error *e);

#endif
