#include "utf8.h"

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

bool utf8_is_code_point(uint32_t code_point)
{
    return code_point < 0xd800 || (code_point >= 0xe000 && code_point <= 0x10ffff);
}

size_t utf8_decode(struct slice s, uint32_t *code_point)
{
    static const uint32_t least[UTF8_MAX + 1] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)s.p[0];
    if (first < 0x80) {
        *code_point = first;
        return 1;
    }
    size_t n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || s.len < n)
        return 0;
    uint32_t v = first & (0xffU >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if (!is_continuation(s.p[i]))
            return 0;
        v = v << 6 | ((unsigned char)s.p[i] & 0x3f);
    }
    if (v < least[n] || !utf8_is_code_point(v))
        return 0;
    *code_point = v;
    return n;
}

size_t utf8_encode(uint32_t code_point, char *to)
{
    if (code_point < 0x80) {
        to[0] = (char)code_point;
        return 1;
    }
    size_t n = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, code_point >>= 6)
        to[i] = (char)(0x80 | (code_point & 0x3f));
    to[0] = (char)(0xf00U >> n | code_point);
    return n;
}

/* The length of what is ASCII at the beginning. */
static size_t ascii_length(struct slice text)
{
    size_t i = 0;
    uint64_t eight;
    for (; text.len - i >= sizeof(eight); i += sizeof(eight)) {
        memcpy(&eight, text.p + i, sizeof(eight));
        if (eight & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < text.len && (unsigned char)text.p[i] < 0x80)
        i++;
    return i;
}

bool utf8_is_valid(struct slice text)
{
    for (;;) {
        size_t n = ascii_length(text);
        if (n == text.len)
            return true;
        text.p += n;
        text.len -= n;
        uint32_t code_point;
        n = utf8_decode(text, &code_point);
        if (n == 0)
            return false;
        text.p += n;
        text.len -= n;
    }
}

bool utf8_repair(struct slice *text, struct arena *a)
{
    enum { REPLACEMENT = 0xfffd, REPLACEMENT_SIZE = 3 };
    if (utf8_is_valid(*text))
        return true;
    char *repaired = arena_alloc(a, text->len * REPLACEMENT_SIZE);
    char *to = repaired;
    struct slice rest = *text;

    if (!repaired)
        return false;
    while (rest.len > 0) {
        uint32_t code_point;
        size_t n = utf8_decode(rest, &code_point);
        if (n == 0) {
            code_point = REPLACEMENT;
            n = 1;
        }
        to += utf8_encode(code_point, to);
        rest.p += n;
        rest.len -= n;
    }
    *text = (struct slice){repaired, (size_t)(to - repaired)};
    return true;
}
