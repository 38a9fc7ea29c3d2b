/* Why something failed: a code to act on and a sentence for the person who sent it. The caller owns
 * the struct; whoever fails fills it once and returns false. */
#ifndef ERROR_H
#define ERROR_H

#include <stdbool.h>

enum { ERROR_MESSAGE_MAX = 2048 };

enum error_code {
    ERROR_NONE,
    ERROR_INVALID,   /* the input is wrong: 400 */
    ERROR_TOO_LARGE, /* a limit is hit: 413 */
    ERROR_LIMIT,     /* the store would hold more than it may: 429 */
    ERROR_NO_MEMORY, /* the request is dropped, the server goes on: 503 */
    ERROR_IO,        /* a file could not be read or written */
};

struct error {
    enum error_code code;
    char message[ERROR_MESSAGE_MAX]; /* NUL-terminated; a longer one is cut */
};

/* Fills *e and returns false, so that a failing function can return it. */
bool error_set(struct error *e, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "out of memory" with ERROR_NO_MEMORY. */
bool error_no_memory(struct error *e);

#endif
