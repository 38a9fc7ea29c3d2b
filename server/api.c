/* The JSON API: /api/v1/status and /api/v1/metrics. Keys are in the order of their names, as Go
 * prints maps. */
#include "build_info.h"
#include "groups_json.h"
#include "json_writer.h"
#include "options.h"
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
    json_writer_object(&w);
    write_pair(&w, "status", "success");
    json_writer_key(&w, SLICE_LITERAL("data"));
    json_writer_object(&w);
    write_build(&w);
    json_writer_key(&w, SLICE_LITERAL("flags"));
    json_writer_object(&w);
    bool ok = options_visit(r->server->options, write_flag, &w);
    json_writer_end_object(&w);
    write_pair(&w, "start_time", start_time);
    json_writer_end_object(&w);
    json_writer_end_object(&w);

    if (!ok || body.failed) {
        refuse_for_memory(r);
    } else {
        allow_other_origins(r);
        response_body(r, 200, CONTENT_TYPE, buffer_slice(&body));
    }
    buffer_free(&body);
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
