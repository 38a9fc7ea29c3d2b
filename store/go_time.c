#include "go_time.h"

#include <endian.h>

enum { SIZE_V1 = 15, SIZE_V2 = 16, NS_PER_SECOND = 1000000000 };

#define YEAR_1_TO_1970 INT64_C(62135596800) /* seconds */

bool go_time_read(struct slice encoded, int64_t *ns)
{
    uint64_t seconds;
    uint32_t fraction;

    if (encoded.len == 0 || *encoded.p < 1 || *encoded.p > 2 ||
        encoded.len != (*encoded.p == 1 ? SIZE_V1 : SIZE_V2))
        return false;
    memcpy(&seconds, encoded.p + 1, sizeof(seconds));
    memcpy(&fraction, encoded.p + 1 + sizeof(seconds), sizeof(fraction));
    seconds = be64toh(seconds) - YEAR_1_TO_1970; /* wraps for what lies before: too large then */
    fraction = be32toh(fraction);
    if (fraction >= NS_PER_SECOND)
        return false;
    bool fits = seconds < INT64_MAX / NS_PER_SECOND;
    *ns = fits ? (int64_t)seconds * NS_PER_SECOND + fraction : 0;
    return true;
}
