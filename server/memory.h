/* How the process gets memory from the system and gives it back (memory_jemalloc.c in a release,
 * else memory_glibc.c). */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Called once, before anything is allocated. */
void memory_setup(void);

/* Called when so many bytes are about to be stored. */
void memory_expect(size_t bytes);

/* Gives back a part of what is free. Called every second, and more often for a while after
 * memory_give_back(). */
void memory_age(void);

/* Called when much has been freed. */
void memory_give_back(void);

#endif
