#include "rate_limit.h"

void rate_limit_init(struct rate_limit *limit, int64_t interval_ns, int64_t burst, int64_t now_ns)
{
    *limit = (struct rate_limit){interval_ns, burst, (double)burst, now_ns};
}

bool rate_limit_allow(struct rate_limit *limit, int64_t now_ns)
{
    if (limit->interval_ns <= 0)
        return true;
    limit->tokens += (double)(now_ns - limit->counted_ns) / (double)limit->interval_ns;
    limit->counted_ns = now_ns;
    if (limit->tokens > (double)limit->burst)
        limit->tokens = (double)limit->burst;
    if (limit->tokens < 1)
        return false;
    limit->tokens--;
    return true;
}
