/* A connection's life: made when it is accepted, from request to request, freed when evhttp closes
 * it. */
#ifndef CONNECTION_LIFE_H
#define CONNECTION_LIFE_H

#include <stdbool.h>

struct bufferevent;
struct connection;
struct connection_owner;
struct evhttp_request;

/* Attaches a guard to a new bufferevent, which evhttp is about to take. NULL when memory is out. */
struct connection *connection_life_new(struct connection_owner *owner, struct bufferevent *bev);

/* Learns from the bufferevent what evhttp made of it; false if it dropped it already. */
bool connection_life_settle(struct connection *c);

/* Gives our part's memory back; evhttp's is its own. */
void connection_life_free(struct connection *c);

/* For evhttp_request_set_on_complete_cb(): the reply is out, the next request may come. */
void connection_life_reply_ended(struct evhttp_request *http, void *connection);

#endif
