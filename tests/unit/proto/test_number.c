#include "number.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t bits_of(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits)
{
    double v;
    memcpy(&v, &bits, sizeof(v));
    return v;
}

/* What strconv.FormatFloat(v, 'g', -1, 64) prints; every text also reads back as the value. */
static const struct {
    uint64_t bits;
    const char *text;
} pairs[] = {
    {0x0000000000000000, "0"},
    {0x3ff0000000000000, "1"},
    {0xbff0000000000000, "-1"},
    {0x4000000000000000, "2"},
    {0x4022000000000000, "9"},
    {0x4024000000000000, "10"},
    {0x4058c00000000000, "99"},
    {0x4059000000000000, "100"},
    {0x4093480000000000, "1234"},
    {0x40f869f000000000, "99999"},
    {0x40f86a0000000000, "100000"},
    {0x40fe240000000000, "123456"},
    {0x412e847e00000000, "999999"},
    {0x412e848000000000, "1e+06"},
    {0x412e848200000000, "1.000001e+06"},
    {0x4132d68700000000, "1.234567e+06"},
    {0x419d6f3454000000, "1.23456789e+08"},
    {0x41d954fc40000000, "1.7e+09"},
    {0x41d954fc4007df3b, "1.700000000123e+09"},
    {0x41d954fc4007e6b7, "1.7000000001234567e+09"},
    {0x41dac0b202013a13, "1.7953443920191696e+09"},
    {0x433fffffffffffff, "9.007199254740991e+15"},
    {0x4340000000000000, "9.007199254740992e+15"},
    {0x4340000000000000, "9.007199254740992e+15"},
    {0x4340000000000001, "9.007199254740994e+15"},
    {0x430c6bf526340000, "1e+15"},
    {0x4341c37937e08000, "1e+16"},
    {0x4376345785d8a000, "1e+17"},
    {0x4415af1d78b58c40, "1e+20"},
    {0x444b1ae4d6e2ef50, "1e+21"},
    {0x4480f0cf064dd592, "1e+22"},
    {0x44b52d02c7e14af6, "1e+23"},
    {0x54b249ad2594c37d, "1e+100"},
    {0x7fe1ccf385ebc8a0, "1e+308"},
    {0x7fefffffffffffff, "1.7976931348623157e+308"},
    {0x0000000000000001, "5e-324"},
    {0x0000000000000002, "1e-323"},
    {0x0000000000000003, "1.5e-323"},
    {0x0010000000000000, "2.2250738585072014e-308"},
    {0x000fffffffffffff, "2.225073858507201e-308"},
    {0x3fb999999999999a, "0.1"},
    {0x3fc999999999999a, "0.2"},
    {0x3fd3333333333333, "0.3"},
    {0x3fd3333333333333, "0.3"},
    {0x3fe0000000000000, "0.5"},
    {0x3fd0000000000000, "0.25"},
    {0x3fa999999999999a, "0.05"},
    {0x3f847ae147ae147b, "0.01"},
    {0x3f50624dd2f1a9fc, "0.001"},
    {0x3f1a36e2eb1c432d, "0.0001"},
    {0x3f1f75104d551d69, "0.00012"},
    {0x3ee4f8b588e368f1, "1e-05"},
    {0x3f1a36371ea531a8, "9.999e-05"},
    {0x3ee4f8b588e368f1, "1e-05"},
    {0x3e7ad7f29abcaf48, "1e-07"},
    {0x3e112e0be826d695, "1e-09"},
    {0x3ddb7cdfd9d7bdbb, "1e-10"},
    {0x3ff8000000000000, "1.5"},
    {0x4004000000000000, "2.5"},
    {0x40091eb851eb851f, "3.14"},
    {0x400921fb54442d18, "3.141592653589793"},
    {0x4005bf0a8b145769, "2.718281828459045"},
    {0xbff8000000000000, "-1.5"},
    {0xbf50624dd2f1a9fc, "-0.001"},
    {0xc0fe240c9fbe76c9, "-123456.789"},
    {0x40c81cd6c8b43958, "12345.678"},
    {0x40f86a0800000000, "100000.5"},
    {0x412e847fcccccccd, "999999.9"},
    {0x412e847fffffffff, "999999.9999999999"},
    {0x40f869ffd70a3d71, "99999.99"},
    {0x3f747ae147ae147b, "0.005"},
    {0x3fefae147ae147ae, "0.99"},
    {0x3fee666666666666, "0.95"},
    {0x3feccccccccccccd, "0.9"},
    {0x3fd5555555555555, "0.3333333333333333"},
    {0x3fe5555555555555, "0.6666666666666666"},
    {0x40f86a0000000000, "100000"},
    {0x414312d000000000, "2.5e+06"},
    {0x3d30000000000000, "5.684341886080802e-14"},
    {0x0000000000000001, "5e-324"},
    {0x0010000000000000, "2.2250738585072014e-308"},
    {0x43b0000000000000, "1.152921504606847e+18"},
    {0x43e0000000000000, "9.223372036854776e+18"},
    {0x43f0000000000000, "1.8446744073709552e+19"},
    {0x3f50000000000000, "0.0009765625"},
    {0x4580000000000000, "6.189700196426902e+26"},
    {0x4790000000000000, "5.316911983139664e+36"},
    {0x0000000000000001, "5e-324"},
    {0x3eb0000000000000, "9.5367431640625e-07"},
    {0x4011666666666666, "4.35"},
    {0x3f30000000000000, "0.000244140625"},
    {0x41f0000000000000, "4.294967296e+09"},
    {0x41e0000000000000, "2.147483648e+09"},
    {0x41efffffffe00000, "4.294967295e+09"},
    {0x41f0000000080000, "4.2949672965e+09"},
    {0x43f0000000000000, "1.8446744073709552e+19"},
    {0x43e0000000000000, "9.223372036854776e+18"},
    {0x4180000000000000, "3.3554432e+07"},
    {0x4190000000000000, "6.7108864e+07"},
    {0x3ff0000000000001, "1.0000000000000002"},
    {0x3fefffffffffffff, "0.9999999999999999"},
    {0x40fe240c9fcb5c8a, "123456.7890123"},
    {0x447c7e83209e90b2, "8.41e+21"},
    {0x3c0edf296dc200c3, "2.0919495182368195e-19"},
    {0x43e052961c6f8000, "9.409340012568248e+18"},
    {0x759e421e454dfff3, "3.634632067643165e+258"},
    {0x1da206eeaa152218, "6.114173596961556e-166"},
    {0x9ee5c9ad1a6d4bd6, "-7.748642838047834e-160"},
    {0x74ae11bf994b1e03, "1.1022753887809113e+254"},
    {0xd95fc844bc6e790a, "-3.2827934910655377e+122"},
    {0x12b53cf4ccbf74d1, "1.5041080291381126e-218"},
    {0x2d56e84000cd61f5, "2.8113429115203257e-90"},
    {0x2bdd01665c380962, "2.1217845994156893e-97"},
    {0x02d981b87214fcb3, "6.2402053867670005e-295"},
    {0xd4ae3f3c1828849c, "-8.269724514238753e+99"},
    {0x3abac37cbdec6671, "8.647792723664556e-26"},
    {0xb1c969512f5ec526, "-7.363758028347277e-69"},
    {0x128de2fa91462f2f, "2.6457585101625307e-219"},
    {0x6ca44cf2ca4ef700, "2.1869323883687963e+215"},
    {0x12b2c47774570d1c, "1.329132787919375e-218"},
    {0x970addd8077b5a61, "-1.1231692494820505e-197"},
    {0xd90c56f026608fbb, "-9.147491692891379e+120"},
    {0x6fd16f2e0935e78b, "4.229228169083778e+230"},
    {0x6d156b4ddf682632, "2.953515543532743e+217"},
    {0x90a72c4e552224c5, "-1.910543270301276e-228"},
    {0x78dd001c53302c5f, "1.5688468207826527e+274"},
    {0x2794c4b2d5e7d492, "5.147350980203335e-118"},
    {0x66ae711305ad50d1, "4.139197844428462e+186"},
    {0x803c72a7e1eab0d6, "-1.582465529393064e-307"},
    {0x406a1f4f58db6369, "208.978435925"},
    {0x41311302db6501e2, "1.11897885701e+06"},
    {0x40f6bfae040aa144, "93178.8759867"},
    {0x415e9c8b942f837b, "8.0246223154e+06"},
    {0x40f5241f0fae4375, "86593.9413283"},
    {0x415fb356d45753a4, "8.31010731783e+06"},
    {0x4075c0b73f16518c, "348.044737899"},
    {0x41890c8f9b8c7e28, "5.25316994436e+07"},
    {0x417fd37226d3c361, "3.33719384267e+07"},
    {0x40e8bfb60d2333e2, "50685.6891037"},
    {0x40ae399ed13f4d48, "3868.81019018"},
    {0x41565f2316b19a41, "5.86458835459e+06"},
    {0x8000000000000000, "-0"},
};

