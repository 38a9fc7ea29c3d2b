#include "memory.h"

#include <malloc.h>

enum {
    /* A large push takes and frees some hundred kilobytes. Taking them from the system each time, a
     * page fault a page, would cost more than reading the push. */
    MMAP_ABOVE = 4 << 20,
    KEEP_FREE = 2 << 20,
};

void memory_setup(void)
{
    mallopt(M_MMAP_THRESHOLD, MMAP_ABOVE);
    mallopt(M_TRIM_THRESHOLD, KEEP_FREE);
}

void memory_expect(size_t bytes)
{
    (void)bytes;
}

void memory_age(void)
{
    /* free() does, above KEEP_FREE at the heap's end. */
}

void memory_give_back(void)
{
    malloc_trim(0);
}
