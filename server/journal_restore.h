/* Replays the journal at start, and says in the log what came of it. */
#ifndef JOURNAL_RESTORE_H
#define JOURNAL_RESTORE_H

#include "error.h"
#include "journal.h"

/* Brings the store from the picture in the file to what the journal says. `from` is where it goes
 * on from the picture; NULL: not known. *end is where to record what changes now.
 *
 * The end of a write that a crash has cut off is dropped. A journal damaged otherwise is set aside;
 * what stands before the damage is served. Fails when the journal cannot be read, or another
 * process writes it. */
bool journal_restore(struct store *s, const char *path, const struct journal_position *from,
                     struct journal_position *end, struct error *e);

#endif
