/* A server without sockets, for what is made from the store: fixtures of several tests. */
#ifndef STORED_H
#define STORED_H

#include "metric_value.h"
#include "options.h"
#include "own_metrics.h"
#include "rendering.h"
#include "server.h"
#include "store.h"
#include "stream.h"
#include "suite.h"
#include "telemetry.h"

static const int64_t STORED_AT_NS = 1795344710500000000; /* 2026-11-22T10:51:50.5Z */

static struct options stored_options;
static struct server stored_server;

static inline void stored_open(void)
{
    static char program[] = "pushgateway";
    static char *argv[] = {program, NULL};

    setenv("TZ", "UTC", 1);
    ck_assert_int_eq(options_parse(&stored_options, 1, argv, stdout, stderr), OPTIONS_RUN);
    stored_server =
        (struct server){.options = &stored_options,
                        .store = store_new((struct store_options){.forget = rendering_free}),
                        .telemetry = telemetry_new(),
                        .start_time_ns = STORED_AT_NS};
    ck_assert_ptr_nonnull(stored_server.store);
    ck_assert_ptr_nonnull(stored_server.telemetry);
    ck_assert(own_metrics_reserve(stored_server.store));
}

static inline void stored_close(void)
{
    store_free(stored_server.store);
    telemetry_free(stored_server.telemetry);
    options_free(&stored_options);
}

/* Pushes one number to {job}, with one label of its own unless label_name is NULL. */
static inline void stored_push(const char *job, const char *family, enum metric_type type,
                               const char *label_name, const char *label_value, double number)
{
    struct arena a = {0};
    struct error e;
    struct label key = {SLICE_LITERAL("job"), slice_of(job)};
    struct label own = {0};
    struct metric m = {.labels = &own, .payload = metric_value_write_number(number, type, &a)};
    struct family f = {.name = slice_of(family),
                       .help = SLICE_LITERAL("Help <of> it."),
                       .has_help = true,
                       .type = type,
                       .metrics = &m,
                       .n_metrics = 1};
    struct family_list list = {&f, 1};

    if (label_name) {
        own = (struct label){slice_of(label_name), slice_of(label_value)};
        m.n_labels = 1;
    }
    ck_assert_msg(store_push(stored_server.store, (struct group_key){&key, 1}, &list, STORE_MERGE,
                             STORED_AT_NS, &a, &e) == STORE_APPLIED,
                  "%s", e.message);
    arena_free(&a);
}

/* All pieces of a source, joined and NUL-terminated. Each must be near the size it should have. */
static inline struct buffer stored_stream(enum stream_status (*produce)(void *, struct buffer *),
                                          void *context, size_t *pieces)
{
    struct buffer all = {0}, piece = {0};
    enum stream_status status = STREAM_MORE;

    for (*pieces = 0; status == STREAM_MORE; ++*pieces) {
        buffer_clear(&piece);
        status = produce(context, &piece);
        ck_assert_int_ne(status, STREAM_FAILED);
        ck_assert_uint_lt(piece.len, 2 * STREAM_PIECE);
        buffer_slice_append(&all, buffer_slice(&piece));
    }
    buffer_free(&piece);
    buffer_byte(&all, '\0');
    ck_assert(!all.failed);
    all.len--;
    return all;
}

#endif
