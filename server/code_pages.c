#include "code_pages.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Only what cannot have been written to: that is in the file as it is here. The first segment holds
 * this list, and goes last: it would be read in again. */
static int release_object(struct dl_phdr_info *object, size_t size, void *context)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    (void)size;
    (void)context;
    for (size_t i = object->dlpi_phnum; i > 0; i--) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i - 1];
        if (segment->p_type != PT_LOAD || segment->p_flags & PF_W)
            continue;
        uintptr_t from = (object->dlpi_addr + segment->p_vaddr) / page * page;
        uintptr_t to = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

void code_pages_release(void)
{
    dl_iterate_phdr(release_object, NULL);
}
