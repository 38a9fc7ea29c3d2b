#include "status_page.h"

#include "assets.h"
#include "build_info.h"
#include "group_page.h"
#include "grouping_path.h"
#include "html_writer.h"
#include "names.h"
#include "options.h"
#include "query.h"
#include "timestamp.h"

#include <stdlib.h>

struct status_page {
    const struct server *server;
    struct slice rest;  /* of the template */
    struct slice query; /* as sent, without `after`; in the arena */
    struct slice search;
    struct arena arena;
    bool listing; /* groups are being written */
    bool listed;  /* there is a page of them */
    struct group_page page;
    struct error error; /* why there is none */
};

/* --- Groups --------------------------------------------------------------------------------------
 */

static void write_label(struct buffer *out, const struct label *label)
{
    bool legacy = names_is_legacy_label(label->name);
    buffer_text(out, legacy ? "<code>" : "<code>\"");
    html_writer_text(out, label->name);
    buffer_text(out, legacy ? "=\"" : "\"=\"");
    html_writer_text(out, label->value);
    buffer_text(out, "\"</code> ");
}

static void write_time(struct buffer *out, int64_t ns)
{
    char time[TIMESTAMP_TEXT_MAX];
    if (ns == 0) {
        buffer_text(out, "never");
        return;
    }
    timestamp_format(ns, time);
    buffer_printf(out, "<time datetime=\"%s\">%s</time>", time, time);
}

static void write_group(struct buffer *out, const struct store_group *g)
{
    buffer_text(out, "<tr><td><a href=\"api/v1/groups/");
    grouping_path_write(out, g->key);
    buffer_text(out, "\">");
    for (size_t i = 0; i < g->key.n_labels; i++)
        write_label(out, &g->key.labels[i]);
    buffer_text(out, "</a>");
    if (store_group_failed(g))
        buffer_text(out, "<strong>last push failed</strong>");
    buffer_text(out, "</td><td>");
    write_time(out, g->push_time_ns);
    buffer_text(out, "</td></tr>\n");
}

/* A relative link to the same list behind the page. */
static void write_next_link(struct status_page *p, struct buffer *out)
{
    struct slice next = group_page_next(&p->page);
    if (next.len == 0)
        return;
    buffer_text(out, "<p><a href=\"?");
    html_writer_text(out, p->query);
    buffer_text(out, p->query.len > 0 ? "&amp;after=" : "after=");
    for (size_t i = 0; i < next.len; i++) /* all else in it stands for itself in a query */
        if (next.p[i] == '%')
            buffer_text(out, "%25");
        else
            buffer_byte(out, next.p[i]);
    buffer_text(out, "\">Next page</a></p>\n");
}

static void begin_list(struct status_page *p, struct buffer *out)
{
    p->listing = true;
    if (p->listed) {
        buffer_text(out, "<table>\n<thead><tr><th scope=\"col\">Group</th>"
                         "<th scope=\"col\">Last pushed</th></tr></thead>\n<tbody>\n");
        return;
    }
    buffer_text(out, "<p>");
    html_writer_text(out, slice_of(p->error.message));
    buffer_text(out, "</p>\n");
}

static void end_list(struct status_page *p, struct buffer *out)
{
    p->listing = false;
    if (!p->listed)
        return;
    buffer_text(out, "</tbody>\n</table>\n");
    buffer_printf(out, "<p>%zu of %zu groups.</p>\n", p->page.shown, p->page.total);
    write_next_link(p, out);
}

/* False when memory is out. */
static bool step_list(struct status_page *p, struct buffer *out, size_t *work)
{
    switch (p->listed ? group_page_step(&p->page, work) : GROUP_PAGE_END) {
    case GROUP_PAGE_FAILED:
        return false;
    case GROUP_PAGE_END:
        end_list(p, out);
        break;
    case GROUP_PAGE_GROUP:
        write_group(out, &p->page.group);
        break;
    case GROUP_PAGE_LOOKING:
        break;
    }
    return true;
}

