/* The server's own metrics at one moment, as families for a scrape: what was counted (telemetry.h),
 * and what the parts of the server say of themselves. */
#ifndef OWN_METRICS_H
#define OWN_METRICS_H

#include "arena.h"
#include "family.h"
#include "server.h"

/* Declares them all to the store, so that pushes agree with them; false when memory is out. */
bool own_metrics_reserve(struct store *store);

/* All own families (own_families.h), sorted by name, in the arena; false when memory is out. */
bool own_metrics_collect(const struct server *s, struct arena *a, struct family_list *out);

#endif
