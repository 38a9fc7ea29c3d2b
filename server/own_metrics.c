#include "own_metrics.h"

#include "build_info.h"
#include "clock.h"
#include "committer.h"
#include "listener.h"
#include "metric_value.h"
#include "options.h"
#include "own_families.h"
#include "process_metrics.h"
#include "store.h"
#include "telemetry.h"

#include <math.h>
#include <stdio.h>

enum { QUANTILES = 3 };
static const double push_ranks[QUANTILES] = {0.1, 0.5, 0.9};
static const double lag_ranks[QUANTILES] = {0.5, 0.9, 0.99};

bool own_metrics_reserve(struct store *store)
{
    return own_families_reserve(store);
}

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
                           struct windowed_quantiles *const by_method[TELEMETRY_PUSH_METHODS])
{
    struct family *f = own_families_begin(o, which, TELEMETRY_PUSH_METHODS);
    for (size_t i = 0; i < TELEMETRY_PUSH_METHODS; i++) {
        if (windowed_quantiles_count(by_method[i]) > 0)
            add_summary(o, f, by_method[i], push_ranks, telemetry_push_methods[i]);
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

static void collect_rejections(struct own_families *o, const uint64_t counts[REJECTIONS])
{
    struct family *f = own_families_begin(o, REJECTED_PUSHES, REJECTIONS);
    for (size_t i = 0; i < REJECTIONS; i++) {
        struct metric *m = own_families_number(o, f, 1, (double)counts[i]);
        if (m)
            own_families_label(m, 0, "reason", telemetry_rejections[i]);
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

static void collect_process(struct own_families *o, int64_t start_time_ns)
{
    struct process_metrics p = process_metrics_read();
    if (isnan(p.start_time_seconds))
        p.start_time_seconds = (double)start_time_ns / 1e9;
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
static void collect_server(struct own_families *o, const struct server *s)
{
    const struct telemetry *t = s->telemetry;
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
    collect_rejections(o, t->rejections);
    own_families_add(o, SERIES, (double)stored.series);
    collect_limit(o, SERIES_LIMIT, options->limit_series);
    collect_limit(o, SERIES_PER_GROUP_LIMIT, options->limit_series_per_group);
}

bool own_metrics_collect(const struct server *s, struct arena *a, struct family_list *out)
{
    struct own_families own = own_families_start(a, out);
    if (own.failed)
        return false;
    collect_process(&own, s->start_time_ns);
    collect_server(&own, s);
    return !own.failed;
}
