#include "basic_auth.h"

#include "credentials.h"
#include "fair_queue.h"
#include "password_checker.h"
#include "web_config.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
    REFUSED_KEPT = 512,    /* wrong credentials that are remembered; a power of two */
    CHECKS_OF_CLIENT = 16, /* different credentials that one client may have waiting */
    CHECKS = 1024,         /* and all clients */
    PASSWORD_KEPT = 72,    /* bytes of a password that bcrypt looks at */
    SALT = 32,
};

struct digest {
    unsigned char bytes[32];
};

struct known_user {
    const struct web_config_user *user;
    bool is_verified;
    struct digest verified; /* of user and password */
};

/* Credentials that wait for their check, or are being checked, and the requests that came with
 * them. */
struct auth_check {
    struct fair_queue_item item; /* first: found by its address */
    LIST_HEAD(auth_waiters, auth_waiter) waiters;
    struct digest digest;
    struct slice password; /* into bytes, cut to what counts */
    struct slice user;
    bool hopeless;       /* whatever the checker says */
    unsigned generation; /* of the users it is checked against */
    char bytes[];
};

struct basic_auth {
    struct password_checker *checker;
    const EVP_MD *sha256;
    unsigned char salt[SALT];
    struct known_user *users;
    size_t n_users;
    unsigned generation; /* of the users */
    struct digest refused[REFUSED_KEPT];
    struct fair_queue queue;
    struct auth_check *current; /* the checker has it */
};

/* --- What is known ---------------------------------------------------------------------------- */

/* The lengths keep "a" with "bc" apart from "ab" with "c". */
static bool digest_of(const struct basic_auth *a, struct slice user, struct slice password,
                      struct digest *to)
{
    unsigned char text[SALT + sizeof(size_t) + CREDENTIALS_MAX], *end = text;
    end = mempcpy(end, a->salt, SALT);
    end = mempcpy(end, &user.len, sizeof(user.len));
    end = mempcpy(end, user.p, user.len);
    end = mempcpy(end, password.p, password.len);
    bool ok = EVP_Digest(text, (size_t)(end - text), to->bytes, NULL, a->sha256, NULL) == 1;
    explicit_bzero(text, sizeof(text));
    return ok;
}

static bool same_digest(const struct digest *a, const struct digest *b)
{
    return CRYPTO_memcmp(a, b, sizeof(*a)) == 0;
}

static int compare_user(const void *name, const void *user)
{
    return slice_compare(*(const struct slice *)name,
                         ((const struct known_user *)user)->user->name);
}

static struct known_user *find_user(const struct basic_auth *a, struct slice name)
{
    return a->n_users == 0 ? NULL
                           : bsearch(&name, a->users, a->n_users, sizeof(*a->users), compare_user);
}

static struct digest *refused_place(struct basic_auth *a, const struct digest *digest)
{
    size_t hash;
    memcpy(&hash, digest->bytes, sizeof(hash));
    return &a->refused[hash % REFUSED_KEPT];
}

/* --- Checks ----------------------------------------------------------------------------------- */

static struct auth_check *check_new(const struct credentials *c, const struct digest *digest)
{
    size_t n = c->password.len < PASSWORD_KEPT ? c->password.len : PASSWORD_KEPT;
    struct auth_check *check = calloc(1, sizeof(*check) + c->user.len + n);
    if (!check)
        return NULL;
    memcpy(check->bytes, c->user.p, c->user.len);
    memcpy(check->bytes + c->user.len, c->password.p, n);
    check->user = (struct slice){check->bytes, c->user.len};
    check->password = (struct slice){check->bytes + c->user.len, n};
    check->digest = *digest;
    LIST_INIT(&check->waiters);
    return check;
}

static void check_free(struct auth_check *check)
{
    explicit_bzero(check->bytes, check->user.len + check->password.len);
    free(check);
}

