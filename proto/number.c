/* Reading numbers. Most have few digits and a small exponent and are one exact multiplication or
 * division; the others are multiplied with a power of ten of 128 bits, which settles all but those
 * that lie within a hair of the middle between two doubles; these go to strtod(). */
#include "number.h"

#include "decimal_powers.h"

#include <math.h>
#include <stdlib.h>

enum {
    DIGITS_IN_64_BITS = 19,
    EXACT_POWER_MAX = 22, /* 10^22 is a double */
    EXPONENT_CAP = 10000, /* further digits of an exponent change nothing */
    /* More digits than any middle between two doubles has: what follows them only says "more". */
    DIGITS_THAT_COUNT = 800,
};

#define EXACT_INTEGER_MAX (UINT64_C(1) << 53)

/* A number's parts: all digits, without the point, times 10^exponent. */
struct decimal_text {
    const char *digits; /* from the first that is not 0; may contain one '.' */
    const char *digits_end;
    uint64_t mantissa; /* of the first 19 digits */
    size_t n_digits;
    int64_t exponent;
    bool negative;
};

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Takes [0-9]*[.[0-9]*] with one digit at least. */
static const char *take_digits(const char *p, const char *end, struct decimal_text *out)
{
    const char *point = NULL, *first = NULL, *start = p;
    uint64_t mantissa = 0;
    size_t n_digits = 0;
    for (; p < end; p++) {
        if (is_digit(*p)) {
            if (n_digits == 0) {
                if (*p == '0')
                    continue;
                first = p;
            }
            if (n_digits++ < DIGITS_IN_64_BITS)
                mantissa = mantissa * 10 + (uint64_t)(*p - '0');
        } else if (*p == '.' && !point) {
            point = p;
        } else {
            break;
        }
    }
    if (p - start == (point ? 1 : 0))
        return NULL;
    out->digits = first ? first : p;
    out->digits_end = p;
    out->mantissa = mantissa;
    out->n_digits = n_digits;
    out->exponent = point ? -(p - point - 1) : 0;
    return p;
}

static const char *take_exponent(const char *p, const char *end, int64_t *exponent)
{
    bool negative = false;
    if (p < end && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end || !is_digit(*p))
        return NULL;
    int64_t e = 0;
    for (; p < end && is_digit(*p); p++) {
        if (e < EXPONENT_CAP)
            e = e * 10 + (*p - '0');
    }
    *exponent += negative ? -e : e;
    return p;
}

static bool equals_ignoring_case(const char *p, const char *end, const char *lower)
{
    for (; p < end && *lower; p++, lower++) {
        if ((*p | 0x20) != *lower)
            return false;
    }
    return p == end && !*lower;
}

/* The NaN that Go's ParseFloat gives and Prometheus counts as the usual one: it shows in protobuf.
 */
static double usual_nan(void)
{
    const uint64_t bits = 0x7FF8000000000001;
    double nan;

    memcpy(&nan, &bits, sizeof(nan));
    return nan;
}

static bool parse_word(struct slice s, double *out)
{
    const char *p = s.p, *end = s.p + s.len;
    bool has_sign = s.len > 0 && (*p == '+' || *p == '-');
    bool negative = has_sign && *p == '-';
    if (!has_sign && equals_ignoring_case(p, end, "nan")) {
        *out = usual_nan();
        return true;
    }
    p += has_sign;
    if (!equals_ignoring_case(p, end, "inf") && !equals_ignoring_case(p, end, "infinity"))
        return false;
    *out = negative ? -INFINITY : INFINITY;
    return true;
}

/* Both factors are doubles, so the one rounding is the right one. */
static bool to_double_exactly(const struct decimal_text *d, double *out)
{
    static const double powers[EXACT_POWER_MAX + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    };
    if (d->n_digits > DIGITS_IN_64_BITS || d->mantissa > EXACT_INTEGER_MAX ||
        d->exponent < -EXACT_POWER_MAX || d->exponent > EXACT_POWER_MAX)
        return false;
    double v = (double)d->mantissa;
    *out = d->exponent < 0 ? v / powers[-d->exponent] : v * powers[d->exponent];
    return true;
}

