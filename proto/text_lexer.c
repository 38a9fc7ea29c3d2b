#include "text_lexer.h"

#include "go_quote.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>

/* What a byte may be in a bare name, and what ends a string. A quote may stand in a name too: there
 * a quoted part begins. */
enum {
    METRIC_BYTE = 1 << TEXT_LEXER_METRIC_NAME,
    LABEL_BYTE = 1 << TEXT_LEXER_LABEL_NAME,
    DIGIT = 1 << 2,
    STOPS_STRING = 1 << 3,
    STOPS_WORD = 1 << 4,
};

static const unsigned char roles[256] = {
    ['a' ... 'z'] = METRIC_BYTE | LABEL_BYTE,
    ['A' ... 'Z'] = METRIC_BYTE | LABEL_BYTE,
    ['_'] = METRIC_BYTE | LABEL_BYTE,
    ['0' ... '9'] = METRIC_BYTE | LABEL_BYTE | DIGIT,
    [':'] = METRIC_BYTE,
    ['"'] = STOPS_STRING,
    ['\\'] = STOPS_STRING,
    ['\n'] = STOPS_STRING | STOPS_WORD,
    [' '] = STOPS_WORD,
    ['\t'] = STOPS_WORD,
};

static inline unsigned role_of(char byte)
{
    return roles[(unsigned char)byte];
}

