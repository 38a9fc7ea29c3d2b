/* How TLS is spoken: an SSL_CTX made of the configuration, with its certificate, its key and what
 * is asked of clients. Connections that were begun with one keep it alive. */
#ifndef TLS_CONTEXT_H
#define TLS_CONTEXT_H

#include "web_config.h"

#include <openssl/types.h>

/* Reads the files that `tls` names, relative to `folder`. NULL: *e says why. Free with
 * SSL_CTX_free(). Nothing of `tls` is needed afterwards. */
SSL_CTX *tls_context_new(const struct web_config_tls *tls, const char *folder, struct error *e);

#endif
