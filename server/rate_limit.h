/* A bucket of tokens: one comes back every `interval`, `burst` of them fit, each request takes one.
 */
#ifndef RATE_LIMIT_H
#define RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct rate_limit {
    int64_t interval_ns; /* 0 or less: no limit */
    int64_t burst;       /* 0: nothing passes */
    double tokens;
    int64_t counted_ns; /* when `tokens` was right; the caller's clock */
};

/* Starts with a full bucket. */
void rate_limit_init(struct rate_limit *limit, int64_t interval_ns, int64_t burst, int64_t now_ns);

/* Takes a token; false if there is none. */
bool rate_limit_allow(struct rate_limit *limit, int64_t now_ns);

#endif
