/* One page of the list of groups: what a query asks for, and which groups are on it.
 *
 * A page costs what stands on it where an index leads there: without a filter, by key or by age; of
 * one family or one job, by key. Any other filter looks at group after group, a bounded number in a
 * turn of the loop, in one view, so that the page is a picture of one moment. */
#ifndef GROUP_PAGE_H
#define GROUP_PAGE_H

#include "group_filter.h"
#include "request.h"

enum { GROUP_PAGE_DEFAULT = 100, GROUP_PAGE_MAX = 1000 }; /* groups */

struct group_page {
    struct store_view *view;
    struct group_filter filter;
    struct arena arena; /* of what the query says */
    enum store_order order;
    size_t limit;
    bool counts; /* to go on behind the page and count what passes */

    struct slice job;        /* of all groups that can pass; .p NULL: any */
    bool passing;            /* by age, the place to begin at is lost: groups are passed over */
    int64_t passed_until_ns; /* up to this time of their push */

    size_t failed_ahead; /* groups whose last push failed, where that is known; or SIZE_MAX */

    struct store_group group; /* the current one */
    size_t shown, matched;    /* so far; matched counts further than shown */
    bool more;                /* there are groups behind the page */
    struct buffer last;       /* the cursor of the last one shown */
    size_t total, failed;     /* groups stored */
    size_t counted; /* groups that pass, where that is known without counting; or SIZE_MAX */
};

/* Opens a page for a query: q, match[], metric, failed, sort, limit, after, count. Fails with
 * ERROR_INVALID, saying what is wrong with it. After a failure it is closed. */
bool group_page_open(struct group_page *p, const struct request *r, struct error *e);
void group_page_close(struct group_page *p);

enum group_page_step {
    GROUP_PAGE_END,
    GROUP_PAGE_GROUP,   /* p->group is the next on the page */
    GROUP_PAGE_LOOKING, /* none this time; to be called again, until there was work enough */
    GROUP_PAGE_FAILED,  /* memory is out */
};
/* Adds to *work about how many bytes were looked at. */
enum group_page_step group_page_step(struct group_page *p, size_t *work);

/* How much work a turn of the loop is for: some hundred microseconds. */
enum { GROUP_PAGE_WORK = 64 << 10 };

/* Where the next page begins: the value of `after`; empty if there is no next page. */
struct slice group_page_next(const struct group_page *p);

/* How many groups pass, counted from where the page begins. To be asked for at the end; false if
 * that was not counted. */
bool group_page_matched(const struct group_page *p, size_t *matched);

#endif
