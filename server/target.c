#include "target.h"

#include "percent.h"

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The length of "scheme:" at the front, 0 if there is none. */
static size_t scheme_length(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == ':')
            return i > 0 ? i + 1 : 0;
        if (!is_alpha(c) && (i == 0 || (!is_digit(c) && c != '+' && c != '-' && c != '.')))
            return 0;
    }
    return 0;
}

/* "host:port" behind "//". The host does not matter here; an impossible port is an error in Go. */
static bool authority_is_good(struct slice a)
{
    const char *colon = memrchr(a.p, ':', a.len);
    if (!colon || memchr(colon, ']', (size_t)(a.p + a.len - colon)))
        return true;
    for (const char *c = colon + 1; c < a.p + a.len; c++)
        if (!is_digit(*c))
            return false;
    return true;
}

bool target_split(struct slice target, struct target *out)
{
    *out = (struct target){0};
    if (slice_equal(target, SLICE_LITERAL("*"))) {
        out->asterisk = true;
        out->path = target;
        return true;
    }
    struct slice rest = target;
    const char *query = memchr(rest.p, '?', rest.len);
    if (query) {
        out->query = (struct slice){query + 1, (size_t)(rest.p + rest.len - query - 1)};
        rest.len = (size_t)(query - rest.p);
    }
    if (rest.len > 0 && rest.p[0] == '/') {
        out->path = rest;
        return true;
    }
    size_t scheme = scheme_length(rest);
    if (scheme == 0)
        return false;
    rest = (struct slice){rest.p + scheme, rest.len - scheme};
    if (slice_has_prefix(rest, SLICE_LITERAL("//"))) {
        rest = (struct slice){rest.p + 2, rest.len - 2};
        const char *slash = memchr(rest.p, '/', rest.len);
        size_t n = slash ? (size_t)(slash - rest.p) : rest.len;
        if (!authority_is_good((struct slice){rest.p, n}))
            return false;
        out->path = (struct slice){rest.p + n, rest.len - n};
    } else if (rest.len > 0 && rest.p[0] == '/') {
        out->path = rest;
    }
    return true;
}

long target_decode(struct slice path, char *to)
{
    size_t n = 0;
    for (size_t i = 0; i < path.len; i++) {
        char c = path.p[i];
        if (c == '%') {
            int byte = percent_byte((struct slice){path.p + i, path.len - i});
            if (byte < 0)
                return -1;
            c = (char)byte;
            i += PERCENT_ESCAPE_LENGTH - 1;
        }
        to[n++] = c;
    }
    return (long)n;
}

/* Takes the next segment and the '/' behind it. */
static struct slice take_segment(struct slice *rest)
{
    const char *slash = memchr(rest->p, '/', rest->len);
    struct slice segment = {rest->p, slash ? (size_t)(slash - rest->p) : rest->len};
    size_t taken = segment.len + (slash != NULL);
    *rest = (struct slice){rest->p + taken, rest->len - taken};
    return segment;
}

static bool is_dots(struct slice segment)
{
    return slice_equal(segment, SLICE_LITERAL(".")) || slice_equal(segment, SLICE_LITERAL(".."));
}

bool target_is_clean(struct slice path)
{
    if (path.len == 0 || path.p[0] != '/')
        return false;
    struct slice rest = {path.p + 1, path.len - 1};
    while (rest.len > 0) {
        struct slice segment = take_segment(&rest);
        if (segment.len == 0 || is_dots(segment))
            return false;
    }
    return true;
}

void target_clean(struct slice path, struct buffer *to)
{
    size_t root = to->len;
    struct slice rest = path;
    while (rest.len > 0 && !to->failed) {
        struct slice segment = take_segment(&rest);
        if (slice_equal(segment, SLICE_LITERAL(".."))) {
            while (to->len > root && to->p[--to->len] != '/')
                ;
        } else if (segment.len > 0 && !is_dots(segment)) {
            buffer_byte(to, '/');
            buffer_slice_append(to, segment);
        }
    }
    if (to->failed)
        return;
    bool slash = path.len > 0 && path.p[path.len - 1] == '/';
    if (to->len == root || slash)
        buffer_byte(to, '/');
}

void target_encode(struct slice path, struct buffer *to)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.p[i];
        if (is_alpha((char)c) || is_digit((char)c) || (c != 0 && strchr("-_.~$&+,/:;=@", c))) {
            buffer_byte(to, (char)c);
        } else {
            char escaped[3] = {'%', hex[c >> 4], hex[c & 15]};
            buffer_bytes(to, escaped, sizeof(escaped));
        }
    }
}
