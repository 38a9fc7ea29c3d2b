#include "grouping_path.h"

#include "names.h"

#include <stdint.h>

static const struct slice job_name = SLICE_LITERAL("job");

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

/* Whether a value comes back from a path as it was: no part of a path is empty, "." or "..". */
static bool fits_a_path(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.p[i] == '/' || (unsigned char)value.p[i] < ' ')
            return false;
    return value.len > 0 && !slice_equal(value, SLICE_LITERAL(".")) &&
           !slice_equal(value, SLICE_LITERAL(".."));
}

static void write_percent(struct buffer *out, struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (is_unreserved(value.p[i]))
            buffer_byte(out, value.p[i]);
        else
            buffer_printf(out, "%%%02X", (unsigned char)value.p[i]);
    }
}

/* Without padding; nothing at all is written as "=", which no part of a path lacks. */
static void write_base64(struct buffer *out, struct slice value)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (value.len == 0)
        buffer_byte(out, '=');
    for (size_t i = 0; i < value.len; i += 3) {
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < value.len ? (unsigned char)value.p[i + k] : 0);
        size_t n = value.len - i < 3 ? value.len - i + 1 : 4;
        for (size_t k = 0; k < n; k++)
            buffer_byte(out, digits[bits >> (18 - 6 * k) & 63]);
    }
}

static void write_label(struct buffer *out, const struct label *label)
{
    names_escape(out, label->name, ESCAPING_VALUES);
    if (fits_a_path(label->value)) {
        buffer_byte(out, '/');
        write_percent(out, label->value);
    } else {
        buffer_text(out, "@base64/");
        write_base64(out, label->value);
    }
}

void grouping_path_write(struct buffer *out, struct group_key key)
{
    for (size_t i = 0; i < key.n_labels; i++)
        if (slice_equal(key.labels[i].name, job_name))
            write_label(out, &key.labels[i]);
    for (size_t i = 0; i < key.n_labels; i++) {
        if (slice_equal(key.labels[i].name, job_name))
            continue;
        buffer_byte(out, '/');
        write_label(out, &key.labels[i]);
    }
}
