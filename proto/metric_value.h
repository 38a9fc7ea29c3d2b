/* What a metric's payload says, for the writers of text and JSON.
 *
 * Plain numbers are decoded here; summaries and histograms by protobuf-c into its generated
 * structs, allocated from the caller's arena. A known field of a wrong wire type is passed over in
 * the former, as Go does, and refused in the latter; the readers let neither of them in. */
#ifndef METRIC_VALUE_H
#define METRIC_VALUE_H

#include "arena.h"
#include "error.h"
#include "family.h"
#include "metrics.pb-c.h"

struct metric_value {
    double number;                                /* counter, gauge, untyped */
    Io__Prometheus__Client__Summary *summary;     /* summary, else NULL */
    Io__Prometheus__Client__Histogram *histogram; /* histogram and gauge histogram, else NULL */
};

/* The number of the field of Metric that holds the value of a type. */
uint32_t metric_value_field(enum metric_type type);

/* Decodes the value that a metric of this type must have. Fails with ERROR_INVALID when the payload
 * has no such value or is malformed, ERROR_NO_MEMORY when the arena is out. */
bool metric_value_read(struct slice payload, enum metric_type type, struct arena *a,
                       struct metric_value *out, struct error *e);

/* How many samples text shows of a metric, at the most; without decoding it. */
uint64_t metric_value_samples(struct slice payload, enum metric_type type);

/* Whether a scraper that knows native histograms takes this one for such: it has spans, or a zero
 * bucket. Without decoding it. */
bool metric_value_is_native(struct slice payload);

/* Writes the payload of a plain number to METRIC_VALUE_NUMBER_SIZE bytes; returns how many. */
enum { METRIC_VALUE_NUMBER_SIZE = 11 };
size_t metric_value_put_number(char *to, double number, enum metric_type type);

/* Encodes a payload into the arena; .p is NULL when memory is out. */
struct slice metric_value_write_number(double number, enum metric_type type, struct arena *a);
struct slice metric_value_write_summary(const Io__Prometheus__Client__Summary *s, struct arena *a);
struct slice metric_value_write_histogram(const Io__Prometheus__Client__Histogram *h,
                                          struct arena *a);

/* An allocator for protobuf-c that takes from the arena. */
ProtobufCAllocator metric_value_allocator(struct arena *a);

#endif
