/* Checks passwords against bcrypt hashes in a process of its own: one check takes a processor for
 * as long as whoever made the hash wanted, 70 ms as a rule, and the loop must not wait for it.
 *
 * The process is forked when the checker is made, before the server has grown: what a child keeps
 * of its parent's memory is paid for when the parent changes it. It has the lowest priority,
 * sees no user names, and ends with its parent. If it dies it is made anew. */
#ifndef PASSWORD_CHECKER_H
#define PASSWORD_CHECKER_H

#include "slice.h"

struct event_base;
struct password_checker;

enum password_verdict {
    PASSWORD_RIGHT,
    PASSWORD_WRONG,
    PASSWORD_UNCHECKED, /* the process died */
};

/* Forks; NULL: that failed, see errno. */
struct password_checker *password_checker_new(struct event_base *base);

/* Ends the process, in the middle of a check if need be. NULL is fine. */
void password_checker_free(struct password_checker *p);

/* Who is told of verdicts. */
void password_checker_listen(struct password_checker *p,
                             void (*verdict)(void *context, enum password_verdict verdict),
                             void *context);

/* Begins a check; the verdict comes later. One at a time: not before the last one's verdict. `hash`
 * as bcrypt_hash_read() makes it; of the password bcrypt looks at 72 bytes, and it holds no NUL.
 * False: it could not be handed over. */
bool password_checker_begin(struct password_checker *p, const char *hash, struct slice password);

/* The check itself, for the process and for tests. */
bool password_matches(const char *hash, const char *password);

#endif
