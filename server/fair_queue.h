/* A queue that serves clients in turn: one that asks for much delays its own things, not those of
 * others. Items are embedded in what waits, which the caller owns. */
#ifndef FAIR_QUEUE_H
#define FAIR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Who counts as one client: an IPv4 address, or the 64 bits of an IPv6 network. */
struct client_key {
    uint8_t bytes[8];
};

/* Of the peer of a socket; all that have no address are one client. */
struct client_key client_key_of(int fd);

struct fair_queue_client;

struct fair_queue_item {
    TAILQ_ENTRY(fair_queue_item) link;
    struct fair_queue_client *client;
};

struct fair_queue {
    TAILQ_HEAD(fair_queue_clients, fair_queue_client) clients; /* whose turn it is comes first */
    size_t n;                                                  /* items */
};

enum fair_queue_result {
    FAIR_QUEUE_ADDED,
    FAIR_QUEUE_CLIENT_FULL, /* the client has `most_of_client` items waiting */
    FAIR_QUEUE_FULL,        /* `most` items wait in all, or memory is out */
};

void fair_queue_init(struct fair_queue *q);

enum fair_queue_result fair_queue_add(struct fair_queue *q, struct fair_queue_item *item,
                                      struct client_key key, size_t most_of_client, size_t most);

/* Takes the next item out; NULL when the queue is empty. */
struct fair_queue_item *fair_queue_take(struct fair_queue *q);

/* Takes out an item that is in the queue. */
void fair_queue_remove(struct fair_queue *q, struct fair_queue_item *item);

/* Calls visit() for each item until it returns true; returns that item, or NULL. */
struct fair_queue_item *fair_queue_find(const struct fair_queue *q,
                                        bool (*visit)(const struct fair_queue_item *item,
                                                      const void *context),
                                        const void *context);

#endif
