/* The JSON API: /api/v1/status and /api/v1/metrics. Keys are in the order of their names, as Go
 * prints maps. */
#include "build_info.h"
#include "json_writer.h"
#include "metric_json.h"
#include "options.h"
#include "response.h"
#include "router.h"
#include "store.h"
#include "stream.h"
#include "timestamp.h"

#include <stdlib.h>

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

static void write_success(struct json_writer *w)
{
    json_writer_object(w);
    json_writer_key(w, SLICE_LITERAL("status"));
    json_writer_text(w, "success");
    json_writer_key(w, SLICE_LITERAL("data"));
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
    write_success(&w);
    json_writer_object(&w);
    write_build(&w);
    json_writer_key(&w, SLICE_LITERAL("flags"));
    json_writer_object(&w);
    options_visit(r->server->options, write_flag, &w);
    json_writer_end_object(&w);
    write_pair(&w, "start_time", start_time);
    json_writer_end_object(&w);
    json_writer_end_object(&w);

    if (body.failed) {
        refuse_for_memory(r);
    } else {
        allow_other_origins(r);
        response_body(r, 200, CONTENT_TYPE, buffer_slice(&body));
    }
    buffer_free(&body);
}

/* --- Metrics -----------------------------------------------------------------------------------
 */

enum phase {
    PHASE_BEGIN,
    PHASE_GROUPS,  /* between two groups */
    PHASE_MEMBERS, /* between two members of a group */
    PHASE_METRICS, /* between two metrics of a family */
    PHASE_END,
};

/* A group's members besides its families, among whose names they are sorted. */
enum fixed_member { MEMBER_LABELS, MEMBER_LAST_PUSH, FIXED_MEMBERS };
static const struct slice fixed_names[FIXED_MEMBERS] = {
    [MEMBER_LABELS] = {"labels", 6},
    [MEMBER_LAST_PUSH] = {"last_push_successful", 20},
};

struct listing {
    struct store_view *view;
    struct json_writer w;
    struct arena scratch; /* emptied after each metric */
    enum phase phase;
    struct store_group group;
    size_t next_family;
    size_t next_fixed;
    enum metric_type type; /* of the family being written */
    struct slice rest;     /* of its metrics */
};

static void begin_group(struct listing *l)
{
    l->next_family = 0;
    l->next_fixed = MEMBER_LABELS;
    json_writer_object(&l->w);
}

static void write_fixed_member(struct listing *l, enum fixed_member which)
{
    json_writer_key(&l->w, fixed_names[which]);
    if (which == MEMBER_LAST_PUSH) {
        json_writer_bool(&l->w, l->group.push_time_ns > l->group.push_failure_time_ns);
        return;
    }
    json_writer_object(&l->w);
    for (size_t i = 0; i < l->group.key.n_labels; i++) {
        json_writer_key(&l->w, l->group.key.labels[i].name);
        json_writer_string(&l->w, l->group.key.labels[i].value);
    }
    json_writer_end_object(&l->w);
}

static void begin_family(struct listing *l, const struct store_group_family *f)
{
    struct json_writer *w = &l->w;
    char time[TIMESTAMP_TEXT_MAX];

    timestamp_format_nano(f->time_ns, time);
    json_writer_key(w, f->family.name);
    json_writer_object(w);
    write_pair(w, "time_stamp", time);
    write_pair(w, "type", metric_type_upper_name(f->family.type));
    if (f->family.help.len > 0) {
        json_writer_key(w, SLICE_LITERAL("help"));
        json_writer_string(w, f->family.help);
    }
    json_writer_key(w, SLICE_LITERAL("metrics"));
    json_writer_array(w);
    l->type = f->family.type;
    l->rest = f->block.metrics;
}

static void end_family(struct listing *l)
{
    json_writer_end_array(&l->w);
    json_writer_end_object(&l->w);
}

/* Writes the next member of the group, or begins it if it is a family; false when there are no
 * more. A family that is named as a fixed member takes its place. */
static bool next_member(struct listing *l)
{
    struct store_group_family family;
    bool has_family = l->next_family < l->group.n_families;
    bool has_fixed = l->next_fixed < FIXED_MEMBERS;
    int order = 1; /* the family after the fixed member */

    if (!has_family && !has_fixed)
        return false;
    if (has_family) {
        store_view_group_family(l->view, l->next_family, &family);
        order = has_fixed ? slice_compare(family.family.name, fixed_names[l->next_fixed]) : -1;
    }
    if (order > 0)
        write_fixed_member(l, (enum fixed_member)l->next_fixed);
    l->next_fixed += order >= 0;
    if (order <= 0) {
        l->next_family++;
        begin_family(l, &family);
        l->phase = PHASE_METRICS;
    }
    return true;
}

static bool write_metric(struct listing *l)
{
    struct metric_wire metric;
    bool ok = true;

    if (!metric_wire_next(&l->rest, &metric)) {
        end_family(l);
        l->phase = PHASE_MEMBERS;
        return true;
    }
    ok = metric_json_write(&l->w, l->type, &metric, &l->scratch);
    arena_reset(&l->scratch);
    return ok;
}

/* One step of the walk; false when memory is out. */
static bool step(struct listing *l)
{
    switch (l->phase) {
    case PHASE_BEGIN:
        write_success(&l->w);
        json_writer_array(&l->w);
        l->phase = PHASE_GROUPS;
        return true;
    case PHASE_GROUPS:
        if (store_view_next_group(l->view, &l->group)) {
            begin_group(l);
            l->phase = PHASE_MEMBERS;
        } else {
            json_writer_end_array(&l->w);
            json_writer_end_object(&l->w);
            l->phase = PHASE_END;
        }
        return true;
    case PHASE_MEMBERS:
        if (!next_member(l)) {
            json_writer_end_object(&l->w);
            l->phase = PHASE_GROUPS;
        }
        return true;
    case PHASE_METRICS:
        return write_metric(l);
    case PHASE_END:
        break;
    }
    return true;
}

static enum stream_status produce(void *context, struct buffer *out)
{
    struct listing *l = context;

    l->w.out = out;
    while (out->len < STREAM_PIECE && l->phase != PHASE_END) {
        if (!step(l) || out->failed)
            return STREAM_FAILED;
    }
    return l->phase == PHASE_END ? STREAM_DONE : STREAM_MORE;
}

static void finish(void *context)
{
    struct listing *l = context;
    store_view_close(l->view);
    arena_free(&l->scratch);
    free(l);
}

void api_metrics_handle(struct request *r)
{
    static const struct stream_source source = {produce, finish};
    struct listing *l = calloc(1, sizeof(*l));

    if (!l || !(l->view = store_view_open(r->server->store))) {
        free(l);
        refuse_for_memory(r);
        return;
    }
    allow_other_origins(r);
    stream_reply(r, 200, CONTENT_TYPE, CODING_IDENTITY, &source, l);
}
