/* Metrics as protobuf's text format prints them, in one line: for messages about a metric.
 * Source: protobuf.dev "Text Format Language Specification"; spacing and escapes as Go prints them.
 */
#ifndef PROTOTEXT_H
#define PROTOTEXT_H

#include "buffer.h"
#include "family.h"

/* Appends `label:{name:"job" value:"a"} gauge:{value:1}`. */
void prototext_metric(struct buffer *out, const struct label *labels, size_t n_labels,
                      struct slice payload);

#endif
