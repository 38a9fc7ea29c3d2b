/* Changes of the store that are answered when they are on disk: --persistence.durability=push.
 *
 * Each change is recorded in the journal (store/journal.h) before it is made, and its reply is held
 * until the record has been written and synced. While the disk works the loop goes on; what changes
 * meanwhile is written and synced at once when the disk is free again (group commit).
 *
 * When writing fails, the replies that wait become 503, and until it works again nothing is changed
 * any more: what the store holds is always what the journal says, up to the records that are still
 * to be written. These are tried again every second. A snapshot that holds them makes them
 * needless, so one is asked for. */
#ifndef COMMITTER_H
#define COMMITTER_H

#include "journal.h"
#include "server.h"

struct held_replies;

/* Begins a segment at `at` beside `path`. Fails when it cannot be written. `save_soon` is called
 * when a save would help: the journal has grown long, or cannot be written. */
bool committer_new(struct server *s, const char *path, struct journal_position at,
                   void (*save_soon)(struct persister *p), struct committer **out, struct error *e);
void committer_free(struct committer *c); /* NULL is fine; replies still held are dropped */

/* --- Changing the store --------------------------------------------------------------------------
 * As store_push() and its like, with a record of it. With ERROR_IO in *e, nothing has changed and
 * nothing can be at present: 503. `scratch` is used up to the next reset. */

enum store_outcome committer_push(struct committer *c, struct group_key key,
                                  struct family_list *families, enum store_mode mode,
                                  int64_t now_ns, struct arena *scratch, struct error *e);

/* *deleted: there was such a group. */
bool committer_delete(struct committer *c, struct group_key key, struct arena *scratch,
                      bool *deleted, struct error *e);

bool committer_wipe(struct committer *c, struct error *e);

/* Where a reply has to wait that tells of anything changed so far; NULL: all of it is on disk. */
struct held_replies *committer_pending(struct committer *c);

/* --- For the persister ---------------------------------------------------------------------------
 */

/* A picture of the store is being taken: what is recorded from now on goes to a segment of its own,
 * which begins at *at. False when memory is out: there must be no picture then. */
bool committer_cut(struct committer *c, struct journal_position *at);

/* Such a picture is in place, and the segments before `number` have been removed. */
void committer_covered(struct committer *c, uint64_t number);

/* Writes what is left, waiting for the disk; for after the loop. False when that failed. */
bool committer_finish(struct committer *c);

/* --- For telemetry -------------------------------------------------------------------------------
 */
struct committer_figures {
    uint64_t records, bytes, syncs, failures; /* since the start; on disk */
    uint64_t size;                            /* bytes that a start would have to replay */
};
struct committer_figures committer_figures(const struct committer *c);

#endif
