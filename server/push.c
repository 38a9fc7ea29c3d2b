/* PUT and POST /metrics/job/...: the steps of a push in the order in which the original takes them,
 * so that the same one of two errors is told. */
#include "clock.h"
#include "committer.h"
#include "delimited_reader.h"
#include "grouping_key.h"
#include "log.h"
#include "negotiation.h"
#include "options.h"
#include "request_body.h"
#include "response.h"
#include "router.h"
#include "store.h"
#include "telemetry.h"
#include "text_reader.h"

static bool read_key(struct request *r, struct group_key *key)
{
    struct slice path = {r->path.p + strlen("/metrics/"), r->path.len - strlen("/metrics/")};
    return grouping_key_parse(path, r->server->options->enable_utf8_names, &r->server->arena, key,
                              &r->error);
}

static bool read_families(struct request *r, struct family_list *families)
{
    const struct options *o = r->server->options;
    struct arena *a = &r->server->arena;
    struct slice body;
    if (r->body_failed)
        return false;
    if (!request_body_decode(r->body, request_header(r, "Content-Encoding"), o->max_request_size, a,
                             &body, &r->error))
        return false;
    if (negotiation_is_delimited(request_header(r, "Content-Type")))
        return delimited_reader_read(body, a, families, &r->error);
    return text_reader_read(body, o->enable_utf8_names, a, families, &r->error);
}

static enum store_outcome change(struct request *r, struct group_key key,
                                 struct family_list *families)
{
    enum store_mode mode = r->method == METHOD_PUT ? STORE_REPLACE : STORE_MERGE;
    struct server *s = r->server;
    if (!s->committer)
        return store_push(s->store, key, families, mode, r->now_ns, &s->arena, &r->error);
    enum store_outcome outcome =
        committer_push(s->committer, key, families, mode, r->now_ns, &s->arena, &r->error);
    if (outcome != STORE_UNTOUCHED)
        r->until = committer_pending(s->committer);
    return outcome;
}

static bool apply(struct request *r, struct group_key key, struct family_list *families)
{
    enum store_outcome outcome = change(r, key, families);
    if (outcome != STORE_UNTOUCHED)
        server_store_changed(r->server);
    return outcome == STORE_APPLIED;
}

static void refuse(struct request *r, enum rejection reason)
{
    if (r->error.code == ERROR_TOO_LARGE)
        reason = REJECTED_TOO_LARGE;
    else if (r->error.code == ERROR_NO_MEMORY)
        reason = REJECTED_OUT_OF_MEMORY;
    else if (r->error.code == ERROR_LIMIT)
        reason = REJECTED_LIMIT;
    else if (r->error.code == ERROR_IO)
        reason = REJECTED_UNWRITABLE;
    telemetry_count_rejection(r->server->telemetry, reason);
    /* What fails when the disk does is logged once, by the committer. */
    log_write(r->error.code == ERROR_IO ? LOG_DEBUG : LOG_ERROR, "push refused", "method",
              r->method == METHOD_PUT ? "PUT" : "POST", "source", r->client, "err",
              r->error.message, NULL);
    response_failure(r, &r->error);
}

void push_refuse_body(struct request *r, const char *why)
{
    error_set(&r->error, ERROR_INVALID, "%s", why);
    refuse(r, REJECTED_UNREADABLE);
}

static void answer(struct request *r)
{
    struct group_key key;
    struct family_list families = {0};
    bool unchecked = r->server->options->disable_consistency_check;
    if (!read_key(r, &key))
        refuse(r, REJECTED_URL);
    else if (!read_families(r, &families))
        refuse(r, REJECTED_UNREADABLE);
    else if (!apply(r, key, &families) && (!unchecked || r->error.code != ERROR_INVALID))
        refuse(r, REJECTED_INCONSISTENT);
    else
        response_empty(r, unchecked ? 202 : 200);
}

static void observe(const struct request *r)
{
    uint64_t now_ns = clock_monotonic_ns();
    telemetry_observe_push(r->server->telemetry, r->method == METHOD_PUT ? "put" : "post", now_ns,
                           (double)(now_ns - r->started_ns) / 1e9, (double)request_size(r));
}

void push_handle(struct request *r)
{
    r->answered = observe;
    answer(r);
}
