/* Keeps the file of the Go Pushgateway when ours takes its place, so that one can go back. */
#ifndef GOB_KEEP_H
#define GOB_KEEP_H

#include "error.h"

/* If the file at `path` is not of this program, gives it a second name, so that the first can be
 * replaced: `path`.gob, or `path`.gob.1 and so on where other files have those already. The file is
 * at `path` at any moment. On file systems without hard links, and where the file is another
 * user's, it is a copy. *kept says whether there was such a file. Fails with ERROR_IO. */
bool gob_keep(const char *path, bool *kept, struct error *e);

#endif
