#include "connection_time.h"

#include "connection.h"
#include "evhttp_feed.h"
#include "guard.h"
#include "options.h"
#include "server.h"
#include "tls_connection.h"

#include <event2/event.h>

enum {
    LINGER_NS = 2000000000, /* for the client to read the last reply */
    MIB = 1 << 20,
};

/* Tells the client that its request took too long; where evhttp waits for the body, that cannot be.
 */
static void time_out(struct connection *c)
{
    if (c->continued && c->phase == CONNECTION_BODY) {
        evhttp_connection_free(c->http);
        return;
    }
    if (c->phase == CONNECTION_ASKING) {
        access_cancel(c->owner->server->access, &c->waiter);
        guard_decided(c, ADMISSION_UNAVAILABLE);
        return;
    }
    c->busy = true;
    if (c->continued) {
        c->refusal = &refusal_timeout;
        evhttp_feed_without_body(c);
    } else {
        evhttp_feed_refusal(c, &refusal_timeout);
    }
    c->busy = false;
    bufferevent_trigger(c->bev, EV_READ, 0);
}

/* Whether a client takes too long for the next MiB of its reply, or for the rest. */
static bool reads_too_slowly(struct connection *c, int64_t now_ns)
{
    size_t unsent = evbuffer_get_length(bufferevent_get_output(c->bev));
    int64_t taken =
        (int64_t)(c->queued - c->queued_before) + (int64_t)c->unsent_before - (int64_t)unsent;
    if (unsent == 0 || c->unsent_before == 0 || taken >= MIB) {
        c->queued_before = c->queued;
        c->unsent_before = unsent;
        c->since_ns = now_ns;
    }
    return now_ns - c->since_ns > c->owner->server->options->read_timeout_ns;
}

static bool sends_too_slowly(const struct connection *c, int64_t now_ns)
{
    int64_t allowances = 1 + (int64_t)((c->received + MIB - 1) / MIB);
    return (now_ns - c->since_ns) / allowances > c->owner->server->options->read_timeout_ns;
}

static int64_t idle_limit(const struct connection *c)
{
    const struct options *o = c->owner->server->options;
    bool shakes_hands = c->ssl && !tls_connection_is_open(c->ssl);
    return shakes_hands ? o->read_timeout_ns : o->idle_timeout_ns;
}

bool connection_time_check(struct connection *c, int64_t now_ns)
{
    if (c->phase != CONNECTION_ANSWERING && c->phase != CONNECTION_DISCARDING &&
        !guard_is_idle(c)) {
        if (!sends_too_slowly(c, now_ns))
            return false;
        time_out(c);
        return true;
    }
    bool ends = c->phase == CONNECTION_ANSWERING    ? reads_too_slowly(c, now_ns)
                : c->phase == CONNECTION_DISCARDING ? now_ns - c->since_ns > LINGER_NS
                                                    : now_ns - c->since_ns > idle_limit(c);
    if (ends)
        evhttp_connection_free(c->http);
    return ends;
}
