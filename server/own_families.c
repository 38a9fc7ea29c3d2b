#include "own_families.h"

#include "metric_value.h"
#include "store.h"

#include <math.h>

static const struct {
    const char *name, *help;
    enum metric_type type;
} facts[OWN_FAMILIES] = {
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

bool own_families_reserve(struct store *store)
{
    for (size_t i = 0; i < OWN_FAMILIES; i++) {
        if (!store_reserve_family(store, slice_of(facts[i].name), slice_of(facts[i].help),
                                  facts[i].type))
            return false;
    }
    return true;
}

struct own_families own_families_start(struct arena *a, struct family_list *list)
{
    *list =
        (struct family_list){.families = arena_alloc(a, OWN_FAMILIES * sizeof(*list->families))};
    return (struct own_families){.arena = a, .list = list, .failed = !list->families};
}

struct family *own_families_begin(struct own_families *o, enum own_family which, size_t capacity)
{
    struct family *f = &o->list->families[o->list->count];
    *f = (struct family){
        .name = slice_of(facts[which].name),
        .help = slice_of(facts[which].help),
        .has_help = true,
        .type = facts[which].type,
        .metrics = arena_zalloc(o->arena, capacity * sizeof(*f->metrics)),
    };
    o->failed |= !f->metrics;
    return f;
}

void own_families_end(struct own_families *o, const struct family *f)
{
    o->list->count += f->n_metrics > 0;
}

void own_families_label(struct metric *m, size_t i, const char *name, const char *value)
{
    m->labels[i] = (struct label){slice_of(name), slice_of(value)};
}

struct metric *own_families_metric(struct own_families *o, struct family *f, size_t n_labels,
                                   struct slice payload)
{
    struct label *labels = arena_zalloc(o->arena, n_labels * sizeof(*labels));
    if (o->failed || !labels || !payload.p) {
        o->failed = true;
        return NULL;
    }
    struct metric *m = &f->metrics[f->n_metrics++];
    *m = (struct metric){.labels = labels, .n_labels = n_labels, .payload = payload};
    return m;
}

struct metric *own_families_number(struct own_families *o, struct family *f, size_t n_labels,
                                   double value)
{
    return own_families_metric(o, f, n_labels, metric_value_write_number(value, f->type, o->arena));
}

void own_families_add(struct own_families *o, enum own_family which, double value)
{
    struct family *f = own_families_begin(o, which, 1);
    if (!isnan(value))
        own_families_number(o, f, 0, value);
    own_families_end(o, f);
}
