/* The names that Go gives to what TLS can do, and those that OpenSSL knows it by. The lists are
 * those that a configuration of the Go server may choose from (crypto/tls, Go 1.24). */
#ifndef TLS_NAMES_H
#define TLS_NAMES_H

struct tls_name {
    const char *go, *openssl;
};

/* Cipher suites up to TLS 1.2, in the order in which Go prefers them. NULL if there is none of that
 * name. */
const struct tls_name *tls_names_suite(const char *go);

/* A suite of TLS 1.3: these can be named but not chosen, neither there nor here. */
const struct tls_name *tls_names_suite13(const char *go);

/* Elliptic curves, as CurveP256. */
const struct tls_name *tls_names_curve(const char *go);

/* TLS10 to TLS13: the protocol's number on the wire; 0: no such version. */
int tls_names_version(const char *go);

/* All suites up to TLS 1.2, and all curves, as OpenSSL takes lists: what Go offers by itself. */
extern const char tls_names_default_suites[], tls_names_default_curves[];

#endif
