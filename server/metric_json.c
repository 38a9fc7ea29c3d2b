#include "metric_json.h"

#include "metric_value.h"
#include "native_buckets.h"
#include "number.h"

#include <stdlib.h>

/* A quantile or a bucket: in JSON a member, named by a number. */
struct member {
    size_t position; /* in the message */
    size_t name_length, value_length;
    char name[NUMBER_TEXT_MAX], value[NUMBER_TEXT_MAX];
};

static struct slice name_of(const struct member *m)
{
    return (struct slice){m->name, m->name_length};
}

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order = slice_compare(name_of(a), name_of(b));
    return order != 0 ? order : (a->position > b->position) - (a->position < b->position);
}

/* An object of members sorted by name, as Go prints a map; of equal names the last counts. */
static void write_members(struct json_writer *w, struct member *members, size_t count)
{
    if (count > 0)
        qsort(members, count, sizeof(*members), compare_members);
    json_writer_object(w);
    for (size_t i = 0; i < count; i++) {
        const struct member *m = &members[i];
        if (i + 1 < count && slice_equal(name_of(m), name_of(m + 1)))
            continue;
        json_writer_key(w, name_of(m));
        json_writer_string(w, (struct slice){m->value, m->value_length});
    }
    json_writer_end_object(w);
}

static bool write_quantiles(struct json_writer *w, const Io__Prometheus__Client__Summary *s,
                            struct arena *scratch)
{
    struct member *members = arena_alloc(scratch, s->n_quantile * sizeof(*members));
    if (!members)
        return false;
    for (size_t i = 0; i < s->n_quantile; i++) {
        members[i].position = i;
        members[i].name_length = number_format_float(s->quantile[i]->quantile, members[i].name);
        members[i].value_length = number_format_float(s->quantile[i]->value, members[i].value);
    }
    write_members(w, members, s->n_quantile);
    return true;
}

static bool write_classic_buckets(struct json_writer *w, const Io__Prometheus__Client__Histogram *h,
                                  struct arena *scratch)
{
    struct member *members = arena_alloc(scratch, h->n_bucket * sizeof(*members));
    if (!members)
        return false;
    for (size_t i = 0; i < h->n_bucket; i++) {
        const Io__Prometheus__Client__Bucket *b = h->bucket[i];
        struct member *m = &members[i];
        m->position = i;
        m->name_length = number_format_float(b->upper_bound, m->name);
        m->value_length = b->cumulative_count_float > 0
                              ? number_format_float(b->cumulative_count_float, m->value)
                              : number_format_uint(b->cumulative_count, m->value);
    }
    write_members(w, members, h->n_bucket);
    return true;
}

static bool write_native_buckets(struct json_writer *w, const Io__Prometheus__Client__Histogram *h,
                                 struct arena *scratch)
{
    struct native_buckets native;
    if (!native_buckets_read(h, scratch, &native))
        return false;
    json_writer_array(w);
    for (size_t i = 0; i < native.count; i++) {
        const struct native_bucket *b = &native.buckets[i];
        json_writer_array(w);
        json_writer_uint(w, b->boundaries);
        json_writer_quoted_float(w, b->lower);
        json_writer_quoted_float(w, b->upper);
        if (native.is_float)
            json_writer_quoted_float(w, b->count_float);
        else
            json_writer_quoted_uint(w, b->count);
        json_writer_end_array(w);
    }
    json_writer_end_array(w);
    return true;
}

static void write_histogram_count(struct json_writer *w, const Io__Prometheus__Client__Histogram *h)
{
    bool is_float =
        native_buckets_exist(h) ? native_buckets_are_float(h) : h->sample_count_float > 0;
    if (is_float)
        json_writer_quoted_float(w, h->sample_count_float);
    else
        json_writer_quoted_uint(w, h->sample_count);
}

static void write_labels(struct json_writer *w, struct slice labels)
{
    struct label label;
    json_writer_key(w, SLICE_LITERAL("labels"));
    json_writer_object(w);
    while (metric_wire_next_label(&labels, &label)) {
        json_writer_key(w, label.name);
        json_writer_string(w, label.value);
    }
    json_writer_end_object(w);
}