START_TEST(prints_as_go)
{
    char text[NUMBER_TEXT_MAX + 1];
    size_t n = number_format_float(double_of(pairs[_i].bits), text);
    ck_assert_uint_le(n, NUMBER_TEXT_MAX);
    text[n] = '\0';
    ck_assert_str_eq(text, pairs[_i].text);
}
END_TEST

START_TEST(reads_what_it_prints)
{
    double v = 0;
    ck_assert_msg(number_parse_float(slice_of(pairs[_i].text), &v), "%s", pairs[_i].text);
    ck_assert_msg(bits_of(v) == pairs[_i].bits, "%s reads as %a", pairs[_i].text, v);
}
END_TEST

static const struct {
    double v;
    const char *text;
} special_pairs[] = {{INFINITY, "+Inf"}, {-INFINITY, "-Inf"}, {NAN, "NaN"}};

START_TEST(prints_special)
{
    char text[NUMBER_TEXT_MAX + 1];
    text[number_format_float(special_pairs[_i].v, text)] = '\0';
    ck_assert_str_eq(text, special_pairs[_i].text);
}
END_TEST

/* Random doubles of every exponent, and short decimals, come back the same, and with no digit less
 * they would not. */
START_TEST(round_trips)
{
    enum { ROUNDS = 100000 };
    uint64_t state = 88172645463325252;
    for (int i = 0; i < ROUNDS; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        double v = i % 2 ? double_of(state) : (double)(state >> 32) / 1e4;
        if (isnan(v) || isinf(v))
            continue;
        char text[NUMBER_TEXT_MAX + 1];
        size_t n = number_format_float(v, text);
        text[n] = '\0';
        double back = 0;
        if (!number_parse_float((struct slice){text, n}, &back) || bits_of(back) != bits_of(v))
            ck_abort_msg("%a prints as %s, reads as %a", v, text, back);

        int digits = 0;
        for (const char *p = text; *p && *p != 'e'; p++)
            digits += *p >= '0' && *p <= '9' && (digits > 0 || *p != '0');
        char shorter[40];
        snprintf(shorter, sizeof(shorter), "%.*e", digits > 1 ? digits - 2 : 0, v);
        if (digits > 1 && strchr(text, 'e') && strtod(shorter, NULL) == v)
            ck_abort_msg("%s is enough for %s", shorter, text);
    }
}
END_TEST