static struct auth_check *check_of(struct fair_queue_item *item)
{
    return (struct auth_check *)(void *)item;
}

static bool has_digest(const struct fair_queue_item *item, const void *digest)
{
    const struct auth_check *check = (const struct auth_check *)(const void *)item;
    return memcmp(&check->digest, digest, sizeof(check->digest)) == 0;
}

/* Tells all who wait for it; each may ask anew while it is told. */
static void resolve(struct auth_check *check, enum admission admission)
{
    struct auth_waiter *waiter;
    while ((waiter = LIST_FIRST(&check->waiters)) != NULL) {
        LIST_REMOVE(waiter, link);
        waiter->check = NULL;
        waiter->decided(waiter, admission);
    }
    check_free(check);
}

/* Whose hash the password of somebody unknown is checked against: for a name always the same one's,
 * so that their costs are as mixed as those of users that there are. */
static const struct known_user *stand_in(const struct basic_auth *a, struct slice name)
{
    struct digest digest = {{0}};
    size_t hash;
    digest_of(a, name, SLICE_LITERAL(""), &digest);
    memcpy(&hash, digest.bytes, sizeof(hash));
    return &a->users[hash % a->n_users];
}

/* Hands a check over. */
static bool begin(struct basic_auth *a, struct auth_check *check)
{
    const struct known_user *user = find_user(a, check->user);
    check->generation = a->generation;
    check->hopeless = !user || memchr(check->password.p, '\0', check->password.len);
    if (a->n_users == 0)
        return false;
    const char *hash = (user ? user : stand_in(a, check->user))->user->hash;
    a->current = check;
    if (password_checker_begin(a->checker, hash, check->password))
        return true;
    a->current = NULL;
    return false;
}

/* What a request gets that cannot be checked. */
static enum admission unchecked(const struct basic_auth *a)
{
    return a->n_users == 0 ? ADMISSION_GRANTED : ADMISSION_UNAVAILABLE;
}

/* Keeps the checker busy as long as anything waits. */
static void next_check(struct basic_auth *a)
{
    struct fair_queue_item *item;
    while (!a->current && (item = fair_queue_take(&a->queue)) != NULL)
        if (!begin(a, check_of(item)))
            resolve(check_of(item), unchecked(a));
}

static enum admission conclude(struct basic_auth *a, const struct auth_check *check,
                               enum password_verdict verdict)
{
    if (verdict == PASSWORD_UNCHECKED)
        return unchecked(a);
    if (verdict == PASSWORD_RIGHT && !check->hopeless) {
        struct known_user *user = find_user(a, check->user);
        user->is_verified = true;
        user->verified = check->digest;
        return ADMISSION_GRANTED;
    }
    *refused_place(a, &check->digest) = check->digest;
    return ADMISSION_UNAUTHORIZED;
}

static void on_verdict(void *context, enum password_verdict verdict)
{
    struct basic_auth *a = context;
    struct auth_check *check = a->current;
    enum admission admission = ADMISSION_UNAVAILABLE;
    a->current = NULL;
    if (check->generation == a->generation)
        admission = conclude(a, check, verdict);
    else if (begin(a, check)) /* the verdict is about a hash of old */
        return;
    else
        admission = unchecked(a);
    next_check(a);
    resolve(check, admission);
}

/* --- Asking ----------------------------------------------------------------------------------- */

/* Many requests come with the same credentials: one check is for all. */
static struct auth_check *find_check(struct basic_auth *a, const struct digest *digest)
{
    if (a->current && memcmp(&a->current->digest, digest, sizeof(*digest)) == 0)
        return a->current;
    struct fair_queue_item *item = fair_queue_find(&a->queue, has_digest, digest);
    return item ? check_of(item) : NULL;
}

