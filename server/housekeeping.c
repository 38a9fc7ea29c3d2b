#include "housekeeping.h"

#include "clock.h"
#include "memory.h"
#include "notify.h"
#include "store.h"
#include "telemetry.h"

#include <event2/event.h>
#include <stdlib.h>

enum {
    TICK_NS = 1000000000,
    STEPS_WORTH_GIVING = 16, /* some thousand groups */
    /* Freed memory goes back in parts: all at once would hold up pushes for some milliseconds for
     * each 100 MB. */
    GIVING_TURNS = 75,
    GIVING_TURN_US = 20000,
};

struct housekeeping {
    struct server *server;
    struct event *reclaim; /* pending while there is memory to give back */
    struct event *tick;
    int64_t due_ns;  /* when the next tick should come */
    unsigned steps;  /* of reclaiming since memory was given back */
    unsigned giving; /* turns left in which to give memory back */
};

static bool reclaim_step(struct housekeeping *h)
{
    if (store_reclaim(h->server->store)) {
        h->steps++;
        return true;
    }
    if (h->steps >= STEPS_WORTH_GIVING) {
        h->giving = GIVING_TURNS;
        memory_give_back();
    }
    h->steps = 0;
    return false;
}

/* One step. More is done in the next turn of the loop: a timer, since an event made active by its
 * own callback would keep the loop from looking at sockets. */
static void reclaim(struct housekeeping *h)
{
    static const struct timeval next_turn = {0}, next_giving = {.tv_usec = GIVING_TURN_US};
    if (reclaim_step(h)) {
        evtimer_add(h->reclaim, &next_turn);
    } else if (h->giving > 0) {
        h->giving--;
        memory_age();
        evtimer_add(h->reclaim, &next_giving);
    }
}

static void on_reclaim(evutil_socket_t fd, short what, void *context)
{
    (void)fd;
    (void)what;
    reclaim(context);
}

void housekeeping_wake(struct housekeeping *h)
{
    if (!evtimer_pending(h->reclaim, NULL))
        reclaim(h);
}

/* Wakes too: a reply that has ended lets go of what its view held back. */
static void on_tick(evutil_socket_t fd, short what, void *context)
{
    static const struct timeval interval = {.tv_sec = TICK_NS / 1000000000};
    struct housekeeping *h = context;
    (void)fd;
    (void)what;
    int64_t now = (int64_t)clock_monotonic_ns(), late = now - h->due_ns;
    telemetry_observe_lag(h->server->telemetry, late > 0 ? (double)late / 1e9 : 0);
    notify_alive(&h->server->notify);
    housekeeping_wake(h);
    memory_age();
    h->due_ns = now + TICK_NS;
    evtimer_add(h->tick, &interval);
}

struct housekeeping *housekeeping_new(struct server *s)
{
    static const struct timeval interval = {.tv_sec = TICK_NS / 1000000000};
    struct housekeeping *h = calloc(1, sizeof(*h));
    if (!h)
        return NULL;
    h->server = s;
    h->reclaim = evtimer_new(s->base, on_reclaim, h);
    h->tick = evtimer_new(s->base, on_tick, h);
    if (!h->reclaim || !h->tick || evtimer_add(h->tick, &interval) != 0) {
        housekeeping_free(h);
        return NULL;
    }
    h->due_ns = (int64_t)clock_monotonic_ns() + TICK_NS;
    return h;
}

void housekeeping_free(struct housekeeping *h)
{
    if (!h)
        return;
    if (h->reclaim)
        event_free(h->reclaim);
    if (h->tick)
        event_free(h->tick);
    free(h);
}
