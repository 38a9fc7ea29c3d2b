/* A sample line is
 *
 *   name suffix { labels , extra } ' ' value '\n'         foo_bucket{job="a",le="0.5"} 3
 *   { "name suffix" , labels , extra } ' ' value '\n'     {"foo.bar_sum",job="a"} 1.5
 *
 * written straight behind the buffer's end, in space reserved for the longest it can become. */
#include "text_writer.h"

#include "metric_value.h"
#include "metric_wire.h"
#include "number.h"
#include "wire.h"

#include <math.h>

/* Beside name, suffix and labels: two numbers, the extra label's name, punctuation. */
enum { LINE_REST = 2 * NUMBER_TEXT_MAX + 32 };

struct writer {
    struct buffer *out;
    struct arena *scratch;
    enum escaping escaping;
    struct slice name; /* as it is shown: of legacy characters, or the inside of quotes */
    bool quoted;

    /* Of the current metric. */
    struct slice labels;      /* encoded */
    struct slice labels_text; /* once they are known to need quotes or escaping; else .p is NULL */
};

/* A label that is not among the metric's: quantile or le. */
struct extra_label {
    struct slice name; /* empty: there is none */
    double value;
};

static const struct extra_label no_extra;

static inline uint64_t eight_times(char byte)
{
    return UINT64_C(0x0101010101010101) * (unsigned char)byte;
}

static inline bool has_byte(uint64_t eight, char byte)
{
    uint64_t zero_if_equal = eight ^ eight_times(byte);
    return (zero_if_equal - eight_times(1)) & ~zero_if_equal & eight_times((char)0x80);
}

/* Writes at most 2 * s.len bytes: `\` and newline escaped, and if `quotes` then `"` too. */
static char *put_escaped(char *to, struct slice s, bool quotes)
{
    const char *p = s.p, *end = s.p + s.len;
    while (p < end) {
        uint64_t eight;
        if (end - p >= (ptrdiff_t)sizeof(eight)) {
            memcpy(&eight, p, sizeof(eight));
            if (!has_byte(eight, '\\') && !has_byte(eight, '\n') &&
                !(quotes && has_byte(eight, '"'))) {
                memcpy(to, p, sizeof(eight));
                to += sizeof(eight);
                p += sizeof(eight);
                continue;
            }
        }
        char c = *p++;
        if (c == '\\' || c == '\n' || (c == '"' && quotes))
            *to++ = '\\';
        *to++ = c == '\n' ? 'n' : c;
    }
    return to;
}

static void append_escaped(struct buffer *out, struct slice s, bool quotes)
{
    char *to = buffer_reserve(out, 2 * s.len);
    if (to)
        out->len += (size_t)(put_escaped(to, s, quotes) - to);
}

static void append_quoted(struct buffer *out, struct slice text)
{
    buffer_byte(out, '"');
    append_escaped(out, text, true);
    buffer_byte(out, '"');
}

/* The name of a metric where it stands on its own. */
static void append_name(struct buffer *out, struct slice name, enum escaping escaping)
{
    if (escaping != ESCAPING_NONE || names_is_legacy_metric(name))
        names_escape(out, name, escaping);
    else
        append_quoted(out, name);
}

static void append_label_name(struct buffer *out, struct slice name, enum escaping escaping)
{
    if (escaping != ESCAPING_NONE || names_is_legacy_label(name))
        names_escape_label(out, name, escaping);
    else
        append_quoted(out, name);
}

void text_writer_family(struct buffer *out, struct slice name, bool has_help, struct slice help,
                        enum metric_type type, enum escaping escaping)
{
    if (has_help) {
        buffer_text(out, "# HELP ");
        append_name(out, name, escaping);
        buffer_byte(out, ' ');
        append_escaped(out, help, false);
        buffer_byte(out, '\n');
    }
    buffer_text(out, "# TYPE ");
    append_name(out, name, escaping);
    buffer_byte(out, ' ');
    /* The format has no gauge histograms. */
    buffer_text(out, metric_type_name(type == METRIC_GAUGE_HISTOGRAM ? METRIC_HISTOGRAM : type));
    buffer_byte(out, '\n');
}

