#include "label_merge.h"

#include "label_names.h"
#include "names.h"

#include <stdlib.h>

/* --- Learning a shape
 * ------------------------------------------------------------------------------ */

static int compare_indexes(const void *a, const void *b, void *labels)
{
    uint32_t ia = *(const uint32_t *)a, ib = *(const uint32_t *)b;
    const struct label *own = labels;
    int order = slice_compare(own[ia].name, own[ib].name);
    return order != 0 ? order : (ia > ib) - (ia < ib);
}

/* Indexes of a metric's labels, sorted by name. */
static uint32_t *sort_own(const struct metric *metric, struct arena *a)
{
    uint32_t *sorted = arena_alloc(a, metric->n_labels * sizeof(*sorted));
    if (!sorted)
        return NULL;
    for (size_t i = 0; i < metric->n_labels; i++)
        sorted[i] = (uint32_t)i;
    if (metric->n_labels > 1)
        qsort_r(sorted, metric->n_labels, sizeof(*sorted), compare_indexes, metric->labels);
    return sorted;
}

static bool is_added_instance(const struct prepared_key *key, size_t k)
{
    return key->adds_instance && slice_equal(key->labels[k].name, SLICE_LITERAL("instance"));
}

static void merge_sources(const struct prepared_key *key, const struct metric *metric,
                          const uint32_t *sorted, struct label_shape *shape)
{
    size_t n_own = metric->n_labels, i = 0, k = 0, n = 0;
    while (i < n_own || k < key->n_labels) {
        int order = i == n_own ? 1
                    : k == key->n_labels
                        ? -1
                        : slice_compare(metric->labels[sorted[i]].name, key->labels[k].name);
        if (order > 0) {
            shape->sources[n++] = (uint32_t)(n_own + k++);
        } else if (order < 0) {
            shape->sources[n++] = sorted[i++];
        } else if (is_added_instance(key, k)) {
            k++; /* the metric has an instance of its own */
        } else {
            struct slice name = key->labels[k].name;
            while (i < n_own && slice_equal(metric->labels[sorted[i]].name, name)) {
                shape->sources[n++] = (uint32_t)(n_own + k);
                i++;
            }
            k++;
        }
    }
    shape->n_labels = n;
}

static struct label source_label(const struct prepared_key *key, const struct label *own,
                                 size_t n_own, uint32_t source)
{
    return source < n_own ? own[source] : key->labels[source - n_own];
}

static void judge_names(const struct prepared_key *key, struct label_shape *shape)
{
    struct slice previous = SLICE_LITERAL("");
    shape->good_names = shape->legacy_names = true;
    for (size_t i = 0; i < shape->n_labels; i++) {
        struct slice name = source_label(key, shape->own, shape->n_own, shape->sources[i]).name;
        if (slice_equal(name, previous) || !label_names_is_good(name) ||
            slice_equal(name, SLICE_LITERAL("quantile")) || slice_equal(name, SLICE_LITERAL("le")))
            shape->good_names = false;
        if (!names_is_legacy_label(name))
            shape->legacy_names = false;
        previous = name;
    }
}

/* Only names that are not all legacy ones can be alike, and those are rare. */
static bool look_for_alike(const struct prepared_key *key, struct label_shape *shape,
                           struct arena *a)
{
    shape->alike[0] = shape->alike[1] = 0;
    if (shape->legacy_names)
        return true;
    struct label *labels = arena_alloc(a, shape->n_labels * sizeof(*labels));
    if (!labels)
        return false;
    for (size_t i = 0; i < shape->n_labels; i++)
        labels[i] = source_label(key, shape->own, shape->n_own, shape->sources[i]);
    if (!label_names_find_alike(labels, shape->n_labels, a, &shape->alike[0], &shape->alike[1]))
        return false;
    if (shape->alike[0] != shape->alike[1])
        shape->good_names = false;
    return true;
}

static bool learn(const struct prepared_key *key, const struct metric *metric,
                  struct label_shape *shape, struct arena *a)
{
    size_t room = metric->n_labels + key->n_labels;
    uint32_t *sorted = sort_own(metric, a);

    shape->sources = arena_alloc(a, room * sizeof(*shape->sources));
    if (!sorted || !shape->sources || room > UINT32_MAX) {
        *shape = (struct label_shape){0};
        return false;
    }
    shape->own = metric->labels;
    shape->n_own = metric->n_labels;
    merge_sources(key, metric, sorted, shape);
    judge_names(key, shape);
    if (!look_for_alike(key, shape, a)) {
        *shape = (struct label_shape){0};
        return false;
    }
    return true;
}

/* --- Using it ------------------------------------------------------------------------------------
 */

static bool fits(const struct label_shape *shape, const struct metric *metric)
{
    if (!shape->sources || shape->n_own != metric->n_labels)
        return false;
    for (size_t i = 0; i < shape->n_own; i++)
        if (!slice_equal(shape->own[i].name, metric->labels[i].name))
            return false;
    return true;
}

bool label_merge(const struct prepared_key *key, const struct metric *metric,
                 struct label_shape *shape, struct arena *a, struct label **labels)
{
    if (!fits(shape, metric) && !learn(key, metric, shape, a))
        return false;
    *labels = arena_alloc(a, shape->n_labels * sizeof(**labels));
    if (!*labels)
        return false;
    for (size_t i = 0; i < shape->n_labels; i++)
        (*labels)[i] = source_label(key, metric->labels, metric->n_labels, shape->sources[i]);
    return true;
}
