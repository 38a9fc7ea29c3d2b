#include "listener.h"

#include "access.h"
#include "clock.h"
#include "connection.h"
#include "connection_life.h"
#include "connection_table.h"
#include "event_memory.h"
#include "listen_address.h"
#include "log.h"
#include "options.h"
#include "process_metrics.h"
#include "tls_connection.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    /* Descriptors left for a flush, files read again, and the like. */
    RESERVED_FDS = 64,
    RESERVED_FDS_LEAST = 8,
    ACCEPTED_PER_TURN = 64, /* of the loop: a crowd that comes at once holds up nobody */
    CALM_SECONDS = 60,      /* until a shortage is news again */
    STOP_LIMIT_SECONDS = 5, /* how long requests in flight may take when stopping */
};

struct listener {
    struct connection_owner owner; /* what connections see of all this */
    void (*received)(struct evhttp_request *http, struct connection *c);
    struct evhttp *http;
    struct evhttp_bound_socket **sockets;
    size_t n_sockets;

    struct connection_table connections;
    size_t max_connections;
    size_t other_fds;  /* open for something else when we began */
    unsigned accepted; /* in this turn of the loop */

    struct event *settle;   /* made active when there are fresh connections */
    struct event *sweep;    /* looks after timeouts, regularly */
    struct event *sweep_on; /* the rest of a sweep, in the next turn */
    struct event *reap;     /* made active when a reply is out while stopping */
    struct event *give_up;
    bool paused;         /* not accepting for the moment */
    bool complained;     /* of a shortage of connections, */
    int64_t short_at_ns; /* which was last felt then */
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
    if (l->paused && !l->owner.stopping && l->connections.count < l->max_connections &&
        event_memory_can_accept())
        set_accepting(l, true);
}

/* Once for each time it happens, not for each connection. */
static void complain(struct listener *l, const char *what, const char *why)
{
    l->short_at_ns = l->owner.now_ns;
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

static void pause_if_full(struct listener *l)
{
    bool full = l->connections.count >= l->max_connections;
    if (l->paused || (!full && event_memory_can_accept()))
        return;
    complain(l,
             full ? "Too many connections, new ones wait" : "Out of memory, new connections wait",
             NULL);
    set_accepting(l, false);
}

/* NULL when memory is out. */
static struct bufferevent *new_connection(struct listener *l)
{
    SSL_CTX *tls = access_tls(l->owner.server->access);
    struct event_base *base = l->owner.server->base;
    struct bufferevent *bev =
        tls ? tls_connection_new(base, tls) : bufferevent_socket_new(base, -1, 0);
    struct connection *c = bev ? connection_life_new(&l->owner, bev) : NULL;
    if (!c) {
        if (bev)
            bufferevent_free(bev);
        return NULL;
    }
    connection_table_add(&l->connections, c);
    return bev;
}

/* evhttp asks for a bufferevent for a connection just accepted. Without one it makes its own, or
 * crashes if it cannot: there must be memory for the next one either way. */
static struct bufferevent *on_accept(struct event_base *base, void *context)
{
    struct listener *l = context;
    (void)base;
    event_memory_accepting(true);
    event_active(l->settle, EV_TIMEOUT, 0);
    struct bufferevent *bev = new_connection(l);
    pause_if_full(l);
    if (++l->accepted >= ACCEPTED_PER_TURN && !l->paused)
        set_accepting(l, false); /* until the next turn */
    return bev;
}

/* Runs in the turn in which they were accepted, so before anything can have been read. */
static void on_settle(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    (void)fd;
    (void)what;
    event_memory_accepting(false);
    connection_table_settle(&l->connections);
    l->accepted = 0;
    resume(l);
}

/* evhttp closes the connection. */
static void on_closed(struct listener *l, struct connection *c)
{
    connection_table_remove(&l->connections, c);
    resume(l);
    if (l->owner.stopping)
        event_active(l->reap, EV_TIMEOUT, 0);
}

/* evhttp has read a request. */
static void on_request(struct evhttp_request *http, void *context)
{
    struct listener *l = context;
    struct evhttp_connection *from = evhttp_request_get_connection(http);
    int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(from));
    struct connection *c = connection_table_find(&l->connections, fd);
    if (c)
        l->received(http, c);
    else
        evhttp_connection_free(from); /* there was no memory for a guard */
}

/* --- Time and the end ------------------------------------------------------------------------- */

/* As many as there may be descriptors, less what is open already and a reserve; what the option
 * says if that is less. The limit of descriptors may change while we run. */
static size_t connection_limit(const struct listener *l)
{
    size_t wanted = l->owner.server->options->max_connections;
    struct rlimit limit = {.rlim_cur = 1024};
    getrlimit(RLIMIT_NOFILE, &limit);
    size_t left = limit.rlim_cur > l->other_fds ? limit.rlim_cur - l->other_fds : 0;
    size_t reserve = left / 4;
    if (reserve > RESERVED_FDS)
        reserve = RESERVED_FDS;
    if (reserve < RESERVED_FDS_LEAST)
        reserve = RESERVED_FDS_LEAST;
    size_t most = left > reserve ? left - reserve : 1;
    return wanted > 0 && wanted < most ? wanted : most;
}

