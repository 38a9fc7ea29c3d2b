#include "compressor.h"
#include "request_body.h"
#include "suite.h"

#include <stdio.h>

enum { LIMIT = 64 << 20 };

/* Something like an exposition, `lines` long. */
static void write_lines(struct buffer *b, unsigned lines)
{
    for (unsigned i = 0; i < lines; i++)
        buffer_printf(b,
                      "http_requests_total{job=\"batch\",instance=\"host-%u\",code=\"200\"} %u\n",
                      i * 7919 % 1000, i * 104729);
}

/* Compresses in pieces of at most `piece` bytes. */
static void compress(enum coding coding, struct slice text, size_t piece, struct buffer *out)
{
    struct compressor *c = compressor_new(coding);

    ck_assert_ptr_nonnull(c);
    while (text.len > piece) {
        ck_assert(compressor_add(c, (struct slice){text.p, piece}, false, out));
        text.p += piece;
        text.len -= piece;
    }
    ck_assert(compressor_add(c, text, true, out));
    compressor_free(c);
}

static const struct {
    enum coding coding;
    unsigned lines;
    size_t piece;
} cases[] = {
    {CODING_GZIP, 0, 1},         {CODING_ZSTD, 0, 1},         {CODING_GZIP, 1, 1},
    {CODING_ZSTD, 1, 1},         {CODING_GZIP, 1000, 100},    {CODING_ZSTD, 1000, 100},
    {CODING_GZIP, 50000, 65536}, {CODING_ZSTD, 50000, 65536}, {CODING_GZIP, 50000, LIMIT},
    {CODING_ZSTD, 50000, LIMIT},
};

START_TEST(comes_back)
{
    struct buffer text = {0}, packed = {0}, again = {0};
    struct arena a = {0};
    struct error e = {0};
    struct slice out;

    write_lines(&text, cases[_i].lines);
    compress(cases[_i].coding, buffer_slice(&text), cases[_i].piece, &packed);
    ck_assert_msg(request_body_decode(buffer_slice(&packed),
                                      negotiation_coding_name(cases[_i].coding), LIMIT, &a, &out,
                                      &e),
                  "%s", e.message);
    ck_assert(slice_equal(out, buffer_slice(&text)));
    if (cases[_i].lines >= 1000)
        ck_assert_uint_lt(packed.len, text.len / 4);

    compress(cases[_i].coding, buffer_slice(&text), cases[_i].piece, &again);
    ck_assert(slice_equal(buffer_slice(&packed), buffer_slice(&again)));
    buffer_free(&text);
    buffer_free(&packed);
    buffer_free(&again);
    arena_free(&a);
}
END_TEST

START_TEST(can_be_given_up)
{
    struct buffer out = {0};

    compressor_free(NULL);
    for (enum coding coding = CODING_GZIP; coding <= CODING_ZSTD; coding++) {
        struct compressor *c = compressor_new(coding);
        ck_assert(compressor_add(c, SLICE_LITERAL("half of a"), false, &out));
        compressor_free(c);
    }
    buffer_free(&out);
}
END_TEST

START_TEST(takes_nothing_as_a_piece)
{
    struct buffer out = {0};
    struct arena a = {0};
    struct error e;
    struct slice text;
    struct compressor *c = compressor_new(_i == 0 ? CODING_GZIP : CODING_ZSTD);

    ck_assert(compressor_add(c, SLICE_LITERAL(""), false, &out));
    ck_assert(compressor_add(c, SLICE_LITERAL("a"), false, &out));
    ck_assert(compressor_add(c, SLICE_LITERAL(""), false, &out));
    ck_assert(compressor_add(c, SLICE_LITERAL(""), true, &out));
    ck_assert(
        request_body_decode(buffer_slice(&out), _i == 0 ? "gzip" : "zstd", 10, &a, &text, &e));
    ck_assert(slice_equal(text, SLICE_LITERAL("a")));
    compressor_free(c);
    buffer_free(&out);
    arena_free(&a);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compressor");
    TCase *tc = tcase_create("compressor");

    tcase_add_loop_test(tc, comes_back, 0, sizeof(cases) / sizeof(*cases));
    tcase_add_test(tc, can_be_given_up);
    tcase_add_loop_test(tc, takes_nothing_as_a_piece, 0, 2);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
