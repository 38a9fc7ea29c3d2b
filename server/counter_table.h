/* Counters told apart by up to two words and a number, as the labels of one family are.
 *
 * Counting is a look-up in a hash table; memory is taken only when a combination is seen for the
 * first time. A table is embedded in its owner and starts as all zeroes. */
#ifndef COUNTER_TABLE_H
#define COUNTER_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct counter {
    const char *name, *method; /* literals, never NULL in a counter that is in use */
    int code;
    uint64_t value;
};

struct counter_table {
    struct counter *slots; /* open addressing; name is NULL where none is */
    size_t capacity;       /* a power of two, or 0 */
    size_t count;
};

/* Adds one. The strings must be literals: they are compared by content and kept by address. When
 * memory is out a new combination goes uncounted. */
void counter_table_add(struct counter_table *t, const char *name, const char *method, int code);

/* Copies all counters to `out`, which holds t->count, ordered by code, name, method. */
void counter_table_sorted(const struct counter_table *t, struct counter *out);

void counter_table_free(struct counter_table *t);

#endif
