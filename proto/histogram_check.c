#include "histogram_check.h"

#include "metrics_fields.h"
#include "wire.h"

#include <inttypes.h>
#include <math.h>

enum {
    SCHEMA_MIN = -4, /* buckets grow by a factor of 2^(2^4) */
    SCHEMA_MAX = 8,  /* 2^(2^-8) */
    SCHEMA_CUSTOM_BOUNDS = -53,
};

/* One of the two sides; a histogram has either deltas or counts. */
struct side {
    const char *name;
    Io__Prometheus__Client__BucketSpan **spans;
    size_t n_spans;
    const int64_t *deltas;
    size_t n_deltas;
    const double *counts;
    size_t n_counts;
};

bool histogram_check_is_needed(struct slice histogram)
{
    struct wire_field field;

    while (histogram.len > 0 && wire_take_field(&histogram, &field)) {
        switch (field.number) {
        case HISTOGRAM_ZERO_THRESHOLD:
        case HISTOGRAM_ZERO_COUNT:
        case HISTOGRAM_NEGATIVE_SPAN:
        case HISTOGRAM_POSITIVE_SPAN:
            return true;
        }
    }
    return false;
}

/* As Prometheus tells them apart: a schema alone does not make one. */
static bool is_native(const Io__Prometheus__Client__Histogram *h)
{
    return h->n_positive_span > 0 || h->n_negative_span > 0 || h->zero_threshold > 0 ||
           h->zero_count > 0;
}

static bool is_float(const Io__Prometheus__Client__Histogram *h)
{
    return h->sample_count_float > 0 || h->zero_count_float > 0;
}

static bool check_spans(const struct side *side, size_t n_buckets, struct error *e)
{
    uint64_t room = 0;

    for (size_t i = 0; i < side->n_spans; i++) {
        /* The first one counts from zero, the others from the end of the one before. */
        if (i > 0 && side->spans[i]->offset < 0)
            return error_set(e, ERROR_INVALID, "%s span %zu has the negative offset %" PRId32,
                             side->name, i + 1, side->spans[i]->offset);
        room += side->spans[i]->length;
    }
    if (room != n_buckets)
        return error_set(e, ERROR_INVALID, "%s spans have room for %" PRIu64 " buckets, not %zu",
                         side->name, room, n_buckets);
    return true;
}

/* Adds what the buckets hold to *total. Both wrap around as Go's integers do. */
static bool check_deltas(const struct side *side, uint64_t *total, struct error *e)
{
    uint64_t in_bucket = 0;

    if (!check_spans(side, side->n_deltas, e))
        return false;
    for (size_t i = 0; i < side->n_deltas; i++) {
        in_bucket += (uint64_t)side->deltas[i];
        if ((int64_t)in_bucket < 0)
            return error_set(e, ERROR_INVALID, "%s bucket %zu has the negative count %" PRId64,
                             side->name, i + 1, (int64_t)in_bucket);
        *total += in_bucket;
    }
    return true;
}

static bool check_counts(const struct side *side, struct error *e)
{
    if (!check_spans(side, side->n_counts, e))
        return false;
    for (size_t i = 0; i < side->n_counts; i++) {
        if (side->counts[i] < 0)
            return error_set(e, ERROR_INVALID, "%s bucket %zu has the negative count %g",
                             side->name, i + 1, side->counts[i]);
    }
    return true;
}

static bool check_total(const Io__Prometheus__Client__Histogram *h, uint64_t in_buckets,
                        struct error *e)
{
    /* Observations that are NaN are counted, but lie in no bucket; then the sum is NaN too. */
    bool fits =
        isnan(h->sample_sum) ? in_buckets <= h->sample_count : in_buckets == h->sample_count;
    return fits || error_set(e, ERROR_INVALID,
                             "%" PRIu64 " observations in the buckets, but the count is %" PRIu64,
                             in_buckets, h->sample_count);
}

/* Their bounds have no field in this schema, so there is one bucket, of everything, at the most;
 * Prometheus 3 drops the scrape over anything else. */
static bool check_custom_bounds(const Io__Prometheus__Client__Histogram *h, struct error *e)
{
    uint64_t end = 0;
    bool negative = h->n_negative_span > 0;
    for (size_t i = 0; i < h->n_positive_span; i++) {
        negative = negative || h->positive_span[i]->offset < 0;
        end += (uint64_t)(uint32_t)h->positive_span[i]->offset + h->positive_span[i]->length;
    }
    if (negative || end > 1 || h->zero_count > 0 || h->zero_count_float > 0 ||
        h->zero_threshold > 0)
        return error_set(e, ERROR_INVALID, "schema %d without the custom bounds it is for",
                         SCHEMA_CUSTOM_BOUNDS);
    return true;
}

bool histogram_check(const Io__Prometheus__Client__Histogram *h, struct error *e)
{
    const struct side positive = {
        "positive",          h->positive_span,  h->n_positive_span,  h->positive_delta,
        h->n_positive_delta, h->positive_count, h->n_positive_count,
    };
    const struct side negative = {
        "negative",          h->negative_span,  h->n_negative_span,  h->negative_delta,
        h->n_negative_delta, h->negative_count, h->n_negative_count,
    };
    uint64_t in_buckets = h->zero_count;

    if (!is_native(h))
        return true;
    if ((h->schema < SCHEMA_MIN || h->schema > SCHEMA_MAX) && h->schema != SCHEMA_CUSTOM_BOUNDS)
        return error_set(e, ERROR_INVALID, "unknown schema %" PRId32, h->schema);
    if (h->schema == SCHEMA_CUSTOM_BOUNDS && !check_custom_bounds(h, e))
        return false;
    if (is_float(h))
        return check_counts(&positive, e) && check_counts(&negative, e);
    return check_deltas(&positive, &in_buckets, e) && check_deltas(&negative, &in_buckets, e) &&
           check_total(h, in_buckets, e);
}
