/* The body is walked in place. A family is walked twice, a metric too: first to count and to see
 * that all is well, then to fill arrays of the right size. What does not matter to the store stays
 * encoded (family.h), so most of a metric is only stepped over. */
#include "delimited_reader.h"

#include "histogram_check.h"
#include "message_check.h"
#include "metric_value.h"
#include "metrics.pb-c.h"
#include "metrics_fields.h"
#include "names.h"
#include "utf8.h"
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_NAME_MAX = 200 }; /* of a name in an error message */

/* As the Go decoder says it; people search for it. */
static const char malformed[] = "proto: cannot parse invalid wire-format data";

struct reader {
    struct arena *arena;
    struct arena scratch; /* for what is decoded only to be checked */
    struct error *error;

    /* Where we are, for messages. Numbers count from 1; 0 is none. */
    const char *start;
    const char *at;
    size_t family, metric;
    struct slice family_name;
};

static bool refuse(struct reader *r, const char *why)
{
    char metric[40] = "";
    struct slice name = r->family_name;

    if (name.len > SHOWN_NAME_MAX)
        name.len = SHOWN_NAME_MAX;
    if (r->metric > 0)
        snprintf(metric, sizeof(metric), ", metric %zu", r->metric);
    return error_set(r->error, ERROR_INVALID, "%s (family %zu \"%.*s\"%s, byte %zu)", why,
                     r->family, SLICE_ARGS(name), metric, (size_t)(r->at - r->start));
}

/* A field that is a known one counts only with its own wire type; Go takes it for unknown else. */
static bool is_bytes(const struct wire_field *field, uint32_t number)
{
    return field->number == number && field->type == WIRE_BYTES;
}

static bool read_label(struct slice message, struct label *out)
{
    *out = (struct label){0};
    while (message.len > 0) {
        struct wire_field field;
        if (!wire_take_field(&message, &field))
            return false;
        if (is_bytes(&field, LABEL_NAME))
            out->name = field.bytes;
        else if (is_bytes(&field, LABEL_VALUE))
            out->value = field.bytes;
    }
    return true;
}

/* What the first walk over a metric finds out. */
struct outline {
    size_t n_labels;
    size_t payload_size;
    const char *labels_end; /* the byte after the last label */
    bool labels_first;      /* nothing else stands before a label */
    bool has_value;         /* of the family's type */
    bool has_timestamp;
    bool must_decode; /* seeing it is well formed is not enough */
    bool merges_much; /* the reason, if it is refused */
};

static bool outline_metric(struct slice metric, enum metric_type type, struct outline *out)
{
    const uint32_t value = metric_value_field(type);
    const bool is_histogram = type == METRIC_HISTOGRAM || type == METRIC_GAUGE_HISTOGRAM;
    struct message_findings found = {0};
    uint64_t seen = 0;

    *out = (struct outline){.labels_end = metric.p, .labels_first = true};
    while (metric.len > 0) {
        const char *start = metric.p;
        struct wire_field field;
        if (!wire_take_field(&metric, &field))
            return false;
        if (is_bytes(&field, METRIC_LABEL)) {
            out->n_labels++;
            out->labels_first = out->labels_first && out->payload_size == 0;
            out->labels_end = metric.p;
            continue;
        }
        if (!message_check_field(&io__prometheus__client__metric__descriptor, &field, &seen,
                                 &found)) {
            out->merges_much = found.merges > MESSAGE_MERGES_MAX;
            return false;
        }
        out->payload_size += (size_t)(metric.p - start);
        if (field.number == METRIC_TIMESTAMP)
            out->has_timestamp = true;
        if (field.number == value) {
            out->has_value = true;
            if (is_histogram && histogram_check_is_needed(field.bytes))
                out->must_decode = true;
        }
    }
    if (found.unusual && (is_histogram || type == METRIC_SUMMARY))
        out->must_decode = true;
    return true;
}

/* Puts together what stands between and behind labels. */
static bool gather_payload(struct reader *r, struct slice metric, size_t size, struct slice *out)
{
    char *payload = arena_alloc(r->arena, size);
    char *to = payload;

    if (!payload)
        return error_no_memory(r->error);
    while (metric.len > 0) {
        const char *start = metric.p;
        struct wire_field field;
        if (!wire_take_field(&metric, &field))
            break; /* cannot be: it was outlined */
        if (is_bytes(&field, METRIC_LABEL))
            continue;
        memcpy(to, start, (size_t)(metric.p - start));
        to += metric.p - start;
    }
    *out = (struct slice){payload, size};
    return true;
}

