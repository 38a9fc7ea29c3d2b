#include "telemetry.h"

#include "build_info.h"
#include "committer.h"
#include "counter_table.h"
#include "listener.h"
#include "metric_value.h"
#include "options.h"
#include "process_metrics.h"
#include "store.h"
#include "windowed_quantiles.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* All own families, by name. */
enum own_family {
    PROCESS_CPU_SECONDS,
    PROCESS_MAX_FDS,
    PROCESS_NETWORK_RECEIVE_BYTES,
    PROCESS_NETWORK_TRANSMIT_BYTES,
    PROCESS_OPEN_FDS,
    PROCESS_RESIDENT_MEMORY_BYTES,
    PROCESS_START_TIME_SECONDS,
    PROCESS_VIRTUAL_MEMORY_BYTES,
    PROCESS_VIRTUAL_MEMORY_MAX_BYTES,
    BUILD_INFO,
    CONNECTIONS,
    CONNECTIONS_LIMIT,
    GROUPS,
    GROUPS_LIMIT,
    PUSH_DURATION_SECONDS,
    PUSH_SIZE_BYTES,
    REQUESTS,
    LOOP_LAG_SECONDS,
    METRIC_FAMILIES,
    PERSISTENCE_DURATION_SECONDS,
    PERSISTENCE_FAILURES,
    PERSISTENCE_FILE_DAMAGED,
    JOURNAL_BYTES,
    JOURNAL_FAILURES,
    JOURNAL_RECORDS,
    JOURNAL_SIZE,
    JOURNAL_SYNCS,
    PERSISTENCE_LAST_SUCCESS_SECONDS,
    REFUSED_REQUESTS,
    REJECTED_PUSHES,
    SERIES,
    SERIES_LIMIT,
    SERIES_PER_GROUP_LIMIT,
    OWN_FAMILIES,
};