/* Odd spellings that are numbers, by their bits. */
static const struct {
    const char *text;
    double v;
} good[] = {
    {"1.", 1},
    {".5", 0.5},
    {"5.", 5},
    {"-.5", -0.5},
    {"007", 7},
    {"-0", -0.0},
    {"+1", 1},
    {"1E5", 1e5},
    {"1e+05", 1e5},
    {"1.e5", 1e5},
    {"0e999999", 0},
    {"0e99999999999999999999", 0},
    {"1e-99999999999999999999", 0},
    {"1e-400", 0},
    {"-1e-400", -0.0},
    {"2.4703282292062327e-324", 0},
    {"2.4703282292062328e-324", 5e-324},
    {"1.7976931348623158e308", 1.7976931348623157e308},
    {"9007199254740993", 9007199254740992},
    {"9007199254740993.0000000000000000000000000000000000000000001", 9007199254740994},
    {"9007199254740995", 9007199254740996},
    {"18446744073709551616", 18446744073709551616.0},
    {"123456789012345678e22", 123456789012345678e22},
    {"0.000000000000000000000000000000000000000000000000000000000000000000001e69", 1},
    {"100000000000000000000000000000000000000000000000000000000000000000000e-68", 1},
    {"inf", INFINITY},
    {"+Inf", INFINITY},
    {"-iNf", -INFINITY},
    {"infinity", INFINITY},
    {"+INFINITY", INFINITY},
    {"-Infinity", -INFINITY},
};

START_TEST(reads)
{
    double v = 0;
    ck_assert_msg(number_parse_float(slice_of(good[_i].text), &v), "%s", good[_i].text);
    ck_assert_msg(bits_of(v) == bits_of(good[_i].v), "%s reads as %a", good[_i].text, v);
}
END_TEST

START_TEST(reads_nan)
{
    static const char *const texts[] = {"nan", "NaN", "NAN"};
    double v = 0;
    ck_assert(number_parse_float(slice_of(texts[_i]), &v));
    ck_assert(isnan(v));
}
END_TEST

