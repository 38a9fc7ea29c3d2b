#include "wire.h"

#include "suite.h"

static const struct {
    uint64_t v;
    size_t size;
} varint_cases[] = {
    {0, 1},          {1, 1},          {127, 1},        {128, 2},         {16383, 2},
    {16384, 3},      {1ull << 21, 4}, {1ull << 28, 5}, {1ull << 35, 6},  {1ull << 42, 7},
    {1ull << 49, 8}, {1ull << 56, 9}, {1ull << 62, 9}, {1ull << 63, 10}, {UINT64_MAX, 10},
};

START_TEST(varint)
{
    char bytes[WIRE_VARINT_MAX];
    uint64_t v = varint_cases[_i].v, back;
    size_t size = (size_t)(wire_put_varint(bytes, v) - bytes);

    ck_assert_uint_eq(size, varint_cases[_i].size);
    ck_assert_uint_eq(wire_varint_size(v), size);
    struct slice in = {bytes, size};
    ck_assert(wire_take_varint(&in, &back));
    ck_assert_uint_eq(back, v);
    ck_assert_uint_eq(in.len, 0);
    for (size_t cut = 0; cut < size; cut++) {
        in = (struct slice){bytes, cut};
        ck_assert(!wire_take_varint(&in, &back));
        ck_assert(in.p == bytes && in.len == cut);
    }
}
END_TEST

START_TEST(size_of_every_bit_length)
{
    for (unsigned bits = 1; bits <= 64; bits++) {
        char bytes[WIRE_VARINT_MAX];
        uint64_t largest = UINT64_MAX >> (64 - bits);
        ck_assert_uint_eq(wire_varint_size(largest),
                          (size_t)(wire_put_varint(bytes, largest) - bytes));
    }
}
END_TEST

START_TEST(odd_varints)
{
    uint64_t v;
    struct slice longer = SLICE_LITERAL("\x85\x80\0x");
    struct slice beyond_64_bits = SLICE_LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
    struct slice endless = SLICE_LITERAL("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\0");

    ck_assert(wire_take_varint(&longer, &v));
    ck_assert_uint_eq(v, 5);
    ck_assert(slice_equal(longer, SLICE_LITERAL("x")));
    ck_assert(!wire_take_varint(&beyond_64_bits, &v));
    ck_assert(!wire_take_varint(&endless, &v));
}
END_TEST

#define FIELD(text) SLICE_LITERAL(text)

static const struct {
    const char *what;
    struct slice in;
    bool ok;
    uint32_t number;
    enum wire_type type;
    uint64_t value; /* or the length of the content */
    size_t left;
} field_cases[] = {
    {"varint", FIELD("\x08\x96\x01z"), true, 1, WIRE_VARINT, 150, 1},
    {"fixed64", FIELD("\x09\x01\0\0\0\0\0\0\x80"), true, 1, WIRE_FIXED64, 0x8000000000000001, 0},
    {"bytes", FIELD("\x12\x02xyz"), true, 2, WIRE_BYTES, 2, 1},
    {"empty bytes", FIELD("\x12\0"), true, 2, WIRE_BYTES, 0, 0},
    {"fixed32", FIELD("\x1d\xff\0\0\x80"), true, 3, WIRE_FIXED32, 0x800000ff, 0},
    {"group", FIELD("\x0b\x10\x05\x0cz"), true, 1, WIRE_GROUP_START, 0, 1},
    {"empty group", FIELD("\x0b\x0c"), true, 1, WIRE_GROUP_START, 0, 0},
    {"group in a group", FIELD("\x0b\x13\x12\x01x\x14\x0c"), true, 1, WIRE_GROUP_START, 0, 0},
    {"largest number", FIELD("\xf8\xff\xff\xff\x0f\x01"), true, WIRE_FIELD_MAX, WIRE_VARINT, 1, 0},
    {"long tag", FIELD("\x88\x80\x80\x80\x80\x80\0\x01"), true, 1, WIRE_VARINT, 1, 0},
    {"nothing", FIELD(""), false, 0, 0, 0, 0},
    {"number 0", FIELD("\0\x01"), false, 0, 0, 0, 0},
    {"number too large", FIELD("\x80\x80\x80\x80\x10\x01"), false, 0, 0, 0, 0},
    {"tag alone", FIELD("\x08"), false, 0, 0, 0, 0},
    {"fixed64 cut", FIELD("\x09\0\0\0\0\0\0\0"), false, 0, 0, 0, 0},
    {"fixed32 cut", FIELD("\x0d\0\0\0"), false, 0, 0, 0, 0},
    {"bytes cut", FIELD("\x12\x03xy"), false, 0, 0, 0, 0},
    {"huge length", FIELD("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01xy"), false, 0, 0, 0, 0},
    {"wire type 6", FIELD("\x0e\0"), false, 0, 0, 0, 0},
    {"wire type 7", FIELD("\x0f\0"), false, 0, 0, 0, 0},
    {"end of no group", FIELD("\x0c"), false, 0, 0, 0, 0},
    {"group without end", FIELD("\x0b\x08\x01"), false, 0, 0, 0, 0},
    {"end of another group", FIELD("\x0b\x14"), false, 0, 0, 0, 0},
    {"bad field in a group", FIELD("\x0b\x12\x05\x0c"), false, 0, 0, 0, 0},
    {"bad tag in a group", FIELD("\x0b\0\0\x0c"), false, 0, 0, 0, 0},
};

