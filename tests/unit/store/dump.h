/* What a view shows, as text to compare. One line a family, one a block or group, one a metric. */
#ifndef DUMP_H
#define DUMP_H

#include "buffer.h"
#include "store.h"

void dump_family(struct buffer *out, const struct store_family *family);
void dump_block(struct buffer *out, const struct store_block *block);
void dump_group(struct buffer *out, const struct store_group *group);
void dump_group_family(struct buffer *out, const struct store_group_family *family);

/* The whole of a fresh view: its families with their blocks, or its groups with their families. */
void dump_store_families(struct store *s, struct buffer *out);
void dump_store_groups(struct store *s, struct buffer *out);

/* The parts, for whoever has no store. */
void dump_family_line(struct buffer *out, struct slice name, enum metric_type type, bool has_help,
                      struct slice help, struct slice unit);
void dump_metric_line(struct buffer *out, const struct label *labels, size_t n_labels,
                      struct slice payload);
void dump_block_line(struct buffer *out, size_t n_metrics, bool legacy_names);
void dump_group_line(struct buffer *out, const struct label *labels, size_t n_labels,
                     int64_t created, int64_t success, int64_t failure, size_t n_families);

#endif
