/* What has been pushed, by grouping key. Knows no HTTP and reads no clock.
 *
 * A push is checked against everything stored at the cost of what it carries, and applied as a
 * whole or not at all: the store is consistent between any two calls. How: README.md in this
 * folder. */
#ifndef STORE_H
#define STORE_H

#include "arena.h"
#include "error.h"
#include "family.h"

struct store;

/* How much may be stored; 0: no limit. A push that would make the store grow beyond one is refused
 * with ERROR_LIMIT; restoring never is. Series are counted as in store_statistics(). */
struct store_limits {
    size_t groups, series, series_per_group;
};

struct store_options {
    bool unchecked; /* --push.disable-consistency-check */
    struct store_limits limits;
    /* Bytes of what was replaced that views may hold back, if it is more than all that is stored:
     * then the oldest is lost. 0: no limit. */
    size_t held_back_max;
    /* Frees what store_view_keep() was given; NULL if that is never called. */
    void (*forget)(void *made);
};

/* A grouping key: label pairs sorted by name, names unique, `job` among them. */
struct group_key {
    const struct label *labels;
    size_t n_labels;
};

enum store_mode {
    STORE_REPLACE, /* PUT: the group holds what is pushed and nothing else */
    STORE_MERGE,   /* POST: families of the same name are replaced */
};

enum store_outcome {
    STORE_APPLIED,
    STORE_REFUSED, /* wrong, inconsistent or beyond a limit: the group's failure time is set */
    /* Nothing at all changed: the group itself cannot be, memory is out, or a limit keeps the group
     * from being put in. */
    STORE_UNTOUCHED,
};

/* NULL when memory is out. */
struct store *store_new(struct store_options options);
void store_free(struct store *s);

/* Limits for what is pushed from now on: what a journal replays was let in before. */
void store_set_limits(struct store *s, struct store_limits limits);

/* Declares a family of the server itself: its type and help hold for whoever pushes into it. Call
 * before anything is pushed; the strings must outlive the store. */
bool store_reserve_family(struct store *s, struct slice name, struct slice help,
                          enum metric_type type);

/* Pushes families under a key. Everything is borrowed for the call; sorted order of labels and
 * metrics is made in `scratch`. now_ns is nanoseconds since 1970. On anything but STORE_APPLIED *e
 * tells why; an unchecked store refuses only timestamps. */
enum store_outcome store_push(struct store *s, struct group_key key, struct family_list *families,
                              enum store_mode mode, int64_t now_ns, struct arena *scratch,
                              struct error *e);

/* What a push that comes to STORE_REFUSED does, without the push: sets the group's failure time,
 * making the group if need be. False, with nothing changed, where such a group cannot be. */
bool store_note_refusal(struct store *s, struct group_key key, int64_t now_ns,
                        struct arena *scratch);

/* Deletes a group; *deleted tells whether there was one. False: memory is out. */
bool store_delete(struct store *s, struct group_key key, struct arena *scratch, bool *deleted);

/* Deletes all groups. Takes no longer for many: their memory is given back by store_reclaim().
 * False, with nothing deleted, when memory is out. */
bool store_wipe(struct store *s);

/* Gives back some memory of what has been deleted and that no view needs, in bounded time. Returns
 * whether there is more. To be called from the loop until it returns false. */
bool store_reclaim(struct store *s);

/* A number that changes with every change of the store. */
uint64_t store_version(const struct store *s);

/* Why the exposition cannot be served, or NULL. Only an unchecked store can come to that. Of
 * several reasons it is the one that was found last, which may have gone before the others. */
const char *store_inconsistency(const struct store *s);

/* A histogram or summary is one series; push_time_seconds and push_failure_time_seconds are among
 * them. */
struct store_statistics {
    size_t groups, families, series;
    size_t failed_groups; /* their last push was refused */
};
struct store_statistics store_statistics(const struct store *s);

/* --- Views: one consistent picture ------------------------------------------------------------
 * A view shows the store as it was when it was opened, however long it is read and whatever is
 * pushed meanwhile. Opening one costs nothing; each step costs the logarithm of what is stored at
 * most. Views must be closed before the store is freed. */
struct store_view;

struct store_view *store_view_open(struct store *s); /* NULL when memory is out */
void store_view_close(struct store_view *v);

/* Whether the view held back too much and is gone: nothing but closing it is allowed then. To be
 * asked after each change of the store, so at the beginning of a turn of the loop. */
bool store_view_is_lost(const struct store_view *v);

/* A family of the view. Strings stay valid until the next step to a family. */
struct store_family {
    struct slice name, help, unit;
    bool has_help;
    enum metric_type type;
};

/* Steps to the family after the current one, by name; false at the end. */
bool store_view_next_family(struct store_view *v, struct store_family *out);

/* The metrics of one group in one family. */
struct store_block {
    struct slice metrics; /* as metric_wire.h; valid until the next step of the view */
    size_t n_metrics;
    bool legacy_names;            /* all label names are legacy ones: no escaping changes them */
    bool has_native, has_classic; /* of histograms */
};

