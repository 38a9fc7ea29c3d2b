/* Powers of ten to 128 bits, for both directions between decimal and binary numbers.
 *
 *   10^k = (high * 2^64 + low) * 2^(decimal_powers_log2(k) - 127), cut off behind the last bit
 *
 * with the top bit of `high` set. Exact for 0 <= k <= DECIMAL_POWERS_EXACT_MAX, else smaller than
 * 10^k by less than one unit of `low`. Computed at the first use; not for several threads at once.
 */
#ifndef DECIMAL_POWERS_H
#define DECIMAL_POWERS_H

#include <stdint.h>

enum {
    DECIMAL_POWERS_MIN = -342, /* below, a number of 19 digits is 0 */
    DECIMAL_POWERS_MAX = 324,  /* what the smallest double is multiplied with to print it */
    DECIMAL_POWERS_EXACT_MAX = 55,
};

struct decimal_power {
    uint64_t high, low;
};

/* k must be within the limits above. */
const struct decimal_power *decimal_powers_get(int k);

/* The largest n with 2^n <= 10^k, for |k| up to 1233: log2(10) to 19 bits behind the point. */
static inline int decimal_powers_log2(int k)
{
    return (k * 1741647) >> 19;
}

#endif
