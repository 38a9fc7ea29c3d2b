/* Numbers as Go reads and prints them, exact and independent of the locale. */
#ifndef NUMBER_H
#define NUMBER_H

#include "slice.h"

#include <stdint.h>

enum { NUMBER_TEXT_MAX = 32 };

/* As strconv.ParseFloat(s, 64), without hexadecimal floats and underscores. False for what Go
 * refuses and for what overflows to an infinity; underflow is zero. */
bool number_parse_float(struct slice s, double *out);

/* As strconv.ParseInt(s, 10, 64). */
bool number_parse_int(struct slice s, int64_t *out);

/* As strconv.FormatFloat(v, 'g', -1, 64): the fewest digits that read back the same. Writes at most
 * NUMBER_TEXT_MAX bytes, no NUL; returns how many. */
size_t number_format_float(double v, char *to);

/* Decimal digits of v; the same contract. */
size_t number_format_uint(uint64_t v, char *to);

#endif
