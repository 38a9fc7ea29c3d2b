#include "decimal_powers.h"

#include <stdbool.h>
#include <stddef.h>

/* A whole number of 1312 bits, least significant word first: room for 10^324, and for 2^1280, of
 * which 138 bits are left after division by 10^342. */
enum {
    BIG_WORDS = 41,
    DIVIDEND_WORD = 40,
};

static struct decimal_power powers[DECIMAL_POWERS_MAX - DECIMAL_POWERS_MIN + 1];
static bool powers_known;

static void big_multiply_by_ten(uint32_t *big)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < BIG_WORDS; i++) {
        carry += (uint64_t)big[i] * 10;
        big[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static void big_divide_by_ten(uint32_t *big)
{
    uint64_t rest = 0;
    for (size_t i = BIG_WORDS; i-- > 0;) {
        rest = rest << 32 | big[i];
        big[i] = (uint32_t)(rest / 10);
        rest %= 10;
    }
}

static uint32_t big_word(const uint32_t *big, int i)
{
    return i < 0 ? 0 : big[i];
}

/* The first 128 bits, from the highest that is set. */
static struct decimal_power big_top(const uint32_t *big)
{
    int top = BIG_WORDS - 1;
    while (big[top] == 0)
        top--;
    int shift = __builtin_clz(big[top]);
    uint32_t words[4];
    for (int i = 0; i < 4; i++) {
        uint64_t two = (uint64_t)big_word(big, top - i) << 32 | big_word(big, top - i - 1);
        words[i] = (uint32_t)(two << shift >> 32);
    }
    return (struct decimal_power){(uint64_t)words[0] << 32 | words[1],
                                  (uint64_t)words[2] << 32 | words[3]};
}

static void compute_powers(void)
{
    uint32_t big[BIG_WORDS] = {1};
    for (int k = 0; k <= DECIMAL_POWERS_MAX; k++) {
        powers[k - DECIMAL_POWERS_MIN] = big_top(big);
        big_multiply_by_ten(big);
    }

    /* Cutting off after each division is the same as cutting off once. */
    uint32_t quotient[BIG_WORDS] = {[DIVIDEND_WORD] = 1};
    for (int k = -1; k >= DECIMAL_POWERS_MIN; k--) {
        big_divide_by_ten(quotient);
        powers[k - DECIMAL_POWERS_MIN] = big_top(quotient);
    }
    powers_known = true;
}

const struct decimal_power *decimal_powers_get(int k)
{
    if (__builtin_expect(!powers_known, 0))
        compute_powers();
    return &powers[k - DECIMAL_POWERS_MIN];
}
