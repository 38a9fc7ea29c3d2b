/* RFC 3986 with the liberties of Go's net/url: nearly any byte may stand in a path. */
#include "external_url.h"

#include "go_quote.h"
#include "percent.h"

#include <ctype.h>
#include <stdint.h>

struct parse {
    const char *url;
    struct error *e;
};

/* `parse "url": reason`, with what the reason quotes behind it unless that is empty. */
static bool refuse(const struct parse *p, const char *reason, struct slice quoted,
                   const char *behind)
{
    struct buffer message = {0};

    buffer_text(&message, "parse ");
    go_quote(&message, slice_of(p->url));
    buffer_printf(&message, ": %s", reason);
    if (quoted.len > 0) {
        buffer_byte(&message, ' ');
        go_quote(&message, quoted);
        buffer_text(&message, behind);
    }
    if (message.failed)
        error_no_memory(p->e);
    else
        error_set(p->e, ERROR_INVALID, "%.*s", SLICE_ARGS(message));
    buffer_free(&message);
    return false;
}

/* Undoes %xx in s; `to`, if not NULL, has room for s.len bytes. */
static bool unescape(const struct parse *p, struct slice s, char *to, size_t *n)
{
    *n = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (c == '%') {
            struct slice escape = {s.p + i, s.len - i};
            if (escape.len > PERCENT_ESCAPE_LENGTH)
                escape.len = PERCENT_ESCAPE_LENGTH;
            int byte = percent_byte(escape);
            if (byte < 0)
                return refuse(p, "invalid URL escape", escape, "");
            c = (char)byte;
            i += PERCENT_ESCAPE_LENGTH - 1;
        }
        if (to)
            to[*n] = c;
        (*n)++;
    }
    return true;
}

static bool check_escapes(const struct parse *p, struct slice s)
{
    size_t n;

    return unescape(p, s, NULL, &n);
}

/* What stands before the first `separator`; *rest is what stands behind it, empty if there is none.
 */
static struct slice cut(struct slice s, char separator, struct slice *rest)
{
    const char *at = s.len > 0 ? memchr(s.p, separator, s.len) : NULL;

    if (!at) {
        *rest = (struct slice){s.p + s.len, 0};
        return s;
    }
    *rest = (struct slice){at + 1, s.len - (size_t)(at - s.p) - 1};
    return (struct slice){s.p, (size_t)(at - s.p)};
}

static bool check_port(const struct parse *p, struct slice port)
{
    bool ok = port.len == 0 || port.p[0] == ':';

    for (size_t i = 1; i < port.len; i++)
        ok = ok && isdigit((unsigned char)port.p[i]);
    return ok || refuse(p, "invalid port", port, " after host");
}

static bool check_host(const struct parse *p, struct slice host)
{
    struct slice name = host;
    const char *bracket = host.len > 0 && host.p[0] == '[' ? memrchr(host.p, ']', host.len) : NULL;
    const char *colon = host.len > 0 ? memrchr(host.p, ':', host.len) : NULL;

    if (bracket) {
        struct slice port = {bracket + 1, host.len - (size_t)(bracket + 1 - host.p)};
        if (!check_port(p, port))
            return false;
    } else if (host.len > 0 && host.p[0] == '[') {
        return refuse(p, "missing ']' in host", SLICE_LITERAL(""), "");
    } else if (colon) {
        struct slice port = {colon, host.len - (size_t)(colon - host.p)};
        if (!check_port(p, port))
            return false;
        name.len -= port.len;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c < 0x80 && !isalnum(c) && !strchr("-_.~!$&'()*+,;=:[]<>\"%", c)) {
            struct slice bad = {name.p + i, 1};
            return refuse(p, "invalid character", bad, " in host name");
        }
    }
    return check_escapes(p, name);
}

static bool check_authority(const struct parse *p, struct slice authority)
{
    const char *at = authority.len > 0 ? memrchr(authority.p, '@', authority.len) : NULL;

    if (!at)
        return check_host(p, authority);
    struct slice user = {authority.p, (size_t)(at - authority.p)};
    for (size_t i = 0; i < user.len; i++)
        if (!isalnum((unsigned char)user.p[i]) && !strchr("-._:~!$&'()*+,;=%@", user.p[i]))
            return refuse(p, "net/url: invalid userinfo", SLICE_LITERAL(""), "");
    return check_host(p, (struct slice){at + 1, authority.len - user.len - 1}) &&
           check_escapes(p, user);
}

/* The length of "http:", 0 if there is no scheme. */
static bool read_scheme(const struct parse *p, struct slice s, size_t *length)
{
    *length = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (isalpha(c) || (i > 0 && c < 0x80 && (isdigit(c) || strchr("+-.", c))))
            continue;
        if (c == ':' && i == 0)
            return refuse(p, "missing protocol scheme", SLICE_LITERAL(""), "");
        if (c == ':')
            *length = i + 1;
        break;
    }
    return true;
}

/* Finds the still encoded path in a URL without its fragment and query. */
static bool find_path(const struct parse *p, struct slice s, struct slice *path)
{
    size_t scheme;

    if (!read_scheme(p, s, &scheme))
        return false;
    struct slice rest = {s.p + scheme, s.len - scheme};
    if (!slice_has_prefix(rest, SLICE_LITERAL("/"))) {
        struct slice behind, first = cut(rest, '/', &behind);
        *path = rest;
        if (scheme > 0)
            path->len = 0; /* "mailto:x" has no path */
        else if (first.len > 0 && memchr(first.p, ':', first.len))
            return refuse(p, "first path segment in URL cannot contain colon", SLICE_LITERAL(""),
                          "");
        return true;
    }
    if (slice_has_prefix(rest, SLICE_LITERAL("//")) &&
        (scheme > 0 || !slice_has_prefix(rest, SLICE_LITERAL("///")))) {
        struct slice behind,
            authority = cut((struct slice){rest.p + 2, rest.len - 2}, '/', &behind);
        if (!check_authority(p, authority))
            return false;
        rest.p += 2 + authority.len;
        rest.len -= 2 + authority.len;
    }
    *path = rest;
    return true;
}

bool external_url_path(const char *url, struct arena *a, const char **path, struct error *e)
{
    const struct parse p = {url, e};
    struct slice fragment, query, encoded;
    size_t n;

    for (const char *c = url; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return refuse(&p, "net/url: invalid control character in URL", SLICE_LITERAL(""), "");
    struct slice rest = cut(slice_of(url), '#', &fragment);
    rest = cut(rest, '?', &query);
    if (!find_path(&p, rest, &encoded))
        return false;
    char *decoded = arena_alloc(a, encoded.len + 1);
    if (!decoded)
        return error_no_memory(e);
    if (!unescape(&p, encoded, decoded, &n) || !check_escapes(&p, fragment))
        return false;
    decoded[n] = '\0';
    *path = decoded;
    return true;
}