static inline char *put_slice(char *to, struct slice s)
{
    if (s.len > 0)
        memcpy(to, s.p, s.len);
    return to + s.len;
}

static char *put_float(char *to, double v)
{
    if (v == 0) {
        *to = '0'; /* also for -0 */
        return to + 1;
    }
    return to + number_format_float(v, to);
}

/* Writes at most 2 * labels.len bytes: a label's framing on the wire is longer than in text. NULL
 * when a name is not a legacy one. */
static char *put_legacy_labels(char *to, struct slice labels)
{
    struct label label;
    while (metric_wire_next_label(&labels, &label)) {
        if (!names_is_legacy_label(label.name))
            return NULL;
        to = put_slice(to, label.name);
        *to++ = '=';
        *to++ = '"';
        to = put_escaped(to, label.value, true);
        *to++ = '"';
        *to++ = ',';
    }
    return to - 1; /* there is one label at least */
}

/* Makes the text of labels whose names need quotes or escaping. */
static bool make_labels_text(struct writer *w)
{
    struct buffer text = {0};
    struct slice labels = w->labels;
    struct label label;
    while (metric_wire_next_label(&labels, &label)) {
        if (text.len > 0)
            buffer_byte(&text, ',');
        append_label_name(&text, label.name, w->escaping);
        buffer_byte(&text, '=');
        append_quoted(&text, label.value);
    }
    if (!text.failed)
        w->labels_text = arena_copy(w->scratch, buffer_slice(&text));
    buffer_free(&text);
    return w->labels_text.p != NULL;
}

/* Reserves the longest line and writes its first part; NULL when memory is out. */
static char *put_line_start(const struct writer *w, struct slice suffix)
{
    size_t labels_max = w->labels_text.p ? w->labels_text.len : 2 * w->labels.len;
    char *to = buffer_reserve(w->out, w->name.len + suffix.len + labels_max + LINE_REST);
    if (!to)
        return NULL;
    if (w->quoted) {
        *to++ = '{';
        *to++ = '"';
    }
    to = put_slice(to, w->name);
    to = put_slice(to, suffix);
    if (w->quoted)
        *to++ = '"';
    return to;
}

/* Writes "{labels", or ",labels" behind a quoted name; NULL when labels_text is needed. */
static char *put_labels(const struct writer *w, char *to)
{
    if (w->labels.len == 0)
        return to;
    *to++ = w->quoted ? ',' : '{';
    if (w->labels_text.p)
        return put_slice(to, w->labels_text);
    return put_legacy_labels(to, w->labels);
}

static void append_sample(struct writer *w, struct slice suffix, struct extra_label extra,
                          double value)
{
    char *to = put_line_start(w, suffix);
    if (!to)
        return;
    to = put_labels(w, to);
    if (!to) {
        if (!make_labels_text(w)) {
            w->out->failed = true;
            return;
        }
        to = put_line_start(w, suffix);
        if (!to)
            return;
        to = put_labels(w, to);
    }
    bool open = w->quoted || w->labels.len > 0;
    if (extra.name.len > 0) {
        *to++ = open ? ',' : '{';
        to = put_slice(to, extra.name);
        *to++ = '=';
        *to++ = '"';
        to = put_float(to, extra.value);
        *to++ = '"';
        open = true;
    }
    if (open)
        *to++ = '}';
    *to++ = ' ';
    to = put_float(to, value);
    *to++ = '\n';
    w->out->len = (size_t)(to - w->out->p);
}

static void append_summary(struct writer *w, const Io__Prometheus__Client__Summary *s)
{
    for (size_t i = 0; i < s->n_quantile; i++) {
        struct extra_label quantile = {SLICE_LITERAL("quantile"), s->quantile[i]->quantile};
        append_sample(w, (struct slice){0}, quantile, s->quantile[i]->value);
    }
    append_sample(w, SLICE_LITERAL("_sum"), no_extra, s->sample_sum);
    append_sample(w, SLICE_LITERAL("_count"), no_extra, (double)s->sample_count);
}

