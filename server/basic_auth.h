/* Who may ask: users and passwords, and what is known of them without asking bcrypt again.
 *
 * Of each user the last password that was right is remembered, of wrong credentials some hundreds;
 * remembered are digests, salted with a number that this process drew. What is not known is checked
 * by the password checker, one at a time, client by client in turn, and the request waits.
 * Credentials of a user that there is not are checked as well, against the hash of one that there
 * is, so that they take as long. */
#ifndef BASIC_AUTH_H
#define BASIC_AUTH_H

#include "slice.h"

#include <sys/queue.h>

struct basic_auth;
struct password_checker;
struct web_config_user;

enum admission {
    ADMISSION_GRANTED,
    ADMISSION_WAITING,      /* the waiter will be told */
    ADMISSION_UNAUTHORIZED, /* 401 */
    ADMISSION_TOO_MANY,     /* 429 */
    ADMISSION_UNAVAILABLE,  /* 503: no password can be checked */
};

/* A request that waits for a verdict; embedded in its connection. */
struct auth_waiter {
    LIST_ENTRY(auth_waiter) link;
    struct auth_check *check; /* NULL: does not wait */
    void (*decided)(struct auth_waiter *waiter, enum admission admission);
};

/* NULL: memory or random numbers are out. */
struct basic_auth *basic_auth_new(struct password_checker *checker);

/* Nobody may be waiting. NULL is fine. */
void basic_auth_free(struct basic_auth *a);

/* Puts users into force, sorted by name, which must live until they are replaced; without any,
 * everybody may ask. What is known about users whose hashes stay is kept. False: memory is out, and
 * the old users stay. */
bool basic_auth_set_users(struct basic_auth *a, const struct web_config_user *users, size_t n);

/* Decides by the value of Authorization, empty if there was none; `fd` is the client's socket. When
 * the answer is ADMISSION_WAITING, waiter->decided() is called later, in another turn of the loop.
 */
enum admission basic_auth_ask(struct basic_auth *a, struct slice authorization, int fd,
                              struct auth_waiter *waiter);

/* The waiter waits no more, if it did. */
void basic_auth_cancel(struct basic_auth *a, struct auth_waiter *waiter);

#endif
