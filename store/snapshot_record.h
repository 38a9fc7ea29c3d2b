/* Reads one record of a persistence file: a pushgateway.snapshot.Group (snapshot.proto).
 *
 * By hand, over wire.h: a start reads a record for each group stored, and unpacking into a tree of
 * messages only to walk it once was a quarter of that. */
#ifndef SNAPSHOT_RECORD_H
#define SNAPSHOT_RECORD_H

#include "store.h"

/* What *out points to is in the arena or borrowed from the record. Unknown fields are skipped.
 * Fails with ERROR_INVALID when the record cannot be decoded, or as delimited_reader.h for a
 * family. */
bool snapshot_record_read(struct slice record, struct arena *a, struct store_saved_group *out,
                          struct error *e);

#endif
