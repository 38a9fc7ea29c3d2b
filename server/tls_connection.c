#include "tls_connection.h"

#include "complaint.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

struct bufferevent *tls_connection_new(struct event_base *base, SSL_CTX *context)
{
    SSL *ssl = SSL_new(context);
    if (!ssl)
        return NULL;
    return bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                          BEV_OPT_CLOSE_ON_FREE);
}

SSL *tls_connection_ssl(struct bufferevent *bev)
{
    return bufferevent_openssl_get_ssl(bev);
}

bool tls_connection_is_open(const SSL *ssl)
{
    return SSL_is_init_finished(ssl) == 1;
}

/* --- Failing ---------------------------------------------------------------------------------- */

/* In the words of the Go server, status line included. */
static void answer_plainly(int fd)
{
    static const char answer[] = "HTTP/1.0 400 Bad Request\r\n\r\n"
                                 "Client sent an HTTP request to an HTTPS server.\n";
    ssize_t ignored = send(fd, answer, sizeof(answer) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)ignored;
}

bool tls_connection_failed(struct bufferevent *bev, const char *client)
{
    const char *why = "EOF";
    unsigned long code;
    bool plain = false;
    char next;
    static struct complaint complaint; /* scanners and broken clients come in numbers */
    while ((code = bufferevent_get_openssl_error(bev)) != 0) {
        const char *text = ERR_reason_error_string(code);
        if (!text)
            continue;
        why = text;
        plain = plain ||
                (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST);
    }
    if (plain) {
        answer_plainly(bufferevent_getfd(bev));
        why = "client sent an HTTP request to an HTTPS server";
    }
    complaint_write(&complaint, LOG_INFO, "TLS handshake error", client, why);
    ssize_t n = recv(bufferevent_getfd(bev), &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return n > 0 || (n < 0 && errno == EAGAIN);
}

/* --- Writing ---------------------------------------------------------------------------------- */

/* One record at most. If the socket takes only a part, libevent goes on with the same bytes: they
 * stand at the front of the output, in one piece. */
void tls_connection_flush(struct bufferevent *bev)
{
    SSL *ssl = tls_connection_ssl(bev);
    struct evbuffer *output = bufferevent_get_output(bev);
    size_t length = evbuffer_get_length(output);
    if (length == 0 || length > SSL3_RT_MAX_PLAIN_LENGTH || !tls_connection_is_open(ssl))
        return;
    const unsigned char *bytes = evbuffer_pullup(output, -1);
    if (!bytes)
        return;
    ERR_clear_error();
    if (SSL_write(ssl, bytes, (int)length) == (int)length)
        evbuffer_drain(output, length);
    ERR_clear_error();
}

void tls_connection_end(SSL *ssl)
{
    if (!tls_connection_is_open(ssl) || SSL_get_shutdown(ssl) & SSL_SENT_SHUTDOWN)
        return;
    ERR_clear_error();
    SSL_shutdown(ssl);
    ERR_clear_error();
}
