/* Everything that a store holds and a wipe takes away: the three indexes, always consistent with
 * each other, and what views still need of the past.
 *
 * Every change makes a new version. A view remembers the version it was opened at; what a change
 * replaces is retired, and freed once no view of an earlier version is open. Retired pictures queue
 * in the order of their versions, so the oldest view alone decides how far the queue may be
 * emptied. */
#ifndef CONTENTS_H
#define CONTENTS_H

#include "age_order.h"
#include "group_index.h"
#include "series_index.h"

struct contents {
    struct group_index groups;
    struct family_index families;
    struct series_index series;
    struct age_order ages;
    struct ordered_set_pool pool;

    uint64_t version;
    struct picture *retired_first, *retired_last;
    struct store_view *views_first, *views_last; /* by the version they were opened at */

    size_t living_groups, living_series; /* series: pushed ones */
    size_t living_bytes, retired_bytes;  /* of blocks; and of retired pictures */
    size_t held_back_max;                /* see struct store_options */
    size_t failed_groups;
    bool unchecked;
    size_t faults; /* of an unchecked store: what a scrape would fail at */
    char *room;    /* for names of collisions; of an unchecked store */
    size_t room_size;
    uint32_t groups_freed, families_freed; /* how far contents_free_some() has come */
    struct contents *next_wiped;
};

enum { MADE_UP_SERIES = 2 }; /* of each group: push_time_seconds, push_failure_time_seconds */

static inline size_t contents_series(const struct contents *c)
{
    return c->living_series + MADE_UP_SERIES * c->living_groups;
}

/* `seed`: a secret against made-up hash collisions. `forget`: see store_view_keep(). NULL: memory
 * is out. */
struct contents *contents_new(uint64_t seed, bool unchecked, void (*forget)(void *made));

/* Makes a family that never dies. */
bool contents_add_fixed_family(struct contents *c, struct slice name, struct slice help,
                               enum metric_type type, enum family_kind kind);

/* Reserves all that contents_replace() will take. `old` is NULL for a group to be put in. Families
 * of `fresh` may be unborn (family_entry_new() only). False when memory is out. */
bool contents_reserve(struct contents *c, const struct picture *old, const struct picture *fresh);

/* Puts `fresh` in the place of the group's picture and brings families and series up to date. The
 * group is put in if it is not. Cannot fail after contents_reserve(). Blocks that `fresh` shares
 * with the former picture are now its. */
void contents_replace(struct contents *c, struct group *g, struct picture *fresh);

void contents_remove(struct contents *c, struct group *g);

/* Frees at most `pictures` retired ones that no view needs; returns whether there are more. */
bool contents_reclaim(struct contents *c, size_t pictures);

/* Makes the indexes smaller after deletions, a part at a time; returns whether there is more. */
bool contents_tidy(struct contents *c);

/* Frees a part of contents that no view reads; false once all is freed, the struct included. */
bool contents_free_some(struct contents *c);

/* Walks two pictures side by side by family name; each may be NULL. */
struct picture_pair {
    const struct picture *old, *fresh;
    uint32_t i, k;
};
/* Takes the next name; *was or *is is NULL where one has it not. */
bool picture_pair_next(struct picture_pair *pair, struct block **was, struct block **is);

#endif
