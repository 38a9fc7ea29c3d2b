/* Log lines about what clients do wrong, one a second at most, so that whoever does it often does
 * not fill the log. Each line tells how many were left out before it. */
#ifndef COMPLAINT_H
#define COMPLAINT_H

#include "log.h"

#include <stdint.h>

struct complaint { /* starts as all zeroes */
    uint64_t last_ns;
    unsigned long left_out;
};

/* "message" with fields source, err, not_shown. */
void complaint_write(struct complaint *c, enum log_level level, const char *message,
                     const char *source, const char *err);

#endif
