/* Where the text of an exposition goes: as it is, or through gzip in segments; and the runs of it
 * that are kept for the next scrape (rendering.h).
 *
 * Text is appended to exposition_output_text(). What becomes of it is in the piece by the time the
 * piece ends. A run must begin and end within one piece. */
#ifndef EXPOSITION_OUTPUT_H
#define EXPOSITION_OUTPUT_H

#include "buffer.h"
#include "rendering.h"

struct gzip_writer;

/* Embedded in its owner; starts as all zeroes: no compression. */
struct exposition_output {
    struct gzip_writer *gzip;
    struct buffer *piece;   /* the one being made */
    struct buffer pending;  /* text on its way through gzip */
    bool begun;             /* the gzip header is out */
    bool in_run, has_start; /* the run's text begins at run_start */
    size_t run_start;
    bool failed; /* memory ran out */
};

/* Makes the output compress. False when memory is out. */
bool exposition_output_compress(struct exposition_output *o);
void exposition_output_free(struct exposition_output *o);

void exposition_output_begin_piece(struct exposition_output *o, struct buffer *piece);
/* `last`: nothing follows. */
void exposition_output_end_piece(struct exposition_output *o, bool last);

/* Where to append text. */
static inline struct buffer *exposition_output_text(struct exposition_output *o)
{
    return o->gzip ? &o->pending : o->piece;
}

/* What the piece will take of memory, roughly; for the owner to end it in time. */
static inline size_t exposition_output_size(const struct exposition_output *o)
{
    return o->piece->len + o->pending.len;
}

/* Appends a kept run. False when it lacks the form that is wanted and has to be made anew. */
bool exposition_output_take(struct exposition_output *o, const struct rendering *kept);

/* From here on, text is of a run; what comes before the first exposition_output_start_run() is not.
 */
void exposition_output_begin_run(struct exposition_output *o);
/* Called before each append to a run's text. */
void exposition_output_start_run(struct exposition_output *o);
/* The run will not be kept. */
void exposition_output_abandon_run(struct exposition_output *o);
/* Ends it; returns what to keep, with what `kept` (may be NULL) has besides. NULL: nothing. */
struct rendering *exposition_output_end_run(struct exposition_output *o,
                                            const struct rendering *kept);

#endif
