/* The JSON API: /api/v1/status and /api/v1/metrics, and what is ours: own metrics, groups by the
 * page, one group. Keys of the former are in the order of their names, as Go prints maps. */
#include "build_info.h"
#include "group_json.h"
#include "group_list_json.h"
#include "grouping_key.h"
#include "groups_json.h"
#include "json_reply.h"
#include "metric_json.h"
#include "options.h"
#include "own_metrics.h"
#include "response.h"
#include "router.h"
#include "stream.h"
#include "timestamp.h"

static const char CONTENT_TYPE[] = "application/json";

static void allow_other_origins(struct request *r)
{
    response_header(r, "Access-Control-Allow-Headers",
                    "Accept, Authorization, Content-Type, Origin");
    response_header(r, "Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
    response_header(r, "Access-Control-Allow-Origin", "*");
    response_header(r, "Access-Control-Expose-Headers", "Date");
    response_header(r, "Cache-Control", "no-cache, no-store, must-revalidate");
}

static void refuse_for_memory(struct request *r)
{
    error_no_memory(&r->error);
    response_failure(r, &r->error);
}

/* Sends the body, and frees it. */
static void answer(struct request *r, int status, bool whole, struct buffer *body)
{
    if (!whole || body->failed) {
        refuse_for_memory(r);
    } else {
        allow_other_origins(r);
        response_body(r, status, CONTENT_TYPE, buffer_slice(body));
    }
    buffer_free(body);
}

/* As the original answers what it does not take. */
static void refuse(struct request *r, int status, const char *type, const char *why)
{
    struct buffer body = {0};
    struct json_writer w = {.out = &body};

    json_writer_object(&w);
    json_writer_key(&w, SLICE_LITERAL("status"));
    json_writer_text(&w, "error");
    json_writer_key(&w, SLICE_LITERAL("errorType"));
    json_writer_text(&w, type);
    json_writer_key(&w, SLICE_LITERAL("error"));
    json_writer_text(&w, why);
    json_writer_end_object(&w);
    answer(r, status, true, &body);
}

static void refuse_for(struct request *r, const struct error *e)
{
    if (e->code == ERROR_NO_MEMORY)
        response_failure(r, e);
    else
        refuse(r, 400, "bad_data", e->message);
}

void api_options_handle(struct request *r)
{
    allow_other_origins(r);
    response_empty(r, 200);
}

/* --- Status ------------------------------------------------------------------------------------
 */

static void write_pair(struct json_writer *w, const char *name, const char *value)
{
    json_writer_key(w, slice_of(name));
    json_writer_text(w, value);
}

static void write_flag(const char *name, const char *value, void *writer)
{
    write_pair(writer, name, value);
}

static void write_build(struct json_writer *w)
{
    json_writer_key(w, SLICE_LITERAL("build_information"));
    json_writer_object(w);
    write_pair(w, "branch", build_info.branch);
    write_pair(w, "buildDate", build_info.date);
    write_pair(w, "buildUser", build_info.user);
    write_pair(w, "goVersion", build_info.compiler);
    write_pair(w, "revision", build_info.revision);
    write_pair(w, "version", build_info.version);
    json_writer_end_object(w);
}

void api_status_handle(struct request *r)
{
    struct buffer body = {0};
    struct json_writer w = {.out = &body};
    char start_time[TIMESTAMP_TEXT_MAX];

    timestamp_format_nano(r->server->start_time_ns, start_time);
    json_reply_begin(&w);
    json_writer_object(&w);
    write_build(&w);
    json_writer_key(&w, SLICE_LITERAL("flags"));
    json_writer_object(&w);
    bool ok = options_visit(r->server->options, write_flag, &w);
    json_writer_end_object(&w);
    write_pair(&w, "start_time", start_time);
    json_writer_end_object(&w);
    json_reply_end(&w);
    answer(r, 200, ok, &body);
}

/* --- Own metrics -------------------------------------------------------------------------------
 */

/* A metric in the encoding of those that are stored. */
static bool write_own_metric(struct json_writer *w, enum metric_type type, const struct metric *m,
                             struct arena *a)
{
    size_t size = metric_wire_size(m->labels, m->n_labels, m->payload);
    char *encoded = arena_alloc(a, size);
    struct metric_wire metric;
    if (!encoded)
        return false;
    metric_wire_put(encoded, m->labels, m->n_labels, m->payload);
    struct slice rest = {encoded, size};
    return metric_wire_next(&rest, &metric) && metric_json_write_whole(w, type, &metric, a);
}

static bool write_own_family(struct json_writer *w, const struct family *f, struct arena *a)
{
    bool ok = true;
    json_writer_object(w);
    json_writer_key(w, SLICE_LITERAL("help"));
    json_writer_string(w, f->help);
    json_writer_key(w, SLICE_LITERAL("metrics"));
    json_writer_array(w);
    for (size_t i = 0; ok && i < f->n_metrics; i++)
        ok = write_own_metric(w, f->type, &f->metrics[i], a);
    json_writer_end_array(w);
    json_writer_key(w, SLICE_LITERAL("name"));
    json_writer_string(w, f->name);
    write_pair(w, "type", metric_type_upper_name(f->type));
    json_writer_end_object(w);
    return ok;
}

void api_own_metrics_handle(struct request *r)
{
    struct arena *a = &r->server->arena;
    struct buffer body = {0};
    struct json_writer w = {.out = &body};
    struct family_list families = {0};

    bool ok = own_metrics_collect(r->server, a, &families);
    json_reply_begin(&w);
    json_writer_array(&w);
    for (size_t i = 0; ok && i < families.count; i++)
        ok = write_own_family(&w, &families.families[i], a);
    json_writer_end_array(&w);
    json_reply_end(&w);
    answer(r, 200, ok, &body);
}

/* --- Groups ------------------------------------------------------------------------------------
 */

void api_groups_handle(struct request *r)
{
    static const struct stream_source source = {.produce = group_list_json_produce,
                                                .finish = group_list_json_free};
    struct group_list_json *list = group_list_json_new(r, &r->error);

    if (!list) {
        refuse_for(r, &r->error);
        return;
    }
    allow_other_origins(r);
    stream_reply(r, 200, CONTENT_TYPE, CODING_IDENTITY, &source, list);
}

void api_group_handle(struct request *r)
{
    static const struct stream_source source = {.produce = group_json_produce,
                                                .finish = group_json_free};
    struct slice above = SLICE_LITERAL("/groups/");
    struct slice path = {r->path.p + above.len, r->path.len - above.len};
    struct group_json *group = NULL;
    struct group_key key;

    if (!grouping_key_parse(path, r->server->options->enable_utf8_names, &r->server->arena, &key,
                            &r->error)) {
        refuse_for(r, &r->error);
        return;
    }
    switch (group_json_new(r, key, &group, &r->error)) {
    case GROUP_JSON_FAILED:
        refuse_for(r, &r->error);
        break;
    case GROUP_JSON_NONE:
        refuse(r, 404, "not_found", "there is no such group");
        break;
    case GROUP_JSON_FOUND:
        allow_other_origins(r);
        stream_reply(r, 200, CONTENT_TYPE, CODING_IDENTITY, &source, group);
        break;
    }
}

/* --- Metrics -----------------------------------------------------------------------------------
 */

void api_metrics_handle(struct request *r)
{
    static const struct stream_source source = {.produce = groups_json_produce,
                                                .finish = groups_json_free};
    struct groups_json *groups = groups_json_new(r->server->store);

    if (!groups) {
        refuse_for_memory(r);
        return;
    }
    allow_other_origins(r);
    stream_reply(r, 200, CONTENT_TYPE, CODING_IDENTITY, &source, groups);
}
