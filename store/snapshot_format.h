/* What the reader and the writer of the persistence file share; snapshot.h draws the format. */
#ifndef SNAPSHOT_FORMAT_H
#define SNAPSHOT_FORMAT_H

#include "crc32c.h"
#include "journal.h"

#include <endian.h>
#include <stdint.h>

/* What tells our files, of whichever format, from those of the Go Pushgateway. */
static const struct slice snapshot_magic = SLICE_LITERAL("PGWSNAP");
static const struct slice snapshot_header_1 = SLICE_LITERAL("PGWSNAP\x01");
static const struct slice snapshot_header = SLICE_LITERAL("PGWSNAP\x02");

enum {
    SNAPSHOT_HEADER_1_SIZE = 8,
    SNAPSHOT_HEADER_SIZE = 24,
};

#define SNAPSHOT_TRAILER_MARK UINT32_MAX /* in the place of a record's length */

/* Appends a header of the present format. */
void snapshot_put_header(struct buffer *out, struct journal_position at);

/* Takes a header of either format off the front of a file, of which SNAPSHOT_HEADER_SIZE bytes must
 * be there unless it is shorter. A damaged one that can be passed over is: *at then fails to be
 * known. False when it is none of ours. */
bool snapshot_take_header(struct slice *file, struct journal_position *at, bool *known);

#endif
