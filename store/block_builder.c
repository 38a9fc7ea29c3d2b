#include "block_builder.h"

#include "go_quote.h"
#include "label_names.h"
#include "metric_value.h"
#include "metric_wire.h"
#include "names.h"
#include "wire.h"

#include <stdlib.h>

struct prepared_metric {
    struct label *labels; /* final: sorted by name, the group's included */
    size_t n_labels;
    struct slice payload;
    size_t content; /* metric_wire_content_size() */
    bool lacks_value, good_names;
    uint32_t alike[2]; /* as label_shape */
};

/* The group's own labels are of the same bytes in all its metrics. */
static int compare_values(struct slice a, struct slice b)
{
    return a.p == b.p && a.len == b.len ? 0 : slice_compare(a, b);
}

static int compare_metrics(const void *a, const void *b)
{
    const struct prepared_metric *ma = a, *mb = b;
    if (ma->n_labels != mb->n_labels)
        return ma->n_labels < mb->n_labels ? -1 : 1;
    for (size_t i = 0; i < ma->n_labels; i++) {
        int order = compare_values(ma->labels[i].value, mb->labels[i].value);
        if (order != 0)
            return order;
    }
    for (size_t i = 0; i < ma->n_labels; i++) {
        int order = slice_compare(ma->labels[i].name, mb->labels[i].name);
        if (order != 0)
            return order;
    }
    return 0;
}

static bool are_ascending(const struct prepared_metric *metrics, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (compare_metrics(&metrics[i - 1], &metrics[i]) >= 0)
            return false;
    return true;
}

/* Returns whether two may be the same. */
static bool sort_metrics(struct prepared_metric *metrics, size_t n)
{
    if (are_ascending(metrics, n)) /* as clients send them */
        return false;
    qsort(metrics, n, sizeof(*metrics), compare_metrics);
    return true;
}

int block_compare_labels(struct slice a, struct slice b)
{
    struct slice rest_a = a, rest_b = b;
    struct label la, lb;
    int by_value = 0, by_name = 0;

    if (slice_equal(a, b))
        return 0;
    for (;;) {
        bool more_a = metric_wire_next_label(&rest_a, &la);
        bool more_b = metric_wire_next_label(&rest_b, &lb);
        if (more_a != more_b)
            return more_a ? 1 : -1;
        if (!more_a)
            return by_value != 0 ? by_value : by_name;
        if (by_value == 0)
            by_value = slice_compare(la.value, lb.value);
        if (by_name == 0)
            by_name = slice_compare(la.name, lb.name);
    }
}

static void add_not_utf8(struct faults *faults, const struct family *family,
                         const struct prepared_metric *m, const struct label *label)
{
    struct buffer name = {0}, value = {0};
    go_quote(&name, label->name);
    go_quote(&value, label->value);
    faults_add_metric(faults, family->name, m->labels, m->n_labels, m->payload,
                      "has a label named %.*s whose value is not utf8: %.*s", (int)name.len, name.p,
                      (int)value.len, value.p);
    buffer_free(&name);
    buffer_free(&value);
}

static bool has_utf8_values(const struct prepared_metric *m)
{
    for (size_t i = 0; i < m->n_labels; i++)
        if (!names_is_utf8(m->labels[i].value))
            return false;
    return true;
}

/* Whether text adds a label of this name to samples of the type: twice in a sample, it makes
 * Prometheus refuse the scrape. */
static bool is_made_up(enum metric_type type, struct slice name)
{
    if (type == METRIC_SUMMARY)
        return slice_equal(name, SLICE_LITERAL("quantile"));
    return (type == METRIC_HISTOGRAM || type == METRIC_GAUGE_HISTOGRAM) &&
           slice_equal(name, SLICE_LITERAL("le"));
}

