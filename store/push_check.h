/* Whether a push agrees with everything stored beside the group it goes to. Looks up only what the
 * push names; changes nothing. */
#ifndef PUSH_CHECK_H
#define PUSH_CHECK_H

#include "contents.h"
#include "faults.h"
#include "store.h"

/* One family on its way in. */
struct pushed_family {
    const struct family *family;
    int64_t time_ns;
    struct block *block;
    struct family_entry *entry; /* the living one it joins; NULL: it will be born */
};

struct push_check {
    const struct contents *contents;
    const struct group *group;      /* NULL: to be born */
    struct pushed_family *families; /* sorted by name */
    size_t n_families;
    enum store_mode mode;
    struct arena *scratch;
};

/* Finds each family's entry and sets block->same_series; adds what is inconsistent to `faults`. */
void push_check_run(const struct push_check *check, struct faults *faults);

#endif
