#include "connection_table.h"

#include "connection.h"
#include "connection_life.h"
#include "connection_time.h"
#include "guard.h"

#include <stdlib.h>
#include <string.h>

enum { ENDED_PER_TURN = 64 };

void connection_table_add(struct connection_table *t, struct connection *c)
{
    LIST_INSERT_HEAD(&t->fresh, c, link);
    t->count++;
}

static bool remember(struct connection_table *t, struct connection *c)
{
    size_t fd = (size_t)c->fd;
    if (fd >= t->by_fd_size) {
        size_t size = (fd + 64) * 2;
        struct connection **grown = realloc(t->by_fd, size * sizeof(*grown));
        if (!grown)
            return false;
        memset(grown + t->by_fd_size, 0, (size - t->by_fd_size) * sizeof(*grown));
        t->by_fd = grown;
        t->by_fd_size = size;
    }
    t->by_fd[fd] = c;
    return true;
}

static void drop(struct connection_table *t, struct connection *c)
{
    LIST_REMOVE(c, link);
    t->count--;
    connection_life_free(c);
}

void connection_table_settle(struct connection_table *t)
{
    struct connection *c;
    while ((c = LIST_FIRST(&t->fresh)) != NULL) {
        struct evhttp_connection *http = connection_life_settle(c) ? c->http : NULL;
        if (http && remember(t, c)) {
            LIST_REMOVE(c, link);
            LIST_INSERT_HEAD(&t->settled, c, link);
            continue;
        }
        drop(t, c);
        if (http) {
            evhttp_connection_set_closecb(http, NULL, NULL);
            evhttp_connection_free(http);
        }
    }
}

void connection_table_remove(struct connection_table *t, struct connection *c)
{
    if (t->next == c)
        t->next = LIST_NEXT(c, link);
    LIST_REMOVE(c, link);
    t->by_fd[c->fd] = NULL;
    t->count--;
}

struct connection *connection_table_find(const struct connection_table *t, int fd)
{
    return (size_t)fd < t->by_fd_size ? t->by_fd[fd] : NULL;
}

void connection_table_begin_sweep(struct connection_table *t)
{
    if (!t->next)
        t->next = LIST_FIRST(&t->settled);
}

bool connection_table_sweep(struct connection_table *t, int64_t now_ns)
{
    struct connection *c;
    for (unsigned ended = 0; (c = t->next) != NULL && ended < ENDED_PER_TURN;) {
        t->next = LIST_NEXT(c, link);
        ended += connection_time_check(c, now_ns);
    }
    return t->next != NULL;
}

void connection_table_close_idle(struct connection_table *t)
{
    struct connection *c, *next;
    for (c = LIST_FIRST(&t->settled); c; c = next) {
        next = LIST_NEXT(c, link);
        if (guard_is_idle(c))
            evhttp_connection_free(c->http);
    }
}

void connection_table_drop_fresh(struct connection_table *t)
{
    struct connection *c;
    while ((c = LIST_FIRST(&t->fresh)) != NULL)
        drop(t, c);
}

void connection_table_free(struct connection_table *t)
{
    free(t->by_fd);
}
