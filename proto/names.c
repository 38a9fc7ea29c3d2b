#include "names.h"

#include "utf8.h"

/* What a byte may be in a legacy name. */
enum {
    IN_LABEL_START = 1,
    IN_LABEL = 2,
    IN_METRIC_START = 4,
    IN_METRIC = 8,
    LETTER = IN_LABEL_START | IN_LABEL | IN_METRIC_START | IN_METRIC,
    DIGIT = IN_LABEL | IN_METRIC,
    COLON = IN_METRIC_START | IN_METRIC,
};

static const unsigned char roles[256] = {
    ['a' ... 'z'] = LETTER, ['A' ... 'Z'] = LETTER, ['_'] = LETTER,
    ['0' ... '9'] = DIGIT,  [':'] = COLON,
};

static bool is_legacy(struct slice name, unsigned start, unsigned rest)
{
    if (name.len == 0 || !(roles[(unsigned char)name.p[0]] & start))
        return false;
    unsigned all = rest;
    for (size_t i = 1; i < name.len; i++)
        all &= roles[(unsigned char)name.p[i]];
    return all != 0;
}

bool names_is_legacy_metric(struct slice name)
{
    return is_legacy(name, IN_METRIC_START, IN_METRIC);
}

bool names_is_legacy_label(struct slice name)
{
    return is_legacy(name, IN_LABEL_START, IN_LABEL);
}

bool names_is_utf8(struct slice text)
{
    return utf8_is_valid(text);
}

bool names_is_name(struct slice name)
{
    return name.len > 0 && utf8_is_valid(name) && !memchr(name.p, '\0', name.len);
}

const char *names_escaping_token(enum escaping escaping)
{
    static const char *const tokens[] = {
        [ESCAPING_NONE] = "allow-utf-8",
        [ESCAPING_UNDERSCORES] = "underscores",
        [ESCAPING_DOTS] = "dots",
        [ESCAPING_VALUES] = "values",
    };
    return tokens[escaping];
}

static void escape_dots(struct buffer *out, uint32_t code_point, bool legacy)
{
    if (code_point == '.')
        buffer_text(out, "_dot_");
    else if (code_point == '_' || !legacy)
        buffer_text(out, "__");
    else
        buffer_byte(out, (char)code_point);
}

static void escape_values(struct buffer *out, uint32_t code_point, bool legacy)
{
    if (code_point == '_')
        buffer_text(out, "__");
    else if (legacy)
        buffer_byte(out, (char)code_point);
    else
        buffer_printf(out, "_%x_", code_point);
}

/* `start` and `rest` are what bytes of a legacy name have in their roles. */
static void escape(struct buffer *out, struct slice name, enum escaping escaping, unsigned start,
                   unsigned rest)
{
    if (escaping == ESCAPING_NONE || name.len == 0 || is_legacy(name, start, rest)) {
        buffer_slice_append(out, name);
        return;
    }
    if (escaping == ESCAPING_VALUES)
        buffer_text(out, "U__");
    for (size_t i = 0; i < name.len;) {
        uint32_t code_point;
        size_t n = utf8_decode((struct slice){name.p + i, name.len - i}, &code_point);
        if (n == 0) {
            code_point = 0xfffd;
            n = 1;
        }
        bool legacy = code_point < 0x80 && (roles[code_point] & (i ? rest : start));
        if (escaping == ESCAPING_DOTS)
            escape_dots(out, code_point, legacy);
        else if (escaping == ESCAPING_VALUES)
            escape_values(out, code_point, legacy);
        else
            buffer_byte(out, legacy ? (char)code_point : '_');
        i += n;
    }
}

void names_escape(struct buffer *out, struct slice name, enum escaping escaping)
{
    escape(out, name, escaping, IN_METRIC_START, IN_METRIC);
}

void names_escape_label(struct buffer *out, struct slice name, enum escaping escaping)
{
    escape(out, name, escaping, IN_LABEL_START, IN_LABEL);
}

/* Takes the hexadecimal digits of a code point, and the '_' behind them, off *in. */
static bool take_code_point(struct slice *in, uint32_t *out)
{
    enum { DIGITS_MAX = 5 }; /* so U+100000 and above stay as they stand */
    uint32_t v = 0;
    size_t i = 0;
    for (; i < in->len && in->p[i] != '_'; i++) {
        unsigned char c = (unsigned char)in->p[i] | 0x20; /* lower case */
        bool digit = c >= '0' && c <= '9';
        if (i == DIGITS_MAX || (!digit && !(c >= 'a' && c <= 'f')))
            return false;
        v = v * 16 + (uint32_t)(digit ? c - '0' : c - 'a' + 10);
    }
    if (i == in->len || !utf8_is_code_point(v))
        return false;
    in->p += i + 1;
    in->len -= i + 1;
    *out = v;
    return true;
}

static bool unescape(struct buffer *out, struct slice rest)
{
    while (rest.len > 0) {
        char c = *rest.p++;
        rest.len--;
        if (c != '_') {
            buffer_byte(out, c);
            continue;
        }
        if (rest.len > 0 && *rest.p == '_') {
            buffer_byte(out, '_');
            rest.p++;
            rest.len--;
            continue;
        }
        uint32_t code_point;
        char bytes[UTF8_MAX];
        if (!take_code_point(&rest, &code_point))
            return false;
        buffer_bytes(out, bytes, utf8_encode(code_point, bytes));
    }
    return true;
}

void names_unescape_values(struct buffer *out, struct slice name)
{
    static const struct slice prefix = {"U__", 3};
    size_t before = out->len;
    if (slice_has_prefix(name, prefix)) {
        if (unescape(out, (struct slice){name.p + prefix.len, name.len - prefix.len}))
            return;
        out->len = before;
    }
    buffer_slice_append(out, name);
}
