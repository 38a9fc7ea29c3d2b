/* Durations as Prometheus' flags take them ("5m", "1h30m", "500ms") and as Go prints them ("5m0s"). */
#ifndef DURATION_H
#define DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As Go's time.ParseDuration. */
bool duration_parse(const char *text, int64_t *ns);

/* As Go's Duration.String(). `to` holds at least 40 bytes. */
void duration_format(int64_t ns, char *to, size_t size);

#endif
