/* Things by small numbers: an id stands for a thing until it is released, then for another. */
#ifndef ID_TABLE_H
#define ID_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded in its owner; starts as all zeroes. */
struct id_table {
    void **items;       /* by id; NULL: released */
    uint32_t *released; /* a stack */
    uint32_t used, capacity, n_released;
};

/* Makes room for `more` ids; false when memory is out. */
bool id_table_reserve(struct id_table *t, uint32_t more);

/* Cannot fail after id_table_reserve(). */
uint32_t id_table_add(struct id_table *t, void *item);

/* Gives the memory back with the last id, and with it room that was reserved. */
void id_table_release(struct id_table *t, uint32_t id);

static inline void *id_table_get(const struct id_table *t, uint32_t id)
{
    return t->items[id];
}

void id_table_free(struct id_table *t);

#endif