/* Ends what takes too long. */
static void sweep_on(struct listener *l)
{
    static const struct timeval next_turn = {0};
    if (connection_table_sweep(&l->connections, l->owner.now_ns))
        evtimer_add(l->sweep_on, &next_turn);
}

static void on_sweep_on(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    sweep_on(context);
}

static void on_sweep(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    (void)fd;
    (void)what;
    l->owner.now_ns = (int64_t)clock_monotonic_ns();
    connection_table_begin_sweep(&l->connections);
    sweep_on(l);
    l->max_connections = connection_limit(l);
    if (l->paused)
        l->short_at_ns = l->owner.now_ns;
    else if (l->owner.now_ns - l->short_at_ns > CALM_SECONDS * INT64_C(1000000000))
        l->complained = false;
    resume(l);
    pause_if_full(l);
}

static void on_reap(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    (void)fd;
    (void)what;
    connection_table_close_idle(&l->connections);
    if (l->connections.count == 0)
        event_base_loopbreak(l->owner.server->base);
}

static void on_give_up(evutil_socket_t fd, short what, void *context)
{
    struct listener *l = context;
    (void)fd;
    (void)what;
    log_write(LOG_WARN, "Closing connections whose requests have not ended", NULL);
    event_base_loopbreak(l->owner.server->base);
}

void listener_stop(struct listener *l)
{
    static const struct timeval limit = {.tv_sec = STOP_LIMIT_SECONDS};
    if (l->owner.stopping)
        return;
    l->owner.stopping = true;
    for (size_t i = 0; i < l->n_sockets; i++)
        evhttp_del_accept_socket(l->http, l->sockets[i]);
    l->n_sockets = 0;
    evtimer_add(l->give_up, &limit);
    event_active(l->reap, EV_TIMEOUT, 0);
}

static void on_reply_ended(struct listener *l)
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
    log_write(LOG_INFO,
              access_tls(l->owner.server->access) ? "TLS is enabled." : "TLS is disabled.", "http2",
              "false", "address", text, NULL);
    return true;
}

static bool open_sockets(struct listener *l, struct error *e)
{
    const struct options *o = l->owner.server->options;
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

/* Takes all the descriptors we may have. */
static void limit_connections(struct listener *l)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    double open = process_metrics_read().open_fds;
    l->other_fds = isnan(open) ? RESERVED_FDS : (size_t)open;
    l->max_connections = connection_limit(l);
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
    struct event_base *base = l->owner.server->base;
    l->settle = event_new(base, -1, 0, on_settle, l);
    l->sweep = event_new(base, -1, EV_PERSIST, on_sweep, l);
    l->sweep_on = event_new(base, -1, 0, on_sweep_on, l);
    l->reap = event_new(base, -1, 0, on_reap, l);
    l->give_up = event_new(base, -1, 0, on_give_up, l);
    if (!l->settle || !l->sweep || !l->sweep_on || !l->reap || !l->give_up)
        return false;
    struct timeval interval = sweep_interval(l->owner.server->options);
    return evtimer_add(l->sweep, &interval) == 0;
}

struct listener *listener_new(struct server *s, const struct listener_handlers *handlers,
                              struct error *e)
{
    struct listener *l = calloc(1, sizeof(*l));
    if (!l) {
        error_no_memory(e);
        return NULL;
    }
    accepting = l;
    l->owner = (struct connection_owner){
        .server = s,
        .listener = l,
        .now_ns = (int64_t)clock_monotonic_ns(),
        .takes_body = handlers->takes_body,
        .reply_ended = on_reply_ended,
        .closed = on_closed,
    };
    l->received = handlers->received;
    l->http = evhttp_new(s->base);
    if (!l->http || !make_events(l)) {
        error_no_memory(e);
        listener_free(l);
        return NULL;
    }
    evhttp_set_allowed_methods(l->http, UINT16_MAX); /* the router knows better */
    evhttp_set_default_content_type(l->http, NULL);
    evhttp_set_bevcb(l->http, on_accept, l);
    evhttp_set_gencb(l->http, on_request, l);
    if (!open_sockets(l, e)) {
        listener_free(l);
        return NULL;
    }
    limit_connections(l);
    return l;
}

void listener_free(struct listener *l)
{
    if (!l)
        return;
    l->owner.stopping = true;
    connection_table_drop_fresh(&l->connections);
    if (l->http)
        evhttp_free(l->http);
    struct event *events[] = {l->settle, l->sweep, l->sweep_on, l->reap, l->give_up};
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        if (events[i])
            event_free(events[i]);
    free(l->sockets);
    connection_table_free(&l->connections);
    free(l);
}

size_t listener_connections(const struct listener *l)
{
    return l->connections.count;
}

size_t listener_max_connections(const struct listener *l)
{
    return l->max_connections;
}
