#include "telemetry.h"

#include "build_info.h"
#include "clock.h"
#include "committer.h"
#include "counter_table.h"
#include "listener.h"
#include "metric_value.h"
#include "options.h"
#include "own_families.h"
#include "process_metrics.h"
#include "store.h"
#include "windowed_quantiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PUSH_METHODS = 2, QUANTILES = 3 };
static const char *const push_methods[PUSH_METHODS] = {"post", "put"};
static const double push_ranks[QUANTILES] = {0.1, 0.5, 0.9};
static const double lag_ranks[QUANTILES] = {0.5, 0.9, 0.99};

struct telemetry {
    int64_t start_time_ns;
    struct counter_table requests;   /* handler, method, code */
    struct counter_table rejections; /* reason */
    struct counter_table refusals;   /* code */
    struct windowed_quantiles *push_duration[PUSH_METHODS], *push_size[PUSH_METHODS];
    struct windowed_quantiles *loop_lag;
    int64_t last_flush_ns;
    double flush_seconds;
    uint64_t failed_flushes;
    bool file_damaged;
};

struct telemetry *telemetry_new(int64_t start_time_ns)
{
    struct telemetry *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    t->start_time_ns = start_time_ns;
    /* From 60 ns to 17 minutes, and from 1 byte to 64 GiB. */
    t->loop_lag = windowed_quantiles_new(-24, 10);
    bool ok = t->loop_lag != NULL;
    for (size_t i = 0; i < PUSH_METHODS; i++) {
        t->push_duration[i] = windowed_quantiles_new(-24, 10);
        t->push_size[i] = windowed_quantiles_new(0, 36);
        ok = ok && t->push_duration[i] && t->push_size[i];
    }
    if (!ok) {
        telemetry_free(t);
        return NULL;
    }
    return t;
}

void telemetry_free(struct telemetry *t)
{
    if (!t)
        return;
    counter_table_free(&t->requests);
    counter_table_free(&t->rejections);
    counter_table_free(&t->refusals);
    windowed_quantiles_free(t->loop_lag);
    for (size_t i = 0; i < PUSH_METHODS; i++) {
        windowed_quantiles_free(t->push_duration[i]);
        windowed_quantiles_free(t->push_size[i]);
    }
    free(t);
}

bool telemetry_reserve(const struct telemetry *t, struct store *store)
{
    (void)t;
    return own_families_reserve(store);
}

/* --- Counting ----------------------------------------------------------------------------------
 */

void telemetry_count_request(struct telemetry *t, const char *handler, const char *method, int code)
{
    counter_table_add(&t->requests, handler, method, code);
}

void telemetry_count_rejection(struct telemetry *t, const char *reason)
{
    counter_table_add(&t->rejections, reason, "", 0);
}

void telemetry_count_refusal(struct telemetry *t, int code)
{
    counter_table_add(&t->refusals, "", "", code);
}

void telemetry_observe_push(struct telemetry *t, const char *method, uint64_t now_ns,
                            double duration_seconds, double size_bytes)
{
    for (size_t i = 0; i < PUSH_METHODS; i++) {
        if (strcmp(method, push_methods[i]) != 0)
            continue;
        windowed_quantiles_observe(t->push_duration[i], now_ns, duration_seconds);
        windowed_quantiles_observe(t->push_size[i], now_ns, size_bytes);
    }
}

void telemetry_observe_lag(struct telemetry *t, double seconds)
{
    windowed_quantiles_observe(t->loop_lag, clock_monotonic_ns(), seconds);
}

void telemetry_flush_ended(struct telemetry *t, bool ok, int64_t now_ns, double duration_seconds)
{
    t->flush_seconds = duration_seconds;
    if (ok)
        t->last_flush_ns = now_ns;
    else
        t->failed_flushes++;
}

void telemetry_file_damaged(struct telemetry *t)
{
    t->file_damaged = true;
}

/* --- Collecting --------------------------------------------------------------------------------
 */

