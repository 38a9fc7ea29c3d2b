/* One metric as the store keeps it: exactly the bytes of field 4 of a delimited MetricFamily.
 *
 *   22 <length of what follows>                     MetricFamily.metric
 *      0a <length> 0a <n> name 12 <n> value ...     Metric.label, sorted by name, group's included
 *      payload                                      Metric's other fields (family.h)
 *
 * A protobuf scrape copies them as they are; text and JSON are decoded from them. The bytes of the
 * labels are the identity of the series within its family. They are written by us alone, so the
 * functions that take them apart trust them. */
#ifndef METRIC_WIRE_H
#define METRIC_WIRE_H

#include "family.h"

/* Bytes that metric_wire_put() writes. */
size_t metric_wire_size(const struct label *labels, size_t n_labels, struct slice payload);

/* Writes one metric; returns the byte after it. Labels must be sorted and final. */
char *metric_wire_put(char *to, const struct label *labels, size_t n_labels, struct slice payload);

/* The same for who writes many: the size of what the length counts is asked for once. The whole
 * takes wire_bytes_size() of it. */
size_t metric_wire_content_size(const struct label *labels, size_t n_labels, struct slice payload);
char *metric_wire_put_sized(char *to, size_t content_size, const struct label *labels,
                            size_t n_labels, struct slice payload);

struct metric_wire {
    struct slice labels; /* encoded; metric_wire_next_label() walks them */
    struct slice payload;
};

/* Takes the next metric off *metrics; false at the end. */
bool metric_wire_next(struct slice *metrics, struct metric_wire *out);

/* Takes the next label off *labels; false at the end. */
bool metric_wire_next_label(struct slice *labels, struct label *out);

#endif
