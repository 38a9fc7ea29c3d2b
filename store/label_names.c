#include "label_names.h"

#include "names.h"
#include "utf8.h"

#include <stdlib.h>

/* Whether a scraper that takes legacy names only gets this one as that of the metric itself. */
static bool becomes_metric_name(struct slice name)
{
    static const struct slice metric_name = SLICE_LITERAL("__name__");
    static const enum escaping escapings[] = {ESCAPING_UNDERSCORES, ESCAPING_DOTS};
    struct buffer shown = {0};
    bool equal = false;
    if (name.len > metric_name.len * UTF8_MAX || !memmem(name.p, name.len, "name", 4) ||
        names_is_legacy_label(name))
        return false;
    for (size_t i = 0; i < sizeof(escapings) / sizeof(escapings[0]) && !equal; i++) {
        buffer_clear(&shown);
        names_escape_label(&shown, name, escapings[i]);
        equal = shown.failed || slice_equal(buffer_slice(&shown), metric_name);
    }
    buffer_free(&shown);
    return equal;
}

bool label_names_is_good(struct slice name)
{
    return names_is_name(name) && !slice_has_prefix(name, SLICE_LITERAL("__")) &&
           !becomes_metric_name(name);
}

struct shown_name {
    struct slice name;
    uint32_t label;
};

static int compare_shown(const void *a, const void *b)
{
    return slice_compare(((const struct shown_name *)a)->name,
                         ((const struct shown_name *)b)->name);
}

/* The names as they are shown under an escaping; false when memory is out. */
static bool show(const struct label *labels, size_t n, enum escaping escaping, struct arena *a,
                 struct shown_name *out)
{
    struct buffer text = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        buffer_clear(&text);
        names_escape_label(&text, labels[i].name, escaping);
        out[i].label = (uint32_t)i;
        out[i].name = text.failed ? (struct slice){NULL, 0} : arena_copy(a, buffer_slice(&text));
        ok = out[i].name.p != NULL;
    }
    buffer_free(&text);
    return ok;
}

bool label_names_find_alike(const struct label *labels, size_t n, struct arena *a, uint32_t *first,
                            uint32_t *second)
{
    struct shown_name *shown = arena_alloc(a, n * sizeof(*shown));
    if (!shown)
        return false;
    *first = *second = 0;
    for (enum escaping e = ESCAPING_UNDERSCORES; e <= ESCAPING_VALUES; e++) {
        if (!show(labels, n, e, a, shown))
            return false;
        qsort(shown, n, sizeof(*shown), compare_shown);
        for (size_t i = 1; i < n; i++) {
            if (slice_equal(shown[i - 1].name, shown[i].name)) {
                *first = shown[i - 1].label;
                *second = shown[i].label;
                return true;
            }
        }
    }
    return true;
}
