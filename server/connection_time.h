/* What a connection may take its time for: a request, a reply, or nothing. */
#ifndef CONNECTION_TIME_H
#define CONNECTION_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct connection;

/* Called from time to time, with the owner's clock: ends what takes too long. True when that was
 * so; the connection may be freed then.
 *
 * A request may take the read time-out, and as much again for each MiB of its body; a reply must be
 * taken at a MiB in each read time-out. */
bool connection_time_check(struct connection *c, int64_t now_ns);

#endif