/* Adds the first fault of a metric's labels, if any. */
static bool check_labels(const struct family *family, const struct prepared_metric *m,
                         struct faults *faults)
{
    struct slice previous = SLICE_LITERAL("");
    if (m->good_names && has_utf8_values(m))
        return true;
    for (size_t i = 0; i < m->n_labels; i++) {
        const struct label *label = &m->labels[i];
        if (slice_equal(label->name, previous)) {
            faults_add_metric(faults, family->name, m->labels, m->n_labels, m->payload,
                              "has two or more labels with the same name: %.*s",
                              SLICE_ARGS(label->name));
            return false;
        }
        if (!label_names_is_good(label->name)) {
            faults_add_metric(faults, family->name, m->labels, m->n_labels, m->payload,
                              "has a label with an invalid name: %.*s", SLICE_ARGS(label->name));
            return false;
        }
        if (is_made_up(family->type, label->name)) {
            faults_add_metric(faults, family->name, m->labels, m->n_labels, m->payload,
                              "must not have an explicit \"%.*s\" label", SLICE_ARGS(label->name));
            return false;
        }
        if (!names_is_utf8(label->value)) {
            add_not_utf8(faults, family, m, label);
            return false;
        }
        previous = label->name;
    }
    if (m->alike[0] != m->alike[1]) {
        faults_add_metric(faults, family->name, m->labels, m->n_labels, m->payload,
                          "has labels whose names look the same when escaped: %.*s and %.*s",
                          SLICE_ARGS(m->labels[m->alike[0]].name),
                          SLICE_ARGS(m->labels[m->alike[1]].name));
        return false;
    }
    return true;
}

static void check_metrics(const struct family *family, const struct prepared_metric *metrics,
                          bool may_repeat, struct faults *faults)
{
    const struct prepared_metric *good = NULL; /* one with a fault of its own is not "before" */
    for (size_t i = 0; i < family->n_metrics; i++) {
        const struct prepared_metric *m = &metrics[i];
        if (m->lacks_value)
            faults_add_metric(faults, family->name, m->labels, m->n_labels, m->payload,
                              "is not a %s", metric_type_upper_name(family->type));
        else if (!check_labels(family, m, faults))
            continue;
        else if (may_repeat && good && compare_metrics(good, m) == 0)
            faults_add_metric(faults, family->name, m->labels, m->n_labels, m->payload,
                              "was collected before with the same name and label values");
        else
            good = m;
    }
}

/* Every so many metrics a block notes where one begins, so that a series in a large block is found
 * without walking it. The notes stand behind the metrics, unaligned. */
enum { LANDMARK_EVERY = 16 };

static size_t count_landmarks(size_t n_metrics)
{
    return n_metrics > 0 ? (n_metrics - 1) / LANDMARK_EVERY : 0;
}

static void set_landmark(struct block *b, size_t i, const char *metric)
{
    uint32_t offset = (uint32_t)(metric - b->metrics);
    memcpy(b->metrics + b->size + i * sizeof(offset), &offset, sizeof(offset));
}

/* The metrics from the i-th landmark on; the 0-th is the beginning. */
static struct slice metrics_from(const struct block *b, size_t i)
{
    uint32_t offset = 0;
    if (i > 0)
        memcpy(&offset, b->metrics + b->size + (i - 1) * sizeof(offset), sizeof(offset));
    return (struct slice){b->metrics + offset, b->size - offset};
}

bool block_has(const struct block *b, struct slice labels)
{
    size_t low = 0, high = count_landmarks(b->n_metrics);
    struct metric_wire m;

    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        struct slice from = metrics_from(b, middle);
        if (metric_wire_next(&from, &m) && block_compare_labels(m.labels, labels) <= 0)
            low = middle;
        else
            high = middle - 1;
    }
    struct slice rest = metrics_from(b, low);
    for (int i = 0; i < LANDMARK_EVERY && metric_wire_next(&rest, &m); i++)
        if (slice_equal(m.labels, labels))
            return true;
    return false;
}

/* Text shows the name and the labels of a metric with each of its samples, and a metric is the
 * least that a scrape makes at once. So what takes little to push must not take much to show. */
enum {
    METRIC_SHOWN_MAX = 32 << 20,
    NAME_SHOWN_MAX = 200, /* in a message */
};
#define BLOCK_SHOWN_MAX (UINT64_C(512) << 20)

