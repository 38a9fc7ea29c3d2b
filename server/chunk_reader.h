/* Undoes the chunked transfer coding (RFC 9112 section 7.1): chunk extensions and trailers are read
 * and dropped. Pure: fed with bytes as they come. The errors' words are the published Go server's.
 */
#ifndef CHUNK_READER_H
#define CHUNK_READER_H

#include "slice.h"

#include <stdint.h>

enum chunk_status {
    CHUNK_MORE, /* all bytes taken, more are to come */
    CHUNK_DATA, /* *data is the next piece of the body */
    CHUNK_END,  /* the body is whole; what is left belongs to the next request */
    CHUNK_BAD,  /* c->error says why */
};

struct chunk_reader {
    int state;       /* of enum in chunk_reader.c; starts as 0 */
    uint64_t left;   /* bytes of the current chunk still to come */
    unsigned digits; /* of its length, so far */
    size_t line;     /* bytes of the current line, so far: bounded */
    size_t trailers; /* bytes of all trailers, so far: bounded */
    bool colon;      /* one was in the current trailer line */
    char front[80];  /* of that line, for the error */
    const char *error;
    char message[256]; /* where `error` is made up */
};

/* Takes bytes from the front of *in. */
enum chunk_status chunk_reader_next(struct chunk_reader *c, struct slice *in, struct slice *data);

#endif
