/* Pictures in the order in which their groups were last pushed to: a chain, the oldest first.
 *
 * A push puts its picture at the end, a refused one beside the picture it replaces, one of a group
 * that has never been pushed to successfully at the beginning: never more than a few steps. It is
 * the order in which pushes came, which is that of their times as long as the clock does not go
 * back. Retired pictures stay until they are freed, so that views find in it what they show. */
#ifndef AGE_ORDER_H
#define AGE_ORDER_H

#include "group_index.h"

/* Embedded in its owner; starts as all zeroes. */
struct age_order {
    struct picture *oldest, *newest;
};

/* Puts a picture in its place; `old` is the one it replaces, or NULL. */
void age_order_add(struct age_order *order, struct picture *old, struct picture *fresh);

void age_order_remove(struct age_order *order, struct picture *p);

/* Says that a picture is about to be removed: its neighbours are anywhere in memory, and to wait
 * for them would cost a push a tenth of its time. */
static inline void age_order_prefetch(const struct picture *p)
{
    __builtin_prefetch(p->pushed_before, 1);
    __builtin_prefetch(p->pushed_after, 1);
}

/* Puts a picture behind another, in the sense of time, or, if that is NULL, before all. */
void age_order_add_behind(struct age_order *order, struct picture *behind, struct picture *p);

/* Orders anew by time what was not pushed but restored. */
void age_order_sort(struct age_order *order);

#endif
