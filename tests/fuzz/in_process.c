#include "in_process.h"

#include "chunk_reader.h"
#include "dispatch.h"
#include "fuzz.h"
#include "housekeeping.h"
#include "listener.h"
#include "log.h"
#include "own_metrics.h"
#include "rendering.h"
#include "request_body.h"
#include "server.h"
#include "store.h"
#include "stream.h"
#include "telemetry.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    FIRST_INHERITED = 3,   /* sd_listen_fds(3) */
    PATIENCE = 20000,      /* turns of the loop in which nothing comes */
    REQUEST_MAX = 1 << 16, /* bytes of a body */
    REPLY_MAX = 64 << 20,  /* for what is decompressed */
};

static struct options options;
static struct server server = {.options = &options};
static struct sockaddr_un address = {.sun_family = AF_UNIX};
static socklen_t address_length;

/* --- The server ------------------------------------------------------------------------------- */

/* An abstract address that the kernel picks, handed to the server as systemd would. */
static void open_socket(void)
{
    char pid[16];
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    address_length = sizeof(sa_family_t);
    FUZZ_REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&address, address_length) == 0 &&
                     listen(fd, 16) == 0,
                 "%s", strerror(errno));
    address_length = sizeof(address);
    FUZZ_REQUIRE(getsockname(fd, (struct sockaddr *)&address, &address_length) == 0, "%s",
                 strerror(errno));
    if (fd != FIRST_INHERITED) {
        FUZZ_REQUIRE(dup2(fd, FIRST_INHERITED) == FIRST_INHERITED, "%s", strerror(errno));
        close(fd);
    }
    snprintf(pid, sizeof(pid), "%d", getpid());
    setenv("LISTEN_PID", pid, 1);
    setenv("LISTEN_FDS", "1", 1);
}

/* As main() makes it. */
static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

void in_process_start(void)
{
    static char program[] = "pushgateway", socket_flag[] = "--web.systemd-socket",
                admin_flag[] = "--web.enable-admin-api";
    static char *argv[] = {program, socket_flag, admin_flag, NULL};
    struct error e;
    signal(SIGPIPE, SIG_IGN);
    FUZZ_REQUIRE(options_parse(&options, 3, argv, stdout, stderr) == OPTIONS_RUN, "options");
    options.max_request_size = REQUEST_MAX;
    log_setup(LOG_ERROR, LOG_LOGFMT);
    open_socket();
    server.base = make_base();
    server.listener = listener_new(&server, &dispatch_handlers, &e);
    FUZZ_REQUIRE(server.listener, "%s", e.message);
    log_setup((enum log_level)(LOG_ERROR + 1), LOG_LOGFMT); /* no lines about refused pushes */
}

struct options *in_process_options(void)
{
    return &options;
}

void in_process_open(void)
{
    struct store_options kind = {.unchecked = options.disable_consistency_check,
                                 .forget = rendering_free};
    server.start_time_ns = 1700000000000000000;
    server.store = store_new(kind);
    server.telemetry = telemetry_new();
    server.housekeeping = housekeeping_new(&server);
    server.streams = streams_new(server.base);
    FUZZ_REQUIRE(server.store && server.telemetry && server.housekeeping && server.streams &&
                     own_metrics_reserve(server.store),
                 "out of memory");
}

static void turn(void)
{
    event_base_loop(server.base, EVLOOP_NONBLOCK);
}

void in_process_close(void)
{
    for (int i = 0; listener_connections(server.listener) > 0; i++) {
        FUZZ_REQUIRE(i < PATIENCE, "%zu connections left", listener_connections(server.listener));
        turn();
    }
    while (store_reclaim(server.store))
        ;
    streams_free(server.streams);
    housekeeping_free(server.housekeeping);
    telemetry_free(server.telemetry);
    store_free(server.store);
    arena_free(&server.arena);
}

/* --- The client ------------------------------------------------------------------------------- */

struct client {
    int fd;
    bool closed; /* by the server */
    struct buffer received;
};

static struct client client_connect(void)
{
    struct client c = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    FUZZ_REQUIRE(c.fd >= 0 && connect(c.fd, (struct sockaddr *)&address, address_length) == 0 &&
                     fcntl(c.fd, F_SETFL, O_NONBLOCK) == 0,
                 "%s", strerror(errno));
    return c;
}

/* Takes what is there; false if that is nothing. */
static bool client_receive(struct client *c)
{
    char *to = buffer_reserve(&c->received, 1 << 14);
    ssize_t n = c->closed ? 0 : read(c->fd, to, 1 << 14);
    c->closed = c->closed || n == 0 || (n < 0 && errno != EAGAIN);
    if (n > 0)
        c->received.len += (size_t)n;
    return n > 0;
}