static void add_summary(struct own_families *o, struct family *f, struct windowed_quantiles *w,
                        const double ranks[QUANTILES], const char *method)
{
    Io__Prometheus__Client__Summary summary = IO__PROMETHEUS__CLIENT__SUMMARY__INIT;
    Io__Prometheus__Client__Quantile quantiles[QUANTILES], *pointers[QUANTILES];
    double values[QUANTILES];

    windowed_quantiles_query(w, clock_monotonic_ns(), ranks, QUANTILES, values);
    for (size_t i = 0; i < QUANTILES; i++) {
        io__prometheus__client__quantile__init(&quantiles[i]);
        quantiles[i].has_quantile = quantiles[i].has_value = true;
        quantiles[i].quantile = ranks[i];
        quantiles[i].value = values[i];
        pointers[i] = &quantiles[i];
    }
    summary.has_sample_count = summary.has_sample_sum = true;
    summary.sample_count = windowed_quantiles_count(w);
    summary.sample_sum = windowed_quantiles_sum(w);
    summary.quantile = pointers;
    summary.n_quantile = QUANTILES;
    struct metric *m =
        own_families_metric(o, f, method ? 1 : 0, metric_value_write_summary(&summary, o->arena));
    if (m && method)
        own_families_label(m, 0, "method", method);
}

static void collect_pushes(struct own_families *o, enum own_family which,
                           struct windowed_quantiles *const by_method[PUSH_METHODS])
{
    struct family *f = own_families_begin(o, which, PUSH_METHODS);
    for (size_t i = 0; i < PUSH_METHODS; i++) {
        if (windowed_quantiles_count(by_method[i]) > 0)
            add_summary(o, f, by_method[i], push_ranks, push_methods[i]);
    }
    own_families_end(o, f);
}

static void collect_build_info(struct own_families *o)
{
    const struct {
        const char *name, *value;
    } labels[] = {
        {"branch", build_info.branch},     {"goarch", build_info.arch},
        {"goos", build_info.os},           {"goversion", build_info.compiler},
        {"revision", build_info.revision}, {"tags", "unknown"},
        {"version", build_info.version},
    };
    enum { N = sizeof(labels) / sizeof(labels[0]) };
    struct family *f = own_families_begin(o, BUILD_INFO, 1);
    struct metric *m = own_families_number(o, f, N, 1);
    for (size_t i = 0; m && i < N; i++)
        own_families_label(m, i, labels[i].name, labels[i].value);
    own_families_end(o, f);
}

/* The counters of a table, ordered; NULL when memory is out. */
static const struct counter *sorted_counters(struct own_families *o, const struct counter_table *t)
{
    struct counter *counters = arena_alloc(o->arena, t->count * sizeof(*counters));
    if (!counters) {
        o->failed = true;
        return NULL;
    }
    counter_table_sorted(t, counters);
    return counters;
}

static const char *code_text(struct own_families *o, int code)
{
    char *text = arena_alloc(o->arena, 12);
    if (!text) {
        o->failed = true;
        return "";
    }
    snprintf(text, 12, "%d", code);
    return text;
}

static void collect_requests(struct own_families *o, const struct counter_table *t)
{
    const struct counter *counters = sorted_counters(o, t);
    struct family *f = own_families_begin(o, REQUESTS, t->count);
    for (size_t i = 0; !o->failed && i < t->count; i++) {
        struct metric *m = own_families_number(o, f, 3, (double)counters[i].value);
        if (!m)
            break;
        own_families_label(m, 0, "code", code_text(o, counters[i].code));
        own_families_label(m, 1, "handler", counters[i].name);
        own_families_label(m, 2, "method", counters[i].method);
    }
    own_families_end(o, f);
}

static void collect_rejections(struct own_families *o, const struct counter_table *t)
{
    const struct counter *counters = sorted_counters(o, t);
    struct family *f = own_families_begin(o, REJECTED_PUSHES, t->count);
    for (size_t i = 0; !o->failed && i < t->count; i++) {
        struct metric *m = own_families_number(o, f, 1, (double)counters[i].value);
        if (m)
            own_families_label(m, 0, "reason", counters[i].name);
    }
    own_families_end(o, f);
}

static void collect_refusals(struct own_families *o, const struct counter_table *t)
{
    const struct counter *counters = sorted_counters(o, t);
    struct family *f = own_families_begin(o, REFUSED_REQUESTS, t->count);
    for (size_t i = 0; !o->failed && i < t->count; i++) {
        struct metric *m = own_families_number(o, f, 1, (double)counters[i].value);
        if (m)
            own_families_label(m, 0, "code", code_text(o, counters[i].code));
    }
    own_families_end(o, f);
}

