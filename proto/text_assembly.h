/* Puts summaries and histograms together from their lines, which may come in any order.
 *
 * All lines of one family with the same labels, but for quantile and le, are one metric. What the
 * lines say is kept as it comes: quantiles and buckets unsorted, repeated ones repeated. */
#ifndef TEXT_ASSEMBLY_H
#define TEXT_ASSEMBLY_H

#include "arena_index.h"
#include "family.h"
#include "metrics.pb-c.h"

/* A metric that is being put together. */
struct text_assembled {
    const void *family; /* only compared */
    struct label *labels;
    size_t n_labels;
    size_t metric; /* the caller's: which of the family's metrics this is */
    uint64_t hash;
    enum metric_type type;
    union {
        Io__Prometheus__Client__Summary summary;
        Io__Prometheus__Client__Histogram histogram;
    } message;
    size_t capacity; /* of the message's array */
    struct text_assembled *next;
};

/* Starts as all zeroes but for the arena. */
struct text_assembly {
    struct arena *arena;
    struct arena_index by_labels;
    struct text_assembled *first, *last, *latest;
};

/* The metric of a family with these labels, in any order; made if there is none, with a copy of the
 * labels' array, and then *is_new. NULL when memory is out. */
struct text_assembled *text_assembly_get(struct text_assembly *as, const void *family,
                                         enum metric_type type, const struct label *labels,
                                         size_t n_labels, bool *is_new);

/* What a line tells about its metric. */
enum text_line_role {
    TEXT_LINE_VALUE, /* of a quantile or bucket, if the bound is a number */
    TEXT_LINE_SUM,
    TEXT_LINE_COUNT,
};

enum text_assembly_result {
    TEXT_ASSEMBLY_OK,
    TEXT_ASSEMBLY_NEGATIVE_COUNT,
    TEXT_ASSEMBLY_NEGATIVE_BUCKET,
    TEXT_ASSEMBLY_NO_MEMORY,
};

/* `bound` is the line's quantile or le; NaN if it has none. */
enum text_assembly_result text_assembly_add(struct text_assembly *as, struct text_assembled *metric,
                                            enum text_line_role role, double bound, double value);

/* The metric's payload (family.h), when all lines have been read; .p is NULL when memory is out. A
 * histogram in which one count is not a whole number gets float counts throughout. */
struct slice text_assembly_payload(struct text_assembly *as, struct text_assembled *metric);

#endif
