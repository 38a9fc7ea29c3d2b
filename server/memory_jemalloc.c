/* The release's malloc. glibc's keeps free pieces of all sizes in lists that it walks: in a store
 * of 100,000 groups, whose blocks come and go, that is a walk through cold memory for every push,
 * and took a third of its time. jemalloc finds a piece by its size class. */
#include "memory.h"

#include <jemalloc/jemalloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>

/* Read by jemalloc when it starts. One thread needs one arena. A large push takes and frees some
 * hundred kilobytes: worth keeping for the next one, but not for long. */
const char *malloc_conf = "narenas:1,dirty_decay_ms:1000,muzzy_decay_ms:0,thp:always";

/* A push reads half a dozen places of the store. In a large one each is a page of its own, and the
 * processor's search for that page takes longer than the reading: huge pages then save a push a
 * fifth of its time. In a small one they would be most of the memory. */
enum { HUGE_PAGES_ABOVE = 8 << 20, HUGE_PAGES_BELOW = 6 << 20 };

static bool huge_pages;

static void allow_huge_pages(bool allow)
{
    huge_pages = allow;
    prctl(PR_SET_THP_DISABLE, !allow, 0, 0, 0);
}

/* Before anything is allocated, which constructors do. */
static void begin_without(void)
{
    allow_huge_pages(false);
}
__attribute__((used, section(".preinit_array"))) static void (*const begin)(void) = begin_without;

static size_t resident_size(void)
{
    uint64_t epoch = 1;
    size_t resident = 0, size = sizeof(resident);
    mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch));
    mallctl("stats.resident", &resident, &size, NULL, 0);
    return resident;
}

void memory_setup(void)
{
}

void memory_expect(size_t bytes)
{
    if (bytes > HUGE_PAGES_ABOVE)
        allow_huge_pages(true);
}

void memory_age(void)
{
    mallctl("arena.0.decay", NULL, NULL, NULL, 0);
    size_t resident = resident_size();
    if (resident > HUGE_PAGES_ABOVE ? !huge_pages : huge_pages && resident < HUGE_PAGES_BELOW)
        allow_huge_pages(!huge_pages);
}

void memory_give_back(void)
{
    allow_huge_pages(false); /* what is left is not to be spread over one again */
    mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
    mallctl("arena.0.purge", NULL, NULL, NULL, 0);
}