static bool check_size(const struct family *family, const struct prepared_metric *m,
                       uint64_t *total, struct error *e)
{
    uint64_t head = family->name.len + (m->content - m->payload.len);
    uint64_t size = head * metric_value_samples(m->payload, family->type) + m->payload.len;
    *total += size;
    if (size <= METRIC_SHOWN_MAX && *total <= BLOCK_SHOWN_MAX)
        return true;
    return error_set(
        e, ERROR_TOO_LARGE,
        "metric family %.*s is too large to be shown: its name and labels stand before "
        "each sample",
        (int)(family->name.len < NAME_SHOWN_MAX ? family->name.len : NAME_SHOWN_MAX),
        family->name.p);
}

static struct block *encode(const struct prepared_metric *metrics, size_t n, struct error *e)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++)
        size += wire_bytes_size(metrics[i].content);
    if (size > UINT32_MAX || n > UINT32_MAX) {
        error_set(e, ERROR_TOO_LARGE, "a family of more than 4 GiB in one group");
        return NULL;
    }
    size_t whole = offsetof(struct block, metrics) + size + count_landmarks(n) * sizeof(uint32_t);
    struct block *b = malloc(whole > sizeof(*b) ? whole : sizeof(*b));
    if (!b) {
        error_no_memory(e);
        return NULL;
    }
    *b = (struct block){.n_metrics = (uint32_t)n, .size = (uint32_t)size};
    char *to = b->metrics;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && i % LANDMARK_EVERY == 0)
            set_landmark(b, i / LANDMARK_EVERY - 1, to);
        to = metric_wire_put_sized(to, metrics[i].content, metrics[i].labels, metrics[i].n_labels,
                                   metrics[i].payload);
    }
    return b;
}

static void note_kinds(struct block *b, const struct family *family)
{
    if (family->type != METRIC_HISTOGRAM && family->type != METRIC_GAUGE_HISTOGRAM)
        return;
    for (size_t i = 0; i < family->n_metrics; i++) {
        if (metric_value_is_native(family->metrics[i].payload))
            b->has_native = true;
        else
            b->has_classic = true;
    }
}

static bool prepare(const struct prepared_key *key, const struct metric *metric,
                    struct label_shape *shape, struct arena *a, struct prepared_metric *out)
{
    if (!label_merge(key, metric, shape, a, &out->labels))
        return false;
    out->n_labels = shape->n_labels;
    out->good_names = shape->good_names;
    memcpy(out->alike, shape->alike, sizeof(out->alike));
    out->lacks_value = metric->lacks_value;
    out->payload = metric->payload;
    out->content = metric_wire_content_size(out->labels, out->n_labels, out->payload);
    return true;
}

struct block *block_build(const struct prepared_key *key, const struct family *family,
                          int64_t time_ns, struct label_shape *shape, struct arena *scratch,
                          struct faults *faults, struct error *e)
{
    size_t n = family->n_metrics, faults_before = faults->count;
    struct prepared_metric *metrics = arena_alloc(scratch, n * sizeof(*metrics));
    bool ok = true, legacy_names = true;
    uint64_t shown = 0;

    if (!metrics) {
        error_no_memory(e);
        return NULL;
    }
    for (size_t i = 0; ok && i < n; i++) {
        ok = (prepare(key, &family->metrics[i], shape, scratch, &metrics[i]) ||
              error_no_memory(e)) &&
             check_size(family, &metrics[i], &shown, e);
        legacy_names = legacy_names && shape->legacy_names;
    }
    if (!ok)
        return NULL;
    bool may_repeat = sort_metrics(metrics, n);
    check_metrics(family, metrics, may_repeat, faults);
    struct block *b = encode(metrics, n, e);
    if (!b)
        return NULL;
    b->time_ns = time_ns;
    b->legacy_names = legacy_names;
    note_kinds(b, family);
    b->faults = (uint32_t)(faults->count - faults_before);
    return b;
}
