/* The head of an HTTP/1 request, read before evhttp sees it.
 *
 * Pure: bytes in, facts and a verdict out. What is refused, and with which words, is what the
 * published Go server does; what evhttp would misread although it is good is overwritten in place,
 * so that a head that passes here means the same to evhttp. Sources: RFC 9112, RFC 9110 section 7.
 */
#ifndef REQUEST_HEAD_H
#define REQUEST_HEAD_H

#include "slice.h"

#include <stdint.h>

/* The longest head that is read, request line and all; 431 above. */
enum { REQUEST_HEAD_MAX = (1 << 20) + 4096 };

/* Why a request is answered before anything is made of it. */
struct refusal {
    int status;
    const char *reason; /* what follows the status in the status line */
    const char *body;
};

extern const struct refusal refusal_bad_request, refusal_head_too_large, refusal_timeout,
    refusal_no_memory;

enum expectation { EXPECT_NOTHING, EXPECT_CONTINUE };

struct request_head {
    const struct refusal *refusal; /* NULL: the head is good, and what follows holds */
    struct slice method, target;   /* as sent; into the bytes, but for the method when plain */
    int minor;                     /* of HTTP/1.x */
    bool plain;                    /* evhttp reads the request line as we do */
    bool chunked;
    uint64_t content_length; /* 0 if absent, or chunked */
    enum expectation expectation;
    size_t line_length; /* of the request line with its end */
    size_t blank;       /* where the empty line at the end begins */

    /* First bytes of header names, for request_head_hide(); NULL if absent. */
    char *content_length_name, *transfer_encoding_name, *expect_name;
};

/* Where a search for the end of a head stands; starts as all zeroes. */
struct request_head_search {
    size_t searched, line;
};

/* Finds the empty line that ends a head. Goes on where the last call with more of the same bytes
 * ended. Returns the length of the head with that line; 0 if it is not there yet. */
size_t request_head_find(const char *bytes, size_t length, struct request_head_search *search);

/* Reads a whole head, as request_head_find() measured it. */
void request_head_parse(char *bytes, size_t length, struct request_head *out);

/* Renames a header so that nobody finds it; NULL is fine. */
void request_head_hide(char *name);

#endif
