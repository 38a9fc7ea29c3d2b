/* What a client's certificate must be, as Go has it: verified against the authorities or not, with
 * one of the allowed names in it or not. */
#ifndef CLIENT_CERTIFICATE_H
#define CLIENT_CERTIFICATE_H

#include "web_config.h"

#include <openssl/types.h>

/* Has certificates of clients asked for and judged as `tls` says; `authorities` are in the
 * context's store already. Copies what it needs of `tls`. */
bool client_certificate_require(SSL_CTX *context, const struct web_config_tls *tls);

#endif
