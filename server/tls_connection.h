/* What is different about a connection that speaks TLS. libevent drives the handshake and encrypts;
 * this begins, ends and hastens. */
#ifndef TLS_CONNECTION_H
#define TLS_CONNECTION_H

#include <event2/bufferevent.h>
#include <openssl/types.h>
#include <stdbool.h>

/* A bufferevent without a socket yet, as evhttp_set_bevcb() wants one: it waits for a client's
 * handshake. NULL: memory is out. */
struct bufferevent *tls_connection_new(struct event_base *base, SSL_CTX *context);

/* The TLS of a bufferevent; NULL: it has none. */
SSL *tls_connection_ssl(struct bufferevent *bev);

bool tls_connection_is_open(const SSL *ssl);

/* The handshake failed: says why in the log, and to a client that speaks plain HTTP in plain HTTP.
 * True when the client is still there, to read that or OpenSSL's alert. */
bool tls_connection_failed(struct bufferevent *bev, const char *client);

/* Writes a short output at once, as far as the socket takes it. */
void tls_connection_flush(struct bufferevent *bev);

/* Tells the client that nothing more will come (close_notify). Again: nothing happens. */
void tls_connection_end(SSL *ssl);

#endif
