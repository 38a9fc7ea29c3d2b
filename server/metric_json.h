/* One metric as the API shows it: an object whose keys depend on the type. */
#ifndef METRIC_JSON_H
#define METRIC_JSON_H

#include "arena.h"
#include "json_writer.h"
#include "metric_wire.h"

/* Writes the metric as an object. A metric that lacks the value of its type, which only a store
 * without checks holds, shows zeroes. False when memory is out. */
bool metric_json_write(struct json_writer *w, enum metric_type type,
                       const struct metric_wire *metric, struct arena *scratch);

/* The same with nothing left out, for our own additions to the API: native buckets stand as
 * `native_buckets` beside the classic ones, and a gauge histogram is shown as a histogram. */
bool metric_json_write_whole(struct json_writer *w, enum metric_type type,
                             const struct metric_wire *metric, struct arena *scratch);

#endif
