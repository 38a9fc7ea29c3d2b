/* The inside of views: for the files that walk them, and for contents.c, which must know the
 * versions that are still looked at. */
#ifndef VIEW_H
#define VIEW_H

#include "buffer.h"
#include "group_index.h"
#include "store.h"

/* A place in a set that may change. */
struct place {
    struct ordered_set_cursor cursor;
    uint32_t id;
    bool started;
    bool anchored; /* id is what the view shows, so that it is not released meanwhile */
    bool ended;
};

/* The groups that a view walks: which, and in what order. */
struct group_walk {
    struct place place;     /* by key */
    bool resting;           /* it is behind a group that the view does not show, and that may go: */
    struct buffer rest_key; /* its key, */
    uint32_t rest_id;       /* and id */
    enum store_order order;
    struct picture *marker; /* by age: stands in contents->ages where the walk has come to */
    bool marked;
    struct slice family;              /* only groups that have one of this name; .p NULL: all */
    const struct family_entry *entry; /* that family; NULL: to be looked for in each group */
};

struct store_view {
    struct contents *contents; /* NULL: lost */
    uint64_t version;
    struct store_view *before, *after;

    struct place family_place, block_place;
    const struct family_entry *family;     /* NULL: before the first or behind the last */
    struct ordered_set_leaf run;           /* begun by store_view_at_run() */
    struct group_walk groups;              /* view_groups.c */
    const struct picture *picture;         /* of the current group */
    uint32_t failure_place, success_place; /* where its made-up families stand */

    struct label *labels;         /* of the current group's key */
    struct label *made_up_labels; /* of a made-up block, */
    char *made_up;                /* and its metric */
};

/* Opens a view of contents; store_view_open() for the parts below the store. */
struct store_view *view_open(struct contents *c);

/* Makes a view let go of what it shows: see store_view_is_lost(). */
void view_lose(struct store_view *v);

uint64_t view_version(const struct store_view *v);

/* Takes the next id from a place; false at the end. */
bool place_next(struct place *place, const struct ordered_set *set, struct ordered_set_order order);

static inline bool view_is_made_up(const struct family_entry *f)
{
    return f->kind == FAMILY_PUSH_TIME || f->kind == FAMILY_PUSH_FAILURE_TIME;
}

/* All groups that contribute, or once did, to a family. */
const struct ordered_set *view_groups_of(const struct store_view *v, const struct family_entry *f);

/* The block of a picture in this very family, or NULL. */
const struct block *view_find_block(const struct picture *p, const struct family_entry *f);

/* What the view shows of a block, of a made-up one, and of a family. */
void view_show_block(const struct block *b, struct store_block *out);
void view_make_up_block(struct store_view *v, const struct picture *p, bool success,
                        struct store_block *out);
void view_show_family(const struct store_view *v, const struct family_entry *f,
                      struct store_family *out);

#endif
