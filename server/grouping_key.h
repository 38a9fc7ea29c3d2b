/* The grouping key that a push or delete URL names: /metrics/job/<job>{/<label>/<value>}. */
#ifndef GROUPING_KEY_H
#define GROUPING_KEY_H

#include "arena.h"
#include "error.h"
#include "store.h"

/* `path` is the decoded path behind "/metrics/": "job/..." or "job@base64/...". The result is sorted by
 * name and lives in the arena, or borrows from `path`. Fails with the original's messages:
 * "odd number of components in label string ...", "improper label name ...", "job name is required",
 * "invalid base64 encoding ...". utf8_names: a name "U__..." is unescaped. */
bool grouping_key_parse(struct slice path, bool utf8_names, struct arena *a, struct group_key *out,
                        struct error *e);

#endif
