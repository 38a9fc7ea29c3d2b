/* How the process gets memory from the system and gives it back (glibc's malloc). */
#ifndef MEMORY_H
#define MEMORY_H

/* Called once, before anything is allocated. */
void memory_setup(void);

/* Gives what is free back to the system. Takes some milliseconds for each 100 MB that are free. */
void memory_give_back(void);

#endif