bool text_lexer_fail(struct text_lexer *l, const char *format, ...)
{
    char message[ERROR_MESSAGE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    return error_set(l->error, ERROR_INVALID, "text format parsing error in line %zu: %s", l->line,
                     l->p >= l->end ? "unexpected end of input stream" : message);
}

const char *text_lexer_quoted(struct text_lexer *l, struct slice text)
{
    struct buffer quoted = {0};
    if (text.len > ERROR_MESSAGE_MAX)
        text.len = ERROR_MESSAGE_MAX; /* the message is cut off before that */
    go_quote(&quoted, text);
    buffer_byte(&quoted, '\0');
    struct slice copy = {NULL, 0};
    if (!quoted.failed)
        copy = arena_copy(l->arena, buffer_slice(&quoted));
    buffer_free(&quoted);
    return copy.p ? copy.p : "\"...\"";
}

/* Go takes the byte for a code point. */
static struct slice byte_as_text(char byte, char *room)
{
    return (struct slice){room, utf8_encode((unsigned char)byte, room)};
}

const char *text_lexer_quoted_byte(struct text_lexer *l, char byte)
{
    char room[UTF8_MAX];
    if (byte == '"')
        return "'\"'";
    if (byte == '\'')
        return "'\\''";
    const char *quoted = text_lexer_quoted(l, byte_as_text(byte, room));
    struct slice copy = arena_copy(l->arena, (struct slice){quoted, strlen(quoted) + 1});
    if (!copy.p)
        return "'?'";
    char *to = (char *)copy.p;
    to[0] = to[copy.len - 2] = '\'';
    return to;
}

static bool fail_escape(struct text_lexer *l)
{
    char room[UTF8_MAX];
    struct slice text = byte_as_text(*l->p, room);
    return text_lexer_fail(l, "invalid escape sequence '\\%.*s'", SLICE_ARGS(text));
}

/* Undoes an escape sequence; the cursor stands behind the backslash. */
static bool take_escape(struct text_lexer *l)
{
    char c = *l->p;
    if (c != '\\' && c != '"' && c != 'n')
        return fail_escape(l);
    buffer_byte(&l->token, c == 'n' ? '\n' : c);
    l->p++;
    return true;
}

static bool keep_token(struct text_lexer *l, struct slice *out)
{
    *out = (struct slice){NULL, 0};
    if (!l->token.failed)
        *out = arena_copy(l->arena, buffer_slice(&l->token));
    return out->p ? true : error_no_memory(l->error);
}

static bool take_quoted_name(struct text_lexer *l, enum text_lexer_name kind, struct slice *out)
{
    bool quoted = false;
    buffer_clear(&l->token);
    while (quoted || *l->p == '"' || (role_of(*l->p) & (1U << kind))) {
        char c = *l->p;
        if (c == '\n')
            return text_lexer_fail(l, "%s name %s contains unescaped new-line",
                                   kind == TEXT_LEXER_METRIC_NAME ? "metric" : "label",
                                   text_lexer_quoted(l, buffer_slice(&l->token)));
        l->p++;
        if (c == '"') {
            quoted = !quoted;
            if (!quoted)
                break;
        } else if (c != '\\') {
            buffer_byte(&l->token, c);
        } else if (!take_escape(l)) {
            return false;
        }
    }
    return keep_token(l, out);
}

/* Whether the last name stands here again, as it mostly does: in HELP, in TYPE, in each sample. */
static bool is_latest(const struct text_lexer *l)
{
    size_t n = l->latest.len;
    return n > 0 && (size_t)(l->end - l->p) >= n && memcmp(l->p, l->latest.p, n) == 0 &&
           !(role_of(l->p[n]) & METRIC_BYTE) && l->p[n] != '"';
}

bool text_lexer_take_name(struct text_lexer *l, enum text_lexer_name kind, struct slice *out,
                          bool *was_quoted)
{
    const char *p = l->p;
    unsigned wanted = 1U << kind;
    *was_quoted = false;
    if (kind == TEXT_LEXER_METRIC_NAME && is_latest(l)) {
        *out = l->latest;
        l->p += out->len;
        return true;
    }
    if (!(role_of(*p) & DIGIT)) {
        while (role_of(*p) & wanted)
            p++;
        if (*p == '"') {
            *was_quoted = true;
            return take_quoted_name(l, kind, out);
        }
    }
    *out = (struct slice){l->p, (size_t)(p - l->p)};
    l->p = p;
    if (kind == TEXT_LEXER_METRIC_NAME)
        l->latest = *out;
    return true;
}

static bool take_escaped_value(struct text_lexer *l, struct slice *out)
{
    buffer_clear(&l->token);
    for (;;) {
        const char *start = l->p;
        while (!(role_of(*l->p) & STOPS_STRING))
            l->p++;
        buffer_bytes(&l->token, start, (size_t)(l->p - start));
        if (*l->p == '\n')
            return text_lexer_fail(l, "label value %s contains unescaped new-line",
                                   text_lexer_quoted(l, buffer_slice(&l->token)));
        if (*l->p == '"')
            return keep_token(l, out);
        l->p++;
        if (!take_escape(l))
            return false;
    }
}

bool text_lexer_take_value(struct text_lexer *l, struct slice *out)
{
    const char *p = ++l->p;
    unsigned char all = 0;
    for (; !(role_of(*p) & STOPS_STRING); p++)
        all |= (unsigned char)*p;
    if (*p == '"') {
        *out = (struct slice){l->p, (size_t)(p - l->p)};
        l->p = p;
        if (all < 0x80)
            return true;
    } else if (!take_escaped_value(l, out)) {
        return false;
    }
    if (utf8_is_valid(*out))
        return true;
    return text_lexer_fail(l, "invalid label value %s", text_lexer_quoted(l, *out));
}

struct slice text_lexer_take_word(struct text_lexer *l)
{
    const char *start = l->p;
    while (!(role_of(*l->p) & STOPS_WORD))
        l->p++;
    return (struct slice){start, (size_t)(l->p - start)};
}

static struct slice rest_of_line(const struct text_lexer *l)
{
    const char *newline = rawmemchr(l->p, '\n');
    return (struct slice){l->p, (size_t)(newline - l->p)};
}

bool text_lexer_take_escaped_rest(struct text_lexer *l, struct slice *out)
{
    struct slice rest = rest_of_line(l);
    if (!memchr(rest.p, '\\', rest.len)) {
        *out = rest;
        l->p += rest.len;
        return true;
    }
    buffer_clear(&l->token);
    while (*l->p != '\n') {
        char c = *l->p++;
        if (c != '\\')
            buffer_byte(&l->token, c);
        else if (!take_escape(l))
            return false;
    }
    return keep_token(l, out);
}

bool text_lexer_take_plain_rest(struct text_lexer *l, struct slice *out)
{
    struct slice rest = rest_of_line(l);
    l->p += rest.len;
    if (!memchr(rest.p, '\\', rest.len)) {
        *out = rest;
        return true;
    }
    buffer_clear(&l->token);
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.p[i] != '\\')
            buffer_byte(&l->token, rest.p[i]);
    }
    return keep_token(l, out);
}

bool text_lexer_take_newline(struct text_lexer *l)
{
    if (l->p >= l->end)
        return text_lexer_fail(l, "unexpected end of input stream");
    l->p++;
    return true;
}

void text_lexer_skip_line(struct text_lexer *l)
{
    l->p = rawmemchr(l->p, '\n');
}
