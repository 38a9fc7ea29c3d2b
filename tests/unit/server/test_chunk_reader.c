/* The chunked coding: what comes out, what is left, which words an error has. Every case is fed
 * whole and byte by byte. */
#include "chunk_reader.h"

#include "suite.h"

#include "buffer.h"

static const struct {
    const char *in;
    const char *body;  /* NULL: an error */
    const char *error; /* or, without one, what is left */
} cases[] = {
    {"4\r\nm 1\n\r\n0\r\n\r\n", "m 1\n", ""},
    {"0\r\n\r\n", "", ""},
    {"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET", "abcde", "GET"},
    {"00A\r\n0123456789\r\n0\r\n\r\n", "0123456789", ""},
    {"a\r\n0123456789\r\n0\r\n\r\n", "0123456789", ""},
    {"1;name=value\r\nx\r\n0;last\r\n\r\n", "x", ""},
    {"1 ;\"quoted;\"\r\nx\r\n0\r\n\r\n", "x", ""},
    {"1 \t\r\nx\r\n0\r\n\r\n", "x", ""},
    {"1\r\n\n\r\n0\r\n\r\n", "\n", ""},
    {"1\r\nx\r\n0\r\nA: b\r\nC:\r\n\r\nnext", "x", "next"},
    {"1\r\nx\r\n0\r\nA: b\n\n", "x", ""},
    {"x\r\n", NULL, "invalid byte in chunk length"},
    {"-1\r\n", NULL, "invalid byte in chunk length"},
    {"1 1\r\n", NULL, "invalid byte in chunk length"},
    {"1\rx", NULL, "invalid byte in chunk length"},
    {"\r\n", NULL, "empty hex number for chunk length"},
    {";a\r\n", NULL, "empty hex number for chunk length"},
    {"4\nm 1\n\r\n", NULL, "chunked line ends with bare LF"},
    {"4;a\nm 1\n\r\n", NULL, "chunked line ends with bare LF"},
    {"11111111111111111\r\n", NULL, "http chunk length too large"},
    {"4\r\nm 1\nxx", NULL, "malformed chunked encoding"},
    {"4\r\nm 1\n\rx", NULL, "malformed chunked encoding"},
    {"1\r\nx\r\n0\r\nbad\r\n\r\n", NULL, "malformed MIME header: missing colon: \"bad\""},
};

/* Reads `in` in pieces of `step` bytes. */
static enum chunk_status read_all(struct chunk_reader *c, const char *in, size_t step,
                                  struct buffer *body, const char **left)
{
    size_t length = strlen(in);
    for (size_t at = 0; at < length; at += step) {
        struct slice rest = {in + at, length - at < step ? length - at : step}, data;
        enum chunk_status status;
        while ((status = chunk_reader_next(c, &rest, &data)) == CHUNK_DATA)
            buffer_slice_append(body, data);
        *left = rest.p;
        if (status != CHUNK_MORE)
            return status;
        ck_assert_uint_eq(rest.len, 0);
    }
    return CHUNK_MORE;
}

static void check_case(size_t i, size_t step)
{
    struct chunk_reader c = {0};
    struct buffer body = {0};
    const char *left = "";
    enum chunk_status status = read_all(&c, cases[i].in, step, &body, &left);
    if (!cases[i].body) {
        ck_assert_int_eq(status, CHUNK_BAD);
        ck_assert_str_eq(c.error, cases[i].error);
    } else {
        ck_assert_int_eq(status, CHUNK_END);
        ck_assert_str_eq(left, cases[i].error);
        ck_assert_uint_eq(body.len, strlen(cases[i].body));
        if (body.len > 0)
            ck_assert_mem_eq(body.p, cases[i].body, body.len);
    }
    buffer_free(&body);
}

START_TEST(test_whole)
{
    check_case((size_t)_i, strlen(cases[_i].in));
}
END_TEST

START_TEST(test_byte_by_byte)
{
    check_case((size_t)_i, 1);
}
END_TEST

/* Neither an endless line nor endless trailers are taken. */
START_TEST(test_bounds)
{
    struct chunk_reader c = {0};
    struct slice data, in;
    char line[5000];
    memset(line, 'a', sizeof(line));
    line[0] = '1';
    line[1] = ';';
    in = (struct slice){line, sizeof(line)};
    ck_assert_int_eq(chunk_reader_next(&c, &in, &data), CHUNK_BAD);

    c = (struct chunk_reader){0};
    in = SLICE_LITERAL("0\r\n");
    ck_assert_int_eq(chunk_reader_next(&c, &in, &data), CHUNK_MORE);
    enum chunk_status status = CHUNK_MORE;
    for (int i = 0; i < 100 && status == CHUNK_MORE; i++) {
        in = (struct slice){line, sizeof(line)};
        status = chunk_reader_next(&c, &in, &data);
    }
    ck_assert_int_eq(status, CHUNK_BAD);
}
END_TEST

START_TEST(test_unfinished)
{
    static const char *const unfinished[] = {
        "", "4", "4\r\nm", "4\r\nm 1\n\r\n", "0\r\n", "0\r\nA: b\r\n"};
    for (size_t i = 0; i < sizeof(unfinished) / sizeof(unfinished[0]); i++) {
        struct chunk_reader c = {0};
        struct buffer body = {0};
        const char *left;
        ck_assert_int_eq(read_all(&c, unfinished[i], 1, &body, &left), CHUNK_MORE);
        buffer_free(&body);
    }
}
END_TEST

int main(void)
{
    int n = (int)(sizeof(cases) / sizeof(cases[0]));
    Suite *suite = suite_create("chunk_reader");
    TCase *tc = tcase_create("chunk_reader");
    tcase_add_loop_test(tc, test_whole, 0, n);
    tcase_add_loop_test(tc, test_byte_by_byte, 0, n);
    tcase_add_test(tc, test_bounds);
    tcase_add_test(tc, test_unfinished);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
