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
