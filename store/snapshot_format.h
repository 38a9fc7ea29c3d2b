/* What the reader and the writer of the persistence file share; snapshot.h draws the format. */
#ifndef SNAPSHOT_FORMAT_H
#define SNAPSHOT_FORMAT_H

#include "crc32c.h"

#include <endian.h>
#include <stdint.h>

/* What tells our files, of whichever format, from those of the Go Pushgateway. */
static const struct slice snapshot_magic = SLICE_LITERAL("PGWSNAP");
static const struct slice snapshot_header = SLICE_LITERAL("PGWSNAP\x01");

#define SNAPSHOT_TRAILER_MARK UINT32_MAX /* in the place of a record's length */

#endif
