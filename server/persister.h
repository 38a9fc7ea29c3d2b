/* Keeps the store on disk: loads the persistence file at start, saves it when something has
 * changed, at most once an interval, and at the end.
 *
 * Saving never holds up the loop: a forked child writes the picture that it inherited, syncs it and
 * puts it in place. What fails is tried again, later each time up to the interval, and logged when
 * it begins to fail and when it succeeds again. */
#ifndef PERSISTER_H
#define PERSISTER_H

#include "error.h"
#include "journal.h"
#include "server.h"

#include <sys/types.h>

/* Loads the file of the options and its journal into the store, which must be empty. A damaged file
 * gets a second name, which it keeps when the next save replaces it, and what verified is served,
 * unless the options say otherwise.
 * Fails when the file cannot be read or none can be written there. *out is NULL when the options
 * name no file. */
bool persister_new(struct server *s, struct persister **out, struct error *e);

/* The store has changed. NULL is fine. */
void persister_changed(struct persister *p);

/* Where a journal goes on from what was loaded. */
struct journal_position persister_position(const struct persister *p);

/* Saves without waiting for the interval to pass, unless it is saving already or failed last time.
 */
void persister_save_soon(struct persister *p);

/* A child of the process has ended, with this status of waitpid(); the persister knows whether it
 * was its own. NULL is fine. */
void persister_child_ended(struct persister *p, pid_t child, int status);

/* Writes what is left of the journal and saves what has changed since the last time, now; waits for
 * the disk. False when it failed, which is logged. NULL is fine. */
bool persister_finish(struct persister *p);

void persister_free(struct persister *p);

#endif
