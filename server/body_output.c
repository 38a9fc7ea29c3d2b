#include "body_output.h"

enum { SMALLEST = 4096 };

static bool grow(struct body_output *o, size_t capacity, struct error *e)
{
    char *grown = arena_grow(o->arena, o->p, o->len, capacity);

    if (!grown)
        return error_no_memory(e);
    o->p = grown;
    o->capacity = capacity;
    return true;
}

bool body_output_start(struct body_output *o, struct arena *a, size_t limit, size_t expected,
                       struct error *e)
{
    *o = (struct body_output){.arena = a, .limit = limit};
    size_t capacity = expected < SMALLEST ? SMALLEST : expected;
    return grow(o, capacity < limit ? capacity : limit, e);
}

bool body_output_reserve(struct body_output *o, size_t more, struct error *e)
{
    if (more <= body_output_room(o))
        return true;
    if (more > o->limit - o->len)
        return body_output_too_large(o, e);
    /* What was outgrown stays in the arena until the request ends: few and large steps waste less.
     */
    size_t capacity = o->capacity < o->limit / 4 ? o->capacity * 4 : o->limit;
    if (capacity - o->len < more)
        capacity = o->len + more;
    return grow(o, capacity, e);
}

bool body_output_too_large(const struct body_output *o, struct error *e)
{
    return error_set(e, ERROR_TOO_LARGE, "request body is larger than %zu bytes when decompressed",
                     o->limit);
}
