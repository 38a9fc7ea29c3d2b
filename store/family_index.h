/* Families by name: the type that all groups agree on, the help texts they sent, who contributes.
 *
 * A family lives from the first group that pushes it to the last that drops it; a later one of the
 * same name is another family, maybe of another type. While a view may still show a family that has
 * died it stays in the order, with the versions it lived in. */
#ifndef FAMILY_INDEX_H
#define FAMILY_INDEX_H

#include "family.h"
#include "hash_index.h"
#include "id_table.h"
#include "ordered_set.h"

enum family_kind {
    FAMILY_PUSHED,
    FAMILY_OWN,               /* declared by store_reserve_family(); never dies */
    FAMILY_PUSH_TIME,         /* made up from the groups' times; never dies */
    FAMILY_PUSH_FAILURE_TIME, /* likewise */
};

struct family_entry;

#define VERSION_NONE UINT64_MAX /* "until": has not ended */

/* A help text and unit that groups sent with a family; shared by their blocks. Like the family it
 * lives in [since, until): one that has died is only there for views. */
struct description {
    struct family_entry *family;
    uint64_t since, until; /* since 0: not taken in yet */
    uint32_t references;   /* blocks, those of older pictures included */
    uint32_t live;         /* blocks of current pictures */
    uint32_t help_len, unit_len;
    bool has_help;
    char text[]; /* help, then unit */
};

struct family_entry {
    uint32_t id, hash;
    uint8_t kind, type;
    uint32_t live;                     /* groups that contribute now */
    uint64_t since, until;             /* versions: lives in [since, until) */
    struct ordered_set groups;         /* all that contribute now or in some view; by key */
    struct description **descriptions; /* by text, has_help first */
    uint32_t n_descriptions, descriptions_capacity;
    struct slice own_help;
    uint32_t name_len;
    char name[];
};

struct family_index {
    struct hash_index by_name; /* the living */
    struct id_table table;
    struct ordered_set order;
    void (*forget)(void *made); /* see struct ordered_set_order */
    uint64_t seed;
    size_t living; /* with at least one group */
};

static inline struct slice family_entry_name(const struct family_entry *f)
{
    return (struct slice){f->name, f->name_len};
}

static inline struct slice description_help(const struct description *d)
{
    return (struct slice){d->text, d->help_len};
}

static inline struct slice description_unit(const struct description *d)
{
    return (struct slice){d->text + d->help_len, d->unit_len};
}

static inline struct family_entry *family_index_get(const struct family_index *index, uint32_t id)
{
    return id_table_get(&index->table, id);
}

struct ordered_set_order family_index_order(const struct family_index *index);

/* The living family of a name, or NULL. */
struct family_entry *family_index_find(const struct family_index *index, struct slice name);

/* The same, of this type alone: an unchecked store may hold several. */
struct family_entry *family_index_find_typed(const struct family_index *index, struct slice name,
                                             enum metric_type type);

/* Makes a family that is in no index yet; NULL when memory is out. */
struct family_entry *family_entry_new(const struct family_index *index, struct slice name,
                                      enum metric_type type, enum family_kind kind);
/* Frees one, with its set of groups and its descriptions. */
void family_entry_free(const struct family_index *index, struct family_entry *f);

/* Room for `more` births; false when memory is out. */
bool family_index_reserve(struct family_index *index, struct ordered_set_pool *pool, uint32_t more);
/* Cannot fail after family_index_reserve(). */
void family_index_birth(struct family_index *index, struct ordered_set_pool *pool,
                        struct family_entry *f, uint64_t version);
/* Takes it out of the names; it stays in the order until family_index_bury(). */
void family_index_death(struct family_index *index, struct family_entry *f, uint64_t version);
/* Takes it out of the order and frees it. */
void family_index_bury(struct family_index *index, struct family_entry *f);

void family_index_free(struct family_index *index);

/* The living description of these texts, with one reference more; made if need be. NULL: memory is
 * out. */
struct description *family_entry_describe(struct family_entry *f, bool has_help, struct slice help,
                                          struct slice unit);
void description_release(struct description *d);

/* A block of this description becomes part of a current picture, or is no longer. */
void description_join(struct description *d, uint64_t version);
void description_leave(struct description *d, uint64_t version);

/* Whether a description has these texts. */
bool description_is(const struct description *d, bool has_help, struct slice help,
                    struct slice unit);

/* What is shown when groups disagree: the first in the order of texts, those with a help before
 * those without, so that it depends on what is stored and not on when it came. NULL: nobody
 * described it at that version. */
const struct description *family_entry_shown(const struct family_entry *f, uint64_t version);

#endif
