/* Replies too large for one turn of the loop.
 *
 * The source is asked for a piece, the piece is sent, and when the client has taken it the next is
 * asked for: a slow client holds one piece of memory and holds up nobody. Many streams together
 * take a part of each turn of the loop, not all of it. A body that is whole after the first piece
 * goes out with a Content-Length, any other chunked. */
#ifndef STREAM_H
#define STREAM_H

#include "buffer.h"
#include "negotiation.h"
#include "request.h"

struct event_base;
struct streams;

/* What all streams share; to be freed behind the listener. NULL when memory is out. */
struct streams *streams_new(struct event_base *base);
void streams_free(struct streams *all); /* NULL is fine */

enum stream_status {
    STREAM_MORE, /* there is more to come */
    STREAM_DONE, /* that was the end */
    /* Memory ran out, or the client was too slow: the connection is cut, so that the body cannot
     * pass for whole. */
    STREAM_FAILED,
};

/* About how much a source should append at a time: some hundred microseconds of work. With what
 * goes over it a piece takes 64 KiB at most, mostly: evbuffer takes powers of two. */
enum { STREAM_PIECE = 40 << 10 };

struct stream_source {
    /* Appends about STREAM_PIECE bytes to `out`, which arrives empty; fewer, or none, where there
     * was much to look at, to go on in the next turn. */
    enum stream_status (*produce)(void *context, struct buffer *out);
    /* Called exactly once, when nothing more is asked for: at the end or when the client has gone.
     */
    void (*finish)(void *context);
    /* A coding that the source does by itself if it is wanted; CODING_IDENTITY: none. */
    enum coding coded;
};

/* Answers with what the source produces, compressed as `coding` says. Headers of the reply are set
 * by response_header() before. */
void stream_reply(struct request *r, int status, const char *content_type, enum coding coding,
                  const struct stream_source *source, void *context);

#endif
