/* The model of what is pushed: families of metrics with labels.
 *
 * Both readers make it and the store takes it in. Everything is borrowed: slices point into the
 * body or the request's arena, and live as long as those. Terms are those of the Prometheus data
 * model; types and field numbers are those of io.prometheus.client (metrics.proto). */
#ifndef FAMILY_H
#define FAMILY_H

#include "slice.h"

#include <stdint.h>

/* Numbers as on the wire. */
enum metric_type {
    METRIC_COUNTER = 0,
    METRIC_GAUGE = 1,
    METRIC_SUMMARY = 2,
    METRIC_UNTYPED = 3,
    METRIC_HISTOGRAM = 4,
    METRIC_GAUGE_HISTOGRAM = 5,
};
enum { METRIC_TYPES = 6 };

struct label {
    struct slice name, value;
};

/* One metric: a sample, or a whole summary or histogram.
 *
 * `payload` holds all fields of the wire's Metric message except its labels, encoded: the value
 * message with everything in it (exemplars, native buckets, created timestamps, fields we do not
 * know). A text push encodes its value so too. Thus nothing is lost between push and scrape, and
 * what is not looked at costs nothing. metric_value.h decodes it. */
struct metric {
    struct label *labels; /* as pushed: unsorted, unchecked */
    size_t n_labels;
    struct slice payload;
    bool has_timestamp;
    bool lacks_value; /* the payload holds no value of the family's type; the store refuses that */
};

struct family {
    struct slice name, help, unit;
    bool has_help; /* a push may carry an empty one */
    enum metric_type type;
    struct metric *metrics;
    size_t n_metrics;
};

/* The families of one body, each name once, in the order of their first appearance. */
struct family_list {
    struct family *families;
    size_t count;
};

/* Lower case, as in a TYPE line ("gauge", "untyped", "histogram"; "gaugehistogram"). */
const char *metric_type_name(enum metric_type type);

/* Upper case, as the API shows it ("GAUGE", "GAUGE_HISTOGRAM"). */
const char *metric_type_upper_name(enum metric_type type);

#endif
