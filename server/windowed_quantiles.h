/* Quantiles of what was observed in the last ten minutes, as a summary shows them.
 *
 * The window is that of the original's client library: five age buckets of two minutes; when one is
 * full the oldest is forgotten, so what is shown covers the last eight to ten minutes. Each age
 * bucket is a histogram whose buckets are 1/64 of a power of two wide: a quantile is off by at most
 * 0.8% of its value. An observation is a handful of instructions and never allocates; a query adds
 * up some thousand counters. Times are of the monotonic clock, nanoseconds. */
#ifndef WINDOWED_QUANTILES_H
#define WINDOWED_QUANTILES_H

#include <stddef.h>
#include <stdint.h>

struct windowed_quantiles;

/* For values between 2^least_exponent and 2^greatest_exponent; what lies outside counts as the
 * nearest of these. About 1.3 KiB of address space per power of two, touched as values come. NULL
 * when memory is out. */
struct windowed_quantiles *windowed_quantiles_new(int least_exponent, int greatest_exponent);
void windowed_quantiles_free(struct windowed_quantiles *w);

void windowed_quantiles_observe(struct windowed_quantiles *w, uint64_t now_ns, double value);

/* The q-quantiles of the window for `count` ranks q in ascending order; all NaN when the window is
 * empty. The least and the greatest observed value are exact. */
void windowed_quantiles_query(struct windowed_quantiles *w, uint64_t now_ns, const double *ranks,
                              size_t count, double *out);

/* Of all observations ever, not only of the window. */
uint64_t windowed_quantiles_count(const struct windowed_quantiles *w);
double windowed_quantiles_sum(const struct windowed_quantiles *w);

#endif
