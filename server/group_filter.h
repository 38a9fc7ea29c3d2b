/* Which groups a list shows. All that is asked for must hold. */
#ifndef GROUP_FILTER_H
#define GROUP_FILTER_H

#include "buffer.h"
#include "label_selector.h"

struct group_text {
    struct slice text; /* in lower case */
    struct group_text *next;
};

struct group_selector {
    struct label_selector selector;
    struct group_selector *next;
};

/* Embedded in its owner; starts as all zeroes, and is given back by group_filter_free(). */
struct group_filter {
    struct group_text *texts;         /* each in some label, or in the name of a family */
    struct group_selector *selectors; /* one of them; NULL: any */
    struct slice metric;              /* has a family of this name; .p NULL: any */
    bool failed;                      /* its last push was refused */
    struct buffer folded;             /* what is being looked at, in lower case */
};

/* Each adds to what is asked for. The values are in the arena, or outlive the filter. */
bool group_filter_add_text(struct group_filter *f, struct slice text, struct arena *a,
                           struct error *e);
bool group_filter_add_selector(struct group_filter *f, struct slice text, struct arena *a,
                               struct error *e);

/* The family and the job that all groups it lets through have, for an index to be used; .p NULL if
 * there is none. */
struct slice group_filter_metric(const struct group_filter *f);
struct slice group_filter_job(const struct group_filter *f);

/* Whether everything passes. */
bool group_filter_is_empty(const struct group_filter *f);

/* Whether the view's current group passes. Adds to *work about how many bytes it has looked at.
 * When memory is out, f->folded has failed. */
bool group_filter_passes(struct group_filter *f, const struct store_view *v,
                         const struct store_group *g, size_t *work);

void group_filter_free(struct group_filter *f);

#endif
