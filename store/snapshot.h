/* The persistence file: the whole store as of one moment, able to prove that it is whole.
 *
 *   header   8 bytes  "PGWSNAP" and the format's number, 2
 *            8 bytes  number of the segment where the journal goes on from here (journal.h),
 *                     little endian, as all numbers here
 *            4 bytes  and its chain
 *            4 bytes  CRC-32C of these 12 bytes
 *   record   4 bytes  length of the content
 *            4 bytes  CRC-32C of the content
 *            n bytes  content: a pushgateway.snapshot.Group (snapshot.proto)
 *   ...
 *   trailer  4 bytes  0xffffffff
 *            8 bytes  number of records
 *            4 bytes  CRC-32C of these 8 bytes
 *
 * A file that ends before its trailer was cut; one whose checksums disagree has rotted. A damaged
 * file still gives every group whose record verifies (record_reader.h). Format 1, which is read
 * too, says nothing of a journal: its header is the first 8 bytes.
 *
 * A file that begins otherwise is taken for one of the Go Pushgateway (gob_reader.h). */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "journal.h"

/* `at` is where the journal goes on from this picture.
 *
 * Writes the store to a temporary file beside `path`, syncs it, renames it to `path` and syncs the
 * folder: `path` holds the old picture or the new one, never less. A file there that is not of this
 * program is kept under another name first (gob_keep.h). Fails with ERROR_IO, saying at which step,
 * or ERROR_NO_MEMORY; the temporary file is then gone. */
bool snapshot_save(struct store *s, const char *path, struct journal_position at, struct error *e);

enum snapshot_outcome {
    SNAPSHOT_LOADED,  /* all of it; or there is no file */
    SNAPSHOT_DAMAGED, /* not all of it: what verified and the store would have; *e says why */
    SNAPSHOT_FAILED,  /* ERROR_IO or ERROR_NO_MEMORY: the store is not what was saved */
};

struct snapshot_report {
    size_t groups;           /* loaded */
    size_t refused;          /* whole, but the store would not have them, as it would not a push */
    bool is_gob;             /* the file is one of the Go Pushgateway */
    size_t families_refused; /* of such a file: left out of groups that were loaded; *e tells of the
                                first */
    struct journal_position journal; /* where it goes on; its beginning without a file */
    bool journal_unknown;            /* the header is damaged: it does not tell */
};

/* Loads a file into an empty store. */
enum snapshot_outcome snapshot_load(struct store *s, const char *path,
                                    struct snapshot_report *report, struct error *e);

/* Removes the temporary file that a crash may have left, and makes sure that a file can be written
 * beside `path`. Fails with ERROR_IO, naming the file. */
bool snapshot_prepare(const char *path, struct error *e);

#endif
