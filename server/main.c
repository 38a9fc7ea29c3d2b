/* The process: makes its parts in order, runs the loop until it is told to stop, frees everything.
 */
#include "access.h"
#include "clock.h"
#include "code_pages.h"
#include "committer.h"
#include "dispatch.h"
#include "event_memory.h"
#include "housekeeping.h"
#include "listener.h"
#include "log.h"
#include "memory.h"
#include "notify.h"
#include "options.h"
#include "own_metrics.h"
#include "persister.h"
#include "rendering.h"
#include "server.h"
#include "signals.h"
#include "store.h"
#include "stream.h"
#include "telemetry.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

/* Far more than is replaced while a scraper in good health reads. */
enum { HELD_BACK_MAX = 256 << 20 };

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    if (!config)
        return NULL;
    /* One thread: no locks. The changelist saves most epoll_ctl() calls, since evhttp turns writing
     * on and off for each reply. */
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static void set_limits(struct server *s)
{
    const struct options *o = s->options;
    store_set_limits(s->store,
                     (struct store_limits){.groups = o->limit_groups,
                                           .series = o->limit_series,
                                           .series_per_group = o->limit_series_per_group});
}

/* Everything up to the point where requests are answered; false: the reason has been logged. */
static bool start(struct server *s)
{
    struct error error = {0};
    struct store_options options = {
        .unchecked = s->options->disable_consistency_check,
        .held_back_max = HELD_BACK_MAX,
        .forget = rendering_free,
    };
    log_write(LOG_INFO, "starting pushgateway", "version", PGW_VERSION, NULL);
    s->base = make_base();
    s->store = store_new(options);
    s->telemetry = telemetry_new();
    if (s->base) {
        s->housekeeping = housekeeping_new(s);
        s->streams = streams_new(s->base);
    }
    if (!s->base || !s->streams || !s->store || !s->telemetry || !s->housekeeping ||
        !own_metrics_reserve(s->store)) {
        log_write(LOG_ERROR, "out of memory", NULL);
        return false;
    }
    /* Before the store is loaded: see password_checker.h. */
    if (!access_new(s, &s->access, &error)) {
        log_write(LOG_ERROR, "Cannot load the web configuration", "err", error.message, NULL);
        return false;
    }
    if (!persister_new(s, &s->persister, &error)) {
        log_write(LOG_ERROR, "cannot use the persistence file", "err", error.message, NULL);
        return false;
    }
    if (s->options->durability == DURABILITY_PUSH &&
        !committer_new(s, s->options->persistence_file, persister_position(s->persister),
                       persister_save_soon, &s->committer, &error)) {
        log_write(LOG_ERROR, "could not begin the journal", "err", error.message, NULL);
        return false;
    }
    set_limits(s);
    s->signals = signals_new(s);
    if (!s->signals) {
        log_write(LOG_ERROR, "out of memory", NULL);
        return false;
    }
    s->listener = listener_new(s, &dispatch_handlers, &error);
    if (!s->listener)
        log_write(LOG_ERROR, "Error starting HTTP server", "err", error.message, NULL);
    return s->listener != NULL;
}

static bool run(struct server *s)
{
    notify_send(&s->notify, "READY=1");
    bool ok = event_base_dispatch(s->base) == 0;
    log_write(LOG_INFO, "HTTP server stopped", NULL);
    return ok;
}

static void free_parts(struct server *s)
{
    listener_free(s->listener);
    signals_free(s->signals);
    streams_free(s->streams);
    committer_free(s->committer);
    access_free(s->access);
    persister_free(s->persister);
    housekeeping_free(s->housekeeping);
    telemetry_free(s->telemetry);
    if (s->store)
        store_free(s->store);
    if (s->base)
        event_base_free(s->base);
    arena_free(&s->arena);
    notify_close(&s->notify);
}

int main(int argc, char **argv)
{
    struct options options = {0};

    memory_setup();
    event_memory_setup();
    switch (options_parse(&options, argc, argv, stdout, stderr)) {
    case OPTIONS_EXIT:
        options_free(&options);
        return EXIT_SUCCESS;
    case OPTIONS_BAD:
        options_free(&options);
        return EXIT_FAILURE;
    case OPTIONS_RUN:
        break;
    }
    log_setup(options.log_level, options.log_format);
    signals_ignore();

    struct server server = {.options = &options, .start_time_ns = clock_wall_ns()};
    notify_open(&server.notify);
    bool ok = start(&server);
    code_pages_release();
    ok = ok && run(&server) && persister_finish(server.persister);
    free_parts(&server);
    options_free(&options);
    libevent_global_shutdown();
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
