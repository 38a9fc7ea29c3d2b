/* What the loop does between requests: gives back the store's memory in small steps, and watches
 * how late its own timer is. */
#ifndef HOUSEKEEPING_H
#define HOUSEKEEPING_H

#include "server.h"

struct housekeeping;

struct housekeeping *housekeeping_new(struct server *s); /* NULL: out of memory */
void housekeeping_free(struct housekeeping *h);          /* NULL is fine */

/* To be called after something was deleted or replaced. */
void housekeeping_wake(struct housekeeping *h);

#endif
