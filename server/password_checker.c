#include "password_checker.h"

#include "bcrypt_hash.h"
#include "log.h"

#include <crypt.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    BCRYPT_PASSWORD_MAX = 72, /* bytes that count */
    NICE = 19,                /* SCHED_IDLE would starve it beside a server that is always busy */
    CHILD_SOCKET = 3,
};

/* What goes to the process; a byte comes back. */
struct question {
    char hash[BCRYPT_HASH_LENGTH + 1];
    char password[BCRYPT_PASSWORD_MAX + 1];
};

struct password_checker {
    struct event_base *base;
    pid_t child;
    int socket;
    struct event *readable;
    bool asked; /* a verdict is to come */
    void (*verdict)(void *context, enum password_verdict verdict);
    void *context;
};

/* --- The process ------------------------------------------------------------------------------ */

bool password_matches(const char *hash, const char *password)
{
    static struct crypt_data data; /* large, and used by one thread */
    const char *made = crypt_r(password, hash, &data);
    /* What stands before is the salt, of which letters may differ in bits that do not count. */
    bool same = made && strlen(made) == BCRYPT_HASH_LENGTH &&
                memcmp(made + BCRYPT_HASH_LENGTH - BCRYPT_HASH_RESULT,
                       hash + BCRYPT_HASH_LENGTH - BCRYPT_HASH_RESULT, BCRYPT_HASH_RESULT) == 0;
    explicit_bzero(&data, sizeof(data));
    return same;
}

/* Signals are for the server; this ends when the server closes its end. */
static void answer_questions(pid_t parent)
{
    struct question q;
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "password-check");
    setpriority(PRIO_PROCESS, 0, NICE);
    while (getppid() == parent && recv(CHILD_SOCKET, &q, sizeof(q), 0) == sizeof(q)) {
        char right = password_matches(q.hash, q.password) ? 1 : 0;
        explicit_bzero(&q, sizeof(q));
        if (send(CHILD_SOCKET, &right, 1, MSG_NOSIGNAL) != 1)
            break;
    }
}

/* --- The server's side ------------------------------------------------------------------------ */

static void on_readable(evutil_socket_t fd, short what, void *context);

static bool start(struct password_checker *p)
{
    int ends[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    p->child = fork();
    if (p->child == 0) {
        dup2(ends[1], CHILD_SOCKET);
        close_range(CHILD_SOCKET + 1, ~0u, 0);
        answer_questions(parent);
        _exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    p->socket = ends[0];
    evutil_make_socket_nonblocking(p->socket);
    p->readable = event_new(p->base, p->socket, EV_READ | EV_PERSIST, on_readable, p);
    return p->child > 0 && p->readable && event_add(p->readable, NULL) == 0;
}

static void stop(struct password_checker *p)
{
    if (p->readable)
        event_free(p->readable);
    p->readable = NULL;
    if (p->socket >= 0)
        close(p->socket);
    p->socket = -1;
    /* As process 1 the server may have reaped it with others: then the number is somebody else's.
     */
    if (p->child > 0 && waitpid(p->child, NULL, WNOHANG) == 0) {
        kill(p->child, SIGKILL);
        while (waitpid(p->child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    p->child = 0;
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
    struct password_checker *p = context;
    char right = 0;
    bool asked = p->asked;
    (void)what;
    ssize_t n = recv(fd, &right, 1, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    p->asked = false;
    if (n != 1) {
        log_write(LOG_ERROR, "The process that checks passwords died", NULL);
        stop(p); /* the next check starts another */
        if (asked)
            p->verdict(p->context, PASSWORD_UNCHECKED);
        return;
    }
    p->verdict(p->context, right ? PASSWORD_RIGHT : PASSWORD_WRONG);
}

struct password_checker *password_checker_new(struct event_base *base)
{
    struct password_checker *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->base = base;
    p->socket = -1;
    if (!start(p)) {
        password_checker_free(p);
        return NULL;
    }
    return p;
}

void password_checker_free(struct password_checker *p)
{
    if (!p)
        return;
    stop(p);
    free(p);
}

void password_checker_listen(struct password_checker *p,
                             void (*verdict)(void *context, enum password_verdict verdict),
                             void *context)
{
    p->verdict = verdict;
    p->context = context;
}

bool password_checker_begin(struct password_checker *p, const char *hash, struct slice password)
{
    struct question q = {0};
    size_t n = password.len < BCRYPT_PASSWORD_MAX ? password.len : BCRYPT_PASSWORD_MAX;
    if (p->socket < 0 && !start(p)) {
        log_write(LOG_ERROR, "Cannot start a process to check passwords", "err", strerror(errno),
                  NULL);
        stop(p);
        return false;
    }
    memcpy(q.hash, hash, BCRYPT_HASH_LENGTH);
    memcpy(q.password, password.p, n);
    p->asked = send(p->socket, &q, sizeof(q), MSG_NOSIGNAL) == sizeof(q);
    explicit_bzero(&q, sizeof(q));
    return p->asked;
}