static void append_bucket(struct writer *w, double bound, double count)
{
    append_sample(w, SLICE_LITERAL("_bucket"), (struct extra_label){SLICE_LITERAL("le"), bound},
                  count);
}

/* Counts come as whole numbers or as floats. A native histogram shows as its one +Inf bucket. */
static void append_histogram(struct writer *w, const Io__Prometheus__Client__Histogram *h)
{
    bool infinity_seen = false;
    double count = h->sample_count_float != 0 ? h->sample_count_float : (double)h->sample_count;
    for (size_t i = 0; i < h->n_bucket; i++) {
        const Io__Prometheus__Client__Bucket *b = h->bucket[i];
        append_bucket(w, b->upper_bound,
                      b->cumulative_count_float != 0 ? b->cumulative_count_float
                                                     : (double)b->cumulative_count);
        infinity_seen = infinity_seen || b->upper_bound == INFINITY;
    }
    if (!infinity_seen)
        append_bucket(w, INFINITY, count);
    append_sample(w, SLICE_LITERAL("_sum"), no_extra, h->sample_sum);
    append_sample(w, SLICE_LITERAL("_count"), no_extra, count);
}

/* A counter, gauge or untyped as nearly every client encodes it: the value message and in it the
 * value. Which of the three it is need not be looked at, a metric has the value of its family's
 * type. */
static bool read_simple_number(struct slice payload, double *out)
{
    enum { HEAD = 3, SIZE = HEAD + 8 };
    uint64_t bits;
    if (payload.len != SIZE || (payload.p[0] & 0x80) || payload.p[1] != SIZE - 2 ||
        payload.p[2] != (char)wire_tag(1, WIRE_FIXED64))
        return false;
    payload = (struct slice){payload.p + HEAD, SIZE - HEAD};
    if (!wire_take_fixed64(&payload, &bits))
        return false;
    *out = wire_double(bits);
    return true;
}

static bool is_plain(enum metric_type type)
{
    return type == METRIC_COUNTER || type == METRIC_GAUGE || type == METRIC_UNTYPED;
}

static void append_metric(struct writer *w, enum metric_type type, struct slice payload)
{
    struct metric_value value;
    struct error e;

    if (is_plain(type) && read_simple_number(payload, &value.number)) {
        append_sample(w, (struct slice){0}, no_extra, value.number);
        return;
    }
    if (!metric_value_read(payload, type, w->scratch, &value, &e)) {
        /* What is stored has been checked: only memory can fail here. */
        w->out->failed = true;
        return;
    }
    if (value.summary)
        append_summary(w, value.summary);
    else if (value.histogram)
        append_histogram(w, value.histogram);
    else
        append_sample(w, (struct slice){0}, no_extra, value.number);
}

/* The name as it stands in the lines: escaped, or made ready for quotes. */
static bool show_name(struct writer *w, struct slice name)
{
    struct buffer shown = {0};
    if (names_is_legacy_metric(name)) {
        w->name = name;
        return true;
    }
    w->quoted = w->escaping == ESCAPING_NONE;
    if (w->quoted)
        append_escaped(&shown, name, true);
    else
        names_escape(&shown, name, w->escaping);
    if (!shown.failed)
        w->name = arena_copy(w->scratch, buffer_slice(&shown));
    buffer_free(&shown);
    return w->name.p != NULL;
}

void text_writer_metrics(struct buffer *out, struct slice name, enum metric_type type,
                         struct slice metrics, enum escaping escaping, struct arena *scratch)
{
    struct writer w = {.out = out, .scratch = scratch, .escaping = escaping};
    struct metric_wire metric;

    if (!show_name(&w, name)) {
        out->failed = true;
        return;
    }
    while (metric_wire_next(&metrics, &metric)) {
        w.labels = metric.labels;
        w.labels_text = (struct slice){NULL, 0};
        append_metric(&w, type, metric.payload);
    }
}
