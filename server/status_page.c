#include "status_page.h"

#include "build_info.h"
#include "html_writer.h"
#include "metric_html.h"
#include "options.h"
#include "query.h"
#include "store.h"
#include "timestamp.h"

#include <stdlib.h>

enum {
    GROUPS_SHOWN = 100,
    METRICS_SHOWN = 500, /* of a group */
    /* Looking for groups writes nothing: what a piece may cost, in families and groups looked at.
     */
    WORK = 2000,
};

enum phase {
    PHASE_HEAD,
    PHASE_GROUPS,
    PHASE_FAMILIES, /* between two families of a group */
    PHASE_METRICS,  /* between two metrics of a family */
    PHASE_FOOT,
    PHASE_END,
};

struct status_page {
    const struct server *server;
    struct store_view *view;
    struct arena arena;   /* lives as long as the page */
    struct arena scratch; /* emptied after each metric */
    struct slice search;  /* empty: all groups */
    size_t stored;        /* groups */
    enum phase phase;
    size_t shown;
    struct store_group group;
    size_t next_family, metrics_shown;
    enum metric_type type;
    struct slice rest; /* of the family's metrics */
};

static void write_literal_link(struct buffer *out, const char *href, const char *text)
{
    buffer_text(out, "<a href=\"");
    html_writer_text(out, slice_of(href));
    buffer_text(out, "\">");
    buffer_text(out, text);
    buffer_text(out, "</a>\n");
}

/* --- Head and foot -----------------------------------------------------------------------------
 */

/* Links are relative: the page works under any prefix, also one that a proxy adds. */
static void write_head(struct status_page *p, struct buffer *out)
{
    buffer_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<title>Prometheus Pushgateway</title>\n"
                     "<link rel=\"icon\" href=\"static/icon.svg\">\n"
                     "<link rel=\"stylesheet\" href=\"static/style.css\">\n</head>\n<body>\n"
                     "<header><h1>Pushgateway</h1>\n<nav>\n");
    write_literal_link(out, "#groups", "Groups");
    write_literal_link(out, "#status", "Status");
    write_literal_link(out, p->server->options->telemetry_route + 1, "Metrics");
    buffer_text(out, "</nav></header>\n<main>\n<section id=\"groups\">\n<h2>Groups</h2>\n"
                     "<form method=\"get\" role=\"search\">\n"
                     "<label for=\"q\">Label, job or metric name</label>\n"
                     "<input type=\"search\" id=\"q\" name=\"q\" value=\"");
    html_writer_text(out, p->search);
    buffer_text(out, "\">\n<button>Search</button>\n</form>\n");
    buffer_printf(out, "<p>%zu %s stored.</p>\n", p->stored, p->stored == 1 ? "group" : "groups");
}

static void write_row(struct buffer *out, const char *name, const char *value)
{
    buffer_text(out, "<tr><th scope=\"row\">");
    html_writer_text(out, slice_of(name));
    buffer_text(out, "</th><td>");
    html_writer_text(out, slice_of(value));
    buffer_text(out, "</td></tr>\n");
}

static void write_flag(const char *name, const char *value, void *out)
{
    write_row(out, name, value);
}

/* False when memory is out. */
static bool write_foot(const struct status_page *p, struct buffer *out)
{
    char time[TIMESTAMP_TEXT_MAX];

    timestamp_format(p->server->start_time_ns, time);
    buffer_text(out, "</section>\n<section id=\"status\">\n<h2>Status</h2>\n<table>\n");
    write_row(out, "Started", time);
    buffer_text(out, "</table>\n<h3>Build information</h3>\n<table>\n");
    write_row(out, "version", build_info.version);
    write_row(out, "revision", build_info.revision);
    write_row(out, "branch", build_info.branch);
    write_row(out, "build user", build_info.user);
    write_row(out, "build date", build_info.date);
    write_row(out, "compiler", build_info.compiler);
    buffer_text(out, "</table>\n<h3>Flags</h3>\n<table>\n");
    bool ok = options_visit(p->server->options, write_flag, out);
    buffer_text(out, "</table>\n</section>\n</main>\n</body>\n</html>\n");
    return ok;
}

/* --- Groups ------------------------------------------------------------------------------------
 */

static bool contains(struct slice text, struct slice part)
{
    return part.len == 0 || (text.len > 0 && memmem(text.p, text.len, part.p, part.len));
}

/* Whether the group is to be shown. Adds to *work what it took to find out. */
static bool matches(struct status_page *p, size_t *work)
{
    struct store_group_family family;

    for (size_t i = 0; i < p->group.key.n_labels; i++) {
        const struct label *label = &p->group.key.labels[i];
        if (contains(label->name, p->search) || contains(label->value, p->search))
            return true;
    }
    *work += p->group.n_families;
    for (size_t i = 0; i < p->group.n_families; i++) {
        store_view_group_family(p->view, i, &family);
        if (contains(family.family.name, p->search))
            return true;
    }
    return false;
}

static void write_time(struct buffer *out, const char *what, int64_t ns)
{
    char time[TIMESTAMP_TEXT_MAX];

    timestamp_format(ns, time);
    buffer_printf(out, "<span class=\"time\">%s <time datetime=\"%s\">%s</time></span>\n", what,
                  time, time);
}

