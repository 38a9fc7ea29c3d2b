/* What the writer and the reader of the journal share.
 *
 * The journal is a row of files, segments, beside the persistence file: <file>.journal.<number>.
 *
 *   header   8 bytes  "PGWJRNL" and the format's number, 1
 *            8 bytes  number of the segment, little endian, as all numbers here
 *            4 bytes  the chain before its first record
 *            4 bytes  CRC-32C of the 20 bytes above
 *   record   4 bytes  length of the content
 *            4 bytes  the chain behind this record
 *            4 bytes  CRC-32C of these 8 bytes
 *            n bytes  content: a pushgateway.journal.Record (journal.proto)
 *   ...
 *
 * The chain is the CRC-32C of the contents of all records so far, in the order in which they were
 * written, those of earlier segments included. So a record verifies behind its predecessor only,
 * and a segment behind the one before it: nothing can be missing in between or come twice.
 *
 * A length has a checksum of its own, so that a damaged one does not look like the end of a file
 * that was cut. */
#ifndef JOURNAL_FORMAT_H
#define JOURNAL_FORMAT_H

#include "slice.h"

static const struct slice journal_magic = SLICE_LITERAL("PGWJRNL\x01");

enum {
    JOURNAL_HEADER_SIZE = 24,
    JOURNAL_HEADER_CHECKED = 20,
    JOURNAL_RECORD_HEAD_SIZE = 12,
    JOURNAL_RECORD_HEAD_CHECKED = 8,
};

#endif
