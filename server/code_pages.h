/* The pages of the executable and its libraries that are mapped: code and constants. */
#ifndef CODE_PAGES_H
#define CODE_PAGES_H

/* Unmaps them all; those that are used come back from the page cache, one cheap fault for sixteen.
 * To be called when the server has started, most of which is never needed again: dynamic linking,
 * options, loading. They count as resident memory, some two MiB of it, as long as they are mapped.
 */
void code_pages_release(void);

#endif
