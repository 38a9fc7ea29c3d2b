/* Durations as Prometheus' flags take them ("5m", "1h30m", "500ms") and as Go prints them ("5m0s").
 */
#ifndef DURATION_H
#define DURATION_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

enum { DURATION_TEXT_MAX = 40 }; /* room for any duration_format(), with its NUL */

/* As Go's time.ParseDuration: units ns, us, ms, s, m, h, fractions and several terms, a sign. Fails
 * with its messages, e.g. `time: missing unit in duration "5"`. */
bool duration_parse(const char *text, int64_t *ns, struct error *e);

/* As Go's Duration.String(). */
void duration_format(int64_t ns, char to[DURATION_TEXT_MAX]);

#endif
