#include "json_writer.h"

#include "number.h"
#include "utf8.h"

static void before_value(struct json_writer *w)
{
    if (w->separate)
        buffer_byte(w->out, ',');
    w->separate = true;
}

static void open_with(struct json_writer *w, char bracket)
{
    before_value(w);
    buffer_byte(w->out, bracket);
    w->separate = false;
}

static void close_with(struct json_writer *w, char bracket)
{
    buffer_byte(w->out, bracket);
    w->separate = true;
}

void json_writer_object(struct json_writer *w)
{
    open_with(w, '{');
}

void json_writer_end_object(struct json_writer *w)
{
    close_with(w, '}');
}

void json_writer_array(struct json_writer *w)
{
    open_with(w, '[');
}

void json_writer_end_array(struct json_writer *w)
{
    close_with(w, ']');
}

void json_writer_key(struct json_writer *w, struct slice name)
{
    json_writer_string(w, name);
    buffer_byte(w->out, ':');
    w->separate = false;
}

/* The letter of a two-character escape, 0 if the byte has none. */
static char short_escape(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
}

static void write_ascii_escape(struct buffer *out, unsigned char c)
{
    char letter = short_escape(c);
    if (letter) {
        buffer_byte(out, '\\');
        buffer_byte(out, letter);
    } else {
        buffer_printf(out, "\\u%04x", c);
    }
}

/* Writes the character above ASCII that `rest` begins with; returns how many bytes it took. */
static size_t write_character(struct buffer *out, struct slice rest)
{
    uint32_t code_point;
    size_t length = utf8_decode(rest, &code_point);

    if (length == 0) {
        buffer_text(out, "\\ufffd");
        return 1;
    }
    /* Line separators, which JavaScript does not take in a string. */
    if (code_point == 0x2028 || code_point == 0x2029)
        buffer_printf(out, "\\u%04x", (unsigned)code_point);
    else
        buffer_bytes(out, rest.p, length);
    return length;
}

void json_writer_string(struct json_writer *w, struct slice text)
{
    before_value(w);
    buffer_byte(w->out, '"');
    for (size_t i = 0; i < text.len;) {
        size_t start = i;
        while (i < text.len && is_plain((unsigned char)text.p[i]))
            i++;
        buffer_bytes(w->out, text.p + start, i - start);
        if (i == text.len)
            break;
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x7f) {
            write_ascii_escape(w->out, c);
            i++;
        } else {
            i += write_character(w->out, (struct slice){text.p + i, text.len - i});
        }
    }
    buffer_byte(w->out, '"');
}

void json_writer_text(struct json_writer *w, const char *text)
{
    json_writer_string(w, slice_of(text));
}

void json_writer_bool(struct json_writer *w, bool value)
{
    before_value(w);
    buffer_text(w->out, value ? "true" : "false");
}

void json_writer_uint(struct json_writer *w, uint64_t value)
{
    char digits[NUMBER_TEXT_MAX];
    before_value(w);
    buffer_bytes(w->out, digits, number_format_uint(value, digits));
}

void json_writer_quoted_float(struct json_writer *w, double value)
{
    char digits[NUMBER_TEXT_MAX];
    json_writer_string(w, (struct slice){digits, number_format_float(value, digits)});
}

void json_writer_quoted_uint(struct json_writer *w, uint64_t value)
{
    char digits[NUMBER_TEXT_MAX];
    json_writer_string(w, (struct slice){digits, number_format_uint(value, digits)});
}