/* Nothing waits in the queue while the checker has nothing to do. */
static enum admission start_or_queue(struct basic_auth *a, struct auth_check *check, int fd)
{
    if (!a->current)
        return begin(a, check) ? ADMISSION_WAITING : ADMISSION_UNAVAILABLE;
    switch (fair_queue_add(&a->queue, &check->item, client_key_of(fd), CHECKS_OF_CLIENT, CHECKS)) {
    case FAIR_QUEUE_ADDED:
        return ADMISSION_WAITING;
    case FAIR_QUEUE_CLIENT_FULL:
        return ADMISSION_TOO_MANY;
    default:
        return ADMISSION_UNAVAILABLE;
    }
}

static enum admission wait_for_check(struct basic_auth *a, const struct credentials *c,
                                     const struct digest *digest, int fd,
                                     struct auth_waiter *waiter)
{
    struct auth_check *check = find_check(a, digest);
    if (!check) {
        check = check_new(c, digest);
        enum admission admission = check ? start_or_queue(a, check, fd) : ADMISSION_UNAVAILABLE;
        if (admission != ADMISSION_WAITING) {
            if (check)
                check_free(check);
            return admission;
        }
    }
    LIST_INSERT_HEAD(&check->waiters, waiter, link);
    waiter->check = check;
    return ADMISSION_WAITING;
}

static enum admission judge(struct basic_auth *a, const struct credentials *c, int fd,
                            struct auth_waiter *waiter)
{
    struct digest digest;
    if (!digest_of(a, c->user, c->password, &digest))
        return ADMISSION_UNAVAILABLE;
    const struct known_user *user = find_user(a, c->user);
    if (user && user->is_verified && same_digest(&user->verified, &digest))
        return ADMISSION_GRANTED;
    if (same_digest(refused_place(a, &digest), &digest))
        return ADMISSION_UNAUTHORIZED;
    return wait_for_check(a, c, &digest, fd, waiter);
}

enum admission basic_auth_ask(struct basic_auth *a, struct slice authorization, int fd,
                              struct auth_waiter *waiter)
{
    struct credentials c;
    if (a->n_users == 0)
        return ADMISSION_GRANTED;
    if (!credentials_read(authorization, &c))
        return ADMISSION_UNAUTHORIZED;
    enum admission admission = judge(a, &c, fd, waiter);
    credentials_forget(&c);
    return admission;
}

void basic_auth_cancel(struct basic_auth *a, struct auth_waiter *waiter)
{
    struct auth_check *check = waiter->check;
    if (!check)
        return;
    LIST_REMOVE(waiter, link);
    waiter->check = NULL;
    if (check != a->current && LIST_EMPTY(&check->waiters)) {
        fair_queue_remove(&a->queue, &check->item);
        check_free(check);
    }
}

/* --- Making and freeing ----------------------------------------------------------------------- */

bool basic_auth_set_users(struct basic_auth *a, const struct web_config_user *users, size_t n)
{
    struct known_user *known = calloc(n + 1, sizeof(*known));
    if (!known)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct known_user *old = find_user(a, users[i].name);
        if (old && strcmp(old->user->hash, users[i].hash) == 0)
            known[i] = *old;
        known[i].user = &users[i];
    }
    free(a->users);
    a->users = known;
    a->n_users = n;
    a->generation++;
    explicit_bzero(a->refused, sizeof(a->refused));
    return true;
}

struct basic_auth *basic_auth_new(struct password_checker *checker)
{
    struct basic_auth *a = calloc(1, sizeof(*a));
    if (!a)
        return NULL;
    a->checker = checker;
    a->sha256 = EVP_sha256();
    fair_queue_init(&a->queue);
    if (getrandom(a->salt, sizeof(a->salt), 0) != sizeof(a->salt)) {
        free(a);
        return NULL;
    }
    password_checker_listen(checker, on_verdict, a);
    return a;
}

void basic_auth_free(struct basic_auth *a)
{
    if (!a)
        return;
    if (a->current)
        check_free(a->current);
    free(a->users);
    explicit_bzero(a->salt, sizeof(a->salt));
    free(a);
}
