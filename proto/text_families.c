#include "text_families.h"

enum { FIRST_CAPACITY = 4 };

static const struct text_name *find_by_hash(const struct text_families *f, struct slice name,
                                            uint64_t hash)
{
    const struct text_name *known;
    size_t step = 0;
    while ((known = arena_index_next(&f->by_name, hash, &step))) {
        if (slice_equal(known->name, name))
            return known;
    }
    return NULL;
}

const struct text_name *text_families_find(struct text_families *f, struct slice name)
{
    if (f->latest && slice_equal(f->latest->name, name))
        return f->latest;
    const struct text_name *known = find_by_hash(f, name, arena_index_hash(name));
    if (known)
        f->latest = known;
    return known;
}

/* The family whose own name is `name` without `suffix`, if its type is one of the two. */
static struct text_family *find_whole(const struct text_families *f, struct slice name,
                                      struct slice suffix, enum metric_type type,
                                      enum metric_type other)
{
    if (name.len <= suffix.len || !slice_has_suffix(name, suffix))
        return NULL;
    name.len -= suffix.len;
    const struct text_name *known = find_by_hash(f, name, arena_index_hash(name));
    if (!known || !known->is_own || !known->family->has_type)
        return NULL;
    enum metric_type found = known->family->family.type;
    return found == type || found == other ? known->family : NULL;
}

static struct text_family *find_assembled(const struct text_families *f, struct slice name,
                                          enum text_line_role *role)
{
    static const struct {
        struct slice suffix;
        enum text_line_role role;
        enum metric_type type, other;
    } parts[] = {
        {{"_count", 6}, TEXT_LINE_COUNT, METRIC_SUMMARY, METRIC_SUMMARY},
        {{"_sum", 4}, TEXT_LINE_SUM, METRIC_SUMMARY, METRIC_SUMMARY},
        {{"_count", 6}, TEXT_LINE_COUNT, METRIC_HISTOGRAM, METRIC_GAUGE_HISTOGRAM},
        {{"_sum", 4}, TEXT_LINE_SUM, METRIC_HISTOGRAM, METRIC_GAUGE_HISTOGRAM},
        {{"_bucket", 7}, TEXT_LINE_VALUE, METRIC_HISTOGRAM, METRIC_GAUGE_HISTOGRAM},
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        struct text_family *whole =
            find_whole(f, name, parts[i].suffix, parts[i].type, parts[i].other);
        if (whole) {
            *role = parts[i].role;
            return whole;
        }
    }
    return NULL;
}

static struct text_family *add_family(struct text_families *f, struct slice name)
{
    struct text_family *family = arena_zalloc(f->arena, sizeof(*family));
    if (!family)
        return NULL;
    family->family.name = name;
    if (f->last)
        f->last->next = family;
    else
        f->first = family;
    f->last = family;
    return family;
}

const struct text_name *text_families_add(struct text_families *f, struct slice name)
{
    struct text_name *known = arena_alloc(f->arena, sizeof(*known));
    if (!known)
        return NULL;
    known->name = name;
    known->role = TEXT_LINE_VALUE;
    known->family = find_assembled(f, name, &known->role);
    known->is_own = !known->family;
    if (known->is_own)
        known->family = add_family(f, name);
    if (!known->family || !arena_index_add(&f->by_name, arena_index_hash(name), known, f->arena))
        return NULL;
    f->latest = known;
    return known;
}

struct metric *text_families_add_metric(struct text_families *f, struct text_family *family,
                                        struct label *labels, size_t n_labels)
{
    struct family *to = &family->family;
    if (to->n_metrics == family->capacity) {
        size_t capacity = family->capacity ? family->capacity * 2 : FIRST_CAPACITY;
        struct metric *grown =
            arena_grow(f->arena, to->metrics, to->n_metrics * sizeof(struct metric),
                       capacity * sizeof(struct metric));
        if (!grown)
            return NULL;
        to->metrics = grown;
        family->capacity = capacity;
    }
    struct metric *metric = &to->metrics[to->n_metrics++];
    *metric = (struct metric){.labels = labels, .n_labels = n_labels};
    return metric;
}

bool text_families_list(const struct text_families *f, struct family_list *out)
{
    size_t count = 0;
    for (const struct text_family *family = f->first; family; family = family->next)
        count += family->family.n_metrics > 0;
    out->count = 0;
    out->families = arena_alloc(f->arena, count * sizeof(*out->families));
    if (!out->families)
        return false;
    for (const struct text_family *family = f->first; family; family = family->next) {
        if (family->family.n_metrics > 0)
            out->families[out->count++] = family->family;
    }
    return true;
}