static const struct {
    const char *name, *help;
    enum metric_type type;
} own_families[OWN_FAMILIES] = {
    [PROCESS_CPU_SECONDS] = {"process_cpu_seconds_total",
                             "Total user and system CPU time spent in seconds.", METRIC_COUNTER},
    [PROCESS_MAX_FDS] = {"process_max_fds", "Maximum number of open file descriptors.",
                         METRIC_GAUGE},
    [PROCESS_NETWORK_RECEIVE_BYTES] = {"process_network_receive_bytes_total",
                                       "Number of bytes received by the process over the network.",
                                       METRIC_COUNTER},
    [PROCESS_NETWORK_TRANSMIT_BYTES] = {"process_network_transmit_bytes_total",
                                        "Number of bytes sent by the process over the network.",
                                        METRIC_COUNTER},
    [PROCESS_OPEN_FDS] = {"process_open_fds", "Number of open file descriptors.", METRIC_GAUGE},
    [PROCESS_RESIDENT_MEMORY_BYTES] = {"process_resident_memory_bytes",
                                       "Resident memory size in bytes.", METRIC_GAUGE},
    [PROCESS_START_TIME_SECONDS] = {"process_start_time_seconds",
                                    "Start time of the process since unix epoch in seconds.",
                                    METRIC_GAUGE},
    [PROCESS_VIRTUAL_MEMORY_BYTES] = {"process_virtual_memory_bytes",
                                      "Virtual memory size in bytes.", METRIC_GAUGE},
    [PROCESS_VIRTUAL_MEMORY_MAX_BYTES] = {"process_virtual_memory_max_bytes",
                                          "Maximum amount of virtual memory available in bytes.",
                                          METRIC_GAUGE},
    [BUILD_INFO] = {"pushgateway_build_info",
                    "A metric with a constant '1' value labeled by version, revision, branch, "
                    "goversion from which pushgateway was built, and the goos and goarch for the "
                    "build.",
                    METRIC_GAUGE},
    [CONNECTIONS] = {"pushgateway_connections", "Number of open client connections.", METRIC_GAUGE},
    [CONNECTIONS_LIMIT] = {"pushgateway_connections_limit",
                           "Number of client connections above which new ones wait.", METRIC_GAUGE},
    [GROUPS] = {"pushgateway_groups", "Number of groups stored.", METRIC_GAUGE},
    [GROUPS_LIMIT] = {"pushgateway_groups_limit",
                      "Number of groups above which pushes are refused, if limited.", METRIC_GAUGE},
    [PUSH_DURATION_SECONDS] = {"pushgateway_http_push_duration_seconds",
                               "HTTP request duration for pushes to the Pushgateway.",
                               METRIC_SUMMARY},
    [PUSH_SIZE_BYTES] = {"pushgateway_http_push_size_bytes",
                         "HTTP request size for pushes to the Pushgateway.", METRIC_SUMMARY},
    [REQUESTS] = {"pushgateway_http_requests_total",
                  "Total HTTP requests processed by the Pushgateway, excluding scrapes.",
                  METRIC_COUNTER},
    [LOOP_LAG_SECONDS] = {"pushgateway_loop_lag_seconds",
                          "How late the event loop came to a timer.", METRIC_SUMMARY},
    [METRIC_FAMILIES] = {"pushgateway_metric_families",
                         "Number of metric families stored, each name once.", METRIC_GAUGE},
    [PERSISTENCE_DURATION_SECONDS] = {"pushgateway_persistence_duration_seconds",
                                      "How long the last write of the persistence file took.",
                                      METRIC_GAUGE},
    [PERSISTENCE_FAILURES] = {"pushgateway_persistence_failures_total",
                              "Writes of the persistence file that failed.", METRIC_COUNTER},
    [PERSISTENCE_FILE_DAMAGED] = {"pushgateway_persistence_file_damaged",
                                  "1 if the persistence file, or its journal, was damaged at the "
                                  "start and was set aside, else 0.",
                                  METRIC_GAUGE},
    [JOURNAL_BYTES] = {"pushgateway_persistence_journal_bytes_total",
                       "Bytes written to the journal and synced.", METRIC_COUNTER},
    [JOURNAL_FAILURES] = {"pushgateway_persistence_journal_failures_total",
                          "Writes and syncs of the journal that failed.", METRIC_COUNTER},
    [JOURNAL_RECORDS] = {"pushgateway_persistence_journal_records_total",
                         "Changes written to the journal and synced.", METRIC_COUNTER},
    [JOURNAL_SIZE] = {"pushgateway_persistence_journal_size_bytes",
                      "Size of what the journal tells beyond the persistence file.", METRIC_GAUGE},
    [JOURNAL_SYNCS] = {"pushgateway_persistence_journal_syncs_total",
                       "Syncs of the journal; one serves all changes that wait for it.",
                       METRIC_COUNTER},
    [PERSISTENCE_LAST_SUCCESS_SECONDS] = {"pushgateway_persistence_last_success_timestamp_seconds",
                                          "Unix time when the persistence file was last written; "
                                          "0 before the first time.",
                                          METRIC_GAUGE},
    [REFUSED_REQUESTS] = {"pushgateway_refused_requests_total",
                          "Requests that were refused before they were read whole, or for being no "
                          "HTTP requests, by status code.",
                          METRIC_COUNTER},
    [REJECTED_PUSHES] = {"pushgateway_rejected_pushes_total",
                         "Pushes that were refused, by reason.", METRIC_COUNTER},
    [SERIES] = {"pushgateway_series", "Number of metrics stored.", METRIC_GAUGE},
    [SERIES_LIMIT] = {"pushgateway_series_limit",
                      "Number of metrics above which pushes are refused, if limited.",
                      METRIC_GAUGE},
    [SERIES_PER_GROUP_LIMIT] = {"pushgateway_series_per_group_limit",
                                "Number of metrics in one group above which pushes are refused, if "
                                "limited.",
                                METRIC_GAUGE},
};

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
    for (size_t i = 0; i < OWN_FAMILIES; i++) {
        if (!store_reserve_family(store, slice_of(own_families[i].name),
                                  slice_of(own_families[i].help), own_families[i].type))
            return false;
    }
    return true;
}

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- Counting ----------------------------------------------------------------------------------
 */

/* The label value of a method: clients may send anything, and each value is a series. */
static const char *method_label(const char *method)
{
    static const char *const known[] = {"get",     "put",     "head",   "post",  "delete",
                                        "connect", "options", "notify", "trace", "patch"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcasecmp(method, known[i]) == 0)
            return known[i];
    }
    return "unknown";
}

void telemetry_count_request(struct telemetry *t, const char *handler, const char *method, int code)
{
    counter_table_add(&t->requests, handler, method_label(method), code);
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
        if (strcasecmp(method, push_methods[i]) != 0)
            continue;
        windowed_quantiles_observe(t->push_duration[i], now_ns, duration_seconds);
        windowed_quantiles_observe(t->push_size[i], now_ns, size_bytes);
    }
}

