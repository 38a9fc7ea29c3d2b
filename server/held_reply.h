/* Replies that are made but must not leave yet: they wait in a list for an event, such as the disk.
 *
 * A handler names the list in request.until before it answers; response.c then puts the reply there
 * instead of sending it. Who owns the list sends or fails all of it when the event comes. The
 * reply of a client that goes away leaves its list by itself. */
#ifndef HELD_REPLY_H
#define HELD_REPLY_H

#include "request.h"

#include <sys/queue.h>

struct held_reply;
TAILQ_HEAD(held_replies, held_reply);

/* For response.c: keeps the reply to *r in r->until; content_type must be a literal. False when
 * memory is out. */
bool held_reply_keep(const struct request *r, int status, const char *content_type,
                     struct slice body);

/* Sends all replies as they were made. */
void held_replies_send(struct held_replies *list);

/* Sends 503 with this message instead. */
void held_replies_fail(struct held_replies *list, const char *message);

#endif