START_TEST(field)
{
    const char *what = field_cases[_i].what;
    struct slice in = field_cases[_i].in;
    struct wire_field got;

    bool ok = wire_take_field(&in, &got);
    ck_assert_msg(ok == field_cases[_i].ok, "%s", what);
    if (!ok) {
        ck_assert_msg(in.p == field_cases[_i].in.p && in.len == field_cases[_i].in.len,
                      "%s: the cursor moved", what);
        return;
    }
    ck_assert_uint_eq(got.number, field_cases[_i].number);
    ck_assert_int_eq(got.type, field_cases[_i].type);
    ck_assert_uint_eq(got.type == WIRE_BYTES ? got.bytes.len : got.value, field_cases[_i].value);
    ck_assert_msg(in.len == field_cases[_i].left, "%s: %zu left", what, in.len);
}
END_TEST

/* Groups within groups, `depth` in all, the outermost one being field 1. */
static bool take_nested(size_t depth)
{
    char bytes[4 * WIRE_GROUPS_MAX];
    struct wire_field got;

    memset(bytes, 0x0b, depth);
    memset(bytes + depth, 0x0c, depth);
    struct slice in = {bytes, 2 * depth};
    return wire_take_field(&in, &got) && in.len == 0;
}

START_TEST(nesting_ends)
{
    ck_assert(take_nested(WIRE_GROUPS_MAX));
    ck_assert(!take_nested(WIRE_GROUPS_MAX + 1));
}
END_TEST

START_TEST(bytes_size)
{
    static const size_t sizes[] = {0, 1, 127, 128, 16383, 16384};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *content = calloc(1, sizes[i] + 1), *bytes = malloc(sizes[i] + 20);
        char *end = wire_put_bytes(bytes, 15, (struct slice){content, sizes[i]});
        ck_assert_uint_eq(wire_bytes_size(sizes[i]), (size_t)(end - bytes));
        free(content);
        free(bytes);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire");
    TCase *tc = tcase_create("wire");
    tcase_add_loop_test(tc, varint, 0, sizeof(varint_cases) / sizeof(varint_cases[0]));
    tcase_add_test(tc, size_of_every_bit_length);
    tcase_add_test(tc, odd_varints);
    tcase_add_loop_test(tc, field, 0, sizeof(field_cases) / sizeof(field_cases[0]));
    tcase_add_test(tc, nesting_ends);
    tcase_add_test(tc, bytes_size);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