static const char *const bad[] = {
    "",
    "+",
    "-",
    ".",
    "+.",
    "1..2",
    "1.2.3",
    "1e",
    "1e+",
    "1e5.",
    "e5",
    ".e5",
    "1e309",
    "1.8e308",
    "-1e309",
    "--1",
    "+-1",
    "1e--1",
    "1e+-1",
    "infi",
    "infinit",
    "in",
    "infinityx",
    "+nan",
    "-nan",
    "nanx",
    "na",
    "nan(1)",
    "0x1",
    "0x1p1",
    "1p1",
    "1P1",
    "1_0",
    " 1",
    "1 ",
    "\t1",
    "1,5",
    "1f",
    "1d",
    "0b1",
    "0o7",
    "1\n",
    "1.7976931348623159e308",
    "1e99999999999999999999",
    "\xd9\xa1",
};

START_TEST(refuses)
{
    double v = 0;
    ck_assert_msg(!number_parse_float(slice_of(bad[_i]), &v), "%s", bad[_i]);
}
END_TEST

/* Thousands of digits: what stands behind the 800th only says "more". */
START_TEST(reads_many_digits)
{
    char text[5000];
    double v = 0;

    memset(text, '0', sizeof(text));
    text[0] = '1';
    memcpy(text + 4000, "e-3999", 6);
    ck_assert(number_parse_float((struct slice){text, 4006}, &v));
    ck_assert_double_eq(v, 1);

    /* 2^53 + 1 lies in the middle and goes to the even neighbour; a hair more goes up. */
    memset(text, '0', sizeof(text));
    memcpy(text, "9007199254740993.", 17);
    ck_assert(number_parse_float((struct slice){text, 4000}, &v));
    ck_assert_double_eq(v, 9007199254740992);
    text[3999] = '1';
    ck_assert(number_parse_float((struct slice){text, 4000}, &v));
    ck_assert_double_eq(v, 9007199254740994);
}
END_TEST

static const struct {
    const char *text;
    bool ok;
    int64_t v;
} integers[] = {
    {"0", true, 0},
    {"-0", true, 0},
    {"+7", true, 7},
    {"0010", true, 10},
    {"9223372036854775807", true, INT64_MAX},
    {"-9223372036854775808", true, INT64_MIN},
    {"9223372036854775808", false, 0},
    {"-9223372036854775809", false, 0},
    {"18446744073709551617", false, 0},
    {"99999999999999999999", false, 0},
    {"", false, 0},
    {"-", false, 0},
    {"+", false, 0},
    {"1.0", false, 0},
    {"1e3", false, 0},
    {"1_000", false, 0},
    {"0x10", false, 0},
    {" 1", false, 0},
    {"1 ", false, 0},
};

START_TEST(reads_integers)
{
    int64_t v = 0;
    ck_assert_msg(number_parse_int(slice_of(integers[_i].text), &v) == integers[_i].ok, "%s",
                  integers[_i].text);
    ck_assert_int_eq(v, integers[_i].v);
}
END_TEST

START_TEST(prints_integers)
{
    uint64_t v = 1;
    for (int i = 0; i < 20; i++, v *= 10) {
        for (uint64_t near = v - 1; near <= v + 1; near++) {
            char text[NUMBER_TEXT_MAX + 1], want[NUMBER_TEXT_MAX + 1];
            text[number_format_uint(near, text)] = '\0';
            snprintf(want, sizeof(want), "%llu", (unsigned long long)near);
            ck_assert_str_eq(text, want);
        }
    }
    char text[NUMBER_TEXT_MAX + 1];
    text[number_format_uint(UINT64_MAX, text)] = '\0';
    ck_assert_str_eq(text, "18446744073709551615");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *format = tcase_create("format");
    tcase_add_loop_test(format, prints_as_go, 0, COUNT(pairs));
    tcase_add_loop_test(format, prints_special, 0, COUNT(special_pairs));
    tcase_add_test(format, round_trips);
    tcase_add_test(format, prints_integers);
    suite_add_tcase(suite, format);

    TCase *parse = tcase_create("parse");
    tcase_add_loop_test(parse, reads_what_it_prints, 0, COUNT(pairs));
    tcase_add_loop_test(parse, reads, 0, COUNT(good));
    tcase_add_loop_test(parse, reads_nan, 0, 3);
    tcase_add_loop_test(parse, refuses, 0, COUNT(bad));
    tcase_add_test(parse, reads_many_digits);
    tcase_add_loop_test(parse, reads_integers, 0, COUNT(integers));
    suite_add_tcase(suite, parse);
    return suite_run(suite);
}
