#include "exposed.h"

#include "delimited_reader.h"
#include "delimited_writer.h"
#include "fuzz.h"
#include "text_reader.h"
#include "text_writer.h"

static void append_metrics(struct store_view *v, struct buffer *metrics, size_t *n)
{
    struct store_block block;
    for (*n = 0; store_view_next_block(v, &block); *n += block.n_metrics)
        buffer_slice_append(metrics, block.metrics);
}

static void write_family(const struct store_family *f, struct slice metrics,
                         struct exposition_choice choice, struct buffer *out)
{
    struct buffer escaped = {0};
    struct arena scratch = {0};
    if (choice.format == FORMAT_TEXT) {
        text_writer_family(out, f->name, f->has_help, f->help, f->type, choice.escaping);
        text_writer_metrics(out, f->name, f->type, metrics, choice.escaping, &scratch);
    } else {
        delimited_writer_escape_metrics(&escaped, metrics, choice.escaping);
        delimited_writer_family(out, f->name, f->has_help, f->help, f->type, f->unit, escaped.len,
                                choice.escaping);
        buffer_slice_append(out, buffer_slice(&escaped));
    }
    FUZZ_REQUIRE(!out->failed && !escaped.failed, "what is stored cannot be written");
    buffer_free(&escaped);
    arena_free(&scratch);
}

void exposed_write(struct store *s, struct exposition_choice choice, struct buffer *out)
{
    struct store_view *v = store_view_open(s);
    struct store_family family;
    struct buffer metrics = {0};
    size_t n;
    while (store_view_next_family(v, &family)) {
        buffer_clear(&metrics);
        append_metrics(v, &metrics, &n);
        write_family(&family, buffer_slice(&metrics), choice, out);
    }
    buffer_free(&metrics);
    store_view_close(v);
}

bool exposed_is_negative_count(const struct error *why)
{
    return strstr(why->message, "negative count for histogram") ||
           strstr(why->message, "negative bucket population for histogram");
}

static void require_readable(struct slice text, enum exposition_format format)
{
    struct arena a = {0};
    struct family_list list;
    struct error e;
    if (format == FORMAT_TEXT)
        FUZZ_REQUIRE(text_reader_read(text, true, &a, &list, &e) || exposed_is_negative_count(&e),
                     "%s in:\n%.*s", e.message, SLICE_ARGS(text));
    else
        FUZZ_REQUIRE(delimited_reader_read(text, &a, &list, &e), "%s", e.message);
    arena_free(&a);
}

static void require_readable_families(struct store *s, struct exposition_choice choice)
{
    struct store_view *v = store_view_open(s);
    struct store_family family;
    struct buffer metrics = {0}, shown = {0};
    size_t n;
    while (store_view_next_family(v, &family)) {
        buffer_clear(&metrics);
        buffer_clear(&shown);
        append_metrics(v, &metrics, &n);
        write_family(&family, buffer_slice(&metrics), choice, &shown);
        require_readable(buffer_slice(&shown), choice.format);
    }
    buffer_free(&metrics);
    buffer_free(&shown);
    store_view_close(v);
}

void exposed_require_readable(struct store *s)
{
    for (enum exposition_format f = FORMAT_TEXT; f <= FORMAT_DELIMITED; f++) {
        struct buffer all = {0};
        exposed_write(s, (struct exposition_choice){f, ESCAPING_NONE}, &all);
        require_readable(buffer_slice(&all), f);
        buffer_free(&all);
        for (enum escaping e = ESCAPING_UNDERSCORES; e <= ESCAPING_VALUES; e++)
            require_readable_families(s, (struct exposition_choice){f, e});
    }
}
