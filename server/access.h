/* What the web configuration means for requests and connections: whether they speak TLS, whether
 * they may ask, which headers are added. Reads the configuration again when its files change; a bad
 * one is logged once, and what was in force stays. */
#ifndef ACCESS_H
#define ACCESS_H

#include "basic_auth.h"
#include "error.h"
#include "slice.h"

#include <openssl/types.h>

struct access;
struct evkeyvalq;
struct server;

/* Loads --web.config.file. *out is NULL, and all else here takes that, when there is none. False:
 * *e says why; it begins with the file, and the line. */
bool access_new(struct server *s, struct access **out, struct error *e);

/* Nobody may be waiting. */
void access_free(struct access *a);

/* New connections speak TLS in this way; NULL: they do not. */
SSL_CTX *access_tls(const struct access *a);

/* Whether a request may go on; to be called once for each. `headers` as in struct request_head.
 * When the answer is ADMISSION_WAITING the waiter is told later. */
enum admission access_ask(struct access *a, struct slice headers, int fd,
                          struct auth_waiter *waiter);

/* The waiter waits no more, if it did. */
void access_cancel(struct access *a, struct auth_waiter *waiter);

/* Says in the log that a client was refused, if that was not said a moment ago. */
void access_log_refusal(struct access *a, const char *client, const char *reason);

/* Adds the configured headers to a reply's, in place of any of the same names. */
void access_add_headers(const struct access *a, struct evkeyvalq *headers);

#endif
