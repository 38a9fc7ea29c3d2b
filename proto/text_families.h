/* The families of a text body while it is being read: finds the one that a line's name belongs to.
 */
#ifndef TEXT_FAMILIES_H
#define TEXT_FAMILIES_H

#include "arena_index.h"
#include "family.h"
#include "text_assembly.h"

struct text_family {
    struct family family;
    bool has_type; /* said by a TYPE line, or fixed by the first sample */
    size_t capacity;
    struct text_family *next;
};

/* What a name stands for: a family of that name, or a part of a summary or histogram ("foo_sum").
 */
struct text_name {
    struct slice name;
    struct text_family *family;
    enum text_line_role role;
    bool is_own; /* it is the family's own name */
};

/* Starts as all zeroes but for the arena. */
struct text_families {
    struct arena *arena;
    struct arena_index by_name;
    struct text_family *first, *last;
    const struct text_name *latest;
};

/* What the name stands for; NULL if it has not been seen. */
const struct text_name *text_families_find(struct text_families *f, struct slice name);

/* The same for one that has not been seen: part of a summary or histogram that is already known, or
 * a new family. The name is borrowed. NULL when memory is out. */
const struct text_name *text_families_add(struct text_families *f, struct slice name);

/* A new metric; the labels are borrowed. NULL when memory is out. Valid until the family's next
 * one. */
struct metric *text_families_add_metric(struct text_families *f, struct text_family *family,
                                        struct label *labels, size_t n_labels);

/* Whether lines of this type are put together (text_assembly.h). */
static inline bool text_families_is_assembled(enum metric_type type)
{
    return type == METRIC_SUMMARY || type == METRIC_HISTOGRAM || type == METRIC_GAUGE_HISTOGRAM;
}

/* The families that have metrics, in the order they appeared. False when memory is out. */
bool text_families_list(const struct text_families *f, struct family_list *out);

#endif
