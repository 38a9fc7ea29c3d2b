#include "counter_table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 64 };

/* FNV-1a: the words are some bytes long. */
static uint64_t hash_word(uint64_t hash, const char *word)
{
    for (; *word; word++)
        hash = (hash ^ (uint8_t)*word) * 0x100000001b3u;
    return hash;
}

static uint64_t hash_of(const char *name, const char *method, int code)
{
    uint64_t hash = hash_word(0xcbf29ce484222325u ^ (uint64_t)(unsigned)code, name);
    hash = hash_word(hash, method);
    return hash ^ hash >> 32;
}

/* The slot where a counter is, or where it would go. */
static struct counter *find(const struct counter_table *t, const char *name, const char *method,
                            int code)
{
    size_t i = hash_of(name, method, code) & (t->capacity - 1);
    for (;; i = (i + 1) & (t->capacity - 1)) {
        struct counter *c = &t->slots[i];
        if (!c->name ||
            (c->code == code && strcmp(c->name, name) == 0 && strcmp(c->method, method) == 0))
            return c;
    }
}

static bool grow(struct counter_table *t)
{
    struct counter_table larger = {.capacity = t->capacity ? t->capacity * 2 : FIRST_CAPACITY,
                                   .count = t->count};
    larger.slots = calloc(larger.capacity, sizeof(larger.slots[0]));
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < t->capacity; i++) {
        const struct counter *c = &t->slots[i];
        if (c->name)
            *find(&larger, c->name, c->method, c->code) = *c;
    }
    free(t->slots);
    *t = larger;
    return true;
}

void counter_table_add(struct counter_table *t, const char *name, const char *method, int code)
{
    if (t->capacity == 0 && !grow(t))
        return;
    struct counter *c = find(t, name, method, code);
    if (!c->name) {
        /* At most half full: find() always comes to an end. */
        if (t->count * 2 >= t->capacity) {
            if (!grow(t))
                return;
            c = find(t, name, method, code);
        }
        *c = (struct counter){name, method, code, 0};
        t->count++;
    }
    c->value++;
}

static int compare(const void *left, const void *right)
{
    const struct counter *a = left, *b = right;
    if (a->code != b->code)
        return a->code < b->code ? -1 : 1;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->method, b->method);
}

void counter_table_sorted(const struct counter_table *t, struct counter *out)
{
    size_t n = 0;
    for (size_t i = 0; i < t->capacity; i++) {
        if (t->slots[i].name)
            out[n++] = t->slots[i];
    }
    if (n > 0)
        qsort(out, n, sizeof(out[0]), compare);
}

void counter_table_free(struct counter_table *t)
{
    free(t->slots);
    *t = (struct counter_table){0};
}
