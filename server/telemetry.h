/* What the server counts as it happens, for its own metrics; own_metrics.h shows it. */
#ifndef TELEMETRY_H
#define TELEMETRY_H

#include "counter_table.h"
#include "windowed_quantiles.h"

#include <stdbool.h>
#include <stdint.h>

enum { TELEMETRY_PUSH_METHODS = 2 };

/* Why a push was refused. All are shown from the start, at 0, or an increase from nothing to the
 * first would be none to Prometheus. */
enum rejection {
    REJECTED_INCONSISTENT,
    REJECTED_LIMIT,
    REJECTED_OUT_OF_MEMORY,
    REJECTED_TOO_LARGE,
    REJECTED_TOO_MANY,
    REJECTED_UNAUTHORIZED,
    REJECTED_UNAVAILABLE,
    REJECTED_UNREADABLE,
    REJECTED_UNWRITABLE,
    REJECTED_URL,
    REJECTIONS,
};

/* As in the label `reason`. */
extern const char *const telemetry_rejections[REJECTIONS];

/* As in the label `method`, in its order. */
extern const char *const telemetry_push_methods[TELEMETRY_PUSH_METHODS];

/* Changed by the functions below alone. */
struct telemetry {
    struct counter_table requests; /* handler, method, code */
    uint64_t rejections[REJECTIONS];
    struct counter_table refusals; /* code */
    struct windowed_quantiles *push_duration[TELEMETRY_PUSH_METHODS],
        *push_size[TELEMETRY_PUSH_METHODS];
    struct windowed_quantiles *loop_lag;
    int64_t last_flush_ns; /* wall clock; 0: none so far */
    double flush_seconds;
    uint64_t failed_flushes;
    bool file_damaged;
};

/* NULL when memory is out. */
struct telemetry *telemetry_new(void);
void telemetry_free(struct telemetry *t); /* NULL is fine */

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

/* pushgateway_rejected_pushes_total{reason}. */
void telemetry_count_rejection(struct telemetry *t, enum rejection reason);

/* pushgateway_refused_requests_total{code}: what is no request of any kind yet. */
void telemetry_count_refusal(struct telemetry *t, int code);

/* Persistence: after each flush. */
void telemetry_flush_ended(struct telemetry *t, bool ok, int64_t now_ns, double duration_seconds);

/* Persistence: whether the file was found damaged at the start. */
void telemetry_file_damaged(struct telemetry *t);

/* Loop lag: how late a timer fired. */
void telemetry_observe_lag(struct telemetry *t, double seconds);

#endif
