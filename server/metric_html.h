/* One metric as the page shows it: a row of a table. */
#ifndef METRIC_HTML_H
#define METRIC_HTML_H

#include "arena.h"
#include "buffer.h"
#include "metric_wire.h"

/* Labels as {name="value"}, in chips. */
void metric_html_label(struct buffer *out, const struct label *label);

/* A row of two cells: labels and value. False when memory is out. */
bool metric_html_row(struct buffer *out, enum metric_type type, const struct metric_wire *metric,
                     struct arena *scratch);

#endif
