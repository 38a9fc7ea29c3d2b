#include "listener.h"

#include "clock.h"
#include "connection.h"
#include "listen_address.h"
#include "log.h"
#include "options.h"
#include "request.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    RESERVED_FDS = 64,      /* for files, sockets we listen on, epoll */
    STOP_LIMIT_SECONDS = 5, /* how long requests in flight may take when stopping */
};

LIST_HEAD(connection_list, connection);

struct listener {
    struct server *server;
    struct evhttp *http;
    struct evhttp_bound_socket **sockets;
    size_t n_sockets;

    struct connection_list fresh; /* accepted in this turn of the loop, not settled */
    struct connection_list settled;
    struct connection **by_fd;
    size_t by_fd_size;
    size_t n_connections, max_connections;

    struct event *settle; /* made active when there are fresh ones */
    struct event *sweep;  /* looks after timeouts, regularly */
    struct event *reap;   /* made active when a reply is out while stopping */
    struct event *give_up;
    int64_t now_ns;
    bool paused;     /* not accepting for the moment */
    bool complained; /* about running out of descriptors */
    bool stopping;
};

/* --- Accepting -------------------------------------------------------------------------------- */

static void set_accepting(struct listener *l, bool accept)
{
    l->paused = !accept;
    for (size_t i = 0; i < l->n_sockets; i++) {
        struct evconnlistener *socket = evhttp_bound_socket_get_listener(l->sockets[i]);
        if (accept)
            evconnlistener_enable(socket);
        else
            evconnlistener_disable(socket);
    }
}

static void resume(struct listener *l)
{
    if (l->paused && !l->stopping && l->n_connections < l->max_connections)
        set_accepting(l, true);
}

/* Once for each time it happens, not for each connection. */
static void complain(struct listener *l, const char *what, const char *why)
{
    if (!l->complained && why)
        log_write(LOG_WARN, what, "err", why, NULL);
    else if (!l->complained)
        log_write(LOG_WARN, what, NULL);
    l->complained = true;
}

/* For the callback below, whose argument evhttp has taken for itself. */
static struct listener *accepting;

/* accept() failed, most likely for want of descriptors: without a pause it would fail again at once
 * and for ever. The sweep resumes. */
static void on_accept_error(struct evconnlistener *socket, void *evhttp)
{
    struct listener *l = accepting;
    (void)socket;
    (void)evhttp;
    complain(l, "Cannot accept connections, trying again", strerror(errno));
    set_accepting(l, false);
}

/* evhttp asks for a bufferevent for a connection just accepted. */
static struct bufferevent *on_accept(struct event_base *base, void *context)
{
    struct listener *l = context;
    struct bufferevent *bev = bufferevent_socket_new(base, -1, 0);
    if (!bev)
        return NULL;
    struct connection *c = connection_new(l, bev);
    if (!c) {
        bufferevent_free(bev);
        return NULL;
    }
    LIST_INSERT_HEAD(&l->fresh, c, link);
    event_active(l->settle, EV_TIMEOUT, 0);
    if (++l->n_connections >= l->max_connections) {
        complain(l, "Too many connections, new ones wait", NULL);
        set_accepting(l, false);
    }
    return bev;
}

static bool remember(struct listener *l, struct connection *c)
{
    size_t fd = (size_t)c->fd;
    if (fd >= l->by_fd_size) {
        size_t size = (fd + 64) * 2;
        struct connection **grown = realloc(l->by_fd, size * sizeof(*grown));
        if (!grown)
            return false;
        memset(grown + l->by_fd_size, 0, (size - l->by_fd_size) * sizeof(*grown));
        l->by_fd = grown;
        l->by_fd_size = size;
    }
    l->by_fd[fd] = c;
    return true;
}

static void drop_fresh(struct listener *l, struct connection *c)
{
    LIST_REMOVE(c, link);
    l->n_connections--;
    connection_free(c);
}

