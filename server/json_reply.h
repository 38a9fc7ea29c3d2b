/* What replies of the API in JSON have in common: the frame {"status":"success","data":...}, and
 * being made step by step from a view of the store, which may hold more than fits a turn of the
 * loop. */
#ifndef JSON_REPLY_H
#define JSON_REPLY_H

#include "arena.h"
#include "json_writer.h"
#include "stream.h"

struct store;
struct store_view;

/* Up to the data, which is the next value to be written. */
void json_reply_begin(struct json_writer *w);

/* What follows the data. */
void json_reply_end(struct json_writer *w);

/* Embedded in the one who makes the steps. */
struct json_steps {
    struct store_view *view;
    struct json_writer w;
    struct arena scratch; /* for a step to use and reset */
    bool done;            /* to be set by the last step */
};

/* False when memory is out. */
bool json_steps_open(struct json_steps *s, struct store *store);

/* Nothing happens to one that could not be opened. */
void json_steps_close(struct json_steps *s);

/* Has steps made for a piece of a stream. step() writes to s->w; it fails when memory is out. */
enum stream_status json_steps_produce(struct json_steps *s, struct buffer *out,
                                      bool (*step)(void *context), void *context);

#endif
