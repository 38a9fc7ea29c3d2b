#include "age_order.h"

void age_order_add_behind(struct age_order *order, struct picture *behind, struct picture *p)
{
    struct picture *after = behind ? behind->pushed_after : order->oldest;

    p->pushed_before = behind;
    p->pushed_after = after;
    if (behind)
        behind->pushed_after = p;
    else
        order->oldest = p;
    if (after)
        after->pushed_before = p;
    else
        order->newest = p;
}

void age_order_add(struct age_order *order, struct picture *old, struct picture *fresh)
{
    if (old && old->push_time_ns == fresh->push_time_ns)
        age_order_add_behind(order, old, fresh);
    else if (fresh->push_time_ns == 0)
        age_order_add_behind(order, NULL, fresh);
    else
        age_order_add_behind(order, order->newest, fresh);
}

void age_order_remove(struct age_order *order, struct picture *p)
{
    if (p->pushed_before)
        p->pushed_before->pushed_after = p->pushed_after;
    else
        order->oldest = p->pushed_after;
    if (p->pushed_after)
        p->pushed_after->pushed_before = p->pushed_before;
    else
        order->newest = p->pushed_before;
}

/* --- Sorting: a merge sort over the chain, which takes no memory ---------------------------------
 */

/* Merges two chains that end in NULL, by pushed_after alone. */
static struct picture *merge(struct picture *a, struct picture *b)
{
    struct picture *first = NULL, **end = &first;
    while (a && b) {
        struct picture **lesser = a->push_time_ns <= b->push_time_ns ? &a : &b;
        *end = *lesser;
        end = &(*lesser)->pushed_after;
        *lesser = *end;
    }
    *end = a ? a : b;
    return first;
}

/* Sorted chains of 2^i pictures each, to be merged as a binary counter carries. */
enum { CHAINS = 48 };

void age_order_sort(struct age_order *order)
{
    struct picture *chains[CHAINS] = {0}, *sorted = NULL, *before = NULL;

    for (struct picture *p = order->oldest, *next; p; p = next) {
        next = p->pushed_after;
        p->pushed_after = NULL;
        unsigned i = 0;
        for (; chains[i]; i++) {
            p = merge(chains[i], p);
            chains[i] = NULL;
        }
        chains[i] = p;
    }
    for (unsigned i = 0; i < CHAINS; i++)
        sorted = merge(chains[i], sorted);
    order->oldest = sorted;
    for (struct picture *p = sorted; p; p = p->pushed_after) {
        p->pushed_before = before;
        before = p;
    }
    order->newest = before;
}
