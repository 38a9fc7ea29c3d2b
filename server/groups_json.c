#include "groups_json.h"

#include "json_reply.h"
#include "metric_json.h"
#include "store.h"
#include "timestamp.h"

#include <stdlib.h>

enum phase {
    PHASE_BEGIN,
    PHASE_GROUPS,  /* between two groups */
    PHASE_MEMBERS, /* between two members of a group */
    PHASE_METRICS, /* between two metrics of a family */
};

/* A group's members besides its families, among whose names they are sorted. */
enum fixed_member { MEMBER_LABELS, MEMBER_LAST_PUSH, FIXED_MEMBERS };
static const struct slice fixed_names[FIXED_MEMBERS] = {
    [MEMBER_LABELS] = {"labels", 6},
    [MEMBER_LAST_PUSH] = {"last_push_successful", 20},
};

struct groups_json {
    struct json_steps steps;
    enum phase phase;
    struct store_group group;
    size_t next_family;
    size_t next_fixed;
    enum metric_type type; /* of the family being written */
    struct slice rest;     /* of its metrics */
};

static void begin_group(struct groups_json *g)
{
    g->next_family = 0;
    g->next_fixed = MEMBER_LABELS;
    json_writer_object(&g->steps.w);
}

static void write_fixed_member(struct groups_json *g, enum fixed_member which)
{
    json_writer_key(&g->steps.w, fixed_names[which]);
    if (which == MEMBER_LAST_PUSH) {
        json_writer_bool(&g->steps.w, g->group.push_time_ns > g->group.push_failure_time_ns);
        return;
    }
    json_writer_object(&g->steps.w);
    for (size_t i = 0; i < g->group.key.n_labels; i++) {
        json_writer_key(&g->steps.w, g->group.key.labels[i].name);
        json_writer_string(&g->steps.w, g->group.key.labels[i].value);
    }
    json_writer_end_object(&g->steps.w);
}

static void begin_family(struct groups_json *g, const struct store_group_family *f)
{
    struct json_writer *w = &g->steps.w;
    char time[TIMESTAMP_TEXT_MAX];

    timestamp_format_nano(f->time_ns, time);
    json_writer_key(w, f->family.name);
    json_writer_object(w);
    json_writer_key(w, SLICE_LITERAL("time_stamp"));
    json_writer_text(w, time);
    json_writer_key(w, SLICE_LITERAL("type"));
    json_writer_text(w, metric_type_upper_name(f->family.type));
    if (f->family.help.len > 0) {
        json_writer_key(w, SLICE_LITERAL("help"));
        json_writer_string(w, f->family.help);
    }
    json_writer_key(w, SLICE_LITERAL("metrics"));
    json_writer_array(w);
    g->type = f->family.type;
    g->rest = f->block.metrics;
}

static void end_family(struct groups_json *g)
{
    json_writer_end_array(&g->steps.w);
    json_writer_end_object(&g->steps.w);
}

/* Writes the next member of the group, or begins it if it is a family; false when there are no
 * more. A family that is named as a fixed member takes its place. */
static bool next_member(struct groups_json *g)
{
    struct store_group_family family;
    bool has_family = g->next_family < g->group.n_families;
    bool has_fixed = g->next_fixed < FIXED_MEMBERS;
    int order = 1; /* the family after the fixed member */

    if (!has_family && !has_fixed)
        return false;
    if (has_family) {
        store_view_group_family(g->steps.view, g->next_family, &family);
        order = has_fixed ? slice_compare(family.family.name, fixed_names[g->next_fixed]) : -1;
    }
    if (order > 0)
        write_fixed_member(g, (enum fixed_member)g->next_fixed);
    g->next_fixed += order >= 0;
    if (order <= 0) {
        g->next_family++;
        begin_family(g, &family);
        g->phase = PHASE_METRICS;
    }
    return true;
}

static bool write_metric(struct groups_json *g)
{
    struct metric_wire metric;
    bool ok = true;

    if (!metric_wire_next(&g->rest, &metric)) {
        end_family(g);
        g->phase = PHASE_MEMBERS;
        return true;
    }
    ok = metric_json_write(&g->steps.w, g->type, &metric, &g->steps.scratch);
    arena_reset(&g->steps.scratch);
    return ok;
}

static bool step(void *groups_json)
{
    struct groups_json *g = groups_json;
    switch (g->phase) {
    case PHASE_BEGIN:
        json_reply_begin(&g->steps.w);
        json_writer_array(&g->steps.w);
        g->phase = PHASE_GROUPS;
        return true;
    case PHASE_GROUPS:
        if (store_view_next_group(g->steps.view, &g->group)) {
            begin_group(g);
            g->phase = PHASE_MEMBERS;
        } else {
            json_writer_end_array(&g->steps.w);
            json_reply_end(&g->steps.w);
            g->steps.done = true;
        }
        return true;
    case PHASE_MEMBERS:
        if (!next_member(g)) {
            json_writer_end_object(&g->steps.w);
            g->phase = PHASE_GROUPS;
        }
        return true;
    case PHASE_METRICS:
        return write_metric(g);
    }
    return true;
}

enum stream_status groups_json_produce(void *groups_json, struct buffer *out)
{
    struct groups_json *g = groups_json;
    return json_steps_produce(&g->steps, out, step, g);
}

void groups_json_free(void *groups_json)
{
    struct groups_json *g = groups_json;
    json_steps_close(&g->steps);
    free(g);
}

struct groups_json *groups_json_new(struct store *store)
{
    struct groups_json *g = calloc(1, sizeof(*g));

    if (g && !json_steps_open(&g->steps, store)) {
        groups_json_free(g);
        return NULL;
    }
    return g;
}
