#include "request_head.h"

const struct refusal refusal_bad_request = {400, "Bad Request", "400 Bad Request"};
const struct refusal refusal_head_too_large = {431, "Request Header Fields Too Large",
                                               "431 Request Header Fields Too Large"};
const struct refusal refusal_timeout = {408, "Request Timeout", "408 Request Timeout"};
const struct refusal refusal_no_memory = {503, "Service Unavailable", "503 Service Unavailable"};
const struct refusal refusal_full = {503, "Service Unavailable",
                                     "503 Service Unavailable: too many requests are unfinished"};
static const struct refusal no_host = {400, "Bad Request: missing required Host header",
                                       "400 Bad Request: missing required Host header"};
static const struct refusal bad_host = {400, "Bad Request: malformed Host header",
                                        "400 Bad Request: malformed Host header"};
static const struct refusal bad_name = {400, "Bad Request: invalid header name",
                                        "400 Bad Request: invalid header name"};
static const struct refusal bad_version = {
    505, "HTTP Version Not Supported: unsupported protocol version",
    "505 HTTP Version Not Supported: unsupported protocol version"};
static const struct refusal bad_coding = {501, "Not Implemented", "Unsupported transfer encoding"};
static const struct refusal http2_preface = {400, "Bad Request", ""};
static const struct refusal bad_expectation = {417, "Expectation Failed", ""};

/* What a byte may be in. */
enum {
    IN_TOKEN = 1,  /* methods and header names (RFC 9110 section 5.6.2) */
    IN_HOST = 2,   /* what the Go server lets pass in a Host header */
    IN_VALUE = 4,  /* of a header */
    IN_TARGET = 8, /* of a request */
    IN_TEXT = IN_VALUE | IN_TARGET,
    ALNUM = IN_TOKEN | IN_HOST | IN_TEXT,
};

static const unsigned char byte_roles[256] = {
    ['\t'] = IN_VALUE,
    [' '] = IN_TEXT,
    ['!'] = ALNUM,
    ['"'] = IN_TEXT,
    ['#'] = IN_TOKEN | IN_TEXT,
    ['$' ... '\''] = ALNUM,
    ['('] = IN_HOST | IN_TEXT,
    [')'] = IN_HOST | IN_TEXT,
    ['*' ... '+'] = ALNUM,
    [','] = IN_HOST | IN_TEXT,
    ['-' ... '.'] = ALNUM,
    ['/'] = IN_TEXT,
    ['0' ... '9'] = ALNUM,
    [':' ... ';'] = IN_HOST | IN_TEXT,
    ['<'] = IN_TEXT,
    ['='] = IN_HOST | IN_TEXT,
    ['>' ... '@'] = IN_TEXT,
    ['A' ... 'Z'] = ALNUM,
    ['['] = IN_HOST | IN_TEXT,
    ['\\'] = IN_TEXT,
    [']'] = IN_HOST | IN_TEXT,
    ['^'] = IN_TOKEN | IN_TEXT,
    ['_'] = ALNUM,
    ['`'] = IN_TOKEN | IN_TEXT,
    ['a' ... 'z'] = ALNUM,
    ['{'] = IN_TEXT,
    ['|'] = IN_TOKEN | IN_TEXT,
    ['}'] = IN_TEXT,
    ['~'] = ALNUM,
    [0x80 ... 0xff] = IN_TEXT,
};

/* Whether all bytes may be in that. */
static bool consists_of(struct slice s, unsigned role)
{
    unsigned all = role;
    for (size_t i = 0; i < s.len; i++)
        all &= byte_roles[(unsigned char)s.p[i]];
    return all != 0;
}

/* What the headers say before it is known whether all of them are good. */
struct headers {
    struct request_head *head;
    bool malformed, odd_name, odd_length;
    unsigned hosts, codings;
    bool odd_host, odd_coding;
    bool has_length, expects;
    struct slice length, expect; /* as sent, trimmed */
};

size_t request_head_find(const char *bytes, size_t length, struct request_head_search *search)
{
    const char *end;
    while ((end = memchr(bytes + search->searched, '\n', length - search->searched)) != NULL) {
        size_t at = (size_t)(end - bytes), line = search->line;
        search->searched = search->line = at + 1;
        if (at == line || (at == line + 1 && bytes[line] == '\r'))
            return at + 1;
    }
    search->searched = length;
    return 0;
}