static void begin_group(struct status_page *p, struct buffer *out)
{
    p->shown++;
    p->next_family = p->metrics_shown = 0;
    buffer_text(out, "<details class=\"group\">\n<summary>");
    for (size_t i = 0; i < p->group.key.n_labels; i++)
        metric_html_label(out, &p->group.key.labels[i]);
    if (p->group.push_failure_time_ns >= p->group.push_time_ns)
        buffer_text(out, "<span class=\"failed\">last push failed</span>\n");
    if (p->group.push_time_ns > 0)
        write_time(out, "last pushed", p->group.push_time_ns);
    if (p->group.push_failure_time_ns > 0)
        write_time(out, "last failed", p->group.push_failure_time_ns);
    buffer_text(out, "</summary>\n");
}

static void begin_family(struct status_page *p, struct buffer *out)
{
    struct store_group_family f;

    store_view_group_family(p->view, p->next_family++, &f);
    p->type = f.family.type;
    p->rest = f.block.metrics;
    buffer_text(out, "<section class=\"family\">\n<h3>");
    html_writer_text(out, f.family.name);
    buffer_printf(out, " <span class=\"type\">%s</span></h3>\n", metric_type_name(f.family.type));
    if (f.family.help.len > 0) {
        buffer_text(out, "<p>");
        html_writer_text(out, f.family.help);
        buffer_text(out, "</p>\n");
    }
    buffer_text(out, "<p>");
    write_time(out, "last pushed", f.time_ns);
    buffer_text(out, "</p>\n<table>\n<thead><tr><th scope=\"col\">Labels</th>"
                     "<th scope=\"col\">Value</th></tr></thead>\n<tbody>\n");
}

static void end_family(struct buffer *out)
{
    buffer_text(out, "</tbody>\n</table>\n</section>\n");
}

static void write_more_groups(const struct status_page *p, struct buffer *out)
{
    buffer_printf(out, "<p class=\"note\">The first %zu are shown; search to see others.</p>\n",
                  p->shown);
}

/* Goes to the next group to be shown, or to the foot. */
static void next_group(struct status_page *p, struct buffer *out, size_t *work)
{
    bool found = store_view_next_group(p->view, &p->group);

    ++*work;
    if (found && !matches(p, work))
        return;
    if (found && p->shown < GROUPS_SHOWN) {
        begin_group(p, out);
        p->phase = PHASE_FAMILIES;
        return;
    }
    if (found)
        write_more_groups(p, out);
    else if (p->shown == 0)
        buffer_text(out, "<p class=\"note\">No group to show.</p>\n");
    p->phase = PHASE_FOOT;
}

static void next_family(struct status_page *p, struct buffer *out)
{
    bool more = p->next_family < p->group.n_families;

    if (more && p->metrics_shown < METRICS_SHOWN) {
        begin_family(p, out);
        p->phase = PHASE_METRICS;
        return;
    }
    if (more)
        buffer_printf(out, "<p class=\"note\">%zu further families are not shown.</p>\n",
                      p->group.n_families - p->next_family);
    buffer_text(out, "</details>\n");
    p->phase = PHASE_GROUPS;
}

/* False when memory is out. */
static bool next_metric(struct status_page *p, struct buffer *out)
{
    struct metric_wire metric;
    bool full = p->metrics_shown >= METRICS_SHOWN && p->rest.len > 0;

    if (full || !metric_wire_next(&p->rest, &metric)) {
        end_family(out);
        if (full)
            buffer_text(out, "<p class=\"note\">Further metrics are not shown.</p>\n");
        p->phase = PHASE_FAMILIES;
        return true;
    }
    p->metrics_shown++;
    bool ok = metric_html_row(out, p->type, &metric, &p->scratch);
    arena_reset(&p->scratch);
    return ok;
}

/* --- Stream ------------------------------------------------------------------------------------
 */

static bool step(struct status_page *p, struct buffer *out, size_t *work)
{
    switch (p->phase) {
    case PHASE_HEAD:
        write_head(p, out);
        p->phase = PHASE_GROUPS;
        return true;
    case PHASE_GROUPS:
        next_group(p, out, work);
        return true;
    case PHASE_FAMILIES:
        next_family(p, out);
        return true;
    case PHASE_METRICS:
        return next_metric(p, out);
    case PHASE_FOOT:
        p->phase = PHASE_END;
        return write_foot(p, out);
    case PHASE_END:
        break;
    }
    return true;
}

enum stream_status status_page_produce(void *page, struct buffer *out)
{
    struct status_page *p = page;
    size_t work = 0;

    if (store_view_is_lost(p->view))
        return STREAM_FAILED;
    while (out->len < STREAM_PIECE && work < WORK && p->phase != PHASE_END) {
        if (!step(p, out, &work) || out->failed)
            return STREAM_FAILED;
    }
    return p->phase == PHASE_END ? STREAM_DONE : STREAM_MORE;
}

void status_page_free(void *page)
{
    struct status_page *p = page;
    if (p->view)
        store_view_close(p->view);
    arena_free(&p->arena);
    arena_free(&p->scratch);
    free(p);
}

static bool read_query(struct status_page *p, struct slice query)
{
    struct query_parameter parameter;

    while (query.len > 0) {
        if (!query_next(&query, &p->arena, &parameter))
            return false;
        if (slice_equal(parameter.name, SLICE_LITERAL("q")))
            p->search = parameter.value;
    }
    return true;
}

struct status_page *status_page_new(const struct request *r)
{
    struct status_page *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->server = r->server;
    p->stored = store_statistics(r->server->store).groups;
    p->view = store_view_open(r->server->store);
    if (!p->view || !read_query(p, r->raw_query)) {
        status_page_free(p);
        return NULL;
    }
    return p;
}
