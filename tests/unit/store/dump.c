#include "dump.h"

#include "metric_wire.h"
#include "require.h"

void dump_family_line(struct buffer *out, struct slice name, enum metric_type type, bool has_help,
                      struct slice help, struct slice unit)
{
    buffer_text(out, "family ");
    buffer_slice_append(out, name);
    buffer_printf(out, " %s help(%d)=", metric_type_name(type), has_help);
    buffer_slice_append(out, help);
    buffer_text(out, " unit=");
    buffer_slice_append(out, unit);
    buffer_byte(out, '\n');
}

static void put_labels(struct buffer *out, const struct label *labels, size_t n)
{
    buffer_byte(out, '{');
    for (size_t i = 0; i < n; i++) {
        buffer_slice_append(out, labels[i].name);
        buffer_byte(out, '=');
        buffer_slice_append(out, labels[i].value);
        buffer_byte(out, ';');
    }
    buffer_byte(out, '}');
}

void dump_metric_line(struct buffer *out, const struct label *labels, size_t n_labels,
                      struct slice payload)
{
    static const char digits[] = "0123456789abcdef";
    put_labels(out, labels, n_labels);
    buffer_byte(out, ' ');
    for (size_t i = 0; i < payload.len; i++) {
        buffer_byte(out, digits[(unsigned char)payload.p[i] >> 4]);
        buffer_byte(out, digits[(unsigned char)payload.p[i] & 15]);
    }
    buffer_byte(out, '\n');
}

void dump_block_line(struct buffer *out, size_t n_metrics, bool legacy_names)
{
    buffer_printf(out, " block of %zu%s\n", n_metrics, legacy_names ? "" : ", not legacy");
}

void dump_group_line(struct buffer *out, const struct label *labels, size_t n_labels,
                     int64_t created, int64_t success, int64_t failure, size_t n_families)
{
    buffer_text(out, "group ");
    put_labels(out, labels, n_labels);
    buffer_printf(out, " born %lld ok %lld failed %lld, %zu families\n", (long long)created,
                  (long long)success, (long long)failure, n_families);
}

void dump_family(struct buffer *out, const struct store_family *f)
{
    dump_family_line(out, f->name, f->type, f->has_help, f->help, f->unit);
}

void dump_block(struct buffer *out, const struct store_block *block)
{
    struct slice rest = block->metrics;
    struct metric_wire m;
    size_t n = 0;

    dump_block_line(out, block->n_metrics, block->legacy_names);
    for (; metric_wire_next(&rest, &m); n++) {
        struct label labels[64];
        size_t n_labels = 0;
        struct slice rest_labels = m.labels;
        while (metric_wire_next_label(&rest_labels, &labels[n_labels]))
            REQUIRE(++n_labels < 64);
        dump_metric_line(out, labels, n_labels, m.payload);
    }
    REQUIRE(n == block->n_metrics);
    REQUIRE(rest.len == 0);
}

void dump_group(struct buffer *out, const struct store_group *g)
{
    dump_group_line(out, g->key.labels, g->key.n_labels, g->created_ns, g->push_time_ns,
                    g->push_failure_time_ns, g->n_families);
}

void dump_group_family(struct buffer *out, const struct store_group_family *f)
{
    buffer_printf(out, " at %lld ", (long long)f->time_ns);
    dump_family(out, &f->family);
    dump_block(out, &f->block);
}

void dump_store_families(struct store *s, struct buffer *out)
{
    struct store_view *v = store_view_open(s);
    struct store_family family;
    struct store_block block;

    REQUIRE(v);
    while (store_view_next_family(v, &family)) {
        dump_family(out, &family);
        while (store_view_next_block(v, &block))
            dump_block(out, &block);
    }
    store_view_close(v);
    buffer_byte(out, '\0');
    out->len--;
}

void dump_store_groups(struct store *s, struct buffer *out)
{
    struct store_view *v = store_view_open(s);
    struct store_group group;
    struct store_group_family family;

    REQUIRE(v);
    while (store_view_next_group(v, &group)) {
        dump_group(out, &group);
        for (size_t i = 0; i < group.n_families; i++) {
            store_view_group_family(v, i, &family);
            dump_group_family(out, &family);
        }
    }
    store_view_close(v);
    buffer_byte(out, '\0');
    out->len--;
}