static struct slice trimmed(struct slice s)
{
    while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
        s.p++, s.len--;
    while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
        s.len--;
    return s;
}

/* --- The request line ------------------------------------------------------------------------- */

static bool read_version(struct slice v, struct request_head *head, bool *supported)
{
    if (v.len != 8 || memcmp(v.p, "HTTP/", 5) != 0 || v.p[6] != '.')
        return false;
    if (v.p[5] < '0' || v.p[5] > '9' || v.p[7] < '0' || v.p[7] > '9')
        return false;
    *supported = v.p[5] == '1';
    head->minor = v.p[7] - '0';
    return true;
}

static bool read_request_line(struct slice line, struct request_head *head, bool *supported)
{
    const char *end = line.p + line.len;
    const char *space = memchr(line.p, ' ', line.len);
    if (!space || space == line.p)
        return false;
    head->method = (struct slice){line.p, (size_t)(space - line.p)};
    const char *target = space + 1;
    space = memchr(target, ' ', (size_t)(end - target));
    if (!space || space == target)
        return false;
    head->target = (struct slice){target, (size_t)(space - target)};
    if (!read_version((struct slice){space + 1, (size_t)(end - space - 1)}, head, supported))
        return false;
    return consists_of(head->method, IN_TOKEN) && consists_of(head->target, IN_TARGET);
}

/* --- Headers ---------------------------------------------------------------------------------- */

static void read_host(struct headers *h, struct slice value)
{
    h->hosts++;
    h->odd_host = h->odd_host || !consists_of(value, IN_HOST);
}

static void read_content_length(struct headers *h, struct slice value)
{
    if (h->has_length) {
        if (!slice_equal(h->length, value))
            h->odd_length = true;
        return;
    }
    h->has_length = true;
    h->length = value;
    uint64_t n = 0;
    for (size_t i = 0; i < value.len; i++) {
        unsigned digit = (unsigned char)value.p[i] - (unsigned)'0';
        if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10) {
            h->odd_length = true;
            return;
        }
        n = n * 10 + digit;
    }
    h->head->content_length = n;
}

/* Whether a list of tokens holds one, in any case. */
static bool list_has(struct slice list, struct slice token)
{
    while (list.len > 0) {
        const char *comma = memchr(list.p, ',', list.len);
        size_t n = comma ? (size_t)(comma - list.p) : list.len;
        if (slice_equal_fold(trimmed((struct slice){list.p, n}), token))
            return true;
        n += comma != NULL;
        list = (struct slice){list.p + n, list.len - n};
    }
    return false;
}

static void read_connection(struct headers *h, struct slice value)
{
    struct request_head *head = h->head;
    head->close = head->close || list_has(value, SLICE_LITERAL("close"));
    head->keep_alive =
        !head->close && (head->keep_alive || list_has(value, SLICE_LITERAL("keep-alive")));
}

static void read_header(struct headers *h, struct slice name, struct slice value)
{
    switch (name.len) {
    case 4:
        if (slice_equal_fold(name, SLICE_LITERAL("Host")))
            read_host(h, value);
        break;
    case 6:
        if (slice_equal_fold(name, SLICE_LITERAL("Expect")) && !h->expects) {
            h->expects = true;
            h->expect = value;
        }
        break;
    case 10:
        if (slice_equal_fold(name, SLICE_LITERAL("Connection")))
            read_connection(h, value);
        break;
    case 14:
        if (slice_equal_fold(name, SLICE_LITERAL("Content-Length")))
            read_content_length(h, value);
        break;
    case 17:
        if (slice_equal_fold(name, SLICE_LITERAL("Transfer-Encoding"))) {
            h->codings++;
            h->odd_coding = h->odd_coding || !slice_equal_fold(value, SLICE_LITERAL("chunked"));
        }
        break;
    default:
        break;
    }
}

/* A name with a byte that cannot be: the Go server tells blanks from the rest. */
static void judge_name(struct headers *h, struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (name.p[i] == ' ')
            h->odd_name = true;
        else if (!(byte_roles[(unsigned char)name.p[i]] & IN_TOKEN))
            h->malformed = true;
    }
}

