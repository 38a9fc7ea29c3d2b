#include "signals.h"

#include "log.h"
#include "persister.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { HANDLED_MAX = 4 };

struct signals {
    struct event *events[HANDLED_MAX];
    size_t count;
};

void signals_ignore(void)
{
    static const int ignored[] = {
        SIGPIPE, /* a client that has gone shows as a failed write */
        SIGXFSZ, /* and so does a limit on the size of files */
        SIGUSR1, SIGUSR2, SIGALRM,
    };
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
}

static void on_stop(evutil_socket_t number, short what, void *server)
{
    (void)what;
    log_write(LOG_INFO,
              number == SIGHUP ? "received SIGHUP; exiting gracefully..."
                               : "received SIGINT/SIGTERM; exiting gracefully...",
              NULL);
    server_stop(server);
}

/* Each child that has ended: of the persister, or left to process 1 of a container by its parent.
 */
static void on_child_ended(evutil_socket_t number, short what, void *context)
{
    struct server *s = context;
    int status;
    pid_t child;
    (void)number;
    (void)what;
    while ((child = waitpid(-1, &status, WNOHANG)) > 0)
        persister_child_ended(s->persister, child, status);
}

static bool handle(struct signals *all, struct server *s, int number, event_callback_fn handler)
{
    struct event *event = evsignal_new(s->base, number, handler, s);
    if (event)
        all->events[all->count++] = event;
    return event && event_add(event, NULL) == 0;
}

/* As nohup(1) has it. */
static bool is_ignored(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

struct signals *signals_new(struct server *s)
{
    struct signals *all = calloc(1, sizeof(*all));
    if (all && handle(all, s, SIGINT, on_stop) && handle(all, s, SIGTERM, on_stop) &&
        (is_ignored(SIGHUP) || handle(all, s, SIGHUP, on_stop)) &&
        handle(all, s, SIGCHLD, on_child_ended))
        return all;
    signals_free(all);
    return NULL;
}

void signals_free(struct signals *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        event_free(s->events[i]);
    free(s);
}
