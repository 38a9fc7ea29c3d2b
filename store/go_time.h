/* A time as Go's time.Time.MarshalBinary writes it (pkg.go.dev/time#Time.MarshalBinary; the layout
 * is that of its source):
 *
 *   1 byte   version: 1, or 2 when the zone's offset has seconds
 *   8 bytes  seconds since the first of January of the year 1, UTC; big endian, as all of it
 *   4 bytes  nanoseconds
 *   2 bytes  offset of the zone in minutes, -1 for UTC; the moment does not depend on it
 *   1 byte   of version 2 alone: its seconds */
#ifndef GO_TIME_H
#define GO_TIME_H

#include "slice.h"

#include <stdint.h>

/* Reads a time as nanoseconds since 1970. One before 1970 or after 2262, as the zero time of Go,
 * becomes 0: never. False when it is no such time. */
bool go_time_read(struct slice encoded, int64_t *ns);

#endif
