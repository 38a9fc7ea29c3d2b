/* Selectors of groups in the notation of Prometheus: up{job="a",instance!="b"}, {job="a"}, or the
 * matchers alone: job="a". */
#ifndef LABEL_SELECTOR_H
#define LABEL_SELECTOR_H

#include "arena.h"
#include "error.h"
#include "store.h"

struct label_matcher {
    struct slice name, value; /* in the arena, or borrowed */
    bool differs;             /* != */
};

struct label_selector {
    struct slice metric; /* the name of a family; .p NULL: any */
    struct label_matcher *matchers;
    size_t n_matchers;
};

/* Reads a selector; strings are quoted by ", ' or `. Regular expressions are not taken: a client
 * could pick one that takes forever. Fails with ERROR_INVALID, saying where. */
bool label_selector_parse(struct slice text, struct arena *a, struct label_selector *out,
                          struct error *e);

/* Whether the labels of a key fit; a label that the key has not is empty. The metric is for the
 * caller to look for. */
bool label_selector_fits(const struct label_selector *s, struct group_key key);

#endif
