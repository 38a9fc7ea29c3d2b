/* What the process does when it gets a signal: SIGTERM, SIGINT and SIGHUP begin the graceful stop,
 * SIGCHLD tells of children that have ended. Signals that the Go server takes no notice of do not
 * end this one either: it might hold what is not saved yet. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include "server.h"

struct signals;

/* To be called before anything else: what is ignored stays so in children. */
void signals_ignore(void);

/* From now on signals are the loop's; what comes before it runs waits for it. To be called after
 * the children that live as long as the server were forked, which must not share this. NULL when
 * memory is out. */
struct signals *signals_new(struct server *s);
void signals_free(struct signals *s); /* NULL is fine */

#endif
