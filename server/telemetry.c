#include "telemetry.h"

#include "clock.h"

#include <stdlib.h>
#include <string.h>

const char *const telemetry_push_methods[TELEMETRY_PUSH_METHODS] = {"post", "put"};

const char *const telemetry_rejections[REJECTIONS] = {
    [REJECTED_INCONSISTENT] = "inconsistent",   [REJECTED_LIMIT] = "limit",
    [REJECTED_OUT_OF_MEMORY] = "out_of_memory", [REJECTED_TOO_LARGE] = "too_large",
    [REJECTED_TOO_MANY] = "too_many",           [REJECTED_UNAUTHORIZED] = "unauthorized",
    [REJECTED_UNAVAILABLE] = "unavailable",     [REJECTED_UNREADABLE] = "unreadable",
    [REJECTED_UNWRITABLE] = "unwritable",       [REJECTED_URL] = "url",
};

struct telemetry *telemetry_new(void)
{
    struct telemetry *t = calloc(1, sizeof(*t));
    if (!t)
        return NULL;
    /* From 60 ns to 17 minutes, and from 1 byte to 64 GiB. */
    t->loop_lag = windowed_quantiles_new(-24, 10);
    bool ok = t->loop_lag != NULL;
    for (size_t i = 0; i < TELEMETRY_PUSH_METHODS; i++) {
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
    counter_table_free(&t->refusals);
    windowed_quantiles_free(t->loop_lag);
    for (size_t i = 0; i < TELEMETRY_PUSH_METHODS; i++) {
        windowed_quantiles_free(t->push_duration[i]);
        windowed_quantiles_free(t->push_size[i]);
    }
    free(t);
}

/* --- Counting ----------------------------------------------------------------------------------
 */

void telemetry_count_request(struct telemetry *t, const char *handler, const char *method, int code)
{
    counter_table_add(&t->requests, handler, method, code);
}

void telemetry_count_rejection(struct telemetry *t, enum rejection reason)
{
    t->rejections[reason]++;
}

void telemetry_count_refusal(struct telemetry *t, int code)
{
    counter_table_add(&t->refusals, "", "", code);
}

void telemetry_observe_push(struct telemetry *t, const char *method, uint64_t now_ns,
                            double duration_seconds, double size_bytes)
{
    for (size_t i = 0; i < TELEMETRY_PUSH_METHODS; i++) {
        if (strcmp(method, telemetry_push_methods[i]) != 0)
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
