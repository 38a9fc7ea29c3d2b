/* The release's malloc. glibc's keeps free pieces of all sizes in lists that it walks: in a store
 * of 100,000 groups, whose blocks come and go, that is a walk through cold memory for every push,
 * and took a third of its time. jemalloc finds a piece by its size class. */
#include "memory.h"

#include <jemalloc/jemalloc.h>

/* Read by jemalloc when it starts. One thread needs one arena. A large push takes and frees some
 * hundred kilobytes: worth keeping for the next one, but not for long. */
const char *malloc_conf = "narenas:1,dirty_decay_ms:1000,muzzy_decay_ms:0";

void memory_setup(void)
{
}

void memory_age(void)
{
    mallctl("arena.0.decay", NULL, NULL, NULL, 0);
}

void memory_give_back(void)
{
    mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
    mallctl("arena.0.purge", NULL, NULL, NULL, 0);
}
