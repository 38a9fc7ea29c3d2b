/* Replays the journal at start, and says in the log what came of it. */
#ifndef JOURNAL_RESTORE_H
#define JOURNAL_RESTORE_H

#include "error.h"
#include "journal.h"
#include "options.h"

/* Brings the store from the picture in the file to what the journal says. `from` is where it goes
 * on from the picture; NULL: not known. *end is where to record what changes now.
 *
 * The end of a write that a crash has cut off is dropped. A journal damaged otherwise is set aside,
 * and *damaged then true; what stands before the damage is served. With DAMAGE_FAIL it is left as
 * it is, and that is an error, as are records that the store refuses. Fails, too, when the journal
 * cannot be read, or another process writes it. */
bool journal_restore(struct store *s, const char *path, const struct journal_position *from,
                     enum damage_policy policy, struct journal_position *end, bool *damaged,
                     struct error *e);

/* Whether another process writes the journal of this file; *e then says so. */
bool journal_restore_is_in_use(const char *path, struct error *e);

#endif