/* --- Status --------------------------------------------------------------------------------------
 */

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
static bool write_status(const struct status_page *p, struct buffer *out)
{
    char time[TIMESTAMP_TEXT_MAX];

    timestamp_format(p->server->start_time_ns, time);
    buffer_text(out, "<h2>Status</h2>\n<table>\n");
    write_row(out, "Started", time);
    write_row(out, "Version", build_info.version);
    write_row(out, "Revision", build_info.revision);
    write_row(out, "Branch", build_info.branch);
    write_row(out, "Build user", build_info.user);
    write_row(out, "Build date", build_info.date);
    write_row(out, "Compiler", build_info.compiler);
    buffer_text(out, "</table>\n<h2>Flags</h2>\n<table>\n");
    bool ok = options_visit(p->server->options, write_flag, out);
    buffer_text(out, "</table>\n");
    return ok;
}

/* --- Template ------------------------------------------------------------------------------------
 *
 * {{name}} in ui/page.html is filled in here. Links are relative: the page works under any prefix,
 * also one that a proxy adds. */

static bool fill_in(struct status_page *p, struct slice name, struct buffer *out)
{
    if (slice_equal(name, SLICE_LITERAL("telemetry")))
        html_writer_text(out, slice_of(p->server->options->telemetry_route + 1));
    else if (slice_equal(name, SLICE_LITERAL("search")))
        html_writer_text(out, p->search);
    else if (slice_equal(name, SLICE_LITERAL("groups")))
        begin_list(p, out);
    else if (slice_equal(name, SLICE_LITERAL("status")))
        return write_status(p, out);
    return true;
}

/* Writes the template up to its next gap, and what belongs there. */
static bool step_template(struct status_page *p, struct buffer *out)
{
    const char *open = memmem(p->rest.p, p->rest.len, "{{", 2);
    size_t before = open ? (size_t)(open - p->rest.p) : p->rest.len;
    const char *close = open ? memmem(open, p->rest.len - before, "}}", 2) : NULL;

    if (!close) {
        buffer_slice_append(out, p->rest);
        p->rest.len = 0;
        return true;
    }
    buffer_bytes(out, p->rest.p, before);
    const char *end = p->rest.p + p->rest.len;
    p->rest = (struct slice){close + 2, (size_t)(end - close) - 2};
    return fill_in(p, (struct slice){open + 2, (size_t)(close - open) - 2}, out);
}

enum stream_status status_page_produce(void *page, struct buffer *out)
{
    struct status_page *p = page;
    size_t work = 0;

    if (p->listed && store_view_is_lost(p->page.view))
        return STREAM_FAILED;
    while (out->len < STREAM_PIECE && work < GROUP_PAGE_WORK && (p->listing || p->rest.len > 0)) {
        if (!(p->listing ? step_list(p, out, &work) : step_template(p, out)) || out->failed)
            return STREAM_FAILED;
    }
    return p->listing || p->rest.len > 0 ? STREAM_MORE : STREAM_DONE;
}

void status_page_free(void *page)
{
    struct status_page *p = page;
    if (p->listed)
        group_page_close(&p->page);
    arena_free(&p->arena);
    free(p);
}

/* Takes what the page itself needs to know of the query: the search, and all but the cursor for the
 * link to the next page. */
static bool read_query(struct status_page *p, struct slice query)
{
    struct query_parameter parameter;
    char *kept = arena_alloc(&p->arena, query.len);

    p->query = (struct slice){kept, 0};
    while (kept && query.len > 0) {
        struct slice before = query;
        if (!query_next(&query, &p->arena, &parameter))
            return false;
        size_t taken = before.len - query.len;
        if (slice_equal(parameter.name, SLICE_LITERAL("q")))
            p->search = parameter.value;
        if (slice_equal(parameter.name, SLICE_LITERAL("after")))
            continue;
        memcpy(kept + p->query.len, before.p, taken);
        p->query.len += taken;
    }
    if (p->query.len > 0 && p->query.p[p->query.len - 1] == '&')
        p->query.len--;
    return kept != NULL;
}

struct status_page *status_page_new(const struct request *r)
{
    const struct asset *template = assets_find(SLICE_LITERAL("page.html"));
    struct status_page *p = calloc(1, sizeof(*p));

    if (!p || !template) {
        free(p);
        return NULL;
    }
    p->server = r->server;
    p->rest = (struct slice){(const char *)template->bytes, template->length};
    p->listed = group_page_open(&p->page, r, &p->error);
    if (!read_query(p, r->raw_query) || (!p->listed && p->error.code == ERROR_NO_MEMORY)) {
        status_page_free(p);
        return NULL;
    }
    return p;
}
