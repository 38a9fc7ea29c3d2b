/* The families that the server has of its own: their names, help texts and types, and how they are
 * put together for a scrape. Names, labels and help texts are those of the original where it has
 * them. */
#ifndef OWN_FAMILIES_H
#define OWN_FAMILIES_H

#include "arena.h"
#include "family.h"

struct store;

/* In the order of their names, which is that of a scrape. */
enum own_family {
    PROCESS_CPU_SECONDS,
    PROCESS_MAX_FDS,
    PROCESS_NETWORK_RECEIVE_BYTES,
    PROCESS_NETWORK_TRANSMIT_BYTES,
    PROCESS_OPEN_FDS,
    PROCESS_RESIDENT_MEMORY_BYTES,
    PROCESS_START_TIME_SECONDS,
    PROCESS_VIRTUAL_MEMORY_BYTES,
    PROCESS_VIRTUAL_MEMORY_MAX_BYTES,
    BUILD_INFO,
    CONNECTIONS,
    CONNECTIONS_LIMIT,
    GROUPS,
    GROUPS_LIMIT,
    PUSH_DURATION_SECONDS,
    PUSH_SIZE_BYTES,
    REQUESTS,
    LOOP_LAG_SECONDS,
    METRIC_FAMILIES,
    PERSISTENCE_DURATION_SECONDS,
    PERSISTENCE_FAILURES,
    PERSISTENCE_FILE_DAMAGED,
    JOURNAL_BYTES,
    JOURNAL_FAILURES,
    JOURNAL_RECORDS,
    JOURNAL_SIZE,
    JOURNAL_SYNCS,
    PERSISTENCE_LAST_SUCCESS_SECONDS,
    REFUSED_REQUESTS,
    REJECTED_PUSHES,
    SERIES,
    SERIES_LIMIT,
    SERIES_PER_GROUP_LIMIT,
    OWN_FAMILIES,
};

/* Declares them all to the store, so that pushes agree with them. */
bool own_families_reserve(struct store *store);

/* --- Putting together ---------------------------------------------------------------------------
 */

/* Families in an arena, begun one after the other in the order of own_family. A failure, which is
 * memory that is out, sticks, as in a buffer. */
struct own_families {
    struct arena *arena;
    struct family_list *list;
    bool failed;
};

/* Begins with none. */
struct own_families own_families_start(struct arena *a, struct family_list *list);

/* The next family, with room for `capacity` metrics. */
struct family *own_families_begin(struct own_families *o, enum own_family which, size_t capacity);

/* A family without metrics is not shown. */
void own_families_end(struct own_families *o, const struct family *f);

/* A metric with room for n labels, which the caller fills in; NULL when memory is out. */
struct metric *own_families_metric(struct own_families *o, struct family *f, size_t n_labels,
                                   struct slice payload);

/* The same with a number of the family's type. */
struct metric *own_families_number(struct own_families *o, struct family *f, size_t n_labels,
                                   double value);

/* Names and values must live as long as the arena. */
void own_families_label(struct metric *m, size_t i, const char *name, const char *value);

/* A family of one number without labels; a number that is not known (NaN) is left out. */
void own_families_add(struct own_families *o, enum own_family which, double value);

#endif