void telemetry_observe_lag(struct telemetry *t, double seconds)
{
    windowed_quantiles_observe(t->loop_lag, monotonic_ns(), seconds);
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

/* Families being put together in an arena. A failure sticks, as in a buffer. */
struct collection {
    struct arena *arena;
    struct family_list *list;
    bool failed;
};

/* The next family, with room for `capacity` metrics. */
static struct family *begin_family(struct collection *c, enum own_family which, size_t capacity)
{
    struct family *f = &c->list->families[c->list->count];
    *f = (struct family){
        .name = slice_of(own_families[which].name),
        .help = slice_of(own_families[which].help),
        .has_help = true,
        .type = own_families[which].type,
        .metrics = arena_zalloc(c->arena, capacity * sizeof(*f->metrics)),
    };
    c->failed |= !f->metrics;
    return f;
}

/* A family without metrics is not shown. */
static void end_family(struct collection *c, const struct family *f)
{
    c->list->count += f->n_metrics > 0;
}

static void set_label(struct metric *m, size_t i, const char *name, const char *value)
{
    m->labels[i] = (struct label){slice_of(name), slice_of(value)};
}

/* A metric with room for n labels, which the caller fills in; NULL when memory is out. */
static struct metric *add_metric(struct collection *c, struct family *f, size_t n_labels,
                                 struct slice payload)
{
    struct label *labels = arena_zalloc(c->arena, n_labels * sizeof(*labels));
    if (c->failed || !labels || !payload.p) {
        c->failed = true;
        return NULL;
    }
    struct metric *m = &f->metrics[f->n_metrics++];
    *m = (struct metric){.labels = labels, .n_labels = n_labels, .payload = payload};
    return m;
}

static struct metric *add_number(struct collection *c, struct family *f, size_t n_labels,
                                 double value)
{
    return add_metric(c, f, n_labels, metric_value_write_number(value, f->type, c->arena));
}

/* A family of one number without labels; a number that is not known is left out. */
static void collect_number(struct collection *c, enum own_family which, double value)
{
    struct family *f = begin_family(c, which, 1);
    if (!isnan(value))
        add_number(c, f, 0, value);
    end_family(c, f);
}

static void add_summary(struct collection *c, struct family *f, struct windowed_quantiles *w,
                        const double ranks[QUANTILES], const char *method)
{
    Io__Prometheus__Client__Summary summary = IO__PROMETHEUS__CLIENT__SUMMARY__INIT;
    Io__Prometheus__Client__Quantile quantiles[QUANTILES], *pointers[QUANTILES];
    double values[QUANTILES];

    windowed_quantiles_query(w, monotonic_ns(), ranks, QUANTILES, values);
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
        add_metric(c, f, method ? 1 : 0, metric_value_write_summary(&summary, c->arena));
    if (m && method)
        set_label(m, 0, "method", method);
}

static void collect_pushes(struct collection *c, enum own_family which,
                           struct windowed_quantiles *const by_method[PUSH_METHODS])
{
    struct family *f = begin_family(c, which, PUSH_METHODS);
    for (size_t i = 0; i < PUSH_METHODS; i++) {
        if (windowed_quantiles_count(by_method[i]) > 0)
            add_summary(c, f, by_method[i], push_ranks, push_methods[i]);
    }
    end_family(c, f);
}

static void collect_build_info(struct collection *c)
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
    struct family *f = begin_family(c, BUILD_INFO, 1);
    struct metric *m = add_number(c, f, N, 1);
    for (size_t i = 0; m && i < N; i++)
        set_label(m, i, labels[i].name, labels[i].value);
    end_family(c, f);
}

/* The counters of a table, ordered; NULL when memory is out. */
static const struct counter *sorted_counters(struct collection *c, const struct counter_table *t)
{
    struct counter *counters = arena_alloc(c->arena, t->count * sizeof(*counters));
    if (!counters) {
        c->failed = true;
        return NULL;
    }
    counter_table_sorted(t, counters);
    return counters;
}

static const char *code_text(struct collection *c, int code)
{
    char *text = arena_alloc(c->arena, 12);
    if (!text) {
        c->failed = true;
        return "";
    }
    snprintf(text, 12, "%d", code);
    return text;
}

static void collect_requests(struct collection *c, const struct counter_table *t)
{
    const struct counter *counters = sorted_counters(c, t);
    struct family *f = begin_family(c, REQUESTS, t->count);
    for (size_t i = 0; !c->failed && i < t->count; i++) {
        struct metric *m = add_number(c, f, 3, (double)counters[i].value);
        if (!m)
            break;
        set_label(m, 0, "code", code_text(c, counters[i].code));
        set_label(m, 1, "handler", counters[i].name);
        set_label(m, 2, "method", counters[i].method);
    }
    end_family(c, f);
}

static void collect_rejections(struct collection *c, const struct counter_table *t)
{
    const struct counter *counters = sorted_counters(c, t);
    struct family *f = begin_family(c, REJECTED_PUSHES, t->count);
    for (size_t i = 0; !c->failed && i < t->count; i++) {
        struct metric *m = add_number(c, f, 1, (double)counters[i].value);
        if (m)
            set_label(m, 0, "reason", counters[i].name);
    }
    end_family(c, f);
}

