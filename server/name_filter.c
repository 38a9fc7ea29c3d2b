#include "name_filter.h"

#include "query.h"

#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    const struct slice *a = left, *b = right;
    return slice_compare(*a, *b);
}

bool name_filter_parse(struct name_filter *f, struct slice raw_query, struct arena *a)
{
    struct query_parameter parameter;

    *f = (struct name_filter){0};
    /* Each takes at least one byte and a separator. */
    size_t capacity = raw_query.len / 2 + 1;
    while (raw_query.len > 0) {
        if (!query_next(&raw_query, a, &parameter))
            return false;
        if (!slice_equal(parameter.name, SLICE_LITERAL("name[]")))
            continue;
        if (!f->names && !(f->names = arena_alloc(a, capacity * sizeof(*f->names))))
            return false;
        f->names[f->count++] = parameter.value;
    }
    if (f->count > 0)
        qsort(f->names, f->count, sizeof(*f->names), compare);
    return true;
}

bool name_filter_passes(const struct name_filter *f, struct slice name)
{
    return f->count == 0 || bsearch(&name, f->names, f->count, sizeof(*f->names), compare);
}
