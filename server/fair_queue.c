#include "fair_queue.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct fair_queue_client {
    TAILQ_ENTRY(fair_queue_client) link;
    TAILQ_HEAD(fair_queue_items, fair_queue_item) items; /* never empty */
    size_t n;
    struct client_key key;
};

struct client_key client_key_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage storage;
    } address = {0};
    socklen_t length = sizeof(address);
    struct client_key key = {{0}};
    if (getpeername(fd, &address.any, &length) != 0)
        return key;
    if (address.any.sa_family == AF_INET)
        memcpy(key.bytes + 4, &address.v4.sin_addr, 4);
    else if (address.any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&address.v6.sin6_addr))
        memcpy(key.bytes + 4, &address.v6.sin6_addr.s6_addr[12], 4);
    else if (address.any.sa_family == AF_INET6)
        memcpy(key.bytes, &address.v6.sin6_addr, 8);
    return key;
}

void fair_queue_init(struct fair_queue *q)
{
    TAILQ_INIT(&q->clients);
    q->n = 0;
}

/* The client's place in the queue, made if there is none. NULL: memory is out. */
static struct fair_queue_client *client_of(struct fair_queue *q, struct client_key key)
{
    struct fair_queue_client *client;
    for (client = TAILQ_FIRST(&q->clients); client; client = TAILQ_NEXT(client, link))
        if (memcmp(&client->key, &key, sizeof(key)) == 0)
            return client;
    client = calloc(1, sizeof(*client));
    if (!client)
        return NULL;
    client->key = key;
    TAILQ_INIT(&client->items);
    TAILQ_INSERT_TAIL(&q->clients, client, link);
    return client;
}

enum fair_queue_result fair_queue_add(struct fair_queue *q, struct fair_queue_item *item,
                                      struct client_key key, size_t most_of_client, size_t most)
{
    if (q->n >= most)
        return FAIR_QUEUE_FULL;
    struct fair_queue_client *client = client_of(q, key);
    if (!client)
        return FAIR_QUEUE_FULL;
    if (client->n >= most_of_client)
        return FAIR_QUEUE_CLIENT_FULL;
    item->client = client;
    TAILQ_INSERT_TAIL(&client->items, item, link);
    client->n++;
    q->n++;
    return FAIR_QUEUE_ADDED;
}

void fair_queue_remove(struct fair_queue *q, struct fair_queue_item *item)
{
    struct fair_queue_client *client = item->client;
    TAILQ_REMOVE(&client->items, item, link);
    q->n--;
    if (--client->n > 0)
        return;
    TAILQ_REMOVE(&q->clients, client, link);
    free(client);
}

struct fair_queue_item *fair_queue_take(struct fair_queue *q)
{
    struct fair_queue_client *client = TAILQ_FIRST(&q->clients);
    if (!client)
        return NULL;
    struct fair_queue_item *item = TAILQ_FIRST(&client->items);
    TAILQ_REMOVE(&q->clients, client, link);
    TAILQ_INSERT_TAIL(&q->clients, client, link);
    fair_queue_remove(q, item);
    return item;
}

struct fair_queue_item *fair_queue_find(const struct fair_queue *q,
                                        bool (*visit)(const struct fair_queue_item *item,
                                                      const void *context),
                                        const void *context)
{
    const struct fair_queue_client *client;
    struct fair_queue_item *item;
    for (client = TAILQ_FIRST(&q->clients); client; client = TAILQ_NEXT(client, link))
        for (item = TAILQ_FIRST(&client->items); item; item = TAILQ_NEXT(item, link))
            if (visit(item, context))
                return item;
    return NULL;
}
