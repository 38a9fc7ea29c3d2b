#include "delimited_writer.h"

#include "metric_wire.h"
#include "metrics_fields.h"
#include "wire.h"

static void put_varint(struct buffer *out, uint64_t v)
{
    char *to = buffer_reserve(out, WIRE_VARINT_MAX);
    if (to)
        out->len += (size_t)(wire_put_varint(to, v) - to);
}

static void put_bytes(struct buffer *out, uint32_t field, struct slice s)
{
    char *to = buffer_reserve(out, wire_bytes_size(s.len));
    if (to)
        out->len += (size_t)(wire_put_bytes(to, field, s) - to);
}

/* The name of a family as it goes out; in `escaped` if it changes. */
static struct slice escape_name(struct buffer *escaped, struct slice name, enum escaping escaping)
{
    if (escaping == ESCAPING_NONE || names_is_legacy_metric(name))
        return name;
    names_escape(escaped, name, escaping);
    return buffer_slice(escaped);
}

void delimited_writer_family(struct buffer *out, struct slice name, bool has_help,
                             struct slice help, enum metric_type type, struct slice unit,
                             size_t metrics_size, enum escaping escaping)
{
    enum { TYPE_SIZE = 2 };
    struct buffer escaped = {0};

    name = escape_name(&escaped, name, escaping);
    size_t size = wire_bytes_size(name.len) + TYPE_SIZE + metrics_size;
    if (has_help)
        size += wire_bytes_size(help.len);
    if (unit.len > 0)
        size += wire_bytes_size(unit.len);
    put_varint(out, size);
    put_bytes(out, FAMILY_NAME, name);
    if (has_help)
        put_bytes(out, FAMILY_HELP, help);
    put_varint(out, wire_tag(FAMILY_TYPE, WIRE_VARINT));
    put_varint(out, type);
    if (unit.len > 0)
        put_bytes(out, FAMILY_UNIT, unit);
    out->failed = out->failed || escaped.failed;
    buffer_free(&escaped);
}

static bool labels_need_escape(struct slice labels)
{
    struct label label;

    while (metric_wire_next_label(&labels, &label)) {
        if (!names_is_legacy_label(label.name))
            return true;
    }
    return false;
}

/* What is used again from metric to metric. */
struct escaper {
    enum escaping escaping;
    struct buffer name, labels;
};

static void escape_metric(struct escaper *escaper, struct buffer *out, struct metric_wire metric)
{
    struct label label;

    buffer_clear(&escaper->labels);
    while (metric_wire_next_label(&metric.labels, &label)) {
        buffer_clear(&escaper->name);
        names_escape_label(&escaper->name, label.name, escaper->escaping);
        struct slice name = buffer_slice(&escaper->name);
        put_varint(&escaper->labels, wire_tag(METRIC_LABEL, WIRE_BYTES));
        put_varint(&escaper->labels, wire_bytes_size(name.len) + wire_bytes_size(label.value.len));
        put_bytes(&escaper->labels, LABEL_NAME, name);
        put_bytes(&escaper->labels, LABEL_VALUE, label.value);
    }
    if (escaper->name.failed || escaper->labels.failed) {
        out->failed = true;
        return;
    }
    put_varint(out, wire_tag(FAMILY_METRIC, WIRE_BYTES));
    put_varint(out, escaper->labels.len + metric.payload.len);
    buffer_slice_append(out, buffer_slice(&escaper->labels));
    buffer_slice_append(out, metric.payload);
}

void delimited_writer_escape_metrics(struct buffer *out, struct slice metrics,
                                     enum escaping escaping)
{
    struct escaper escaper = {.escaping = escaping};
    struct slice unchanged = metrics; /* from the first byte that is not written yet */
    struct metric_wire metric;

    while (escaping != ESCAPING_NONE && metrics.len > 0) {
        const char *start = metrics.p;
        if (!metric_wire_next(&metrics, &metric))
            break;
        if (!labels_need_escape(metric.labels))
            continue;
        unchanged.len = (size_t)(start - unchanged.p);
        buffer_slice_append(out, unchanged);
        escape_metric(&escaper, out, metric);
        unchanged = metrics;
    }
    buffer_slice_append(out, unchanged);
    buffer_free(&escaper.name);
    buffer_free(&escaper.labels);
}
