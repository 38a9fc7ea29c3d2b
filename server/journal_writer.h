/* Appends to the journal's files and makes it lasting, in a thread of its own: a disk may take
 * seconds, and the loop must not wait for it.
 *
 * One write is under way at a time. What it consists of belongs to the thread from
 * journal_writer_begin() until it is done, and nothing else ever does: the thread sees no store, no
 * connection, and allocates nothing. */
#ifndef JOURNAL_WRITER_H
#define JOURNAL_WRITER_H

#include "error.h"
#include "slice.h"

#include <stdint.h>

struct event_base;

struct journal_write {
    uint64_t segment;   /* number of the file to append to */
    const char *name;   /* and its name; another segment than that of the last write is created */
    struct slice bytes; /* may be empty */

    struct error error; /* the result; ERROR_NONE: it is on disk. Otherwise nothing of it counts:
                         * the next write begins where this one did */
};

struct journal_writer;

/* `done` is called from the loop after each write. Fails with ERROR_IO or ERROR_NO_MEMORY. */
bool journal_writer_new(struct event_base *base, const char *path, void (*done)(void *context),
                        void *context, struct journal_writer **out, struct error *e);

/* Waits for the write that is under way, whose `done` is not called any more. NULL is fine. */
void journal_writer_free(struct journal_writer *w);

void journal_writer_begin(struct journal_writer *w, struct journal_write *write);

/* Waits until it is done; `done` is not called for it. For before and after the loop. */
void journal_writer_await(struct journal_writer *w);

#endif
