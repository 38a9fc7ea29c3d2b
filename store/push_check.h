/* Whether a push agrees with everything stored beside the group it goes to. Looks up only what the
 * push names; changes nothing. */
#ifndef PUSH_CHECK_H
#define PUSH_CHECK_H

#include "contents.h"
#include "faults.h"
#include "store.h"

enum push_verdict {
    PUSH_FINE,
    PUSH_MISTYPED, /* other groups hold the name with another type: each metric is at fault */
    PUSH_COLLIDES, /* at fault as a whole: its metrics are not looked at */
};

/* One family on its way in. */
struct pushed_family {
    const struct family *family;
    int64_t time_ns;
    const struct block *old; /* what the group has under this name, of whatever type; may be NULL */
    struct block *block;
    struct family_entry *entry; /* the living one it joins; NULL: it will be born */
    enum push_verdict verdict;
};

struct push_check {
    const struct contents *contents;
    const struct group *group;      /* NULL: to be born */
    struct pushed_family *families; /* sorted by name */
    size_t n_families;
    enum store_mode mode;
    struct arena *scratch;
};

/* Before blocks are built: finds each family's entry and verdict; adds to `faults` what is wrong
 * with families as a whole. False when memory is out. */
bool push_check_families(const struct push_check *check, struct faults *faults);

/* After: looks at metrics beside those of other groups, and sets block->same_series. */
void push_check_metrics(const struct push_check *check, struct faults *faults);

#endif
