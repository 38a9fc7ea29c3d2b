/* Memory for libevent: malloc's and, when that has none, a small reserve.
 *
 * libevent does not always tell that an allocation failed: a header is missing in a reply, a buffer
 * lacks a piece, an event never comes, and the client waits for ever. A reply of any kind, such as
 * the 503 for a request that got no memory, takes only small pieces; the reserve has them. Large
 * ones (bodies) may fail: whoever asks for those is told. */
#ifndef EVENT_MEMORY_H
#define EVENT_MEMORY_H

#include <stdbool.h>

/* Called once, before anything else of libevent. */
void event_memory_setup(void);

/* A part of the reserve is for taking on a connection: where evhttp has no memory for that, it
 * crashes. Whether there is enough in it for one and another one. */
bool event_memory_can_accept(void);

/* Whether a connection is being taken on now. */
void event_memory_accepting(bool accepting);

#endif
