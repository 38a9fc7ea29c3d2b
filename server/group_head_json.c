#include "group_head_json.h"

#include "grouping_path.h"
#include "timestamp.h"

enum { MADE_UP = 2 }; /* families, and metrics, of every group */

/* Nothing is written for a time that never was. */
static void write_time(struct json_writer *w, struct slice name, int64_t ns)
{
    char text[TIMESTAMP_TEXT_MAX];
    if (ns == 0)
        return;
    timestamp_format_nano(ns, text);
    json_writer_key(w, name);
    json_writer_text(w, text);
}

static void write_path(struct json_writer *w, struct group_key key)
{
    struct buffer path = {0};
    grouping_path_write(&path, key);
    json_writer_key(w, SLICE_LITERAL("path"));
    json_writer_string(w, buffer_slice(&path));
    w->out->failed = w->out->failed || path.failed;
    buffer_free(&path);
}

void group_head_json_write(struct json_writer *w, const struct store_group *g)
{
    json_writer_key(w, SLICE_LITERAL("labels"));
    json_writer_object(w);
    for (size_t i = 0; i < g->key.n_labels; i++) {
        json_writer_key(w, g->key.labels[i].name);
        json_writer_string(w, g->key.labels[i].value);
    }
    json_writer_end_object(w);
    json_writer_key(w, SLICE_LITERAL("last_push_successful"));
    json_writer_bool(w, !store_group_failed(g));
    json_writer_key(w, SLICE_LITERAL("metric_families"));
    json_writer_uint(w, g->n_families - MADE_UP);
    write_path(w, g->key);
    write_time(w, SLICE_LITERAL("push_failure_time"), g->push_failure_time_ns);
    write_time(w, SLICE_LITERAL("push_time"), g->push_time_ns);
    json_writer_key(w, SLICE_LITERAL("series"));
    json_writer_uint(w, g->n_metrics - MADE_UP);
}