/* Runs in the turn in which they were accepted, so before anything can have been read. */
static void on_settle(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    struct connection *c;
    (void)fd;
    (void)what;
    while ((c = LIST_FIRST(&l->fresh)) != NULL) {
        struct evhttp_connection *http = connection_settle(c) ? c->http : NULL;
        if (http && remember(l, c)) {
            LIST_REMOVE(c, link);
            LIST_INSERT_HEAD(&l->settled, c, link);
            continue;
        }
        drop_fresh(l, c);
        if (http) {
            evhttp_connection_set_closecb(http, NULL, NULL);
            evhttp_connection_free(http);
        }
    }
    resume(l);
}

void listener_forget(struct listener *l, struct connection *c)
{
    LIST_REMOVE(c, link);
    l->by_fd[c->fd] = NULL;
    l->n_connections--;
    resume(l);
    if (l->stopping)
        event_active(l->reap, EV_TIMEOUT, 0);
}

/* --- Time and the end ------------------------------------------------------------------------- */

static void on_sweep(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    struct connection *c, *next;
    (void)fd;
    (void)what;
    l->now_ns = (int64_t)clock_monotonic_ns();
    if (!l->paused)
        l->complained = false;
    for (c = LIST_FIRST(&l->settled); c; c = next) {
        next = LIST_NEXT(c, link);
        connection_check_time(c, l->now_ns);
    }
    resume(l);
}

static void on_reap(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    struct connection *c, *next;
    (void)fd;
    (void)what;
    for (c = LIST_FIRST(&l->settled); c; c = next) {
        next = LIST_NEXT(c, link);
        if (connection_is_idle(c))
            evhttp_connection_free(c->http);
    }
    if (l->n_connections == 0)
        event_base_loopbreak(l->server->base);
}

static void on_give_up(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    (void)fd;
    (void)what;
    log_write(LOG_WARN, "Closing connections whose requests have not ended", NULL);
    event_base_loopbreak(l->server->base);
}

void listener_stop(struct listener *l)
{
    static const struct timeval limit = {.tv_sec = STOP_LIMIT_SECONDS};
    if (l->stopping)
        return;
    l->stopping = true;
    for (size_t i = 0; i < l->n_sockets; i++)
        evhttp_del_accept_socket(l->http, l->sockets[i]);
    l->n_sockets = 0;
    evtimer_add(l->give_up, &limit);
    event_active(l->reap, EV_TIMEOUT, 0);
}

void listener_reply_ended(struct listener *l)
{
    event_active(l->reap, EV_TIMEOUT, 0);
}

/* --- Making and freeing ----------------------------------------------------------------------- */

static bool add_socket(struct listener *l, int fd, struct error *e)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    char text[64];
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return error_set(e, ERROR_IO, "file descriptor %d: %s", fd, strerror(errno));
    struct evhttp_bound_socket **grown =
        realloc(l->sockets, (l->n_sockets + 1) * sizeof(struct evhttp_bound_socket *));
    if (!grown)
        return error_no_memory(e);
    l->sockets = grown;
    struct evhttp_bound_socket *socket = evhttp_accept_socket_with_handle(l->http, fd);
    if (!socket)
        return error_no_memory(e);
    l->sockets[l->n_sockets++] = socket;
    evconnlistener_set_error_cb(evhttp_bound_socket_get_listener(socket), on_accept_error);
    listen_address_format((struct sockaddr *)&address, text, sizeof(text));
    log_write(LOG_INFO, "Listening on", "address", text, NULL);
    return true;
}