static bool read_labels(struct reader *r, struct slice metric, const struct outline *outline,
                        struct metric *out)
{
    if (outline->n_labels == 0)
        return true;
    out->labels = arena_alloc(r->arena, outline->n_labels * sizeof(*out->labels));
    if (!out->labels)
        return error_no_memory(r->error);
    while (out->n_labels < outline->n_labels) {
        struct wire_field field;
        if (!wire_take_field(&metric, &field))
            return refuse(r, malformed);
        if (!is_bytes(&field, METRIC_LABEL))
            continue;
        if (!read_label(field.bytes, &out->labels[out->n_labels++]))
            return refuse(r, malformed);
    }
    return true;
}

/* Decodes a summary or histogram for no other reason than to see whether it can be, and whether a
 * native histogram adds up. */
static bool try_value(struct reader *r, struct slice payload, enum metric_type type)
{
    struct metric_value value;
    struct error why;
    bool ok = metric_value_read(payload, type, &r->scratch, &value, &why) &&
              (!value.histogram || histogram_check(value.histogram, &why));

    arena_reset(&r->scratch);
    if (ok)
        return true;
    if (why.code == ERROR_NO_MEMORY)
        return error_no_memory(r->error);
    return refuse(r, why.message);
}

static bool read_metric(struct reader *r, struct slice metric, enum metric_type type,
                        struct metric *out)
{
    struct outline outline;

    *out = (struct metric){0};
    if (!outline_metric(metric, type, &outline))
        return refuse(r, outline.merges_much ? "a message comes again too often" : malformed);
    out->has_timestamp = outline.has_timestamp;
    out->lacks_value = !outline.has_value;
    if (outline.labels_first)
        out->payload = (struct slice){outline.labels_end, outline.payload_size};
    else if (!gather_payload(r, metric, outline.payload_size, &out->payload))
        return false;
    if (outline.has_value && outline.must_decode && !try_value(r, out->payload, type))
        return false;
    return read_labels(r, metric, &outline, out);
}

/* Prometheus refuses the whole scrape over a unit that the name does not end in. */
static bool name_has_unit(const struct family *f)
{
    static const struct slice total = SLICE_LITERAL("_total");
    struct slice name = f->name;
    if (f->type == METRIC_COUNTER && slice_has_suffix(name, total))
        name.len -= total.len;
    return names_is_legacy_metric(f->name) && slice_has_suffix(name, f->unit) &&
           name.len > f->unit.len && name.p[name.len - f->unit.len - 1] == '_';
}

/* What would make a scraper refuse everything although nobody needs it gives way rather than the
 * push: bytes of a help text that are not UTF-8, and a unit that does not fit the name. */
static bool mend(struct reader *r, struct family *f)
{
    if (!name_has_unit(f))
        f->unit = (struct slice){0};
    return utf8_repair(&f->help, r->arena) || error_no_memory(r->error);
}

/* Reads all fields but the metrics, and counts those. */
static bool read_head(struct reader *r, struct slice message, struct family *out)
{
    int32_t type = METRIC_COUNTER; /* the default of proto2: the first one */

    while (message.len > 0) {
        struct wire_field field;
        r->at = message.p;
        if (!wire_take_field(&message, &field))
            return refuse(r, malformed);
        if (is_bytes(&field, FAMILY_METRIC)) {
            out->n_metrics++;
        } else if (is_bytes(&field, FAMILY_NAME)) {
            out->name = r->family_name = field.bytes;
        } else if (is_bytes(&field, FAMILY_HELP)) {
            out->help = field.bytes;
            out->has_help = true;
        } else if (is_bytes(&field, FAMILY_UNIT)) {
            out->unit = field.bytes;
        } else if (field.number == FAMILY_TYPE && field.type == WIRE_VARINT) {
            type = (int32_t)(uint32_t)field.value;
        }
    }
    if (out->name.len == 0)
        return refuse(r, "family without a name");
    if (!names_is_name(out->name))
        return refuse(r, "invalid metric name");
    if (type < 0 || type >= METRIC_TYPES) {
        char why[64];
        snprintf(why, sizeof(why), "unknown metric type %" PRId32, type);
        return refuse(r, why);
    }
    out->type = (enum metric_type)type;
    return mend(r, out);
}

