#include "gob_decoder.h"
#include "suite.h"

#include <inttypes.h>

static struct gob_decoder decoder;
static struct error error;

static void decode(struct slice bytes)
{
    gob_decoder_init(&decoder, bytes, &error);
    decoder.rest = bytes; /* no messages here */
}

static void free_decoder(void)
{
    gob_decoder_free(&decoder);
}

/* --- Numbers: the examples of the documentation, and the ends --- */

static const struct {
    struct slice bytes;
    uint64_t value;
} uints[] = {
    {SLICE_LITERAL("\x00"), 0},
    {SLICE_LITERAL("\x07"), 7},
    {SLICE_LITERAL("\x7f"), 127},
    {SLICE_LITERAL("\xff\x80"), 128},
    {SLICE_LITERAL("\xfe\x01\x00"), 256},
    {SLICE_LITERAL("\xf8\xff\xff\xff\xff\xff\xff\xff\xff"), UINT64_MAX},
    {SLICE_LITERAL("\xfe\x00\x05"), 5}, /* longer than need be, but that does no harm */
};

START_TEST(uints_are_taken)
{
    uint64_t value;
    decode(uints[_i].bytes);
    ck_assert(gob_take_uint(&decoder, &value));
    ck_assert_uint_eq(value, uints[_i].value);
    ck_assert_uint_eq(decoder.rest.len, 0);
}
END_TEST

static const struct {
    struct slice bytes;
    int64_t value;
} ints[] = {
    {SLICE_LITERAL("\x00"), 0},
    {SLICE_LITERAL("\x06"), 3},
    {SLICE_LITERAL("\x01"), -1},
    {SLICE_LITERAL("\xfe\x01\x01"), -129},
    {SLICE_LITERAL("\xff\x82"), 65},
    {SLICE_LITERAL("\xff\x81"), -65},
    {SLICE_LITERAL("\xf8\xff\xff\xff\xff\xff\xff\xff\xfe"), INT64_MAX},
    {SLICE_LITERAL("\xf8\xff\xff\xff\xff\xff\xff\xff\xff"), INT64_MIN},
};

START_TEST(ints_are_taken)
{
    int64_t value;
    decode(ints[_i].bytes);
    ck_assert(gob_take_int(&decoder, &value));
    ck_assert_int_eq(value, ints[_i].value);
}
END_TEST

/* --- What is wrong --- */

enum taking { UINT, INT, BYTES, SLICE, MAP, STRUCT, SKIPPED };

static bool take_number(struct gob_decoder *d, const struct gob_field *field, void *to)
{
    ck_assert_ptr_nonnull(field);
    return gob_take_int(d, to);
}

static bool take(enum taking what, int64_t type)
{
    uint64_t u;
    int64_t i;
    struct slice bytes;
    size_t n;

    switch (what) {
    case UINT:
        return gob_take_uint(&decoder, &u);
    case INT:
        return gob_take_int(&decoder, &i);
    case BYTES:
        return gob_take_bytes(&decoder, type, &bytes);
    case SLICE:
        return gob_take_count(&decoder, GOB_SLICE, &n);
    case MAP:
        return gob_take_count(&decoder, GOB_MAP, &n);
    case STRUCT:
        return gob_take_struct(&decoder, type, take_number, &i);
    case SKIPPED:
    default:
        return gob_skip(&decoder, type);
    }
}

static const struct {
    enum taking what;
    int64_t type;
    struct slice bytes;
    const char *message;
} wrong[] = {
    {UINT, 0, SLICE_LITERAL(""), "unexpected end (byte 0)"},
    {UINT, 0, SLICE_LITERAL("\xff"), "unexpected end (byte 0)"},
    {UINT, 0, SLICE_LITERAL("\xf8\x01\x02\x03\x04\x05\x06\x07"), "unexpected end (byte 0)"},
    {UINT, 0, SLICE_LITERAL("\xf7\x01\x02\x03\x04\x05\x06\x07\x08\x09"),
     "a number of 9 bytes (byte 0)"},
    {UINT, 0, SLICE_LITERAL("\x80"), "a number of 128 bytes (byte 0)"},
    {INT, 0, SLICE_LITERAL(""), "unexpected end (byte 0)"},
    {BYTES, 6,
     SLICE_LITERAL("\x03"
                   "ab"),
     "3 bytes where 2 are left (byte 0)"},
    {BYTES, 6,
     SLICE_LITERAL("\xf8\xff\xff\xff\xff\xff\xff\xff\xff"
                   "a"),
     "18446744073709551615 bytes where 1 are left (byte 0)"},
    {BYTES, 2,
     SLICE_LITERAL("\x01"
                   "a"),
     "type 2 is not bytes (byte 0)"},
    {BYTES, 64,
     SLICE_LITERAL("\x01"
                   "a"),
     "a value of type 64, which is not defined (byte 0)"},
    {SLICE, 0,
     SLICE_LITERAL("\x03"
                   "ab"),
     "3 elements in 2 bytes (byte 0)"},
    {MAP, 0,
     SLICE_LITERAL("\x02"
                   "abc"),
     "2 elements in 3 bytes (byte 0)"},
    {MAP, 0,
     SLICE_LITERAL("\xf8\x80\x00\x00\x00\x00\x00\x00\x00"
                   "abc"),
     "9223372036854775808 elements in 3 bytes (byte 0)"},
    {STRUCT, 6, SLICE_LITERAL("\x00"), "type 6 is not a struct (byte 0)"},
    {STRUCT, 18, SLICE_LITERAL(""), "unexpected end (byte 0)"},
    {STRUCT, 18, SLICE_LITERAL("\x03"), "field 3 of a struct with 2 (byte 0)"},
    {STRUCT, 18, SLICE_LITERAL("\xf8\xff\xff\xff\xff\xff\xff\xff\xff"),
     "field 18446744073709551615 of a struct with 2 (byte 0)"},
    {SKIPPED, 18,
     SLICE_LITERAL("\x01\x01"
                   "a"
                   "\x02"),
     "field 3 of a struct with 2 (byte 3)"},
    {SKIPPED, 18,
     SLICE_LITERAL("\x01\x01"
                   "a"
                   "\x01"),
     "unexpected end (byte 4)"},
    {SKIPPED, 7, SLICE_LITERAL("\x01"), "unexpected end (byte 1)"},
    {SKIPPED, 8, SLICE_LITERAL("\x01"), "an interface value, which cannot be read (byte 0)"},
    {SKIPPED, 9, SLICE_LITERAL("\x01"), "a value of type 9, which is not defined (byte 0)"},
    {SKIPPED, 22, SLICE_LITERAL("\x02\x00"), "2 elements in 1 bytes (byte 0)"},
    {SKIPPED, 22, SLICE_LITERAL("\x02\x00\x01"), "unexpected end (byte 3)"},
};

