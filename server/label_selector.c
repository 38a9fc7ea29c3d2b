#include "label_selector.h"

#include "names.h"

static const struct slice metric_label = SLICE_LITERAL("__name__");

struct reader {
    struct slice text;
    size_t at;
    struct arena *arena;
    struct error *error;
};

static bool fail(struct reader *r, const char *what)
{
    return error_set(r->error, ERROR_INVALID, "selector \"%.*s\": %s at character %zu",
                     SLICE_ARGS(r->text), what, r->at + 1);
}

/* The byte at the place, behind blanks; 0 at the end. */
static char peek(struct reader *r)
{
    while (r->at < r->text.len && memchr(" \t\r\n", r->text.p[r->at], 4))
        r->at++;
    return r->at < r->text.len ? r->text.p[r->at] : '\0';
}

static bool take(struct reader *r, char c)
{
    if (peek(r) != c || c == '\0')
        return false;
    r->at++;
    return true;
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ':';
}

/* A name without quotes; empty if there is none. */
static struct slice take_name(struct reader *r)
{
    peek(r);
    size_t start = r->at;
    while (r->at < r->text.len && is_name_byte(r->text.p[r->at]))
        r->at++;
    return (struct slice){r->text.p + start, r->at - start};
}

/* The byte that an escape stands for; -1 if it is none of ours. */
static int unescape(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case '\\':
    case '"':
    case '\'':
        return c;
    default:
        return -1;
    }
}

static bool take_string(struct reader *r, struct slice *out)
{
    char quote = peek(r);
    if (quote != '"' && quote != '\'' && quote != '`')
        return fail(r, "a quoted string should be");
    char *to = arena_alloc(r->arena, r->text.len - r->at);
    if (!to)
        return error_no_memory(r->error);
    *out = (struct slice){to, 0};
    for (r->at++; r->at < r->text.len && r->text.p[r->at] != quote; r->at++) {
        int byte = (unsigned char)r->text.p[r->at];
        if (byte == '\\' && quote != '`') {
            r->at++;
            byte = r->at < r->text.len ? unescape(r->text.p[r->at]) : -1;
            if (byte < 0)
                return fail(r, "there is no such escape");
        }
        to[out->len++] = (char)byte;
    }
    return take(r, quote) || fail(r, "the string has no end");
}

static bool set_metric(struct reader *r, struct label_selector *s, struct slice name)
{
    if (s->metric.p)
        return fail(r, "a second metric name");
    s->metric = name;
    return true;
}

static bool take_operator(struct reader *r, bool *differs)
{
    *differs = take(r, '!');
    if (take(r, '=') && peek(r) != '~')
        return true;
    return fail(r, "= or != should be");
}

/* name="value", or a quoted string alone, which is the name of a metric. */
static bool take_matcher(struct reader *r, struct label_selector *s)
{
    struct label_matcher *m = &s->matchers[s->n_matchers];
    char next = peek(r);
    bool quoted = next == '"' || next == '\'' || next == '`';

    if (quoted && !take_string(r, &m->name))
        return false;
    if (quoted && (peek(r) == ',' || peek(r) == '}'))
        return set_metric(r, s, m->name);
    if (!quoted)
        m->name = take_name(r);
    if (m->name.len == 0)
        return fail(r, "the name of a label should be");
    if (!take_operator(r, &m->differs) || !take_string(r, &m->value))
        return false;
    if (slice_equal(m->name, metric_label))
        return m->differs ? fail(r, "__name__ can only be compared by =, which should be")
                          : set_metric(r, s, m->value);
    s->n_matchers++;
    return true;
}

static size_t count_matchers(struct slice text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.p[i] == ',';
    return n;
}

/* Matchers separated by commas, one at the end allowed, up to `end` (0: the end of the text). */
static bool take_matchers(struct reader *r, struct label_selector *s, char end)
{
    while (peek(r) != end) {
        if (!take_matcher(r, s))
            return false;
        if (!take(r, ',') && peek(r) != end)
            return fail(r, "a comma or the end should be");
    }
    r->at += end != '\0';
    return true;
}

/* Whether what begins here are matchers without braces. */
static bool are_bare_matchers(struct reader r)
{
    take_name(&r);
    return peek(&r) == '=' || peek(&r) == '!';
}

bool label_selector_parse(struct slice text, struct arena *a, struct label_selector *out,
                          struct error *e)
{
    struct reader r = {.text = text, .arena = a, .error = e};

    *out = (struct label_selector){
        .matchers = arena_alloc(a, count_matchers(text) * sizeof(struct label_matcher))};
    if (!out->matchers)
        return error_no_memory(e);
    if (are_bare_matchers(r)) {
        if (!take_matchers(&r, out, '\0'))
            return false;
    } else {
        struct slice metric = take_name(&r);
        if (metric.len > 0)
            out->metric = metric;
        if (take(&r, '{') && !take_matchers(&r, out, '}'))
            return false;
    }
    if (peek(&r) != '\0')
        return fail(&r, "nothing more should be");
    if (!out->metric.p && out->n_matchers == 0)
        return fail(&r, "it is empty: a metric name or a matcher should be");
    return true;
}

static struct slice value_of(struct group_key key, struct slice name)
{
    for (size_t i = 0; i < key.n_labels; i++)
        if (slice_equal(key.labels[i].name, name))
            return key.labels[i].value;
    return SLICE_LITERAL("");
}

bool label_selector_fits(const struct label_selector *s, struct group_key key)
{
    for (size_t i = 0; i < s->n_matchers; i++) {
        const struct label_matcher *m = &s->matchers[i];
        if (slice_equal(value_of(key, m->name), m->value) == m->differs)
            return false;
    }
    return true;
}
