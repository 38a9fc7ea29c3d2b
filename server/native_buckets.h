/* The buckets of a native histogram: its spans and deltas laid out.
 * Source: the Prometheus specification of native histograms; bounds come out as the published
 * model's, bit by bit. */
#ifndef NATIVE_BUCKETS_H
#define NATIVE_BUCKETS_H

#include "arena.h"
#include "metrics.pb-c.h"

/* Which ends of a bucket belong to it; numbers as the HTTP APIs have them. */
enum native_boundaries {
    NATIVE_OPEN_LEFT = 0,  /* (lower, upper] */
    NATIVE_OPEN_RIGHT = 1, /* [lower, upper) */
    NATIVE_OPEN = 2,
    NATIVE_CLOSED = 3,
};

struct native_bucket {
    enum native_boundaries boundaries;
    double lower, upper;
    uint64_t count;     /* of an integer histogram */
    double count_float; /* of a float histogram */
};

struct native_buckets {
    struct native_bucket *buckets; /* in the arena, by ascending bounds, those with a count only */
    size_t count;
    bool is_float;
};

/* Whether a histogram has a native part to show: spans. */
bool native_buckets_exist(const Io__Prometheus__Client__Histogram *h);

/* Whether counts are the float ones. */
bool native_buckets_are_float(const Io__Prometheus__Client__Histogram *h);

/* False when memory is out. Spans that run past the counts end where these do. */
bool native_buckets_read(const Io__Prometheus__Client__Histogram *h, struct arena *a,
                         struct native_buckets *out);

#endif
