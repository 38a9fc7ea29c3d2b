#include "text_assembly.h"

#include "metric_value.h"

#include <math.h>
#include <stdlib.h>

enum {
    FIRST_CAPACITY = 4,
    NESTED_LOOP_MAX = 16, /* above, labels are sorted to be compared */
};

/* The same for any order of the labels. */
static uint64_t hash_labels(const void *family, const struct label *labels, size_t n_labels)
{
    uint64_t hash = (uint64_t)(uintptr_t)family;
    for (size_t i = 0; i < n_labels; i++) {
        uint64_t name = arena_index_hash(labels[i].name);
        uint64_t value = arena_index_hash(labels[i].value);
        hash += (name ^ value << 1 ^ value >> 63) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return hash ^ hash >> 32;
}

static bool label_equal(const struct label *a, const struct label *b)
{
    return slice_equal(a->name, b->name) && slice_equal(a->value, b->value);
}

static bool equal_in_order(const struct label *a, const struct label *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!label_equal(&a[i], &b[i]))
            return false;
    }
    return true;
}

static bool contains(const struct label *labels, size_t n, const struct label *wanted)
{
    for (size_t i = 0; i < n; i++) {
        if (label_equal(&labels[i], wanted))
            return true;
    }
    return false;
}

static int compare_names(const void *a, const void *b)
{
    return slice_compare(((const struct label *)a)->name, ((const struct label *)b)->name);
}

static bool equal_when_sorted(const struct label *a, const struct label *b, size_t n)
{
    struct label *copy = malloc(2 * n * sizeof(*copy));
    if (!copy)
        return false; /* then it becomes a metric of its own, and the push is refused as a duplicate
                       */
    memcpy(copy, a, n * sizeof(*a));
    memcpy(copy + n, b, n * sizeof(*b));
    qsort(copy, n, sizeof(*copy), compare_names);
    qsort(copy + n, n, sizeof(*copy), compare_names);
    bool equal = equal_in_order(copy, copy + n, n);
    free(copy);
    return equal;
}

/* No label is in either of them twice. */
static bool labels_equal(const struct label *a, const struct label *b, size_t n)
{
    if (equal_in_order(a, b, n))
        return true;
    if (n > NESTED_LOOP_MAX)
        return equal_when_sorted(a, b, n);
    for (size_t i = 0; i < n; i++) {
        if (!contains(b, n, &a[i]))
            return false;
    }
    return true;
}

static bool is_metric(const struct text_assembled *m, const void *family,
                      const struct label *labels, size_t n_labels)
{
    return m->family == family && m->n_labels == n_labels &&
           labels_equal(m->labels, labels, n_labels);
}

static struct text_assembled *make_metric(struct text_assembly *as, const void *family,
                                          enum metric_type type, const struct label *labels,
                                          size_t n_labels, uint64_t hash)
{
    struct text_assembled *m = arena_alloc(as->arena, sizeof(*m));
    struct label *copy = arena_alloc(as->arena, n_labels * sizeof(*copy));
    if (!m || !copy || !arena_index_add(&as->by_labels, hash, m, as->arena))
        return NULL;
    if (n_labels > 0)
        memcpy(copy, labels, n_labels * sizeof(*copy));
    m->family = family;
    m->labels = copy;
    m->n_labels = n_labels;
    m->metric = 0;
    m->hash = hash;
    m->type = type;
    m->capacity = 0;
    m->next = NULL;
    if (type == METRIC_SUMMARY)
        io__prometheus__client__summary__init(&m->message.summary);
    else
        io__prometheus__client__histogram__init(&m->message.histogram);

    if (as->last)
        as->last->next = m;
    else
        as->first = m;
    as->last = m;
    return m;
}

struct text_assembled *text_assembly_get(struct text_assembly *as, const void *family,
                                         enum metric_type type, const struct label *labels,
                                         size_t n_labels, bool *is_new)
{
    struct text_assembled *m = as->latest;
    *is_new = false;
    /* Nearly always the lines of a metric stand together. */
    if (m && m->family == family && m->n_labels == n_labels &&
        equal_in_order(m->labels, labels, n_labels))
        return m;
    uint64_t hash = hash_labels(family, labels, n_labels);
    size_t step = 0;
    while ((m = arena_index_next(&as->by_labels, hash, &step))) {
        if (is_metric(m, family, labels, n_labels))
            break;
    }
    if (!m) {
        *is_new = true;
        m = make_metric(as, family, type, labels, n_labels, hash);
    }
    as->latest = m;
    return m;
}

/* As Go converts on amd64: towards zero, negative numbers wrap around, and what does not fit, NaN
 * too, is 2^63. In C most of these are undefined. */
static uint64_t to_uint64(double v)
{
    if (v >= 0 && v < 0x1p64)
        return (uint64_t)v;
    /* cppcheck-suppress incorrectLogicOperator ; it misreads the hexadecimal number */
    if (v < 0 && v >= -0x1p63)
        return (uint64_t)(int64_t)v;
    return UINT64_C(1) << 63;
}

static bool to_count(double v, uint64_t *out)
{
    *out = to_uint64(v);
    return v == (double)*out;
}