/* Steps to the next group of the current family, in the order of keys; false at its end. All such
 * steps stay at the end once they have come to it. */
bool store_view_next_block(struct store_view *v, struct store_block *out);

/* Goes back to before the first block of the current family. */
void store_view_rewind_family(struct store_view *v);

/* Blocks come in runs of some dozens, and what a caller makes of a run (rendered text, say) can be
 * kept with it, for as long as none of its groups changes: most do not between two scrapes.
 *
 * A run must be walked between two changes of the store, that is within one turn of the loop. */

/* Whether the next block begins a run. *made is then what was kept and still holds for this view,
 * or NULL. */
bool store_view_at_run(struct store_view *v, void **made);

/* Steps over the run that begins here. */
void store_view_skip_run(struct store_view *v);

/* Whether no block of that run is left to be taken. */
bool store_view_run_is_over(const struct store_view *v);

/* Whether the block just taken is of the run that store_view_at_run() has begun. */
bool store_view_in_run(const struct store_view *v);

/* Keeps `made` with the run that store_view_at_run() has begun. Takes it over; frees what was kept.
 */
void store_view_keep(struct store_view *v, void *made);

/* A group of the view; valid until the next step to a group. */
struct store_group {
    struct group_key key;
    int64_t created_ns, push_time_ns, push_failure_time_ns; /* 0: never */
    size_t n_families; /* push_time_seconds and push_failure_time_seconds included */
    size_t n_metrics;  /* likewise */
};

/* Whether the last push to a group was refused. */
static inline bool store_group_failed(const struct store_group *g)
{
    return g->push_failure_time_ns >= g->push_time_ns;
}

/* Steps to the next group in the order of keys; false at the end. Groups and families are walked
 * independently of each other. */
bool store_view_next_group(struct store_view *v, struct store_group *out);

/* The same in bounded time, and in other orders: where much has come and gone, a step may end
 * before it has found a group to show. */
enum store_step {
    STORE_STEP_END,
    STORE_STEP_SHOWN,
    STORE_STEP_SKIPPED, /* come again, in the next turn of the loop if need be */
};
enum store_step store_view_step_group(struct store_view *v, struct store_group *out);

/* What follows says which groups are walked, and from where. To be called in this order, right
 * after the view was opened and before the first step. */
enum store_order {
    STORE_BY_KEY,
    STORE_OLDEST_FIRST, /* by the last successful push; those that never had one are the oldest */
    STORE_NEWEST_FIRST,
};
void store_view_order_groups(struct store_view *v, enum store_order order);

/* Only groups that have a family of this name, which must outlive the view. By key, no other group
 * is looked at. */
void store_view_with_family(struct store_view *v, struct slice name);

/* By key: from the first group of a job, or, if there is none, the one that would follow. False
 * when memory is out. */
bool store_view_seek_job(struct store_view *v, struct slice job, struct arena *scratch);

/* From the group behind this one, which was last pushed at that time. By key it need not be there;
 * by age it is lost if it is not, or has been pushed to again. */
enum store_sought {
    STORE_SOUGHT_FOUND,
    STORE_SOUGHT_LOST,   /* the walk begins at its beginning */
    STORE_SOUGHT_FAILED, /* memory is out */
};
enum store_sought store_view_seek_group(struct store_view *v, struct group_key key,
                                        int64_t push_time_ns, struct arena *scratch);

/* Makes this group the current one, apart from the walk; likewise right after the opening. */
enum store_sought store_view_find_group(struct store_view *v, struct group_key key,
                                        struct arena *scratch, struct store_group *out);

/* The i-th family of the current group, by name; push_time_seconds and push_failure_time_seconds
 * are among them. time_ns is when it was pushed. */
struct store_group_family {
    struct store_family family;
    struct store_block block;
    int64_t time_ns;
};
void store_view_group_family(struct store_view *v, size_t i, struct store_group_family *out);

/* Its name alone. */
struct slice store_view_group_family_name(const struct store_view *v, size_t i);

/* Where a family of this name stands among those of the current group; if there is none, where it
 * would. */
size_t store_view_group_family_place(const struct store_view *v, struct slice name);

/* --- Restoring -------------------------------------------------------------------------------- */

/* Puts back a group as it was saved: all of its families, their times (times_ns[i] belongs to
 * families[i]) and its own; in the mode STORE_MERGE beside those that the group has. Fails, leaving
 * the store as it was, where a push would be refused. */
struct store_saved_group {
    struct group_key key;
    int64_t created_ns, push_time_ns, push_failure_time_ns;
    struct family_list families;
    const int64_t *times_ns;
    enum store_mode mode;
};
bool store_restore(struct store *s, const struct store_saved_group *group, struct arena *scratch,
                   struct error *e);

/* To be called after the last store_restore(): orders groups by the times of their pushes. */
void store_restored(struct store *s);

#endif