static void collect_refusals(struct collection *c, const struct counter_table *t)
{
    const struct counter *counters = sorted_counters(c, t);
    struct family *f = begin_family(c, REFUSED_REQUESTS, t->count);
    for (size_t i = 0; !c->failed && i < t->count; i++) {
        struct metric *m = add_number(c, f, 1, (double)counters[i].value);
        if (m)
            set_label(m, 0, "code", code_text(c, counters[i].code));
    }
    end_family(c, f);
}

static void collect_lag(struct collection *c, struct windowed_quantiles *w)
{
    struct family *f = begin_family(c, LOOP_LAG_SECONDS, 1);
    add_summary(c, f, w, lag_ranks, NULL);
    end_family(c, f);
}

static void collect_process(struct collection *c, const struct telemetry *t)
{
    struct process_metrics p = process_metrics_read();
    if (isnan(p.start_time_seconds))
        p.start_time_seconds = (double)t->start_time_ns / 1e9;
    collect_number(c, PROCESS_CPU_SECONDS, p.cpu_seconds);
    collect_number(c, PROCESS_MAX_FDS, p.max_fds);
    collect_number(c, PROCESS_NETWORK_RECEIVE_BYTES, p.network_receive_bytes);
    collect_number(c, PROCESS_NETWORK_TRANSMIT_BYTES, p.network_transmit_bytes);
    collect_number(c, PROCESS_OPEN_FDS, p.open_fds);
    collect_number(c, PROCESS_RESIDENT_MEMORY_BYTES, p.resident_bytes);
    collect_number(c, PROCESS_START_TIME_SECONDS, p.start_time_seconds);
    collect_number(c, PROCESS_VIRTUAL_MEMORY_BYTES, p.virtual_bytes);
    collect_number(c, PROCESS_VIRTUAL_MEMORY_MAX_BYTES, p.max_virtual_bytes);
}

/* A limit of 0 is none: nothing is shown, so that no alert divides by it. */
static void collect_limit(struct collection *c, enum own_family which, size_t limit)
{
    collect_number(c, which, limit > 0 ? (double)limit : NAN);
}

static void collect_journal(struct collection *c, const struct committer *committer)
{
    if (!committer)
        return;
    struct committer_figures f = committer_figures(committer);
    collect_number(c, JOURNAL_BYTES, (double)f.bytes);
    collect_number(c, JOURNAL_FAILURES, (double)f.failures);
    collect_number(c, JOURNAL_RECORDS, (double)f.records);
    collect_number(c, JOURNAL_SIZE, (double)f.size);
    collect_number(c, JOURNAL_SYNCS, (double)f.syncs);
}

/* In the order of own_family, which is that of names. */
static void collect_server(struct collection *c, struct telemetry *t, const struct server *s)
{
    struct store_statistics stored = store_statistics(s->store);
    const struct options *o = s->options;

    collect_build_info(c);
    if (s->listener) {
        collect_number(c, CONNECTIONS, (double)listener_connections(s->listener));
        collect_limit(c, CONNECTIONS_LIMIT, listener_max_connections(s->listener));
    }
    collect_number(c, GROUPS, (double)stored.groups);
    collect_limit(c, GROUPS_LIMIT, o->limit_groups);
    collect_pushes(c, PUSH_DURATION_SECONDS, t->push_duration);
    collect_pushes(c, PUSH_SIZE_BYTES, t->push_size);
    collect_requests(c, &t->requests);
    collect_lag(c, t->loop_lag);
    collect_number(c, METRIC_FAMILIES, (double)stored.families);
    if (s->persister) {
        collect_number(c, PERSISTENCE_DURATION_SECONDS, t->flush_seconds);
        collect_number(c, PERSISTENCE_FAILURES, (double)t->failed_flushes);
        collect_number(c, PERSISTENCE_FILE_DAMAGED, t->file_damaged);
        collect_journal(c, s->committer);
        collect_number(c, PERSISTENCE_LAST_SUCCESS_SECONDS, (double)t->last_flush_ns / 1e9);
    }
    collect_refusals(c, &t->refusals);
    collect_rejections(c, &t->rejections);
    collect_number(c, SERIES, (double)stored.series);
    collect_limit(c, SERIES_LIMIT, o->limit_series);
    collect_limit(c, SERIES_PER_GROUP_LIMIT, o->limit_series_per_group);
}

bool telemetry_collect(struct telemetry *t, const struct server *s, struct arena *a,
                       struct family_list *out)
{
    struct collection c = {.arena = a, .list = out};

    *out = (struct family_list){.families = arena_alloc(a, OWN_FAMILIES * sizeof(*out->families))};
    if (!out->families)
        return false;
    collect_process(&c, t);
    collect_server(&c, t, s);
    return !c.failed;
}
