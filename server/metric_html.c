#include "metric_html.h"

#include "html_writer.h"
#include "metric_value.h"
#include "native_buckets.h"
#include "number.h"

/* A histogram of many buckets would be most of the page. */
enum { BUCKETS_SHOWN = 200 };

void metric_html_label(struct buffer *out, const struct label *label)
{
    buffer_text(out, "<span class=\"label\">");
    html_writer_text(out, label->name);
    buffer_text(out, "=\"");
    html_writer_text(out, label->value);
    buffer_text(out, "\"</span> ");
}

static void write_float(struct buffer *out, double value)
{
    char digits[NUMBER_TEXT_MAX];
    buffer_bytes(out, digits, number_format_float(value, digits));
}

static void write_uint(struct buffer *out, uint64_t value)
{
    char digits[NUMBER_TEXT_MAX];
    buffer_bytes(out, digits, number_format_uint(value, digits));
}

/* Counts come as whole numbers or, in float histograms, as floats. */
static void write_count(struct buffer *out, uint64_t count, double count_float)
{
    if (count_float > 0)
        write_float(out, count_float);
    else
        write_uint(out, count);
}

static void begin_item(struct buffer *out, const char *name)
{
    buffer_text(out, "<dt>");
    buffer_text(out, name);
}

static void between_item(struct buffer *out)
{
    buffer_text(out, "</dt><dd>");
}

static void end_item(struct buffer *out)
{
    buffer_text(out, "</dd>");
}

static void write_totals(struct buffer *out, uint64_t count, double count_float, double sum)
{
    begin_item(out, "count");
    between_item(out);
    write_count(out, count, count_float);
    end_item(out);
    begin_item(out, "sum");
    between_item(out);
    write_float(out, sum);
    end_item(out);
}

static void write_left_out(struct buffer *out, size_t count)
{
    if (count <= BUCKETS_SHOWN)
        return;
    begin_item(out, "…");
    between_item(out);
    buffer_printf(out, "%zu more", count - BUCKETS_SHOWN);
    end_item(out);
}

static size_t shown(size_t count)
{
    return count < BUCKETS_SHOWN ? count : BUCKETS_SHOWN;
}

static void write_summary(struct buffer *out, const Io__Prometheus__Client__Summary *s)
{
    for (size_t i = 0; i < shown(s->n_quantile); i++) {
        begin_item(out, "quantile ");
        write_float(out, s->quantile[i]->quantile);
        between_item(out);
        write_float(out, s->quantile[i]->value);
        end_item(out);
    }
    write_left_out(out, s->n_quantile);
    write_totals(out, s->sample_count, 0, s->sample_sum);
}

static void write_classic_buckets(struct buffer *out, const Io__Prometheus__Client__Histogram *h)
{
    for (size_t i = 0; i < shown(h->n_bucket); i++) {
        const Io__Prometheus__Client__Bucket *b = h->bucket[i];
        begin_item(out, "≤ ");
        write_float(out, b->upper_bound);
        between_item(out);
        write_count(out, b->cumulative_count, b->cumulative_count_float);
        end_item(out);
    }
    write_left_out(out, h->n_bucket);
}

static bool write_native_buckets(struct buffer *out, const Io__Prometheus__Client__Histogram *h,
                                 struct arena *scratch)
{
    struct native_buckets native;
    if (!native_buckets_read(h, scratch, &native))
        return false;
    for (size_t i = 0; i < shown(native.count); i++) {
        const struct native_bucket *b = &native.buckets[i];
        bool with_lower = b->boundaries == NATIVE_OPEN_RIGHT || b->boundaries == NATIVE_CLOSED;
        bool with_upper = b->boundaries == NATIVE_OPEN_LEFT || b->boundaries == NATIVE_CLOSED;
        begin_item(out, with_lower ? "[" : "(");
        write_float(out, b->lower);
        buffer_text(out, ", ");
        write_float(out, b->upper);
        buffer_text(out, with_upper ? "]" : ")");
        between_item(out);
        write_count(out, b->count, b->count_float);
        end_item(out);
    }
    write_left_out(out, native.count);
    return true;
}

static bool write_histogram(struct buffer *out, const Io__Prometheus__Client__Histogram *h,
                            struct arena *scratch)
{
    bool ok = true;
    if (native_buckets_exist(h))
        ok = write_native_buckets(out, h, scratch);
    else
        write_classic_buckets(out, h);
    write_totals(out, h->sample_count, h->sample_count_float, h->sample_sum);
    return ok;
}

static bool write_value(struct buffer *out, const struct metric_value *value, struct arena *scratch)
{
    bool ok = true;
    if (!value->summary && !value->histogram) {
        write_float(out, value->number);
        return true;
    }
    buffer_text(out, "<dl>");
    if (value->summary)
        write_summary(out, value->summary);
    else
        ok = write_histogram(out, value->histogram, scratch);
    buffer_text(out, "</dl>");
    return ok;
}

bool metric_html_row(struct buffer *out, enum metric_type type, const struct metric_wire *metric,
                     struct arena *scratch)
{
    struct slice labels = metric->labels;
    struct metric_value value;
    struct label label;
    struct error e;
    bool ok = true;

    buffer_text(out, "<tr><td>");
    while (metric_wire_next_label(&labels, &label))
        metric_html_label(out, &label);
    buffer_text(out, "</td><td>");
    if (metric_value_read(metric->payload, type, scratch, &value, &e))
        ok = write_value(out, &value, scratch);
    else if (e.code == ERROR_NO_MEMORY)
        ok = false;
    else /* a store without checks holds what has no value of its type */
        buffer_text(out, "–");
    buffer_text(out, "</td></tr>\n");
    return ok;
}
