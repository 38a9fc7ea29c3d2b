/* The grouping key that a push or delete URL names: /metrics/job/<job>{/<label>/<value>}. */
#ifndef GROUPING_KEY_H
#define GROUPING_KEY_H

#include "arena.h"
#include "error.h"
#include "store.h"

/* `path` is the decoded path behind "/metrics/": "job/..." or "job@base64/...". The result is
 * sorted by name and lives in the arena, or borrows from `path`. Fails with the original's
 * messages: "odd number of components in label string ...", "improper label name ...", "job name is
 * required", "invalid base64 encoding ...". utf8_names: label names need only be names (names.h),
 * and "U__..." is unescaped. A path without a job at all ("job", "job/") is for the router to
 * refuse: here it is an empty job. */
bool grouping_key_parse(struct slice path, bool utf8_names, struct arena *a, struct group_key *out,
                        struct error *e);

#endif
