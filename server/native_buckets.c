#include "native_buckets.h"

#include <float.h>
#include <math.h>

/* The negative or the positive side. */
struct side {
    Io__Prometheus__Client__BucketSpan **spans;
    size_t n_spans;
    const int64_t *deltas; /* of an integer histogram: each to the bucket before */
    const double *counts;  /* of a float histogram */
    size_t n_counts;
};

static double scale(double mantissa, int64_t exponent)
{
    if (exponent > 5000)
        exponent = 5000; /* infinity as well, and fits an int */
    if (exponent < -5000)
        exponent = -5000;
    return ldexp(mantissa, (int)exponent);
}

enum { SCHEMA_MAX = 8 };

/* 2^(fraction / 2^schema), for a fraction of less than one. Not what exp2() gives: the published
 * model has a table made by multiplying rounded roots, and differs from it in the last digit or
 * two. These are its roots, multiplied in its order. */
static double root(int64_t fraction, int schema)
{
    static const double roots[SCHEMA_MAX + 1] = {
        [1] = 1.414213562373095,  [2] = 1.189207115002721,  [3] = 1.0905077326652577,
        [4] = 1.0442737824274138, [5] = 1.0218971486541166, [6] = 1.0108892860517005,
        [7] = 1.0054299011128027, [8] = 1.0027112750502025,
    };
    double product = 1;
    for (int i = 1; i <= schema; i++) {
        if (fraction >> (schema - i) & 1)
            product *= roots[i];
    }
    return product;
}

/* The upper bound of the bucket at an index, for positive values: 2^(index / 2^schema). The bucket
 * that would reach 2^1024 ends at the greatest double, and only the one after it at infinity. */
static double bound(int64_t index, int32_t schema)
{
    int64_t exponent, fraction = 0;

    if (schema <= 0) {
        int shift = schema < -62 ? 62 : -schema;
        if (__builtin_mul_overflow(index, (int64_t)1 << shift, &exponent))
            return index < 0 ? 0 : INFINITY;
    } else {
        if (schema > SCHEMA_MAX)
            schema = SCHEMA_MAX;
        fraction = index & (((int64_t)1 << schema) - 1);
        exponent = (index - fraction) / ((int64_t)1 << schema);
    }
    if (fraction == 0 && exponent == 1024)
        return DBL_MAX;
    return scale(root(fraction, schema), exponent);
}

static enum native_boundaries boundaries_of(bool lower_inclusive, bool upper_inclusive)
{
    if (lower_inclusive)
        return upper_inclusive ? NATIVE_CLOSED : NATIVE_OPEN_RIGHT;
    return upper_inclusive ? NATIVE_OPEN_LEFT : NATIVE_OPEN;
}

static void append(struct native_buckets *out, double lower, double upper, uint64_t count,
                   double count_float)
{
    if (count == 0 && count_float == 0)
        return;
    out->buckets[out->count++] = (struct native_bucket){
        .boundaries = boundaries_of(lower<0, upper> 0),
        .lower = lower,
        .upper = upper,
        .count = count,
        .count_float = count_float,
    };
}

static void append_side(struct native_buckets *out, const struct side *side, int32_t schema,
                        bool negative)
{
    int64_t index = 0;
    uint64_t count = 0; /* wraps as the deltas say */
    size_t used = 0;

    for (size_t s = 0; s < side->n_spans; s++) {
        index += side->spans[s]->offset;
        for (uint32_t i = 0; i < side->spans[s]->length && used < side->n_counts; i++, used++) {
            double lower = bound(index - 1, schema), upper = bound(index, schema);
            double count_float = 0;
            if (out->is_float)
                count_float = side->counts[used];
            else
                count += (uint64_t)side->deltas[used];
            if (negative)
                append(out, -upper, -lower, count, count_float);
            else
                append(out, lower, upper, count, count_float);
            index++;
        }
    }
}

static void reverse(struct native_bucket *buckets, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        struct native_bucket b = buckets[i];
        buckets[i] = buckets[n - 1 - i];
        buckets[n - 1 - i] = b;
    }
}

static void append_zero(struct native_buckets *out, const Io__Prometheus__Client__Histogram *h)
{
    size_t before = out->count;
    double width = h->zero_threshold;
    append(out, -width, width, out->is_float ? 0 : h->zero_count,
           out->is_float ? h->zero_count_float : 0);
    if (out->count > before)
        out->buckets[before].boundaries = NATIVE_CLOSED;
}

bool native_buckets_exist(const Io__Prometheus__Client__Histogram *h)
{
    return h->n_negative_span + h->n_positive_span > 0;
}

bool native_buckets_are_float(const Io__Prometheus__Client__Histogram *h)
{
    return h->sample_count_float > 0 || h->zero_count_float > 0;
}

bool native_buckets_read(const Io__Prometheus__Client__Histogram *h, struct arena *a,
                         struct native_buckets *out)
{
    *out = (struct native_buckets){.is_float = native_buckets_are_float(h)};
    struct side negative = {h->negative_span, h->n_negative_span, h->negative_delta,
                            h->negative_count,
                            out->is_float ? h->n_negative_count : h->n_negative_delta};
    struct side positive = {h->positive_span, h->n_positive_span, h->positive_delta,
                            h->positive_count,
                            out->is_float ? h->n_positive_count : h->n_positive_delta};

    out->buckets =
        arena_alloc(a, (negative.n_counts + positive.n_counts + 1) * sizeof(*out->buckets));
    if (!out->buckets)
        return false;
    append_side(out, &negative, h->schema, true);
    reverse(out->buckets, out->count);
    append_zero(out, h);
    append_side(out, &positive, h->schema, false);
    return true;
}
