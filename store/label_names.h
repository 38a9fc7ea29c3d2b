/* What the names of labels must be, so that a scrape can show them. */
#ifndef LABEL_NAMES_H
#define LABEL_NAMES_H

#include "arena.h"
#include "family.h"

/* Whether a name may be a label's: a name at all (names.h), not reserved, and not "__name__" once
 * it is escaped: Prometheus drops a scrape in which a metric has two names. */
bool label_names_is_good(struct slice name);

/* Finds two labels whose names a scraper gets as one: "a.b" and "a_b" are the same to those that
 * take legacy names only, and Prometheus drops a scrape in which a label is doubled. *first ==
 * *second where there are none. Legacy names are never alike. False when memory is out. */
bool label_names_find_alike(const struct label *labels, size_t n, struct arena *a, uint32_t *first,
                            uint32_t *second);

#endif
