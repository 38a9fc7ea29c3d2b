/* Points in time as text. */
#ifndef TIMESTAMP_H
#define TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

enum { TIMESTAMP_TEXT_MAX = 128 };

/* Nanoseconds since 1970 as RFC 3339 in the local zone, as Go's RFC3339Nano: with as many decimals
 * as there are, none for a whole second. `to` holds TIMESTAMP_TEXT_MAX bytes. */
void timestamp_format_nano(int64_t ns, char *to);

/* The same without the fraction. */
void timestamp_format(int64_t ns, char *to);

#endif