START_TEST(what_is_wrong_is_said)
{
    decode(wrong[_i].bytes);
    ck_assert(!take(wrong[_i].what, wrong[_i].type));
    ck_assert_str_eq(error.message, wrong[_i].message);
    ck_assert_int_eq(error.code, ERROR_INVALID);
}
END_TEST

/* --- Structs --- */

static bool take_id(struct gob_decoder *d, const struct gob_field *field, void *to)
{
    ck_assert(slice_equal(field->name, slice_of("Id")));
    return gob_take_int(d, to);
}

START_TEST(fields_are_known_by_name)
{
    int64_t id = 0;

    decode(SLICE_LITERAL("\x02\x06\x00")); /* CommonType{Id: 3} */
    ck_assert(gob_take_struct(&decoder, 18, take_id, &id));
    ck_assert_int_eq(id, 3);
    ck_assert_uint_eq(decoder.rest.len, 0);
}
END_TEST

/* --- Skipping --- */

/* A struct with a field of its own type: 64. */
static void define_chain(void)
{
    static const struct gob_field fields[] = {{SLICE_LITERAL("Next"), 64}};
    struct gob_type *place = gob_types_place(&decoder.types, 64, &decoder.arena);
    *place = (struct gob_type){.kind = GOB_STRUCT, .fields = fields, .n_fields = 1};
}

START_TEST(depth_is_bounded)
{
    char bytes[2 * GOB_DEPTH_MAX + 4];

    for (int depth = GOB_DEPTH_MAX - 1; depth <= GOB_DEPTH_MAX; depth++) {
        memset(bytes, 1, sizeof(bytes));
        memset(bytes + depth, 0, (size_t)depth + 1);
        decode((struct slice){bytes, 2 * (size_t)depth + 1});
        define_chain();
        bool ok = depth < GOB_DEPTH_MAX;
        ck_assert_int_eq(gob_skip(&decoder, 64), ok);
        ck_assert_uint_eq(decoder.rest.len, ok ? 0 : (size_t)GOB_DEPTH_MAX + 1);
        if (!ok)
            ck_assert_str_eq(error.message, "values nested more than 32 deep (byte 32)");
        gob_decoder_free(&decoder);
    }
    decode(SLICE_LITERAL(""));
}
END_TEST

static const struct {
    int64_t type;
    struct slice bytes;
} skipped[] = {
    {1, SLICE_LITERAL("\x01")},
    {2, SLICE_LITERAL("\xfe\x01\x01")},
    {3, SLICE_LITERAL("\x7f")},
    {4, SLICE_LITERAL("\xfe\x31\x40")},
    {5, SLICE_LITERAL("\x02\xff\xff")},
    {6, SLICE_LITERAL("\x00")},
    {7, SLICE_LITERAL("\xfe\x31\x40\x00")},
    {18, SLICE_LITERAL("\x01\x01"
                       "a"
                       "\x01\x02\x00")},
    {22, SLICE_LITERAL("\x02\x01\x01"
                       "a"
                       "\x00\x00")},
};

START_TEST(values_are_passed_over)
{
    decode(skipped[_i].bytes);
    ck_assert(gob_skip(&decoder, skipped[_i].type));
    ck_assert_uint_eq(decoder.rest.len, 0);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

int main(void)
{
    Suite *suite = suite_create("gob_decoder");
    TCase *tc = tcase_create("gob_decoder");

    tcase_add_checked_fixture(tc, NULL, free_decoder);
    tcase_add_loop_test(tc, uints_are_taken, 0, COUNT(uints));
    tcase_add_loop_test(tc, ints_are_taken, 0, COUNT(ints));
    tcase_add_loop_test(tc, what_is_wrong_is_said, 0, COUNT(wrong));
    tcase_add_test(tc, fields_are_known_by_name);
    tcase_add_test(tc, depth_is_bounded);
    tcase_add_loop_test(tc, values_are_passed_over, 0, COUNT(skipped));
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
