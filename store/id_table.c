#include "id_table.h"

#include <stdlib.h>

enum { CAPACITY_MIN = 16 };

bool id_table_reserve(struct id_table *t, uint32_t more)
{
    uint64_t wanted = (uint64_t)t->used - t->n_released + more;
    if (wanted <= t->capacity)
        return true;
    uint64_t capacity = t->capacity ? t->capacity : CAPACITY_MIN;
    while (capacity < wanted)
        capacity *= 2;
    if (capacity > INT32_MAX)
        return false;
    void **items = realloc(t->items, capacity * sizeof(*items));
    if (!items)
        return false;
    t->items = items;
    uint32_t *released = realloc(t->released, capacity * sizeof(*released));
    if (!released)
        return false;
    t->released = released;
    t->capacity = (uint32_t)capacity;
    return true;
}

uint32_t id_table_add(struct id_table *t, void *item)
{
    uint32_t id = t->n_released > 0 ? t->released[--t->n_released] : t->used++;
    t->items[id] = item;
    return id;
}

void id_table_release(struct id_table *t, uint32_t id)
{
    t->items[id] = NULL;
    t->released[t->n_released++] = id;
    if (t->n_released == t->used)
        id_table_free(t);
}

void id_table_free(struct id_table *t)
{
    free(t->items);
    free(t->released);
    *t = (struct id_table){0};
}
