/* Request heads: where they end, what is refused and with which words, and what those that pass
 * say. The words are those of the published Go server. */
#include "request_head.h"

#include "suite.h"

#include <stdio.h>

static void parse(const char *text, char *bytes, size_t size, struct request_head *head)
{
    struct request_head_search search = {0};
    size_t length = strlen(text);
    ck_assert_uint_lt(length, size);
    memcpy(bytes, text, length + 1);
    ck_assert_uint_eq(request_head_find(bytes, length, &search), length);
    request_head_parse(bytes, length, head);
}

/* --- Refusals --------------------------------------------------------------------------------- */

#define GET  "GET / HTTP/1.1\r\n"
#define HOST "Host: x\r\n"
#define PUT  "PUT / HTTP/1.1\r\n" HOST

static const struct {
    const char *text;
    int status; /* 0: good */
    const char *body;
} verdicts[] = {
    {GET HOST "\r\n", 0, NULL},
    {"GET / HTTP/1.1\nHost: x\n\n", 0, NULL},
    {"GET / HTTP/1.0\r\n\r\n", 0, NULL},
    {"GET / HTTP/1.2\r\n" HOST "\r\n", 0, NULL},
    {GET "Host:\r\n\r\n", 0, NULL},
    {GET "host:[::1]:80\r\n\r\n", 0, NULL},
    {GET HOST "X: a\xff\tb\r\nY:\r\n\r\n", 0, NULL},
    {"FOO! / HTTP/1.1\r\n" HOST "\r\n", 0, NULL},
    {"CONNECT a:80 HTTP/1.1\r\n\r\n", 0, NULL},
    {"\r\n", 400, "400 Bad Request"},
    {"GET /\r\n\r\n", 400, "400 Bad Request"},
    {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {"GET /  HTTP/1.1\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {"GET / HTTP/1.1 \r\n" HOST "\r\n", 400, "400 Bad Request"},
    {"GET / http/1.1\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {"GET / HTTP/1.x\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {"GET / HTTP/11\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {" / HTTP/1.1\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {"G\xffT / HTTP/1.1\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {"GET /\x01 HTTP/1.1\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {"GET /\x7f HTTP/1.1\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {GET HOST "no colon\r\n\r\n", 400, "400 Bad Request"},
    {GET HOST ": empty\r\n\r\n", 400, "400 Bad Request"},
    {GET HOST "X\x01: a\r\n\r\n", 400, "400 Bad Request"},
    {GET HOST "X(: a\r\n\r\n", 400, "400 Bad Request"},
    {GET HOST "X: a\x01\r\n\r\n", 400, "400 Bad Request"},
    {GET HOST "X: a\rb\r\n\r\n", 400, "400 Bad Request"},
    {GET " folded: first\r\n" HOST "\r\n", 400, "400 Bad Request"},
    {GET HOST HOST "\r\n", 400, "400 Bad Request"},
    {GET HOST "X : a\r\n\r\n", 400, "400 Bad Request: invalid header name"},
    {GET HOST "X y: a\r\n\r\n", 400, "400 Bad Request: invalid header name"},
    {GET "\r\n", 400, "400 Bad Request: missing required Host header"},
    {GET "Host: a b\r\n\r\n", 400, "400 Bad Request: malformed Host header"},
    {GET "Host: a/b\r\n\r\n", 400, "400 Bad Request: malformed Host header"},
    {"GET / HTTP/1.0\r\nHost: a/b\r\n\r\n", 400, "400 Bad Request: malformed Host header"},
    {"GET / HTTP/2.0\r\n" HOST "\r\n", 505,
     "505 HTTP Version Not Supported: unsupported protocol version"},
    {"GET / HTTP/0.9\r\n" HOST "\r\n", 505,
     "505 HTTP Version Not Supported: unsupported protocol version"},
    {PUT "Content-Length: +4\r\n\r\n", 400, "400 Bad Request"},
    {PUT "Content-Length: -1\r\n\r\n", 400, "400 Bad Request"},
    {PUT "Content-Length: 4, 4\r\n\r\n", 400, "400 Bad Request"},
    {PUT "Content-Length: 0x4\r\n\r\n", 400, "400 Bad Request"},
    {PUT "Content-Length: 9223372036854775808\r\n\r\n", 400, "400 Bad Request"},
    {PUT "Content-Length: 4\r\nContent-Length: 5\r\n\r\n", 400, "400 Bad Request"},
    {PUT "Content-Length: 4\r\nContent-Length: 4 \r\n\r\n", 0, NULL},
    {PUT "Transfer-Encoding: gzip\r\n\r\n", 501, "Unsupported transfer encoding"},
    {PUT "Transfer-Encoding: gzip, chunked\r\n\r\n", 501, "Unsupported transfer encoding"},
    {PUT "Transfer-Encoding:\r\n\r\n", 501, "Unsupported transfer encoding"},
    {PUT "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 501,
     "Unsupported transfer encoding"},
    {PUT "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n", 400, "400 Bad Request"},
    {PUT "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "400 Bad Request"},
    {PUT "Expect: something\r\n\r\n", 417, ""},
    {PUT "Expect: something\r\nExpect: 100-continue\r\n\r\n", 417, ""},
    {PUT "Expect:\r\n\r\n", 0, NULL},
    {"PUT / HTTP/1.0\r\nExpect: something\r\n\r\n", 0, NULL},
    /* Which of two errors is told. */
    {"GET / HTTP/2.0\r\nTransfer-Encoding: x\r\nno colon\r\n\r\n", 400, "400 Bad Request"},
    {"GET / HTTP/2.1\r\nTransfer-Encoding: x\r\n\r\n", 501, "Unsupported transfer encoding"},
    {GET "X : a\r\n\r\n", 400, "400 Bad Request: missing required Host header"},
};

START_TEST(test_verdict)
{
    char bytes[512];
    struct request_head head;
    parse(verdicts[_i].text, bytes, sizeof(bytes), &head);
    if (verdicts[_i].status == 0) {
        ck_assert_msg(!head.refusal, "%s: %s", verdicts[_i].text,
                      head.refusal ? head.refusal->reason : "");
        return;
    }
    ck_assert_msg(head.refusal, "%s is not refused", verdicts[_i].text);
    ck_assert_int_eq(head.refusal->status, verdicts[_i].status);
    ck_assert_str_eq(head.refusal->body, verdicts[_i].body);
}
END_TEST

/* --- What headers ask for ----------------------------------------------------------------------
 */

static const struct {
    const char *headers;
    bool close, keep_alive;
} connections[] = {
    {"", false, false},
    {"Connection: close\r\n", true, false},
    {"connection: TE, Close\r\n", true, false},
    {"Connection: TE\r\n", false, false},
    {"Connection: TE , Keep-Alive\r\n", false, true},
    {"Connection: keep-alive, close\r\n", true, false},
    {"Connection: keep-alive\r\nConnection: close\r\n", true, false},
    {"Connection: close\r\nConnection: keep-alive\r\n", true, false},
    {"Connection: closed\r\n", false, false},
    {"Connection:\r\n", false, false},
    {"Connection: TE,\r\n close\r\n", true, false},
};

START_TEST(test_connection)
{
    char text[512], bytes[512];
    struct request_head head;
    snprintf(text, sizeof(text), PUT "%s\r\n", connections[_i].headers);
    parse(text, bytes, sizeof(bytes), &head);
    ck_assert_ptr_null(head.refusal);
    ck_assert_int_eq(head.close, connections[_i].close);
    ck_assert_int_eq(head.keep_alive, connections[_i].keep_alive);
}
END_TEST

static void expect_header(struct slice *rest, const char *name, const char *value)
{
    struct request_header header;
    ck_assert(request_head_next(rest, &header));
    ck_assert(slice_equal(header.name, slice_of(name)));
    ck_assert(slice_equal(header.value, slice_of(value)));
}

START_TEST(test_headers)
{
    char bytes[256];
    struct request_head head;
    struct request_header none;
    parse("GET / HTTP/1.1\r\nHost:x\nA: b\r\n\tc\r\n d\t\r\nEmpty: \r\nA:\r\nL: x\n y\n\r\n", bytes,
          sizeof(bytes), &head);
    ck_assert_ptr_null(head.refusal);
    struct slice rest = head.headers;
    expect_header(&rest, "Host", "x");
    expect_header(&rest, "A", "b  \tc   d");
    expect_header(&rest, "Empty", "");
    expect_header(&rest, "A", "");
    expect_header(&rest, "L", "x  y");
    ck_assert(!request_head_next(&rest, &none));
    ck_assert(!request_head_next(&rest, &none));
}
END_TEST

START_TEST(test_no_headers)
{
    char bytes[64];
    struct request_head head;
    struct request_header none;
    parse("GET / HTTP/1.0\r\n\r\n", bytes, sizeof(bytes), &head);
    ck_assert_ptr_null(head.refusal);
    ck_assert(!request_head_next(&head.headers, &none));
}
END_TEST

START_TEST(test_old_version_has_no_chunks)
{
    char bytes[512];
    struct request_head head;
    parse("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\nExpect: "
          "100-continue\r\n\r\n",
          bytes, sizeof(bytes), &head);
    ck_assert_ptr_null(head.refusal);
    ck_assert(!head.chunked);
    ck_assert_uint_eq(head.content_length, 4);
    ck_assert(!head.expects_continue);
}
END_TEST

static const struct {
    const char *line;
    const char *method, *target;
    int minor;
} lines[] = {
    {"PUT /metrics/job/a HTTP/1.1", "PUT", "/metrics/job/a", 1},
    {"GET /a?b HTTP/1.0", "GET", "/a?b", 0},
    {"HEAD / HTTP/1.1", "HEAD", "/", 1},
    {"PUT /\xc3\xbc HTTP/1.1", "PUT", "/\xc3\xbc", 1},
    {"PUT //metrics/job/a HTTP/1.1", "PUT", "//metrics/job/a", 1},
    {"GET http://x/a HTTP/1.1", "GET", "http://x/a", 1},
    {"OPTIONS * HTTP/1.1", "OPTIONS", "*", 1},
    {"FOO / HTTP/1.1", "FOO", "/", 1},
    {"put / HTTP/1.1", "put", "/", 1},
    {"TRACE / HTTP/1.1", "TRACE", "/", 1},
    {"CONNECT /a HTTP/1.1", "CONNECT", "/a", 1},
    {"GET / HTTP/1.9", "GET", "/", 9},
};

START_TEST(test_line)
{
    char text[256], bytes[256];
    struct request_head head;
    snprintf(text, sizeof(text), "%s\r\n" HOST "\r\n", lines[_i].line);
    parse(text, bytes, sizeof(bytes), &head);
    ck_assert_ptr_null(head.refusal);
    ck_assert(slice_equal(head.method, slice_of(lines[_i].method)));
    ck_assert(slice_equal(head.target, slice_of(lines[_i].target)));
    ck_assert_int_eq(head.minor, lines[_i].minor);
}
END_TEST

START_TEST(test_body)
{
    char bytes[256];
    struct request_head head;
    parse(PUT "content-length:  0042 \r\nEXPECT: 100-continue\r\n\r\n", bytes, sizeof(bytes),
          &head);
    ck_assert_uint_eq(head.content_length, 42);
    ck_assert(head.expects_continue);
    ck_assert(!head.chunked);

    parse(PUT "Content-Length:\r\nExpect: foo, 100-Continue\r\n\r\n", bytes, sizeof(bytes), &head);
    ck_assert_uint_eq(head.content_length, 0);
    ck_assert(head.expects_continue);

    parse(PUT "Transfer-Encoding: Chunked\r\n\r\n", bytes, sizeof(bytes), &head);
    ck_assert(head.chunked);
    ck_assert_uint_eq(head.content_length, 0);
}
END_TEST

/* The end is found wherever the bytes are cut, and no further than the first empty line. */
START_TEST(test_find)
{
    static const char text[] = GET HOST "A: b\n\r\nrest\r\n\r\n";
    size_t length = strlen(text), head = length - strlen("rest\r\n\r\n");
    for (size_t cut = 0; cut <= length; cut++) {
        struct request_head_search search = {0};
        size_t found = request_head_find(text, cut, &search);
        ck_assert_uint_eq(found, cut >= head ? head : 0);
        if (found == 0)
            ck_assert_uint_eq(request_head_find(text, length, &search), head);
    }
    struct request_head_search search = {0};
    for (size_t n = 1; n < head; n++)
        ck_assert_uint_eq(request_head_find(text, n, &search), 0);
    ck_assert_uint_eq(request_head_find(text, head, &search), head);
}
END_TEST

/* Damaged heads: nothing but a verdict comes of them, the headers of a good one can be walked, and
 * it says the same when it is read again, unfolded. */
START_TEST(test_damage)
{
    static const char *const seeds[] = {
        PUT "Connection: TE, close\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n",
        "GET /a?b HTTP/1.0\r\nConnection: keep-alive,\r\n\tTE\r\nX: y\r\n\r\n",
        PUT "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n",
    };
    static const char bytes[] = "\r\n :,X\t0cC/\xff";
    unsigned good = 0;
    srand(4711);
    for (int i = 0; i < 200000; i++) {
        char head[256], again[256];
        struct request_head first, second;
        const char *seed = seeds[i % 3];
        size_t length = strlen(seed);
        memcpy(head, seed, length);
        for (int n = rand() % 4; n >= 0; n--)
            head[(size_t)rand() % length] = bytes[(size_t)rand() % (sizeof(bytes))];
        struct request_head_search search = {0};
        length = request_head_find(head, length, &search);
        if (length == 0)
            continue;
        request_head_parse(head, length, &first);
        if (first.refusal)
            continue;
        good++;
        struct request_header header;
        for (struct slice rest = first.headers; request_head_next(&rest, &header);)
            ck_assert(header.name.len > 0 && header.value.p + header.value.len <= head + length);
        memcpy(again, head, length);
        request_head_parse(again, length, &second);
        ck_assert_ptr_null(second.refusal);
        ck_assert_mem_eq(again, head, length);
        ck_assert_uint_eq(first.content_length, second.content_length);
        ck_assert_int_eq(first.chunked, second.chunked);
        ck_assert_int_eq(first.expects_continue, second.expects_continue);
        ck_assert_int_eq(first.close, second.close);
    }
    ck_assert_uint_gt(good, 1000);
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(*(array))))

int main(void)
{
    Suite *suite = suite_create("request_head");
    TCase *tc = tcase_create("request_head");
    tcase_add_loop_test(tc, test_verdict, 0, COUNT(verdicts));
    tcase_add_loop_test(tc, test_connection, 0, COUNT(connections));
    tcase_add_test(tc, test_headers);
    tcase_add_test(tc, test_no_headers);
    tcase_add_loop_test(tc, test_line, 0, COUNT(lines));
    tcase_add_test(tc, test_old_version_has_no_chunks);
    tcase_add_test(tc, test_body);
    tcase_add_test(tc, test_find);
    tcase_add_test(tc, test_damage);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
