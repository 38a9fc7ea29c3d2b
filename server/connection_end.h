/* How a connection ends so that the client learns of its reply. */
#ifndef CONNECTION_END_H
#define CONNECTION_END_H

struct connection;

/* Stands between the bufferevent's events and evhttp until evhttp sets its callbacks anew, which it
 * does for each reply. A client that shuts down its side in the middle of a body, or before it is
 * known whether it may ask, gets an answer then, and so does one whose TLS handshake fails: evhttp
 * would close without a word. */
void connection_end_watch(struct connection *c);

/* The last reply is out: ends our side, and lets what still comes be thrown away
 * (CONNECTION_DISCARDING). Closing now would let the kernel answer it with a reset, and a reset
 * makes the client's kernel forget what has not been read. */
void connection_end_linger(struct connection *c);

#endif
