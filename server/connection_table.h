/* All connections that there are, and how a file descriptor leads to one.
 *
 * What is done to all of them is cut into portions, so that a crowd holds up nobody. Embedded in
 * its owner; starts as all zeroes. */
#ifndef CONNECTION_TABLE_H
#define CONNECTION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct connection;

LIST_HEAD(connection_list, connection);

struct connection_table {
    struct connection_list fresh; /* accepted in this turn of the loop, not settled */
    struct connection_list settled;
    struct connection **by_fd;
    size_t by_fd_size;
    size_t count;
    struct connection *next; /* where a sweep goes on; NULL: it is over */
};

/* A connection just accepted. */
void connection_table_add(struct connection_table *t, struct connection *c);

/* Settles those added (connection_life_settle()); what evhttp has dropped, or there is no memory
 * for, is freed. */
void connection_table_settle(struct connection_table *t);

/* evhttp closes the connection. */
void connection_table_remove(struct connection_table *t, struct connection *c);

/* Of those settled; NULL: none has that descriptor. */
struct connection *connection_table_find(const struct connection_table *t, int fd);

/* Begins to look at the time that each takes, unless the last sweep is not over. */
void connection_table_begin_sweep(struct connection_table *t);

/* Goes on; true when that has to be done again, in the next turn of the loop. */
bool connection_table_sweep(struct connection_table *t, int64_t now_ns);

/* Closes those that do nothing. */
void connection_table_close_idle(struct connection_table *t);

/* Frees those not settled; the others are evhttp's to close. */
void connection_table_drop_fresh(struct connection_table *t);

/* To be called when none is left. */
void connection_table_free(struct connection_table *t);

#endif
