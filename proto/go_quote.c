#include "go_quote.h"

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

size_t go_quote_decode(struct slice s, uint32_t *code_point)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t length;
    uint32_t value, least;

    if (p[0] < 0x80) {
        *code_point = p[0];
        return 1;
    } else if (p[0] >= 0xc2 && p[0] < 0xe0) {
        length = 2, value = p[0] & 0x1f, least = 0x80;
    } else if (p[0] >= 0xe0 && p[0] < 0xf0) {
        length = 3, value = p[0] & 0x0f, least = 0x800;
    } else if (p[0] >= 0xf0 && p[0] < 0xf5) {
        length = 4, value = p[0] & 0x07, least = 0x10000;
    } else {
        return 0;
    }
    if (s.len < length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (p[i] & 0x3f);
    }
    if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *code_point = value;
    return length;
}

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
        size_t length = go_quote_decode(s, &code_point);
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
