/* The head of an HTTP/1 request, read before evhttp sees anything of it.
 *
 * Pure: bytes in, facts and a verdict out. What is refused, and with which words, is what the
 * published Go server does. evhttp gets a head of our making (evhttp_feed.h), so that it can
 * misread nothing. Sources: RFC 9112, RFC 9110 section 7. */
#ifndef REQUEST_HEAD_H
#define REQUEST_HEAD_H

#include "slice.h"

#include <stdint.h>

/* Why a request is answered before anything is made of it. */
struct refusal {
    int status;
    const char *reason; /* what follows the status in the status line */
    const char *body;
};

extern const struct refusal refusal_bad_request, refusal_head_too_large, refusal_timeout,
    refusal_no_memory, refusal_full;

struct request_head {
    const struct refusal *refusal; /* NULL: the head is good, and what follows holds */
    struct slice method, target;   /* as sent; into the bytes */
    int minor;                     /* of HTTP/1.x */
    bool chunked;
    uint64_t content_length; /* 0 if absent, or chunked */
    bool expects_continue;
    bool close, keep_alive; /* what Connection asks for; never both */
    struct slice headers;   /* for request_head_next(); into the bytes */
};

/* Where a search for the end of a head stands; starts as all zeroes. */
struct request_head_search {
    size_t searched, line;
};

/* Finds the empty line that ends a head. Goes on where the last call with more of the same bytes
 * ended. Returns the length of the head with that line; 0 if it is not there yet. */
size_t request_head_find(const char *bytes, size_t length, struct request_head_search *search);

/* Reads a whole head, as request_head_find() measured it. Folded headers are unfolded in place. */
void request_head_parse(char *bytes, size_t length, struct request_head *out);

struct request_header {
    struct slice name, value; /* as sent, without blanks around the value */
};

/* Takes the first header off `rest`, which starts as the headers of a good head. False at the end.
 */
bool request_head_next(struct slice *rest, struct request_header *out);

#endif
