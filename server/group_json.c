#include "group_json.h"

#include "group_head_json.h"
#include "json_reply.h"
#include "metric_json.h"
#include "query.h"
#include "timestamp.h"

#include <stdlib.h>

enum phase {
    PHASE_BEGIN,
    PHASE_FAMILIES, /* between two families */
    PHASE_METRICS,  /* between two metrics of a family */
};

struct group_json {
    struct json_steps steps;
    struct store_group group;
    enum phase phase;
    size_t next_family, last_family; /* those from the one up to the other are shown */
    bool cut;                        /* there are more behind those */
    size_t metrics_max;              /* of a family */
    size_t metrics_left;             /* of the current one */
    enum metric_type type;           /* of it, */
    struct slice rest;               /* and its metrics */
};

/* --- The query -----------------------------------------------------------------------------------
 */

struct wish {
    struct slice family, after; /* .p NULL: not asked for */
    uint64_t limit, metrics;
};

static bool take_maximum(struct slice value, uint64_t least, const char *name, uint64_t *out,
                         struct error *e)
{
    return (query_number(value, SIZE_MAX, out) && *out >= least) ||
           error_set(e, ERROR_INVALID, "%s is a number from %d on", name, (int)least);
}

static bool read_query(struct slice query, struct arena *a, struct wish *out, struct error *e)
{
    struct query_parameter p;
    bool ok = true;

    *out = (struct wish){.limit = SIZE_MAX, .metrics = SIZE_MAX};
    while (ok && query.len > 0) {
        if (!query_next(&query, a, &p))
            return error_no_memory(e);
        if (slice_equal(p.name, SLICE_LITERAL("family")))
            out->family = p.value;
        else if (slice_equal(p.name, SLICE_LITERAL("after")))
            out->after = p.value;
        else if (slice_equal(p.name, SLICE_LITERAL("limit")))
            ok = take_maximum(p.value, 1, "limit", &out->limit, e);
        else if (slice_equal(p.name, SLICE_LITERAL("metrics")))
            ok = take_maximum(p.value, 0, "metrics", &out->metrics, e);
    }
    return ok;
}

static bool stands_at(const struct group_json *g, size_t place, struct slice name)
{
    return place < g->group.n_families &&
           slice_equal(store_view_group_family_name(g->steps.view, place), name);
}

static void choose_families(struct group_json *g, const struct wish *wish)
{
    g->metrics_max = wish->metrics;
    g->last_family = g->group.n_families;
    if (wish->family.p) {
        g->next_family = store_view_group_family_place(g->steps.view, wish->family);
        g->last_family = g->next_family + stands_at(g, g->next_family, wish->family);
        return;
    }
    if (wish->after.p) {
        g->next_family = store_view_group_family_place(g->steps.view, wish->after);
        g->next_family += stands_at(g, g->next_family, wish->after);
    }
    g->cut = g->last_family - g->next_family > wish->limit;
    if (g->cut)
        g->last_family = g->next_family + wish->limit;
}

enum group_json_outcome group_json_new(const struct request *r, struct group_key key,
                                       struct group_json **out, struct error *e)
{
    struct wish wish;
    enum store_sought sought = STORE_SOUGHT_FAILED;

    if (!read_query(r->raw_query, &r->server->arena, &wish, e))
        return GROUP_JSON_FAILED;
    struct group_json *g = *out = calloc(1, sizeof(*g));
    if (g && json_steps_open(&g->steps, r->server->store))
        sought = store_view_find_group(g->steps.view, key, &r->server->arena, &g->group);
    if (sought == STORE_SOUGHT_FOUND) {
        choose_families(g, &wish);
        return GROUP_JSON_FOUND;
    }
    if (g)
        group_json_free(g);
    if (sought == STORE_SOUGHT_LOST)
        return GROUP_JSON_NONE;
    error_no_memory(e);
    return GROUP_JSON_FAILED;
}

void group_json_free(void *group_json)
{
    struct group_json *g = group_json;
    json_steps_close(&g->steps);
    free(g);
}

/* --- The reply -----------------------------------------------------------------------------------
 */

static void write_text(struct json_writer *w, struct slice name, struct slice text)
{
    json_writer_key(w, name);
    json_writer_string(w, text);
}

static void begin(struct group_json *g)
{
    json_reply_begin(&g->steps.w);
    json_writer_object(&g->steps.w);
    json_writer_key(&g->steps.w, SLICE_LITERAL("families"));
    json_writer_array(&g->steps.w);
}

static void end(struct group_json *g)
{
    json_writer_end_array(&g->steps.w);
    group_head_json_write(&g->steps.w, &g->group);
    if (g->cut)
        write_text(&g->steps.w, SLICE_LITERAL("next"),
                   store_view_group_family_name(g->steps.view, g->last_family - 1));
    json_writer_end_object(&g->steps.w);
    json_reply_end(&g->steps.w);
}

static void begin_family(struct group_json *g)
{
    struct json_writer *w = &g->steps.w;
    struct store_group_family f;
    char time[TIMESTAMP_TEXT_MAX];

    store_view_group_family(g->steps.view, g->next_family++, &f);
    timestamp_format_nano(f.time_ns, time);
    json_writer_object(w);
    if (f.family.help.len > 0)
        write_text(w, SLICE_LITERAL("help"), f.family.help);
    write_text(w, SLICE_LITERAL("name"), f.family.name);
    json_writer_key(w, SLICE_LITERAL("series"));
    json_writer_uint(w, f.block.n_metrics);
    write_text(w, SLICE_LITERAL("time_stamp"), slice_of(time));
    write_text(w, SLICE_LITERAL("type"), slice_of(metric_type_upper_name(f.family.type)));
    if (f.family.unit.len > 0)
        write_text(w, SLICE_LITERAL("unit"), f.family.unit);
    json_writer_key(w, SLICE_LITERAL("metrics"));
    json_writer_array(w);
    g->type = f.family.type;
    g->rest = f.block.metrics;
    g->metrics_left = g->metrics_max;
    g->phase = PHASE_METRICS;
}

/* False when memory is out. */
static bool write_metric(struct group_json *g)
{
    struct metric_wire metric;
    if (g->metrics_left == 0 || !metric_wire_next(&g->rest, &metric)) {
        json_writer_end_array(&g->steps.w);
        json_writer_end_object(&g->steps.w);
        g->phase = PHASE_FAMILIES;
        return true;
    }
    g->metrics_left--;
    bool ok = metric_json_write_whole(&g->steps.w, g->type, &metric, &g->steps.scratch);
    arena_reset(&g->steps.scratch);
    return ok;
}

static bool step(void *group_json)
{
    struct group_json *g = group_json;
    switch (g->phase) {
    case PHASE_BEGIN:
        begin(g);
        g->phase = PHASE_FAMILIES;
        break;
    case PHASE_FAMILIES:
        if (g->next_family < g->last_family) {
            begin_family(g);
        } else {
            end(g);
            g->steps.done = true;
        }
        break;
    case PHASE_METRICS:
        return write_metric(g);
    }
    return true;
}

enum stream_status group_json_produce(void *group_json, struct buffer *out)
{
    struct group_json *g = group_json;
    return json_steps_produce(&g->steps, out, step, g);
}
