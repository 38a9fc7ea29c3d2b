/* The release's malloc. glibc's keeps free pieces of all sizes in lists that it walks: in a store
 * of 100,000 groups, whose blocks come and go, that is a walk through cold memory for every push,
 * and took a third of its time. jemalloc finds a piece by its size class.
 *
 * A push reads half a dozen places of the store. In a large one each is a page of its own, and the
 * processor's search for that page takes longer than the reading: huge pages then save a push a
 * fifth of its time. In a small one they would be most of the memory. So jemalloc asks for none,
 * and the hook below does for what is mapped once there is much. */
#include "memory.h"

#include <fcntl.h>
#include <jemalloc/jemalloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* Read by jemalloc when it starts. One thread needs one arena. A large push takes and frees some
 * hundred kilobytes: worth keeping for the next one, but not for long. */
const char *malloc_conf = "narenas:1,dirty_decay_ms:1000,muzzy_decay_ms:0,thp:never,"
                          "slab_sizes:1-4096:8";

enum {
    HUGE_PAGES_ABOVE = 8 << 20,
    HUGE_PAGES_BELOW = 6 << 20,
    WORTH_AGEING = 3 << 20, /* asking jemalloc for anything makes tables of 150 KiB */
    MAPPINGS_MAX = 128,     /* each larger than the last: enough for terabytes */
};

static struct mapping {
    void *at;
    size_t size;
} mappings[MAPPINGS_MAX];
static unsigned n_mappings;
static bool huge_pages;
static extent_hooks_t *usual_hooks, hooks;

static void advise(const struct mapping *m)
{
    madvise(m->at, m->size, huge_pages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

/* Mappings are never given back, only the pages in them. */
static void *map(extent_hooks_t *self, void *wanted, size_t size, size_t alignment, bool *zero,
                 bool *commit, unsigned arena)
{
    (void)self;
    void *at = usual_hooks->alloc(usual_hooks, wanted, size, alignment, zero, commit, arena);
    if (at && n_mappings < MAPPINGS_MAX) {
        mappings[n_mappings] = (struct mapping){at, size};
        advise(&mappings[n_mappings++]);
    }
    return at;
}

static void set_hooks(void)
{
    extent_hooks_t *ours = &hooks;
    size_t size = sizeof(usual_hooks);
    if (mallctl("arena.0.extent_hooks", &usual_hooks, &size, NULL, 0) != 0)
        return;
    hooks = *usual_hooks;
    hooks.alloc = map;
    mallctl("arena.0.extent_hooks", NULL, NULL, &ours, sizeof(ours));
}

static void allow_huge_pages(bool allow)
{
    if (huge_pages == allow)
        return;
    huge_pages = allow;
    if (!usual_hooks)
        set_hooks();
    for (unsigned i = 0; i < n_mappings; i++)
        advise(&mappings[i]);
}

/* Resident memory that is no file's; 0 if the system does not tell. */
static size_t resident_size(void)
{
    unsigned long pages[3] = {0}; /* size, resident, of it files' */
    char text[128];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    if (sscanf(text, "%lu %lu %lu", &pages[0], &pages[1], &pages[2]) != 3)
        return 0;
    return (pages[1] - pages[2]) * (size_t)sysconf(_SC_PAGESIZE);
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
    static size_t before;
    size_t resident = resident_size();
    bool grows = resident > before;
    before = resident;
    if (resident < WORTH_AGEING)
        return;
    mallctl("arena.0.decay", NULL, NULL, NULL, 0);
    if (resident > HUGE_PAGES_ABOVE && grows)
        allow_huge_pages(true);
    else if (resident < HUGE_PAGES_BELOW)
        allow_huge_pages(false);
}

void memory_give_back(void)
{
    allow_huge_pages(false); /* what is left is not to be spread over one again */
    mallctl("thread.tcache.flush", NULL, NULL, NULL, 0);
}