static void client_send(struct client *c, struct slice bytes)
{
    for (int i = 0; bytes.len > 0 && !c->closed; i++) {
        ssize_t n = write(c->fd, bytes.p, bytes.len);
        if (n < 0 && errno != EAGAIN)
            return; /* closed; what it said before is still to be read */
        if (n > 0) {
            bytes = (struct slice){bytes.p + n, bytes.len - (size_t)n};
            i = 0;
        }
        FUZZ_REQUIRE(i < PATIENCE, "the server takes no bytes");
        turn();
        client_receive(c);
    }
}

/* Takes all that comes until the server closes. */
static struct buffer client_finish(struct client *c)
{
    for (int i = 0; !c->closed; i++) {
        FUZZ_REQUIRE(i < PATIENCE, "no end of the reply:\n%.*s", (int)c->received.len,
                     c->received.p);
        turn();
        if (client_receive(c))
            i = 0;
    }
    close(c->fd);
    turn();
    return c->received;
}

struct buffer in_process_exchange(struct slice bytes, size_t step)
{
    struct client c = client_connect();
    while (bytes.len > 0 && !c.closed) {
        struct slice piece = {bytes.p, bytes.len < step ? bytes.len : step};
        client_send(&c, piece);
        bytes = (struct slice){bytes.p + piece.len, bytes.len - piece.len};
    }
    shutdown(c.fd, SHUT_WR);
    return client_finish(&c);
}

/* --- Replies ---------------------------------------------------------------------------------- */

/* The value of a header, up to the end of its line; .p NULL if it is not there. */
static struct slice find_header(struct slice head, const char *line_start)
{
    struct slice value = {NULL, 0};
    const char *at = memmem(head.p, head.len, line_start, strlen(line_start));
    if (at) {
        struct slice rest = {at + strlen(line_start), 0};
        rest.len = head.len - (size_t)(rest.p - head.p);
        value = fuzz_take_until(&rest, SLICE_LITERAL("\r\n"));
    }
    return value;
}

static void undo_chunks(struct reply *r)
{
    struct chunk_reader chunks = {0};
    struct slice rest = r->body, data;
    struct buffer whole = {0};
    enum chunk_status status;
    while ((status = chunk_reader_next(&chunks, &rest, &data)) == CHUNK_DATA)
        buffer_slice_append(&whole, data);
    FUZZ_REQUIRE(status == CHUNK_END && rest.len == 0,
                 "%d in a reply in chunks, %zu bytes left:\n%.*s", (int)status, rest.len,
                 (int)r->bytes.len, r->bytes.p);
    r->body = arena_copy(&r->memory, buffer_slice(&whole));
    buffer_free(&whole);
}

static void undo_coding(struct reply *r, struct slice name)
{
    struct error e;
    char *encoding = fuzz_text(name);
    FUZZ_REQUIRE(request_body_decode(r->body, encoding, REPLY_MAX, &r->memory, &r->body, &e), "%s",
                 e.message);
    free(encoding);
}

static void read_reply(struct reply *r)
{
    struct slice rest = buffer_slice(&r->bytes);
    struct slice head = fuzz_take_until(&rest, SLICE_LITERAL("\r\n\r\n"));
    FUZZ_REQUIRE(slice_has_prefix(head, SLICE_LITERAL("HTTP/1.1 ")), "%.*s", SLICE_ARGS(head));
    r->status = atoi(head.p + strlen("HTTP/1.1 "));
    r->body = rest;
    struct slice length = find_header(head, "\r\nContent-Length: ");
    struct slice coding = find_header(head, "\r\nContent-Encoding: ");
    if (find_header(head, "\r\nTransfer-Encoding: chunked").p)
        undo_chunks(r);
    else if (length.p) /* else the end of the connection ends it */
        FUZZ_REQUIRE(strtoul(length.p, NULL, 10) == rest.len, "%.*s with %zu bytes",
                     SLICE_ARGS(head), rest.len);
    if (coding.p)
        undo_coding(r, coding);
}

struct reply in_process_request(const char *method, struct slice target, const char *headers,
                                struct slice body)
{
    struct reply r = {0};
    struct buffer bytes = {0};
    buffer_printf(&bytes, "%s %.*s HTTP/1.1\r\nHost: h\r\nConnection: close\r\n%s", method,
                  SLICE_ARGS(target), headers);
    if (body.len > 0)
        buffer_printf(&bytes, "Content-Length: %zu\r\n", body.len);
    buffer_text(&bytes, "\r\n");
    buffer_slice_append(&bytes, body);
    struct client c = client_connect();
    client_send(&c, buffer_slice(&bytes));
    r.bytes = client_finish(&c);
    buffer_free(&bytes);
    read_reply(&r);
    return r;
}

void reply_free(struct reply *r)
{
    buffer_free(&r->bytes);
    arena_free(&r->memory);
}
