/* The server's own metrics: counted here as things happen, shown as families (own_families.h) at a
 * scrape. */
#ifndef TELEMETRY_H
#define TELEMETRY_H

#include "arena.h"
#include "family.h"
#include "server.h"

#include <stdint.h>

struct telemetry;

/* start_time_ns is shown where the system does not tell it. NULL when memory is out. */
struct telemetry *telemetry_new(int64_t start_time_ns);
void telemetry_free(struct telemetry *t);

/* Declares all families of telemetry_collect() to the store, so that pushes agree with them. */
bool telemetry_reserve(const struct telemetry *t, struct store *store);

/* pushgateway_http_requests_total. `handler` and `method` are literals: the route's
 * metrics_handler, and the label that client_golang has for the method. A look-up; memory is taken
 * for new combinations only. */
void telemetry_count_request(struct telemetry *t, const char *handler, const char *method,
                             int code);

/* pushgateway_http_push_duration_seconds, pushgateway_http_push_size_bytes; method "put" or "post",
 * others are not counted. Quantiles are over the last ten minutes, as the original's, and within 1%
 * of the true ones (windowed_quantiles.h). now_ns is the monotonic clock. The size is what the
 * original takes for it: the body, and the request line and headers without their separators. */
void telemetry_observe_push(struct telemetry *t, const char *method, uint64_t now_ns,
                            double duration_seconds, double size_bytes);

/* pushgateway_rejected_pushes_total{reason}. `reason` is a literal. */
void telemetry_count_rejection(struct telemetry *t, const char *reason);

/* pushgateway_refused_requests_total{code}: what is no request of any kind yet. */
void telemetry_count_refusal(struct telemetry *t, int code);

/* Persistence: after each flush. */
void telemetry_flush_ended(struct telemetry *t, bool ok, int64_t now_ns, double duration_seconds);

/* Persistence: whether the file was found damaged at the start. */
void telemetry_file_damaged(struct telemetry *t);

/* Loop lag: how late a timer fired. */
void telemetry_observe_lag(struct telemetry *t, double seconds);

/* All own families as of now, sorted by name, in the arena; false when memory is out. Asks the
 * store and the listener for their figures. */
bool telemetry_collect(struct telemetry *t, const struct server *s, struct arena *a,
                       struct family_list *out);

#endif
