/* How the process gets memory from the system and gives it back (memory_jemalloc.c in a release,
 * else memory_glibc.c). */
#ifndef MEMORY_H
#define MEMORY_H

#include <stddef.h>

/* Called once, before anything is allocated. */
void memory_setup(void);

/* Called when so many bytes are about to be stored. */
void memory_expect(size_t bytes);

/* Called every second: gives back what has been free for some time. */
void memory_age(void);

/* Gives what is free back to the system at once. Takes some milliseconds for each 100 MB that are
 * free. */
void memory_give_back(void);

#endif
