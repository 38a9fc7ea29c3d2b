/* Parameters of a URL's query. Source: application/x-www-form-urlencoded, as browsers write it. */
#ifndef QUERY_H
#define QUERY_H

#include "arena.h"

#include <stdint.h>

struct query_parameter {
    struct slice name, value; /* decoded, in the arena */
};

/* Takes the next parameter off *query. What is not well encoded stands as it is. False when memory
 * is out. To be called until the query is empty. */
bool query_next(struct slice *query, struct arena *a, struct query_parameter *out);

/* A value that is a number: digits alone, at most `max`. */
bool query_number(struct slice value, uint64_t max, uint64_t *out);

#endif