static bool open_sockets(struct listener *l, struct error *e)
{
    const struct options *o = l->server->options;
    if (o->systemd_socket) {
        size_t n = listen_address_inherited();
        if (n == 0)
            return error_set(e, ERROR_IO, "no socket activation file descriptors found");
        for (size_t i = 0; i < n; i++)
            if (!add_socket(l, LISTEN_ADDRESS_FIRST_INHERITED + (int)i, e))
                return false;
        return true;
    }
    for (size_t i = 0; i < o->n_listen_addresses; i++) {
        int fd = listen_address_open(o->listen_addresses[i], e);
        if (fd < 0)
            return false;
        if (!add_socket(l, fd, e)) {
            close(fd);
            return false;
        }
    }
    return true;
}

/* As many as there may be descriptors, less a reserve; what the option says if that is less. */
static size_t connection_limit(unsigned wanted)
{
    struct rlimit limit = {0};
    size_t most = 1024;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        getrlimit(RLIMIT_NOFILE, &limit);
        most = (size_t)limit.rlim_cur;
    }
    most = most > 2 * (size_t)RESERVED_FDS ? most - RESERVED_FDS : most / 2;
    return wanted > 0 && wanted < most ? wanted : most;
}

static struct timeval sweep_interval(const struct options *o)
{
    int64_t ns = 1000000000;
    if (o->read_timeout_ns > 0 && o->read_timeout_ns / 4 < ns)
        ns = o->read_timeout_ns / 4;
    if (o->idle_timeout_ns > 0 && o->idle_timeout_ns / 4 < ns)
        ns = o->idle_timeout_ns / 4;
    if (ns < 10000000)
        ns = 10000000;
    return (struct timeval){ns / 1000000000, ns % 1000000000 / 1000};
}

static bool make_events(struct listener *l)
{
    struct event_base *base = l->server->base;
    l->settle = event_new(base, -1, 0, on_settle, l);
    l->sweep = event_new(base, -1, EV_PERSIST, on_sweep, l);
    l->reap = event_new(base, -1, 0, on_reap, l);
    l->give_up = event_new(base, -1, 0, on_give_up, l);
    if (!l->settle || !l->sweep || !l->reap || !l->give_up)
        return false;
    struct timeval interval = sweep_interval(l->server->options);
    return evtimer_add(l->sweep, &interval) == 0;
}

struct listener *listener_new(struct server *s, struct error *e)
{
    struct listener *l = calloc(1, sizeof(*l));
    if (!l) {
        error_no_memory(e);
        return NULL;
    }
    accepting = l;
    l->server = s;
    l->now_ns = (int64_t)clock_monotonic_ns();
    l->max_connections = connection_limit(s->options->max_connections);
    l->http = evhttp_new(s->base);
    if (!l->http || !make_events(l)) {
        error_no_memory(e);
        listener_free(l);
        return NULL;
    }
    evhttp_set_allowed_methods(l->http, UINT16_MAX); /* the router knows better */
    evhttp_set_default_content_type(l->http, NULL);
    evhttp_set_bevcb(l->http, on_accept, l);
    evhttp_set_gencb(l->http, request_received, l);
    if (!open_sockets(l, e)) {
        listener_free(l);
        return NULL;
    }
    return l;
}

void listener_free(struct listener *l)
{
    if (!l)
        return;
    l->stopping = true;
    struct connection *c;
    while ((c = LIST_FIRST(&l->fresh)) != NULL)
        drop_fresh(l, c);
    if (l->http)
        evhttp_free(l->http);
    struct event *events[] = {l->settle, l->sweep, l->reap, l->give_up};
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (events[i])
            event_free(events[i]);
    free(l->sockets);
    free(l->by_fd);
    free(l);
}

size_t listener_connections(const struct listener *l)
{
    return l->n_connections;
}

struct server *listener_server(const struct listener *l)
{
    return l->server;
}

int64_t listener_now(const struct listener *l)
{
    return l->now_ns;
}

bool listener_is_stopping(const struct listener *l)
{
    return l->stopping;
}

struct connection *listener_connection(const struct listener *l, struct evhttp_request *http)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(http);
    return l->by_fd[bufferevent_getfd(evhttp_connection_get_bufferevent(connection))];
}
