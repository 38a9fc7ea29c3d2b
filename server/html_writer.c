#include "html_writer.h"

#include "utf8.h"

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&#34;";
    case '\'':
        return "&#39;";
    case '\0':
        return "\xef\xbf\xbd";
    default:
        return NULL;
    }
}

void html_writer_text(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.len;) {
        uint32_t code_point;
        const char *replacement = entity(text.p[i]);
        size_t length = 1;
        if (!replacement) {
            length = utf8_decode((struct slice){text.p + i, text.len - i}, &code_point);
            if (length == 0) {
                replacement = "\xef\xbf\xbd";
                length = 1;
            }
        }
        if (replacement)
            buffer_text(out, replacement);
        else
            buffer_bytes(out, text.p + i, length);
        i += length;
    }
}

void html_writer_query_value(struct buffer *out, struct slice value)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] != '\0' && strchr(plain, value.p[i]))
            buffer_byte(out, value.p[i]);
        else
            buffer_printf(out, "%%%02X", (unsigned char)value.p[i]);
    }
}
