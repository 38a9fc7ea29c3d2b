#include "go_quote.h"

#include "utf8.h"

static const struct range {
    uint32_t first, last;
} unprintable[] = {
    {0x00, 0x1f},          {0x7f, 0xa0},       {0xad, 0xad},       {0x600, 0x605},
    {0x61c, 0x61c},        {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x1680, 0x1680},
    {0x180e, 0x180e},      {0x2000, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x206f},
    {0x3000, 0x3000},      {0xd800, 0xf8ff},   {0xfeff, 0xfeff},   {0xfff0, 0xfffb},
    {0xfffe, 0xffff},      {0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff}, {0x3fffe, 0xe00ff},
    {0xe01f0, UINT32_MAX},
};

bool go_quote_is_printable(uint32_t code_point)
{
    for (size_t i = 0; i < sizeof(unprintable) / sizeof(*unprintable); i++)
        if (code_point >= unprintable[i].first && code_point <= unprintable[i].last)
            return false;
    return true;
}

/* The letter that stands for a control character behind a backslash, 0 if none does. */
static char escape_letter(uint32_t code_point)
{
    static const char letters[] = "abtnvfr"; /* for 7, 8, 9, ... 13 */

    return code_point >= 7 && code_point <= 13 ? letters[code_point - 7] : 0;
}

static void append_code_point(struct buffer *out, struct slice bytes, uint32_t code_point)
{
    if (code_point == '"' || code_point == '\\') {
        buffer_byte(out, '\\');
        buffer_byte(out, (char)code_point);
    } else if (go_quote_is_printable(code_point)) {
        buffer_slice_append(out, bytes);
    } else if (escape_letter(code_point)) {
        buffer_byte(out, '\\');
        buffer_byte(out, escape_letter(code_point));
    } else if (code_point < ' ' || code_point == 0x7f) {
        buffer_printf(out, "\\x%02x", (unsigned)code_point);
    } else if (code_point <= 0xffff) {
        buffer_printf(out, "\\u%04x", (unsigned)code_point);
    } else {
        buffer_printf(out, "\\U%08x", (unsigned)code_point);
    }
}

void go_quote(struct buffer *out, struct slice s)
{
    buffer_byte(out, '"');
    while (s.len > 0) {
        uint32_t code_point;
        size_t length = utf8_decode(s, &code_point);
        if (length > 0) {
            append_code_point(out, (struct slice){s.p, length}, code_point);
        } else {
            buffer_printf(out, "\\x%02x", (unsigned)(unsigned char)s.p[0]);
            length = 1;
        }
        s.p += length;
        s.len -= length;
    }
    buffer_byte(out, '"');
}
