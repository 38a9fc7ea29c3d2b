/* A whole server in this process, with its loop, evhttp and the store behind, spoken to through a
 * Unix socket. The loop turns only within these functions, so each run is the same but for the
 * clocks. */
#ifndef IN_PROCESS_H
#define IN_PROCESS_H

#include "buffer.h"
#include "options.h"

/* Called once per process, before anything else opens files. */
void in_process_start(void);

/* The options of the server, to be changed between inputs. */
struct options *in_process_options(void);

/* An empty server for an input, by the options; and its end, which waits for the connections to be
 * gone and frees all that it held. */
void in_process_open(void);
void in_process_close(void);

/* Sends `bytes`, `step` at a time with a turn of the loop after each, shuts down the sending side,
 * and returns all that comes until the server closes. That it does not close is an error. */
struct buffer in_process_exchange(struct slice bytes, size_t step);

/* One request on a connection of its own. The body of the reply has neither transfer nor content
 * coding left. */
struct reply {
    int status;
    struct buffer bytes; /* as received */
    struct arena memory; /* of body, if it was decoded */
    struct slice body;
};
struct reply in_process_request(const char *method, struct slice target, const char *headers,
                                struct slice body);
void reply_free(struct reply *r);

#endif