static bool read_family(struct reader *r, struct slice message, struct family *out)
{
    *out = (struct family){0};
    r->at = message.p;
    r->family_name = (struct slice){NULL, 0};
    r->metric = 0;
    if (!read_head(r, message, out))
        return false;
    if (out->n_metrics == 0)
        return true;
    out->metrics = arena_alloc(r->arena, out->n_metrics * sizeof(*out->metrics));
    if (!out->metrics)
        return error_no_memory(r->error);
    while (r->metric < out->n_metrics) {
        struct wire_field field;
        r->at = message.p;
        if (!wire_take_field(&message, &field))
            return refuse(r, malformed);
        if (!is_bytes(&field, FAMILY_METRIC))
            continue;
        struct metric *metric = &out->metrics[r->metric++];
        if (!read_metric(r, field.bytes, out->type, metric))
            return false;
    }
    return true;
}

bool delimited_reader_read_family(struct slice message, struct arena *a, struct family *out,
                                  struct error *e)
{
    struct reader r = {.arena = a, .error = e, .start = message.p, .family = 1};

    bool ok = read_family(&r, message, out);
    arena_free(&r.scratch);
    return ok;
}

/* Takes a message and the length before it. */
static bool take_message(struct reader *r, struct slice *body, struct slice *out)
{
    struct slice rest = *body;
    uint64_t length;

    r->at = body->p;
    if (wire_take_bytes(body, out))
        return true;
    if (wire_take_varint(&rest, &length) || rest.len < WIRE_VARINT_MAX)
        return refuse(r, "unexpected EOF");
    return refuse(r, "proto: variable length integer overflow");
}

static bool count_messages(struct reader *r, struct slice body, size_t *out)
{
    struct slice message;

    for (*out = 0; body.len > 0; (*out)++) {
        r->family = *out + 1;
        if (!take_message(r, &body, &message))
            return false;
    }
    return true;
}

static int compare_names(const void *a, const void *b)
{
    const struct family *const *x = a, *const *y = b;
    int order = slice_compare((*x)->name, (*y)->name);

    return order != 0 ? order : (*x > *y) - (*x < *y);
}

static bool names_ascend(const struct family_list *list)
{
    for (size_t i = 1; i < list->count; i++) {
        if (slice_compare(list->families[i - 1].name, list->families[i].name) >= 0)
            return false;
    }
    return true;
}

/* Of families of one name the last one stays, in the place of the first. Sorting does not care what
 * a hostile client calls its families, as a hash would. */
static bool drop_replaced(struct reader *r, struct family_list *list)
{
    if (names_ascend(list)) /* what client libraries send */
        return true;
    struct family **sorted = arena_alloc(r->arena, list->count * sizeof(struct family *));
    if (!sorted)
        return error_no_memory(r->error);
    for (size_t i = 0; i < list->count; i++)
        sorted[i] = &list->families[i];
    qsort(sorted, list->count, sizeof(struct family *), compare_names);
    for (size_t i = 0, next; i < list->count; i = next) {
        const struct slice name = sorted[i]->name;
        for (next = i + 1; next < list->count && slice_equal(sorted[next]->name, name);)
            next++;
        if (next - i == 1)
            continue;
        *sorted[i] = *sorted[next - 1];
        for (size_t gone = i + 1; gone < next; gone++)
            sorted[gone]->name.len = 0; /* no family that was read has an empty name */
    }
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->families[i].name.len > 0)
            list->families[kept++] = list->families[i];
    }
    list->count = kept;
    return true;
}

static bool read_body(struct reader *r, struct slice body, struct family_list *out)
{
    if (!count_messages(r, body, &out->count))
        return false;
    if (out->count == 0)
        return true;
    out->families = arena_alloc(r->arena, out->count * sizeof(*out->families));
    if (!out->families)
        return error_no_memory(r->error);
    for (size_t i = 0; i < out->count; i++) {
        struct slice message = {0};
        r->family = i + 1;
        if (!take_message(r, &body, &message) || !read_family(r, message, &out->families[i]))
            return false;
    }
    return drop_replaced(r, out);
}

bool delimited_reader_read(struct slice body, struct arena *a, struct family_list *out,
                           struct error *e)
{
    struct reader r = {.arena = a, .error = e, .start = body.p};

    *out = (struct family_list){0};
    bool ok = read_body(&r, body, out);
    arena_free(&r.scratch);
    return ok;
}
