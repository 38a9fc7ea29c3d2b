/* Which families a scrape is asked for: `?name[]=up&name[]=down`. Without such a parameter, all. */
#ifndef NAME_FILTER_H
#define NAME_FILTER_H

#include "arena.h"

/* Starts as all zeroes, which lets everything pass. */
struct name_filter {
    struct slice *names; /* sorted */
    size_t count;
};

/* Takes the names from a query as it stands in the URL; they live in the arena. Other parameters,
 * and what is not well encoded, are passed over. False when memory is out. */
bool name_filter_parse(struct name_filter *f, struct slice raw_query, struct arena *a);

bool name_filter_passes(const struct name_filter *f, struct slice name);

#endif
