/* The file that the journal's writer appends to. */
#ifndef JOURNAL_SEGMENT_H
#define JOURNAL_SEGMENT_H

#include "error.h"
#include "slice.h"

#include <stdint.h>
#include <sys/types.h>

struct journal_segment {
    int fd;          /* -1: none */
    uint64_t number; /* 0: none */
    off_t size;      /* what is known to be on disk */
    bool dirty;      /* a write failed: there may be more in the file than that */
    bool named;      /* the folder has been synced since it was created */
    int folder;      /* the caller's */
};

/* Creates the file and goes on in it; what an earlier try has left there is dropped. It is locked
 * as long as it is open. */
bool journal_segment_open(struct journal_segment *s, const char *name, uint64_t number,
                          struct error *e);

/* Appends and syncs. On failure, ERROR_IO, the file counts as it was: the next call cuts it back.
 * What fdatasync() could not write is not trusted to be written by the next one (Linux forgets it),
 * so the caller must give it again. */
bool journal_segment_append(struct journal_segment *s, struct slice bytes, struct error *e);

void journal_segment_close(struct journal_segment *s);

/* Whether another process has the segment open; false when there is none of this name. */
bool journal_segment_is_in_use(const char *name);

#endif