/* mantissa * 10^exponent as a product of 192 bits, of which the last is uncertain. The bits behind
 * the 53 that are kept decide the rounding, unless they are so near the middle that it cannot be
 * told. */
static bool to_double_by_product(const struct decimal_text *d, double *out)
{
    if (d->n_digits > DIGITS_IN_64_BITS || d->exponent < DECIMAL_POWERS_MIN || d->exponent > 308)
        return false;
    const struct decimal_power *power = decimal_powers_get((int)d->exponent);
    int zeros = __builtin_clzll(d->mantissa);
    uint64_t w = d->mantissa << zeros;
    unsigned __int128 product = (unsigned __int128)w * power->high;
    product += (uint64_t)((unsigned __int128)w * power->low >> 64);
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;

    int carried = (int)(high >> 63);
    int spare = 10 + carried; /* bits of `high` behind the 53 */
    int exponent = decimal_powers_log2((int)d->exponent) + 63 - zeros + carried;
    if (exponent < -1022)
        return false; /* subnormal: fewer bits are kept */
    uint64_t tail = high & ((UINT64_C(1) << spare) - 1), half = UINT64_C(1) << (spare - 1);
    if ((tail == half && low <= 1) || (tail == half - 1 && low >= UINT64_MAX - 1))
        return false;
    if (exponent > 1023) {
        *out = INFINITY;
        return true;
    }
    /* Rounding up may carry into the exponent, up to infinity, and that is right. */
    uint64_t fraction = high >> spare & (EXACT_INTEGER_MAX / 2 - 1);
    uint64_t bits = ((uint64_t)(exponent + 1023) << 52) + fraction + (tail >= half);
    memcpy(out, &bits, sizeof(*out));
    return true;
}

/* strtod() reads what is sure to be its own syntax: digits and an exponent, and no decimal point
 * that a locale could have an opinion on. */
static double to_double_slowly(const struct decimal_text *d)
{
    char text[DIGITS_THAT_COUNT + 32];
    size_t n = 0;
    int64_t exponent = d->exponent + (int64_t)d->n_digits;
    bool more = false;
    for (const char *p = d->digits; p < d->digits_end; p++) {
        if (*p == '.')
            continue;
        if (n < DIGITS_THAT_COUNT)
            text[n++] = *p;
        else
            more |= *p != '0';
    }
    exponent -= (int64_t)n;
    if (more) {
        text[n++] = '1';
        exponent--;
    }
    /* Far beyond both ends; keeps the exponent's text short. */
    if (exponent > 100000)
        return INFINITY;
    if (exponent < -100000)
        return 0;
    text[n++] = 'e';
    if (exponent < 0) {
        text[n++] = '-';
        exponent = -exponent;
    }
    n += number_format_uint((uint64_t)exponent, text + n);
    text[n] = '\0';
    return strtod(text, NULL);
}

bool number_parse_float(struct slice s, double *out)
{
    struct decimal_text d = {0};
    const char *p = s.p, *end = s.p + s.len;
    if (s.len > 0 && (*p == '+' || *p == '-'))
        d.negative = *p++ == '-';
    p = take_digits(p, end, &d);
    if (!p)
        return parse_word(s, out);
    if (p < end && (*p == 'e' || *p == 'E'))
        p = take_exponent(p + 1, end, &d.exponent);
    if (p != end)
        return false;

    double v = 0;
    if (d.n_digits > 0 && !to_double_exactly(&d, &v) && !to_double_by_product(&d, &v))
        v = to_double_slowly(&d);
    *out = d.negative ? -v : v;
    return !isinf(v);
}

bool number_parse_int(struct slice s, int64_t *out)
{
    const char *p = s.p, *end = s.p + s.len;
    bool negative = false;
    if (s.len > 0 && (*p == '+' || *p == '-'))
        negative = *p++ == '-';
    if (p == end)
        return false;
    uint64_t limit = (uint64_t)INT64_MAX + negative, v = 0;
    for (; p < end; p++) {
        uint64_t digit = (uint64_t)(unsigned char)*p - '0';
        if (digit > 9 || v > (limit - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = (int64_t)(negative ? -v : v);
    return true;
}
