/* Native histograms: whether a scraper can make something of one.
 *
 * Their buckets are runs ("spans") of exponential buckets with delta-encoded counts, so parts of
 * the message must agree with each other. Prometheus drops the whole scrape over one that does not
 * add up, and 3.5 even panics over one with more counts than its spans hold. Source: Prometheus'
 * native histogram specification, and what Prometheus 3.5 was seen to refuse. */
#ifndef HISTOGRAM_CHECK_H
#define HISTOGRAM_CHECK_H

#include "error.h"
#include "metrics.pb-c.h"
#include "slice.h"

/* Whether an encoded Histogram has fields that can make it a native one. It must be well formed. */
bool histogram_check_is_needed(struct slice histogram);

/* Refuses with ERROR_INVALID what does not add up. A classic histogram passes. */
bool histogram_check(const Io__Prometheus__Client__Histogram *h, struct error *e);

#endif
