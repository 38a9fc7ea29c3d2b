/* The records of a persistence file that verify, one after the other; snapshot.h draws the format.
 *
 * Behind damage the reader looks at every byte for where the next whole record begins, so that a
 * bad block of the disk costs the groups in it and no others. It holds one record and a piece of
 * the file in memory, never all of it. */
#ifndef RECORD_READER_H
#define RECORD_READER_H

#include "buffer.h"
#include "error.h"
#include "journal.h"

struct record_reader {
    int fd;
    struct buffer window; /* of the file */
    size_t at;            /* in the window: what comes next */
    uint64_t unread;      /* bytes of the file behind the window */
    uint64_t position;    /* of `at` in the file */
    uint64_t records;     /* that verified */
    uint64_t searched, search_limit;
    struct journal_position journal; /* that the header tells */
    bool journal_known;              /* the header has come and verifies */
    struct error damage;             /* what is wrong first; ERROR_NONE: the file is whole so far */
};

/* Reads from the start of fd, which stays the caller's. Free with record_reader_free(). */
void record_reader_begin(struct record_reader *r, int fd, uint64_t file_size);
void record_reader_free(struct record_reader *r);

enum record_outcome {
    RECORD_FOUND, /* *content is valid until the next call */
    RECORD_END,   /* r->damage tells whether the file was whole */
    RECORD_FAILED /* ERROR_IO or ERROR_NO_MEMORY: whether there is more is not known */
};
enum record_outcome record_reader_next(struct record_reader *r, struct slice *content,
                                       struct error *e);

#endif
