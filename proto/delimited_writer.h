/* Writes delimited io.prometheus.client.MetricFamily messages. */
#ifndef DELIMITED_WRITER_H
#define DELIMITED_WRITER_H

#include "buffer.h"
#include "family.h"
#include "names.h"

/* The length prefix of a MetricFamily and all of its fields before the metrics. The caller appends
 * `metrics_size` bytes of metrics (metric_wire.h) behind it. An empty unit is left out. */
void delimited_writer_family(struct buffer *out, struct slice name, bool has_help,
                             struct slice help, enum metric_type type, struct slice unit,
                             size_t metrics_size, enum escaping escaping);

/* Appends metrics with their label names escaped. Bytes come out unchanged where nothing needs it.
 */
void delimited_writer_escape_metrics(struct buffer *out, struct slice metrics,
                                     enum escaping escaping);

#endif
