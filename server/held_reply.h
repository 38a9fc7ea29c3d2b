/* Replies that are made but must not leave yet: they wait in a list for an event, such as the disk.
 *
 * A handler names the list in request.until before it answers; response.c then puts the reply there
 * instead of sending it. Who owns the list has all of it sent, or failed, when the event comes
 * (response_send_held()). The reply of a client that goes away leaves its list by itself. */
#ifndef HELD_REPLY_H
#define HELD_REPLY_H

#include "request.h"

#include <sys/queue.h>

struct held_reply;
TAILQ_HEAD(held_replies, held_reply);

struct held_reply {
    TAILQ_ENTRY(held_reply) link;
    struct held_replies *list;
    /* A copy, of which only what does not point into the arena or to bytes received is of use. */
    struct request request;
    int status;
    const char *content_type;
    size_t body_size;
    char body[];
};

/* Keeps the reply to *r in r->until; content_type must be a literal. False when memory is out. */
bool held_reply_keep(const struct request *r, int status, const char *content_type,
                     struct slice body);

/* Takes the first one off, to be answered as of now and given to free(); NULL: there is none. */
struct held_reply *held_replies_take(struct held_replies *list);

#endif