static void write_sum(struct json_writer *w, double sum)
{
    json_writer_key(w, SLICE_LITERAL("sum"));
    json_writer_quoted_float(w, sum);
}

/* Keys in these functions are in the order of their names. */
static bool write_summary(struct json_writer *w, const Io__Prometheus__Client__Summary *s,
                          struct slice labels, struct arena *scratch)
{
    json_writer_key(w, SLICE_LITERAL("count"));
    json_writer_quoted_uint(w, s->sample_count);
    write_labels(w, labels);
    json_writer_key(w, SLICE_LITERAL("quantiles"));
    bool ok = write_quantiles(w, s, scratch);
    write_sum(w, s->sample_sum);
    return ok;
}

static void write_rest_of_histogram(struct json_writer *w, struct slice labels,
                                    const Io__Prometheus__Client__Histogram *h)
{
    json_writer_key(w, SLICE_LITERAL("count"));
    write_histogram_count(w, h);
    write_labels(w, labels);
}

static bool write_histogram(struct json_writer *w, const Io__Prometheus__Client__Histogram *h,
                            struct slice labels, struct arena *scratch)
{
    json_writer_key(w, SLICE_LITERAL("buckets"));
    bool ok = native_buckets_exist(h) ? write_native_buckets(w, h, scratch)
                                      : write_classic_buckets(w, h, scratch);
    write_rest_of_histogram(w, labels, h);
    write_sum(w, h->sample_sum);
    return ok;
}

static bool write_whole_histogram(struct json_writer *w, const Io__Prometheus__Client__Histogram *h,
                                  struct slice labels, struct arena *scratch)
{
    bool ok = true;
    if (h->n_bucket > 0 || !native_buckets_exist(h)) {
        json_writer_key(w, SLICE_LITERAL("buckets"));
        ok = write_classic_buckets(w, h, scratch);
    }
    write_rest_of_histogram(w, labels, h);
    if (ok && native_buckets_exist(h)) {
        json_writer_key(w, SLICE_LITERAL("native_buckets"));
        ok = write_native_buckets(w, h, scratch);
    }
    write_sum(w, h->sample_sum);
    return ok;
}

static void write_number(struct json_writer *w, double number, struct slice labels)
{
    write_labels(w, labels);
    json_writer_key(w, SLICE_LITERAL("value"));
    json_writer_quoted_float(w, number);
}

static bool write_metric(struct json_writer *w, enum metric_type type,
                         const struct metric_wire *metric, bool whole, struct arena *scratch)
{
    static const Io__Prometheus__Client__Summary no_summary = IO__PROMETHEUS__CLIENT__SUMMARY__INIT;
    static const Io__Prometheus__Client__Histogram no_histogram =
        IO__PROMETHEUS__CLIENT__HISTOGRAM__INIT;
    struct metric_value value = {0};
    struct error e;
    bool ok = true;

    if (!metric_value_read(metric->payload, type, scratch, &value, &e)) {
        if (e.code == ERROR_NO_MEMORY)
            return false;
        value = (struct metric_value){0};
    }
    const Io__Prometheus__Client__Histogram *histogram =
        value.histogram ? value.histogram : &no_histogram;
    json_writer_object(w);
    if (type == METRIC_SUMMARY)
        ok = write_summary(w, value.summary ? value.summary : &no_summary, metric->labels, scratch);
    else if (whole && (type == METRIC_HISTOGRAM || type == METRIC_GAUGE_HISTOGRAM))
        ok = write_whole_histogram(w, histogram, metric->labels, scratch);
    else if (type == METRIC_HISTOGRAM)
        ok = write_histogram(w, histogram, metric->labels, scratch);
    else /* a gauge histogram, too: the original shows a value of 0 */
        write_number(w, value.number, metric->labels);
    json_writer_end_object(w);
    return ok;
}

bool metric_json_write(struct json_writer *w, enum metric_type type,
                       const struct metric_wire *metric, struct arena *scratch)
{
    return write_metric(w, type, metric, false, scratch);
}

bool metric_json_write_whole(struct json_writer *w, enum metric_type type,
                             const struct metric_wire *metric, struct arena *scratch)
{
    return write_metric(w, type, metric, true, scratch);
}
