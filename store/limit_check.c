#include "limit_check.h"

static bool exceeds(size_t limit, size_t before, size_t after)
{
    return limit > 0 && after > limit && after > before;
}

bool limit_check(const struct store_limits *limits, const struct contents *c,
                 const struct group *group, size_t metrics, struct error *e)
{
    size_t groups = c->living_groups + (group ? 0 : 1);
    size_t group_had = group ? group->current->n_metrics + MADE_UP_SERIES : 0;
    size_t group_has = metrics + MADE_UP_SERIES;
    size_t had = contents_series(c), has = had - group_had + group_has;

    if (exceeds(limits->groups, c->living_groups, groups))
        return error_set(e, ERROR_LIMIT,
                         "limit of %zu groups exceeded: there are %zu, with this push there would "
                         "be %zu",
                         limits->groups, c->living_groups, groups);
    if (exceeds(limits->series_per_group, group_had, group_has))
        return error_set(e, ERROR_LIMIT,
                         "limit of %zu series per group exceeded: the group has %zu, with this "
                         "push it would have %zu",
                         limits->series_per_group, group_had, group_has);
    if (exceeds(limits->series, had, has))
        return error_set(e, ERROR_LIMIT,
                         "limit of %zu series exceeded: there are %zu, with this push there would "
                         "be %zu",
                         limits->series, had, has);
    return true;
}
