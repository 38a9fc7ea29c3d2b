#include "metric_wire.h"

#include "metrics_fields.h"
#include "wire.h"

static size_t label_content_size(const struct label *label)
{
    return wire_bytes_size(label->name.len) + wire_bytes_size(label->value.len);
}

size_t metric_wire_content_size(const struct label *labels, size_t n_labels, struct slice payload)
{
    size_t size = payload.len;
    for (size_t i = 0; i < n_labels; i++)
        size += wire_bytes_size(label_content_size(&labels[i]));
    return size;
}

size_t metric_wire_size(const struct label *labels, size_t n_labels, struct slice payload)
{
    return wire_bytes_size(metric_wire_content_size(labels, n_labels, payload));
}

char *metric_wire_put(char *to, const struct label *labels, size_t n_labels, struct slice payload)
{
    size_t content = metric_wire_content_size(labels, n_labels, payload);
    return metric_wire_put_sized(to, content, labels, n_labels, payload);
}

char *metric_wire_put_sized(char *to, size_t content_size, const struct label *labels,
                            size_t n_labels, struct slice payload)
{
    *to++ = (char)wire_tag(FAMILY_METRIC, WIRE_BYTES);
    to = wire_put_varint(to, content_size);
    for (size_t i = 0; i < n_labels; i++) {
        *to++ = (char)wire_tag(METRIC_LABEL, WIRE_BYTES);
        to = wire_put_varint(to, label_content_size(&labels[i]));
        to = wire_put_bytes(to, LABEL_NAME, labels[i].name);
        to = wire_put_bytes(to, LABEL_VALUE, labels[i].value);
    }
    if (payload.len > 0)
        memcpy(to, payload.p, payload.len);
    return to + payload.len;
}

bool metric_wire_next(struct slice *metrics, struct metric_wire *out)
{
    struct slice content;

    if (metrics->len == 0)
        return false;
    metrics->p++; /* the tag */
    metrics->len--;
    if (!wire_take_bytes(metrics, &content))
        return false;
    struct slice rest = content;
    while (rest.len > 0 && *rest.p == (char)wire_tag(METRIC_LABEL, WIRE_BYTES)) {
        struct slice label;
        rest.p++;
        rest.len--;
        if (!wire_take_bytes(&rest, &label))
            return false;
    }
    out->labels = (struct slice){content.p, (size_t)(rest.p - content.p)};
    out->payload = rest;
    return true;
}

bool metric_wire_next_label(struct slice *labels, struct label *out)
{
    struct slice content;

    if (labels->len == 0)
        return false;
    labels->p++;
    labels->len--;
    if (!wire_take_bytes(labels, &content))
        return false;
    content.p++;
    content.len--;
    if (!wire_take_bytes(&content, &out->name))
        return false;
    content.p++;
    content.len--;
    return wire_take_bytes(&content, &out->value);
}
