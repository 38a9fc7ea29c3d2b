/* Request heads: where they end, what is refused and with which words, and what evhttp gets to see
 * of those that pass. The words are those of the published Go server. */
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

/* --- What evhttp sees ------------------------------------------------------------------------- */

static const struct {
    const char *before, *after;
} tamings[] = {
    {"Connection: close\r\n", "Connection: close\r\n"},
    {"Connection: TE, Close\r\n", "Connection: close    \r\n"},
    {"Connection: close, TE\r\n", "Connection: close    \r\n"},
    {"Connection: TE\r\n", "Xonnection: TE\r\n"},
    {"Connection: TE , Keep-Alive\r\n", "Connection: keep-alive     \r\n"},
    {"Connection: keep-alive, close\r\n", "Connection: close            \r\n"},
    {"Connection: keep-alive\r\nConnection: close\r\n",
     "Xonnection: keep-alive\r\nConnection: close\r\n"},
    {"Connection: close\r\nConnection: keep-alive\r\n",
     "Connection: close\r\nXonnection: keep-alive\r\n"},
    {"Connection: closed\r\n", "Xonnection: closed\r\n"},
    {"Connection:\r\n", "Xonnection:\r\n"},
    {"Connection: TE,\r\n close\r\n", "Connection: close      \r\n"},
    {"A: b\r\n\tc\r\n d\r\n", "A: b  \tc   d\r\n"},
    {"A: b\n c\r\n", "A: b  c\r\n"},
    {"Content-Length:\r\n", "Xontent-Length:\r\n"},
    {"Expect: 100-Continue\r\n", "Expect: 100-continue\r\n"},
    {"Expect: foo, 100-continue\r\n", "Expect: 100-continue     \r\n"},
    {"Expect:\r\n", "Xxpect:\r\n"},
};

START_TEST(test_taming)
{
    char text[512], bytes[512], expected[512];
    struct request_head head;
    snprintf(text, sizeof(text), PUT "%s\r\n", tamings[_i].before);
    snprintf(expected, sizeof(expected), PUT "%s\r\n", tamings[_i].after);
    parse(text, bytes, sizeof(bytes), &head);
    ck_assert_ptr_null(head.refusal);
    ck_assert_str_eq(bytes, expected);
    /* A head may be read again when more of the request has come. */
    request_head_parse(bytes, strlen(bytes), &head);
    ck_assert_ptr_null(head.refusal);
    ck_assert_str_eq(bytes, expected);
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
    ck_assert_int_eq(head.expectation, EXPECT_NOTHING);
    ck_assert_str_eq(bytes, "PUT / HTTP/1.0\r\nXransfer-Encoding: chunked\r\nContent-Length: 4\r\n"
                            "Xxpect: 100-continue\r\n\r\n");
}
END_TEST

static const struct {
    const char *line;
    const char *method, *target;
    bool plain;
} lines[] = {
    {"PUT /metrics/job/a HTTP/1.1", "PUT", "/metrics/job/a", true},
    {"GET /a?b HTTP/1.0", "GET", "/a?b", true},
    {"HEAD / HTTP/1.1", "HEAD", "/", true},
    {"PUT /\xc3\xbc HTTP/1.1", "PUT", "/\xc3\xbc", true},
    {"PUT //metrics/job/a HTTP/1.1", "PUT", "//metrics/job/a", false},
    {"GET http://x/a HTTP/1.1", "GET", "http://x/a", false},
    {"OPTIONS * HTTP/1.1", "OPTIONS", "*", false},
    {"FOO / HTTP/1.1", "FOO", "/", false},
    {"put / HTTP/1.1", "put", "/", false},
    {"TRACE / HTTP/1.1", "TRACE", "/", false},
    {"CONNECT /a HTTP/1.1", "CONNECT", "/a", false},
    {"GET / HTTP/1.9", "GET", "/", false},
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
    ck_assert_int_eq(head.plain, lines[_i].plain);
    ck_assert_uint_eq(head.line_length, strlen(lines[_i].line) + 2);
    ck_assert_uint_eq(head.blank, strlen(text) - 2);
    if (head.plain) {
        memset(bytes, '#', strlen(bytes));
        ck_assert(slice_equal(head.method, slice_of(lines[_i].method)));
    }
}
END_TEST

START_TEST(test_body)
{
    char bytes[256];
    struct request_head head;
    parse(PUT "content-length:  0042 \r\nEXPECT: 100-continue\r\n\r\n", bytes, sizeof(bytes),
          &head);
    ck_assert_uint_eq(head.content_length, 42);
    ck_assert_int_eq(head.expectation, EXPECT_CONTINUE);
    request_head_hide(head.content_length_name);
    request_head_hide(head.expect_name);
    request_head_hide(head.transfer_encoding_name);
    ck_assert_str_eq(bytes, PUT "Xontent-length:  0042 \r\nXXPECT: 100-continue\r\n\r\n");

    parse(PUT "Transfer-Encoding: Chunked\r\n\r\n", bytes, sizeof(bytes), &head);
    ck_assert(head.chunked);
    ck_assert_uint_eq(head.content_length, 0);
    ck_assert_ptr_nonnull(head.transfer_encoding_name);
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

/* Damaged heads: nothing but a verdict comes of them, and a good one stays good when it is read
 * again after it was tamed. */
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
        ck_assert_uint_le(first.blank, length);
        memcpy(again, head, length);
        request_head_parse(again, length, &second);
        ck_assert_ptr_null(second.refusal);
        ck_assert_mem_eq(again, head, length);
        ck_assert_uint_eq(first.content_length, second.content_length);
        ck_assert_int_eq(first.chunked, second.chunked);
        ck_assert_int_eq(first.expectation, second.expectation);
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
    tcase_add_loop_test(tc, test_taming, 0, COUNT(tamings));
    tcase_add_loop_test(tc, test_line, 0, COUNT(lines));
    tcase_add_test(tc, test_old_version_has_no_chunks);
    tcase_add_test(tc, test_body);
    tcase_add_test(tc, test_find);
    tcase_add_test(tc, test_damage);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
