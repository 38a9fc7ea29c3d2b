/* Writes the text exposition format 0.0.4 as the Go server does, byte for byte. */
#ifndef TEXT_WRITER_H
#define TEXT_WRITER_H

#include "arena.h"
#include "buffer.h"
#include "family.h"
#include "names.h"

/* The HELP and TYPE lines of a family. `has_help` false leaves out HELP. */
void text_writer_family(struct buffer *out, struct slice name, bool has_help, struct slice help,
                        enum metric_type type, enum escaping escaping);

/* The sample lines of metrics in the form of metric_wire.h. `name` is the family's, unescaped. The
 * scratch arena is left as the caller wants it reset; it holds decoded summaries and histograms. */
void text_writer_metrics(struct buffer *out, struct slice name, enum metric_type type,
                         struct slice metrics, enum escaping escaping, struct arena *scratch);

#endif