/* Makes room for one more pointer to a message; NULL when memory is out. */
static void *grow_array(struct text_assembly *as, struct text_assembled *m, void *array, size_t n)
{
    if (n < m->capacity)
        return array;
    size_t capacity = m->capacity ? m->capacity * 2 : FIRST_CAPACITY;
    array = arena_grow(as->arena, array, n * sizeof(void *), capacity * sizeof(void *));
    if (array)
        m->capacity = capacity;
    return array;
}

static enum text_assembly_result add_quantile(struct text_assembly *as, struct text_assembled *m,
                                              double quantile, double value)
{
    Io__Prometheus__Client__Summary *s = &m->message.summary;
    Io__Prometheus__Client__Quantile *q = arena_alloc(as->arena, sizeof(*q));
    void *array = grow_array(as, m, s->quantile, s->n_quantile);
    if (!q || !array)
        return TEXT_ASSEMBLY_NO_MEMORY;
    io__prometheus__client__quantile__init(q);
    q->has_quantile = q->has_value = true;
    q->quantile = quantile;
    q->value = value;
    s->quantile = array;
    s->quantile[s->n_quantile++] = q;
    return TEXT_ASSEMBLY_OK;
}

static enum text_assembly_result add_to_summary(struct text_assembly *as, struct text_assembled *m,
                                                enum text_line_role role, double quantile,
                                                double value)
{
    Io__Prometheus__Client__Summary *s = &m->message.summary;
    if (role == TEXT_LINE_COUNT) {
        s->has_sample_count = true;
        s->sample_count = to_uint64(value);
    } else if (role == TEXT_LINE_SUM) {
        s->has_sample_sum = true;
        s->sample_sum = value;
    } else if (!isnan(quantile)) {
        return add_quantile(as, m, quantile, value);
    }
    return TEXT_ASSEMBLY_OK;
}

static enum text_assembly_result add_bucket(struct text_assembly *as, struct text_assembled *m,
                                            double bound, double value)
{
    Io__Prometheus__Client__Histogram *h = &m->message.histogram;
    uint64_t count;
    bool whole = to_count(value, &count);
    if (!whole && value < 0)
        return TEXT_ASSEMBLY_NEGATIVE_BUCKET;
    Io__Prometheus__Client__Bucket *b = arena_alloc(as->arena, sizeof(*b));
    void *array = grow_array(as, m, h->bucket, h->n_bucket);
    if (!b || !array)
        return TEXT_ASSEMBLY_NO_MEMORY;
    io__prometheus__client__bucket__init(b);
    b->has_upper_bound = true;
    b->upper_bound = bound;
    b->has_cumulative_count = whole;
    b->cumulative_count = whole ? count : 0;
    b->has_cumulative_count_float = !whole;
    b->cumulative_count_float = whole ? 0 : value;
    h->bucket = array;
    h->bucket[h->n_bucket++] = b;
    return TEXT_ASSEMBLY_OK;
}

static enum text_assembly_result add_to_histogram(struct text_assembly *as,
                                                  struct text_assembled *m,
                                                  enum text_line_role role, double bound,
                                                  double value)
{
    Io__Prometheus__Client__Histogram *h = &m->message.histogram;
    uint64_t count;
    if (role == TEXT_LINE_SUM) {
        h->has_sample_sum = true;
        h->sample_sum = value;
    } else if (role == TEXT_LINE_VALUE) {
        return isnan(bound) ? TEXT_ASSEMBLY_OK : add_bucket(as, m, bound, value);
    } else if (to_count(value, &count)) {
        h->has_sample_count = true;
        h->sample_count = count;
    } else if (value < 0) {
        return TEXT_ASSEMBLY_NEGATIVE_COUNT;
    } else {
        h->has_sample_count_float = true;
        h->sample_count_float = value;
    }
    return TEXT_ASSEMBLY_OK;
}

enum text_assembly_result text_assembly_add(struct text_assembly *as, struct text_assembled *metric,
                                            enum text_line_role role, double bound, double value)
{
    if (metric->type == METRIC_SUMMARY)
        return add_to_summary(as, metric, role, bound, value);
    return add_to_histogram(as, metric, role, bound, value);
}

static bool has_float_counts(const Io__Prometheus__Client__Histogram *h)
{
    if (h->sample_count_float != 0)
        return true;
    for (size_t i = 0; i < h->n_bucket; i++) {
        if (h->bucket[i]->cumulative_count_float != 0)
            return true;
    }
    return false;
}

static void make_counts_float(Io__Prometheus__Client__Histogram *h)
{
    if (h->sample_count_float == 0) {
        h->has_sample_count_float = true;
        h->sample_count_float = (double)h->sample_count;
        h->has_sample_count = false;
    }
    for (size_t i = 0; i < h->n_bucket; i++) {
        Io__Prometheus__Client__Bucket *b = h->bucket[i];
        if (b->cumulative_count_float == 0) {
            b->has_cumulative_count_float = true;
            b->cumulative_count_float = (double)b->cumulative_count;
            b->has_cumulative_count = false;
        }
    }
}

struct slice text_assembly_payload(struct text_assembly *as, struct text_assembled *metric)
{
    if (metric->type == METRIC_SUMMARY)
        return metric_value_write_summary(&metric->message.summary, as->arena);
    if (has_float_counts(&metric->message.histogram))
        make_counts_float(&metric->message.histogram);
    return metric_value_write_histogram(&metric->message.histogram, as->arena);
}