static void read_header_line(struct headers *h, struct slice line)
{
    const char *colon = memchr(line.p, ':', line.len);
    if (!colon || colon == line.p) {
        h->malformed = true;
        return;
    }
    struct slice name = {line.p, (size_t)(colon - line.p)};
    struct slice value = trimmed((struct slice){colon + 1, line.len - name.len - 1});
    if (!consists_of(name, IN_TOKEN))
        judge_name(h, name);
    if (!consists_of(value, IN_VALUE))
        h->malformed = true;
    read_header(h, name, value);
}

/* The end of the line that begins at `at`. A line that begins with a blank continues the one before
 * it: one line is made of the two. NULL if there is no end. */
static char *line_end(char *at, char *end)
{
    char *newline = memchr(at, '\n', (size_t)(end - at));
    while (newline && newline + 1 < end && (newline[1] == ' ' || newline[1] == '\t')) {
        newline[0] = ' ';
        if (newline > at && newline[-1] == '\r')
            newline[-1] = ' ';
        newline = memchr(newline, '\n', (size_t)(end - newline));
    }
    return newline;
}

static const struct refusal *judge_framing(struct headers *h)
{
    struct request_head *head = h->head;
    if (h->codings > 0 && head->minor >= 1) {
        if (h->codings != 1 || h->odd_coding)
            return &bad_coding;
        /* Two statements about where the request ends: whoever stands before us may believe the
         * other one. */
        if (h->has_length)
            return &refusal_bad_request;
        head->chunked = true;
        return NULL;
    }
    return h->odd_length ? &refusal_bad_request : NULL;
}

/* HTTP/1.0 knows no 100 Continue. */
static const struct refusal *judge_expectation(struct headers *h)
{
    struct request_head *head = h->head;
    if (!h->expects)
        return NULL;
    if (head->minor < 1 || h->expect.len == 0)
        return NULL;
    if (!list_has(h->expect, SLICE_LITERAL("100-continue")))
        return &bad_expectation;
    head->expects_continue = true;
    return NULL;
}

/* In the order in which the Go server looks at them. */
static const struct refusal *judge(struct headers *h, bool supported)
{
    if (h->malformed || h->hosts > 1)
        return &refusal_bad_request;
    const struct refusal *refusal = judge_framing(h);
    if (refusal)
        return refusal;
    if (!supported)
        return slice_equal(h->head->method, SLICE_LITERAL("PRI")) ? &http2_preface : &bad_version;
    if (h->hosts == 0 && h->head->minor >= 1 && !slice_equal(h->head->method, slice_of("CONNECT")))
        return &no_host;
    if (h->odd_host)
        return &bad_host;
    if (h->odd_name)
        return &bad_name;
    return judge_expectation(h);
}

void request_head_parse(char *bytes, size_t length, struct request_head *out)
{
    struct headers h = {.head = out};
    bool supported = false;
    *out = (struct request_head){.refusal = &refusal_bad_request};

    char *end = bytes + length;
    char *newline = memchr(bytes, '\n', length);
    if (!newline)
        return;
    struct slice line = {bytes, (size_t)(newline - bytes)};
    if (line.len > 0 && line.p[line.len - 1] == '\r')
        line.len--;
    if (!read_request_line(line, out, &supported))
        return;

    /* A continuation has no header before it on the first line: that is malformed. */
    char *at = newline + 1;
    if (at < end && (*at == ' ' || *at == '\t'))
        return;
    const char *headers = at;
    for (; at < end; at = newline + 1) {
        newline = line_end(at, end);
        if (!newline)
            return;
        size_t n = (size_t)(newline - at);
        if (n > 0 && at[n - 1] == '\r')
            n--;
        if (n == 0)
            break;
        read_header_line(&h, (struct slice){at, n});
    }
    out->headers = (struct slice){headers, (size_t)(at - headers)};
    out->refusal = judge(&h, supported);
}

bool request_head_next(struct slice *rest, struct request_header *out)
{
    if (rest->len == 0)
        return false;
    const char *newline = memchr(rest->p, '\n', rest->len);
    const char *colon = memchr(rest->p, ':', rest->len);
    const char *end = newline[-1] == '\r' ? newline - 1 : newline;
    out->name = (struct slice){rest->p, (size_t)(colon - rest->p)};
    out->value = trimmed((struct slice){colon + 1, (size_t)(end - colon - 1)});
    rest->len -= (size_t)(newline + 1 - rest->p);
    rest->p = newline + 1;
    return true;
}
