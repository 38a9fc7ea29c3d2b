#include "collision.h"

/* Text shows a gauge histogram as a histogram, so it has the parts of one. */
enum {
    HAVE_BUCKETS = 1u << METRIC_HISTOGRAM | 1u << METRIC_GAUGE_HISTOGRAM,
    HAVE_TOTALS = HAVE_BUCKETS | 1u << METRIC_SUMMARY,
};

static const struct {
    struct slice suffix;
    unsigned owners; /* types that have such a part */
} parts[] = {
    {SLICE_LITERAL("_count"), HAVE_TOTALS},
    {SLICE_LITERAL("_sum"), HAVE_TOTALS},
    {SLICE_LITERAL("_bucket"), HAVE_BUCKETS},
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

static bool as_part(struct slice name, struct collision *out)
{
    for (unsigned i = 0; i < PARTS; i++) {
        if (name.len > parts[i].suffix.len && slice_has_suffix(name, parts[i].suffix)) {
            *out = (struct collision){.name = {name.p, name.len - parts[i].suffix.len},
                                      .types = parts[i].owners,
                                      .is_part_of_other = true};
            return true;
        }
    }
    return false;
}

static bool as_owner(struct slice name, enum metric_type type, unsigned part, char *room,
                     struct collision *out)
{
    if (!(parts[part].owners & 1u << type))
        return false;
    memcpy(room, name.p, name.len);
    memcpy(room + name.len, parts[part].suffix.p, parts[part].suffix.len);
    *out = (struct collision){.name = {room, name.len + parts[part].suffix.len}, .types = ~0u};
    return true;
}

bool collision_get(struct slice name, enum metric_type type, unsigned i, char *room,
                   struct collision *out)
{
    return i == 0 ? as_part(name, out) : as_owner(name, type, i - 1, room, out);
}
