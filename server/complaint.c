#include "complaint.h"

#include "clock.h"

#include <stdio.h>

enum { LEAST_TIME_NS = 1000000000 }; /* between two lines */

void complaint_write(struct complaint *c, enum log_level level, const char *message,
                     const char *source, const char *err)
{
    char count[24];
    uint64_t now_ns = clock_monotonic_ns();
    if (c->last_ns != 0 && now_ns - c->last_ns < LEAST_TIME_NS) {
        c->left_out++;
        return;
    }
    snprintf(count, sizeof(count), "%lu", c->left_out);
    log_write(level, message, "source", source, "err", err, "not_shown", count, NULL);
    c->last_ns = now_ns;
    c->left_out = 0;
}
