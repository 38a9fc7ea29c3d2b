/* The journal: what has changed in the store since the persistence file was written, one record a
 * change, in the order of the changes. The persistence file says where the journal goes on from
 * it (its position); both together are the store.
 *
 * Here are its bytes (journal_format.h draws them) and its files. Who writes them to disk and when
 * is the server's affair. */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "buffer.h"
#include "store.h"

/* A place between two records. */
struct journal_position {
    uint64_t number; /* of the segment that begins here; the first is 1 */
    uint32_t chain;  /* journal_format.h */
};

/* Before anything was ever written. */
static const struct journal_position journal_beginning = {.number = 1, .chain = 0};

/* --- Writing -------------------------------------------------------------------------------------
 * All append to `out` and move *chain behind the record. On failure, ERROR_NO_MEMORY or
 * ERROR_TOO_LARGE, `out` and *chain are as before. */

/* What starts a segment. */
bool journal_put_header(struct buffer *out, struct journal_position at);

/* A push that store_push() takes in. */
bool journal_put_push(struct buffer *out, uint32_t *chain, struct group_key key,
                      const struct family_list *families, enum store_mode mode, int64_t now_ns,
                      struct arena *scratch, struct error *e);

/* One that it refuses. Never longer than the record of the same push taken in. */
bool journal_put_refusal(struct buffer *out, uint32_t *chain, struct group_key key, int64_t now_ns,
                         struct arena *scratch, struct error *e);

bool journal_put_deletion(struct buffer *out, uint32_t *chain, struct group_key key,
                          struct arena *scratch, struct error *e);
bool journal_put_wipe(struct buffer *out, uint32_t *chain, struct error *e);

/* --- Replaying -----------------------------------------------------------------------------------
 */

enum journal_outcome {
    JOURNAL_REPLAYED, /* to its end, but for the end of a write that a crash has cut off */
    JOURNAL_DAMAGED,  /* up to the damage, of which *e tells; report.damaged is where */
    JOURNAL_FAILED,   /* a file could not be read, or memory ran out: the store is not whole */
};

struct journal_report {
    size_t segments, records;    /* replayed */
    size_t refused;              /* of the records: the store would not have them; *e tells of the
                                  * first if nothing is worse */
    uint64_t cut_bytes;          /* dropped from the end of the last segment: a write cut off */
    uint64_t damaged;            /* the first segment not replayed to its end */
    bool damaged_in_part;        /* records of it were replayed */
    struct journal_position end; /* where to go on; no file has this number or a higher one */
};

/* Does again what the journal says from `from` on; NULL is wherever the first segment begins. It
 * stops at what does not verify: the store is then as it was at that moment, as after any other
 * cut. */
enum journal_outcome journal_replay(struct store *s, const char *path,
                                    const struct journal_position *from,
                                    struct journal_report *report, struct error *e);

/* --- Files ---------------------------------------------------------------------------------------
 */

/* The name of a segment, to be freed; NULL when memory is out. */
char *journal_segment_name(const char *path, uint64_t number);

/* The numbers of all segments beside `path`, ascending, to be freed. Fails with ERROR_IO or
 * ERROR_NO_MEMORY. */
struct journal_segments {
    uint64_t *numbers;
    size_t count;
};
bool journal_list(const char *path, struct journal_segments *out, struct error *e);

/* Removes the segments before `number`: the persistence file holds what they tell. */
bool journal_remove_before(const char *path, uint64_t number, struct error *e);

/* Keeps the segments from `number` on as <segment>.<suffix>, with a number behind it if there is
 * such a file. With `first_stays` the first keeps its own name too, since what verified of it is
 * still needed. */
bool journal_set_aside(const char *path, uint64_t number, bool first_stays, const char *suffix,
                       struct error *e);

#endif
