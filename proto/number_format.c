/* Printing numbers: the shortest decimal that reads back the same, after R. Giulietti, "The
 * Schubfach way to render doubles" (2021). A double v stands for all numbers nearer to it than to
 * its neighbours. With k such that this interval is as wide as 1 to 10 units of 10^k, scale its
 * ends and v by 10^-k, to odd-rounded quarters, and look which of the at most four candidates lies
 * inside. */
#include "decimal_powers.h"
#include "number.h"

#include <math.h>

#define FRACTION_BITS 52
#define HIDDEN_BIT    (UINT64_C(1) << FRACTION_BITS)

/* digits * 10^exponent, digits > 0. */
struct decimal {
    uint64_t digits;
    int exponent;
};

/* factor * 10^k's 128 bits / 2^128; the last bit also says whether anything was cut off. */
static uint64_t scale(struct decimal_power power, uint64_t factor)
{
    unsigned __int128 low = (unsigned __int128)power.low * factor;
    unsigned __int128 product = (unsigned __int128)power.high * factor + (uint64_t)(low >> 64);
    return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

/* Here the power must not be below the true one. */
static struct decimal_power power_rounded_up(int k)
{
    struct decimal_power power = *decimal_powers_get(k);
    if (k < 0 || k > DECIMAL_POWERS_EXACT_MAX) {
        power.low++;
        power.high += power.low == 0;
    }
    return power;
}

static struct decimal shortest(uint64_t fraction, int biased_exponent)
{
    uint64_t c = biased_exponent ? fraction | HIDDEN_BIT : fraction;
    int q = (biased_exponent ? biased_exponent : 1) - 1075; /* v is c * 2^q */
    /* Below a power of two the doubles lie twice as dense. */
    bool lower_is_nearer = fraction == 0 && biased_exponent > 1;
    bool ends_belong = c % 2 == 0; /* reading rounds a tie to even */

    /* floor(log10(2^q)), or of 3/4 of it. */
    /* Shifting right rounds down, below 0 too: so gcc and clang define it. */
    /* cppcheck-suppress shiftNegativeLHS */
    int k = (q * 1262611 - (lower_is_nearer ? 524031 : 0)) >> 22;
    int shift = q + decimal_powers_log2(-k) + 1;
    struct decimal_power power = power_rounded_up(-k);
    uint64_t lower = scale(power, (4 * c - 2 + lower_is_nearer) << shift) + !ends_belong;
    uint64_t middle = scale(power, (4 * c) << shift);
    uint64_t upper = scale(power, (4 * c + 2) << shift) - !ends_belong;

    uint64_t below = middle / 4;
    if (below >= 10) {
        uint64_t tens = below / 10;
        bool down = lower <= 40 * tens, up = 40 * tens + 40 <= upper;
        if (down != up)
            return (struct decimal){tens + up, k + 1};
    }
    bool down = lower <= 4 * below, up = 4 * below + 4 <= upper;
    if (down == up) {
        uint64_t half = 4 * below + 2;
        up = middle > half || (middle == half && below % 2 == 1);
    }
    return (struct decimal){below + up, k};
}

static void strip_zeros(struct decimal *d)
{
    while (d->digits % 10000 == 0) {
        d->digits /= 10000;
        d->exponent += 4;
    }
    while (d->digits % 10 == 0) {
        d->digits /= 10;
        d->exponent++;
    }
}

static size_t count_digits(uint64_t v)
{
    size_t n = 1;
    for (; v >= 10000; v /= 10000)
        n += 4;
    return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* The n last digits of v. */
static void put_digits(char *to, uint64_t v, size_t n)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    for (; n >= 2; n -= 2, v /= 100)
        memcpy(to + n - 2, pairs + v % 100 * 2, 2);
    if (n == 1)
        *to = (char)('0' + v % 10);
}

size_t number_format_uint(uint64_t v, char *to)
{
    size_t n = count_digits(v);
    put_digits(to, v, n);
    return n;
}

static char *put_with_exponent(char *to, uint64_t digits, size_t n, int exponent)
{
    if (n > 1) {
        put_digits(to + 1, digits, n);
        to[0] = to[1];
        to[1] = '.';
        to += n + 1;
    } else {
        *to++ = (char)('0' + digits);
    }
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    uint64_t size = (uint64_t)(exponent < 0 ? -exponent : exponent);
    size_t width = size < 100 ? 2 : 3;
    put_digits(to, size, width);
    return to + width;
}

/* `whole` digits stand before the point; 0 or less if the first is behind it. */
static char *put_plain(char *to, uint64_t digits, size_t n, int whole)
{
    if (whole <= 0) {
        size_t zeros = (size_t)-whole;
        memcpy(to, "0.0000", 6);
        put_digits(to + 2 + zeros, digits, n);
        return to + 2 + zeros + n;
    }
    size_t before = (size_t)whole;
    if (before >= n) {
        put_digits(to, digits, n);
        memset(to + n, '0', before - n);
        return to + before;
    }
    put_digits(to + 1, digits, n);
    memmove(to, to + 1, before);
    to[before] = '.';
    return to + n + 1;
}

static size_t put_text(char *to, const char *text)
{
    size_t n = strlen(text);
    memcpy(to, text, n);
    return n;
}

static size_t format_special(double v, char *to)
{
    if (isnan(v))
        return put_text(to, "NaN");
    if (isinf(v))
        return put_text(to, v > 0 ? "+Inf" : "-Inf");
    return put_text(to, signbit(v) ? "-0" : "0");
}

size_t number_format_float(double v, char *to)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof(bits));
    int biased_exponent = (int)(bits >> FRACTION_BITS & 0x7ff);
    if (v == 0 || biased_exponent == 0x7ff)
        return format_special(v, to);

    char *start = to;
    if (bits >> 63)
        *to++ = '-';
    double size = fabs(v);
    if (size < 1e6 && size == (double)(uint32_t)size) /* no point and no exponent */
        return (size_t)(to - start) + number_format_uint((uint32_t)size, to);

    struct decimal d;
    if (size < (double)HIDDEN_BIT && size == (double)(uint64_t)size)
        d = (struct decimal){(uint64_t)size, 0};
    else
        d = shortest(bits & (HIDDEN_BIT - 1), biased_exponent);
    strip_zeros(&d);
    size_t n = count_digits(d.digits);
    int exponent = d.exponent + (int)n - 1;
    if (exponent < -4 || exponent >= 6)
        to = put_with_exponent(to, d.digits, n, exponent);
    else
        to = put_plain(to, d.digits, n, exponent + 1);
    return (size_t)(to - start);
}
