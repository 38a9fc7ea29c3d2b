#include "media_type.h"

#include "percent.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>

static bool is_special(char c)
{
    static const bool special[UCHAR_MAX + 1] = {
        ['('] = true, [')'] = true, ['<'] = true, ['>'] = true,  ['@'] = true,
        [','] = true, [';'] = true, [':'] = true, ['\\'] = true, ['"'] = true,
        ['/'] = true, ['['] = true, [']'] = true, ['?'] = true,  ['='] = true,
    };
    return special[(unsigned char)c];
}

static bool is_token(char c)
{
    return c > ' ' && c < 0x7f && !is_special(c);
}

static const char *skip_blanks(const char *p)
{
    return p + strspn(p, " \t\n\v\f\r");
}

/* Adds a byte to the last slice that was begun in m->text. */
static bool add(struct media_type *m, struct slice *to, char c)
{
    if (m->used == sizeof(m->text))
        return false;
    m->text[m->used++] = c;
    to->len++;
    return true;
}

static struct slice begin(const struct media_type *m)
{
    return (struct slice){m->text + m->used, 0};
}

/* Reads a token, perhaps an empty one. */
static bool read_token(struct media_type *m, const char **p, bool lower, struct slice *token)
{
    *token = begin(m);
    for (; is_token(**p); (*p)++)
        if (!add(m, token, lower ? (char)tolower((unsigned char)**p) : **p))
            return false;
    return true;
}

static bool read_quoted(struct media_type *m, const char **p, struct slice *value)
{
    *value = begin(m);
    for ((*p)++; **p != '"'; (*p)++) {
        if (**p == '\0' || **p == '\r' || **p == '\n')
            return false;
        /* Paths of old browsers have lone backslashes: it quotes only what needs it. */
        if (**p == '\\' && is_special((*p)[1]))
            (*p)++;
        if (!add(m, value, **p))
            return false;
    }
    (*p)++;
    return true;
}

static bool read_type(struct media_type *m, const char **p)
{
    struct slice rest;

    *p = skip_blanks(*p);
    if (!read_token(m, p, true, &m->type) || m->type.len == 0)
        return false;
    if (**p == '/') {
        if (!add(m, &m->type, *(*p)++) || !read_token(m, p, true, &rest) || rest.len == 0)
            return false;
        m->type.len += rest.len;
    }
    *p = skip_blanks(*p);
    return **p == ';' || **p == '\0';
}

static const struct slice *find(const struct media_type *m, struct slice name)
{
    for (size_t i = 0; i < m->n_parameters; i++)
        if (slice_equal(m->parameters[i].name, name))
            return &m->parameters[i].value;
    return NULL;
}

static bool read_parameter(struct media_type *m, const char **p)
{
    struct slice name, value;

    if (!read_token(m, p, true, &name) || name.len == 0)
        return false;
    *p = skip_blanks(*p);
    if (**p != '=')
        return false;
    *p = skip_blanks(*p + 1);
    if (**p == '"') {
        if (!read_quoted(m, p, &value))
            return false;
    } else if (!read_token(m, p, false, &value) || value.len == 0) {
        return false;
    }
    const struct slice *same = find(m, name);
    if (same)
        return slice_equal(*same, value);
    if (m->n_parameters == MEDIA_TYPE_PARAMETERS_MAX)
        return false;
    m->parameters[m->n_parameters++] = (struct media_type_parameter){name, value};
    m->extended = m->extended || memchr(name.p, '*', name.len);
    return true;
}

bool media_type_parse(struct media_type *m, const char *text)
{
    const char *p = text;

    m->n_parameters = 0;
    m->used = 0;
    m->extended = false;
    if (!read_type(m, &p))
        return false;
    while (*p == ';') {
        p = skip_blanks(p + 1);
        if (*p == '\0')
            return true;
        if (!read_parameter(m, &p))
            return false;
        p = skip_blanks(p);
    }
    return *p == '\0';
}

/* A value put together from pieces, to be compared: longer ones than this are equal to nothing
 * asked. */
struct joined {
    char text[MEDIA_TYPE_TEXT_MAX];
    size_t n;
};

static void join(struct joined *j, struct slice s)
{
    memcpy(j->text + j->n, s.p, s.len);
    j->n += s.len;
}

/* Appends s with its %xx undone; nothing, and false, if one is malformed. */
static bool join_decoded(struct joined *j, struct slice s)
{
    size_t before = j->n;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '%') {
            int byte = percent_byte((struct slice){s.p + i, s.len - i});
            if (byte < 0) {
                j->n = before;
                return false;
            }
            c = (char)byte;
            i += PERCENT_ESCAPE_LENGTH - 1;
        }
        j->text[j->n++] = c;
    }
    return true;
}

/* The same for "charset'language'value"; only UTF-8 and ASCII are taken. */
static bool join_extended(struct joined *j, struct slice s)
{
    const char *first = s.len > 0 ? memchr(s.p, '\'', s.len) : NULL;
    const char *end = s.p + s.len;
    const char *second = first ? memchr(first + 1, '\'', (size_t)(end - first - 1)) : NULL;

    if (!second)
        return false;
    size_t n = (size_t)(first - s.p);
    if (!(n == 5 && strncasecmp(s.p, "utf-8", n) == 0) &&
        !(n == 8 && strncasecmp(s.p, "us-ascii", n) == 0))
        return false;
    return join_decoded(j, (struct slice){second + 1, (size_t)(end - second - 1)});
}

/* The pieces "name*0", "name*1*" ... in order; false if there are none. The joined length is
 * bounded, as each piece is a part of m->text of its own. */
static bool join_pieces(const struct media_type *m, const char *name, struct joined *j)
{
    for (unsigned i = 0;; i++) {
        char piece[64];
        int n = snprintf(piece, sizeof(piece), "%s*%u*", name, i);
        const struct slice *plain = find(m, (struct slice){piece, (size_t)n - 1});
        const struct slice *encoded = find(m, (struct slice){piece, (size_t)n});
        if (plain)
            join(j, *plain);
        else if (encoded && i == 0)
            join_extended(j, *encoded);
        else if (encoded)
            join_decoded(j, *encoded);
        else
            return i > 0;
    }
}

/* "name*" or its pieces; false if there is neither. */
static bool join_parameter(const struct media_type *m, const char *name, struct joined *j)
{
    char extended[64];
    int n = snprintf(extended, sizeof(extended), "%s*", name);
    const struct slice *found = find(m, (struct slice){extended, (size_t)n});
    return found ? join_extended(j, *found) : join_pieces(m, name, j);
}

bool media_type_parameter_is(const struct media_type *m, const char *name, const char *value)
{
    struct joined joined = {.n = 0};
    if (m->extended && join_parameter(m, name, &joined))
        return slice_equal((struct slice){joined.text, joined.n}, slice_of(value));
    const struct slice *found = find(m, slice_of(name));
    return found && slice_equal(*found, slice_of(value));
}
