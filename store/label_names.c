#include "label_names.h"

#include "names.h"

#include <stdlib.h>

bool label_names_is_good(struct slice name)
{
    return names_is_name(name) && !slice_has_prefix(name, SLICE_LITERAL("__"));
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
