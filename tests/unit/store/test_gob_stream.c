#include "gob_stream.h"
#include "suite.h"

/* The example of the documentation: struct {X, Y int} as type 65, and {22, 33}. */
#define DEFINE_POINT                                                                               \
    "\x1f\xff\x81\x03\x01\x01\x05Point\x01\xff\x82\x00\x01\x02\x01\x01X\x01\x04\x00\x01\x01Y\x01"  \
    "\x04\x00\x00\x00"
#define POINT "\x07\xff\x82\x01\x2c\x01\x42\x00"

static struct gob_decoder decoder;
static struct error error;

static void free_decoder(void)
{
    gob_decoder_free(&decoder);
}

static void open_stream(struct slice stream)
{
    gob_decoder_init(&decoder, stream, &error);
}

struct point {
    int64_t x, y;
};

static bool take_coordinate(struct gob_decoder *d, const struct gob_field *field, void *to)
{
    struct point *point = to;
    ck_assert_int_eq(field->type, GOB_TYPE_INT);
    if (slice_equal(field->name, SLICE_LITERAL("X")))
        return gob_take_int(d, &point->x);
    ck_assert(slice_equal(field->name, SLICE_LITERAL("Y")));
    return gob_take_int(d, &point->y);
}

START_TEST(the_documented_example_is_read)
{
    int64_t type;

    open_stream(SLICE_LITERAL(DEFINE_POINT POINT POINT));
    for (int i = 0; i < 2; i++) {
        ck_assert(gob_stream_next(&decoder, &type));
        ck_assert_int_eq(type, 65);
        struct point point = {0};
        ck_assert(gob_take_struct(&decoder, type, take_coordinate, &point));
        ck_assert_int_eq(point.x, 22);
        ck_assert_int_eq(point.y, 33);
    }
    ck_assert(gob_stream_end(&decoder));
}
END_TEST

/* What is no struct has a zero before it. */
START_TEST(a_number_alone_is_read)
{
    int64_t type, value;

    open_stream(SLICE_LITERAL("\x03\x04\x00\x06"));
    ck_assert(gob_stream_next(&decoder, &type));
    ck_assert_int_eq(type, GOB_TYPE_INT);
    ck_assert(gob_take_int(&decoder, &value));
    ck_assert_int_eq(value, 3);
    ck_assert(gob_stream_end(&decoder));
}
END_TEST

static const struct {
    struct slice stream;
    const char *message;
} wrong[] = {
    {SLICE_LITERAL(""), "unexpected end (byte 0)"},
    {SLICE_LITERAL("\x00"), "unexpected end (byte 1)"},
    {SLICE_LITERAL("\x05"), "unexpected end (byte 1)"},
    {SLICE_LITERAL(DEFINE_POINT), "unexpected end (byte 32)"},
    {SLICE_LITERAL("\x03\x04\x01\x06"), "no zero before a value that is not a struct (byte 2)"},
    {SLICE_LITERAL("\x01\x04"), "unexpected end (byte 2)"},
    {SLICE_LITERAL("\x02\x00\x00"), "a value of type 0, which is not defined (byte 2)"},
    {SLICE_LITERAL(POINT), "a value of type 65, which is not defined (byte 3)"},
    {SLICE_LITERAL(DEFINE_POINT DEFINE_POINT), "type 65 is defined twice (byte 33)"},
    {SLICE_LITERAL("\x02\x7d\x00"), "type 63 cannot be defined (byte 1)"},
    {SLICE_LITERAL("\x02\x01\x00"), "type 1 cannot be defined (byte 1)"},
    {SLICE_LITERAL("\x04\xfe\x08\x7f\x00"), "a type numbered beyond 1087 (byte 1)"},
    {SLICE_LITERAL("\x0a\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x00"),
     "a type numbered beyond 1087 (byte 1)"},
    {SLICE_LITERAL("\x02\x7f\x00"), "the definition of a type says nothing (byte 2)"},
    {SLICE_LITERAL("\x02\x7f\x08"), "field 8 of a struct with 7 (byte 2)"},
    {SLICE_LITERAL("\x05\x7f\x04\x00\x00\x00"), "1 bytes behind the definition of a type (byte 5)"},
    {SLICE_LITERAL("\x03\x7f\x03\x02\x02\x00"), "unexpected end (byte 4)"},
    {SLICE_LITERAL("\x07\x7f\x03\x02\xfe\x04\x01\x00"), "1025 elements in 1 bytes (byte 4)"},
};

START_TEST(what_is_wrong_is_said)
{
    int64_t type;
    open_stream(wrong[_i].stream);
    ck_assert(!gob_stream_next(&decoder, &type));
    ck_assert_str_eq(error.message, wrong[_i].message);
    ck_assert_int_eq(error.code, ERROR_INVALID);
}
END_TEST

START_TEST(fields_are_bounded)
{
    char stream[16 + GOB_FIELDS_MAX + 1] = "\xfe\x04\x0a\x7f\x03\x02\xfe\x04\x01";
    int64_t type;

    open_stream((struct slice){stream, sizeof(stream)});
    ck_assert(!gob_stream_next(&decoder, &type));
    ck_assert_str_eq(error.message, "a struct of 1025 fields (byte 6)");
}
END_TEST

static const struct {
    struct slice stream;
    const char *message;
} ends[] = {
    {SLICE_LITERAL("\x04\x04\x00\x06\x00"), "1 bytes behind the value (byte 4)"},
    {SLICE_LITERAL("\x05\x04\x00\x06"), "2 bytes are missing at the end (byte 4)"},
    {SLICE_LITERAL("\x03\x04\x00\x06\x00\x00"), "2 bytes behind the last message (byte 4)"},
};

START_TEST(the_end_is_looked_at)
{
    int64_t type, value;
    open_stream(ends[_i].stream);
    ck_assert(gob_stream_next(&decoder, &type) && gob_take_int(&decoder, &value));
    ck_assert(!gob_stream_end(&decoder));
    ck_assert_str_eq(error.message, ends[_i].message);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int main(void)
{
    Suite *suite = suite_create("gob_stream");
    TCase *tc = tcase_create("gob_stream");

    tcase_add_checked_fixture(tc, NULL, free_decoder);
    tcase_add_test(tc, the_documented_example_is_read);
    tcase_add_test(tc, a_number_alone_is_read);
    tcase_add_loop_test(tc, what_is_wrong_is_said, 0, COUNT(wrong));
    tcase_add_test(tc, fields_are_bounded);
    tcase_add_loop_test(tc, the_end_is_looked_at, 0, COUNT(ends));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
