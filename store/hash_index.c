/* Open addressing with linear probing.
 *
 * Two tables while the size changes: `before` is emptied from its first slot on, a few slots at
 * every change. Its emptied slots are marked, not cleared, so that probing still finds what lies
 * behind them; `now` has no marks, removal there shifts what follows back. */
#include "hash_index.h"

#include <stdlib.h>
#include <string.h>

enum {
    ID_EMPTY = 0, /* ids are stored plus one, so that zeroed memory is an empty table */
    SLOTS_MIN = 16,
    MOVES_PER_CHANGE = 16,
};
#define ID_MOVED UINT32_MAX

static size_t table_slots(const struct hash_index_table *t)
{
    return t->slots ? t->mask + 1 : 0;
}

/* At most three slots in four are used. */
static size_t slots_for(size_t entries)
{
    size_t slots = SLOTS_MIN;
    while (slots / 4 * 3 < entries)
        slots *= 2;
    return slots;
}

static void table_put(struct hash_index_table *t, struct hash_index_slot entry)
{
    size_t i = entry.hash & t->mask;
    while (t->slots[i].id != ID_EMPTY)
        i = (i + 1) & t->mask;
    t->slots[i] = entry;
    t->used++;
}

static void move_some(struct hash_index *index, size_t slots)
{
    struct hash_index_table *before = &index->before;

    if (!before->slots)
        return;
    size_t end = index->moved + slots;
    if (end > table_slots(before))
        end = table_slots(before);
    for (; index->moved < end; index->moved++) {
        struct hash_index_slot *slot = &before->slots[index->moved];
        if (slot->id != ID_EMPTY && slot->id != ID_MOVED) {
            table_put(&index->now, *slot);
            slot->id = ID_MOVED;
            before->used--;
        }
    }
    if (index->moved == table_slots(before)) {
        free(before->slots);
        *before = (struct hash_index_table){0};
    }
}

static bool resize(struct hash_index *index, size_t slots)
{
    move_some(index, SIZE_MAX / 2); /* a former change of size ends first */
    struct hash_index_slot *fresh = calloc(slots, sizeof(*fresh));
    if (!fresh)
        return false;
    index->before = index->now;
    index->moved = 0;
    index->now = (struct hash_index_table){.slots = fresh, .mask = slots - 1};
    if (index->before.used == 0) {
        free(index->before.slots);
        index->before = (struct hash_index_table){0};
    }
    return true;
}

bool hash_index_reserve(struct hash_index *index, size_t more)
{
    size_t wanted = hash_index_count(index) + more;
    if (slots_for(wanted) <= table_slots(&index->now))
        return true;
    return resize(index, slots_for(wanted));
}

void hash_index_insert(struct hash_index *index, uint32_t hash, uint32_t id)
{
    table_put(&index->now, (struct hash_index_slot){hash, id + 1});
    move_some(index, MOVES_PER_CHANGE);
}

/* The slot of an entry, or SIZE_MAX. */
static size_t table_find(const struct hash_index_table *t, uint32_t hash, uint32_t stored_id)
{
    if (!t->slots)
        return SIZE_MAX;
    for (size_t i = hash & t->mask; t->slots[i].id != ID_EMPTY; i = (i + 1) & t->mask)
        if (t->slots[i].hash == hash && t->slots[i].id == stored_id)
            return i;
    return SIZE_MAX;
}

/* Closes the gap at slot i: entries behind it that may stand there move up. */
static void table_close_gap(struct hash_index_table *t, size_t i)
{
    for (size_t j = (i + 1) & t->mask; t->slots[j].id != ID_EMPTY; j = (j + 1) & t->mask) {
        size_t home = t->slots[j].hash & t->mask;
        if (((j - home) & t->mask) >= ((j - i) & t->mask)) {
            t->slots[i] = t->slots[j];
            i = j;
        }
    }
    t->slots[i].id = ID_EMPTY;
}

void hash_index_remove(struct hash_index *index, uint32_t hash, uint32_t id)
{
    size_t i = table_find(&index->now, hash, id + 1);
    if (i != SIZE_MAX) {
        table_close_gap(&index->now, i);
        index->now.used--;
    } else if ((i = table_find(&index->before, hash, id + 1)) != SIZE_MAX) {
        index->before.slots[i].id = ID_MOVED;
        index->before.used--;
    }
    move_some(index, MOVES_PER_CHANGE);
}

void hash_index_trim(struct hash_index *index)
{
    size_t slots = table_slots(&index->now), count = hash_index_count(index);
    /* Not fatal if it fails: the table only stays larger than it need be. */
    if (!index->before.slots && slots > SLOTS_MIN && count < slots / 8)
        resize(index, slots_for(count * 2));
}

bool hash_index_tidy(struct hash_index *index, size_t slots)
{
    move_some(index, slots);
    return index->before.slots != NULL;
}

static bool table_visit(const struct hash_index_table *t, uint32_t hash,
                        bool (*same)(void *context, uint32_t id), void *context)
{
    if (!t->slots)
        return false;
    for (size_t i = hash & t->mask; t->slots[i].id != ID_EMPTY; i = (i + 1) & t->mask)
        if (t->slots[i].hash == hash && t->slots[i].id != ID_MOVED &&
            same(context, t->slots[i].id - 1))
            return true;
    return false;
}

bool hash_index_find(const struct hash_index *index, uint32_t hash,
                     bool (*same)(void *context, uint32_t id), void *context)
{
    return table_visit(&index->now, hash, same, context) ||
           table_visit(&index->before, hash, same, context);
}

void hash_index_free(struct hash_index *index)
{
    free(index->now.slots);
    free(index->before.slots);
    *index = (struct hash_index){0};
}