static void collect_lag(struct own_families *o, struct windowed_quantiles *w)
{
    struct family *f = own_families_begin(o, LOOP_LAG_SECONDS, 1);
    add_summary(o, f, w, lag_ranks, NULL);
    own_families_end(o, f);
}

static void collect_process(struct own_families *o, const struct telemetry *t)
{
    struct process_metrics p = process_metrics_read();
    if (isnan(p.start_time_seconds))
        p.start_time_seconds = (double)t->start_time_ns / 1e9;
    own_families_add(o, PROCESS_CPU_SECONDS, p.cpu_seconds);
    own_families_add(o, PROCESS_MAX_FDS, p.max_fds);
    own_families_add(o, PROCESS_NETWORK_RECEIVE_BYTES, p.network_receive_bytes);
    own_families_add(o, PROCESS_NETWORK_TRANSMIT_BYTES, p.network_transmit_bytes);
    own_families_add(o, PROCESS_OPEN_FDS, p.open_fds);
    own_families_add(o, PROCESS_RESIDENT_MEMORY_BYTES, p.resident_bytes);
    own_families_add(o, PROCESS_START_TIME_SECONDS, p.start_time_seconds);
    own_families_add(o, PROCESS_VIRTUAL_MEMORY_BYTES, p.virtual_bytes);
    own_families_add(o, PROCESS_VIRTUAL_MEMORY_MAX_BYTES, p.max_virtual_bytes);
}

/* A limit of 0 is none: nothing is shown, so that no alert divides by it. */
static void collect_limit(struct own_families *o, enum own_family which, size_t limit)
{
    own_families_add(o, which, limit > 0 ? (double)limit : NAN);
}

static void collect_journal(struct own_families *o, const struct committer *committer)
{
    if (!committer)
        return;
    struct committer_figures f = committer_figures(committer);
    own_families_add(o, JOURNAL_BYTES, (double)f.bytes);
    own_families_add(o, JOURNAL_FAILURES, (double)f.failures);
    own_families_add(o, JOURNAL_RECORDS, (double)f.records);
    own_families_add(o, JOURNAL_SIZE, (double)f.size);
    own_families_add(o, JOURNAL_SYNCS, (double)f.syncs);
}

/* In the order of own_family, which is that of names. */
static void collect_server(struct own_families *o, struct telemetry *t, const struct server *s)
{
    struct store_statistics stored = store_statistics(s->store);
    const struct options *options = s->options;

    collect_build_info(o);
    if (s->listener) {
        own_families_add(o, CONNECTIONS, (double)listener_connections(s->listener));
        collect_limit(o, CONNECTIONS_LIMIT, listener_max_connections(s->listener));
    }
    own_families_add(o, GROUPS, (double)stored.groups);
    collect_limit(o, GROUPS_LIMIT, options->limit_groups);
    collect_pushes(o, PUSH_DURATION_SECONDS, t->push_duration);
    collect_pushes(o, PUSH_SIZE_BYTES, t->push_size);
    collect_requests(o, &t->requests);
    collect_lag(o, t->loop_lag);
    own_families_add(o, METRIC_FAMILIES, (double)stored.families);
    if (s->persister) {
        own_families_add(o, PERSISTENCE_DURATION_SECONDS, t->flush_seconds);
        own_families_add(o, PERSISTENCE_FAILURES, (double)t->failed_flushes);
        own_families_add(o, PERSISTENCE_FILE_DAMAGED, t->file_damaged);
        collect_journal(o, s->committer);
        own_families_add(o, PERSISTENCE_LAST_SUCCESS_SECONDS, (double)t->last_flush_ns / 1e9);
    }
    collect_refusals(o, &t->refusals);
    collect_rejections(o, &t->rejections);
    own_families_add(o, SERIES, (double)stored.series);
    collect_limit(o, SERIES_LIMIT, options->limit_series);
    collect_limit(o, SERIES_PER_GROUP_LIMIT, options->limit_series_per_group);
}

bool telemetry_collect(struct telemetry *t, const struct server *s, struct arena *a,
                       struct family_list *out)
{
    struct own_families own = own_families_start(a, out);
    if (own.failed)
        return false;
    collect_process(&own, t);
    collect_server(&own, t, s);
    return !own.failed;
}
