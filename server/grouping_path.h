/* A grouping key written as the path of a URL: "job/backup/instance/db1", as it stands behind
 * "/metrics/" in a push. grouping_key_parse() reads it back once it is percent-decoded. */
#ifndef GROUPING_PATH_H
#define GROUPING_PATH_H

#include "buffer.h"
#include "store.h"

/* Percent-encoded; what a path cannot hold (an empty value, one with a slash) as base64, names that
 * are not legacy ones as U__... */
void grouping_path_write(struct buffer *out, struct group_key key);

#endif
