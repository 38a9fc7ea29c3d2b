/* The decompressed bytes of a body: contiguous, in the request's arena, bounded. */
#ifndef BODY_OUTPUT_H
#define BODY_OUTPUT_H

#include "arena.h"
#include "error.h"

struct body_output {
    struct arena *arena;
    size_t limit;
    char *p;
    size_t len, capacity;
};

/* `expected` is a guess of the final length, perhaps claimed by the sender: 0 if there is none. */
bool body_output_start(struct body_output *o, struct arena *a, size_t limit, size_t expected,
                       struct error *e);

/* Makes room for at least `more` bytes behind len; ERROR_TOO_LARGE if they would go beyond the
 * limit. All guesses together take at most 4/3 of the limit from the arena. */
bool body_output_reserve(struct body_output *o, size_t more, struct error *e);

bool body_output_too_large(const struct body_output *o, struct error *e);

static inline size_t body_output_room(const struct body_output *o)
{
    return o->capacity - o->len;
}

#endif
