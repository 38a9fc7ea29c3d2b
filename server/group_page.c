#include "group_page.h"

#include "grouping_key.h"
#include "grouping_path.h"
#include "options.h"
#include "query.h"
#include "target.h"

static const struct slice job_name = SLICE_LITERAL("job");

enum { GROUP_WORK = 64 }; /* what it costs to come to a group, in bytes looked at */

/* --- The query -----------------------------------------------------------------------------------
 */

struct reader {
    struct group_page *page;
    struct slice after; /* as given */
    struct error *error;
};

static bool take_flag(struct slice value, bool *out, const char *name, struct error *e)
{
    static const struct slice yes[] = {{"1", 1}, {"true", 4}}, no[] = {{"0", 1}, {"false", 5}};
    *out = slice_equal(value, yes[0]) || slice_equal(value, yes[1]);
    if (*out || value.len == 0 || slice_equal(value, no[0]) || slice_equal(value, no[1]))
        return true;
    return error_set(e, ERROR_INVALID, "%s is 1 or 0", name);
}

static bool take_failed(struct reader *r, struct slice value)
{
    return take_flag(value, &r->page->filter.failed, "failed", r->error);
}

static bool take_count(struct reader *r, struct slice value)
{
    return take_flag(value, &r->page->counts, "count", r->error);
}

static bool take_text(struct reader *r, struct slice value)
{
    return group_filter_add_text(&r->page->filter, value, &r->page->arena, r->error);
}

static bool take_selector(struct reader *r, struct slice value)
{
    return value.len == 0 ||
           group_filter_add_selector(&r->page->filter, value, &r->page->arena, r->error);
}

static bool take_metric(struct reader *r, struct slice value)
{
    r->page->filter.metric = value.len > 0 ? value : (struct slice){0};
    return true;
}

static bool take_after(struct reader *r, struct slice value)
{
    r->after = value;
    return true;
}

static bool take_limit(struct reader *r, struct slice value)
{
    uint64_t limit;
    if (!query_number(value, GROUP_PAGE_MAX, &limit) || limit == 0)
        return error_set(r->error, ERROR_INVALID, "limit is a number from 1 to %d", GROUP_PAGE_MAX);
    r->page->limit = (size_t)limit;
    return true;
}

static bool take_sort(struct reader *r, struct slice value)
{
    static const struct {
        struct slice name;
        enum store_order order;
    } orders[] = {{SLICE_LITERAL("key"), STORE_BY_KEY},
                  {SLICE_LITERAL("oldest"), STORE_OLDEST_FIRST},
                  {SLICE_LITERAL("newest"), STORE_NEWEST_FIRST}};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        if (slice_equal(value, orders[i].name)) {
            r->page->order = orders[i].order;
            return true;
        }
    }
    return error_set(r->error, ERROR_INVALID, "sort is key, oldest or newest");
}

static const struct {
    struct slice name;
    bool (*take)(struct reader *r, struct slice value);
} parameters[] = {
    {SLICE_LITERAL("after"), take_after},      {SLICE_LITERAL("count"), take_count},
    {SLICE_LITERAL("failed"), take_failed},    {SLICE_LITERAL("limit"), take_limit},
    {SLICE_LITERAL("match[]"), take_selector}, {SLICE_LITERAL("metric"), take_metric},
    {SLICE_LITERAL("q"), take_text},           {SLICE_LITERAL("sort"), take_sort},
};

/* Parameters that are not ours are passed over, as everywhere. */
static bool read_query(struct reader *r, struct slice query)
{
    struct query_parameter parameter;
    while (query.len > 0) {
        if (!query_next(&query, &r->page->arena, &parameter))
            return error_no_memory(r->error);
        for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
            if (slice_equal(parameter.name, parameters[i].name) &&
                !parameters[i].take(r, parameter.value))
                return false;
    }
    return true;
}

/* --- Cursors -------------------------------------------------------------------------------------
 *
 * By key the path of the last group shown, by age the time of its push, ':' and its path. */

struct cursor {
    struct group_key key;
    int64_t push_time_ns;
};

static bool refuse_cursor(struct error *e)
{
    return error_set(e, ERROR_INVALID, "after is no cursor of this list");
}

static bool read_cursor(struct group_page *p, struct slice text, bool utf8_names,
                        struct cursor *out, struct error *e)
{
    struct slice path = text;
    uint64_t time = 0;

    if (p->order != STORE_BY_KEY) {
        const char *colon = memchr(text.p, ':', text.len);
        size_t digits = colon ? (size_t)(colon - text.p) : 0;
        if (!query_number((struct slice){text.p, digits}, INT64_MAX, &time))
            return refuse_cursor(e);
        path = (struct slice){colon + 1, text.len - digits - 1};
    }
    char *decoded = arena_alloc(&p->arena, path.len);
    if (!decoded)
        return error_no_memory(e);
    long length = target_decode(path, decoded);
    if (length < 0)
        return refuse_cursor(e);
    out->push_time_ns = (int64_t)time;
    if (grouping_key_parse((struct slice){decoded, (size_t)length}, utf8_names, &p->arena,
                           &out->key, e))
        return true;
    return e->code == ERROR_NO_MEMORY ? false : refuse_cursor(e);
}

static void write_cursor(struct group_page *p)
{
    buffer_clear(&p->last);
    if (p->order != STORE_BY_KEY)
        buffer_printf(&p->last, "%lld:", (long long)p->group.push_time_ns);
    grouping_path_write(&p->last, p->group.key);
}

struct slice group_page_next(const struct group_page *p)
{
    return p->more ? buffer_slice(&p->last) : SLICE_LITERAL("");
}

/* --- Opening -------------------------------------------------------------------------------------
 */

static bool seek(struct group_page *p, struct slice after, bool utf8_names, struct error *e)
{
    struct cursor cursor = {0};

    if (after.len == 0) {
        bool jump = p->job.p && p->order == STORE_BY_KEY;
        return !jump || store_view_seek_job(p->view, p->job, &p->arena) || error_no_memory(e);
    }
    if (!read_cursor(p, after, utf8_names, &cursor, e))
        return false;
    switch (store_view_seek_group(p->view, cursor.key, cursor.push_time_ns, &p->arena)) {
    case STORE_SOUGHT_FAILED:
        return error_no_memory(e);
    case STORE_SOUGHT_LOST:
        p->passing = p->order != STORE_BY_KEY;
        p->passed_until_ns = cursor.push_time_ns;
        break;
    case STORE_SOUGHT_FOUND:
        break;
    }
    return true;
}

/* What needs no counting: all groups, or all that have failed. */
static size_t known_count(const struct group_page *p)
{
    struct group_filter without = p->filter;
    without.failed = false;
    if (!group_filter_is_empty(&without))
        return SIZE_MAX;
    return p->filter.failed ? p->failed : p->total;
}

static bool open_page(struct group_page *p, const struct request *r, struct error *e)
{
    struct reader reader = {.page = p, .error = e};
    struct store_statistics stored = store_statistics(r->server->store);

    if (!read_query(&reader, r->raw_query))
        return false;
    p->view = store_view_open(r->server->store);
    if (!p->view)
        return error_no_memory(e);
    p->total = stored.groups;
    p->failed = stored.failed_groups;
    p->counted = reader.after.len == 0 ? known_count(p) : SIZE_MAX;
    p->failed_ahead = reader.after.len == 0 ? p->failed : SIZE_MAX;
    p->job = group_filter_job(&p->filter);
    store_view_order_groups(p->view, p->order);
    struct slice metric = group_filter_metric(&p->filter);
    if (metric.p)
        store_view_with_family(p->view, metric);
    return seek(p, reader.after, r->server->options->enable_utf8_names, e);
}

bool group_page_open(struct group_page *p, const struct request *r, struct error *e)
{
    *p = (struct group_page){.limit = GROUP_PAGE_DEFAULT};
    if (open_page(p, r, e))
        return true;
    group_page_close(p);
    return false;
}

void group_page_close(struct group_page *p)
{
    if (p->view)
        store_view_close(p->view);
    p->view = NULL;
    group_filter_free(&p->filter);
    arena_free(&p->arena);
    buffer_free(&p->last);
}

/* --- Walking -------------------------------------------------------------------------------------
 */

/* By age, behind a place that is lost: whether the group stood before it. */
static bool is_passed(struct group_page *p)
{
    int64_t time = p->group.push_time_ns;
    if (p->passing &&
        (p->order == STORE_OLDEST_FIRST ? time < p->passed_until_ns : time > p->passed_until_ns))
        return true;
    p->passing = false;
    return false;
}

static struct slice job_of(const struct store_group *g)
{
    for (size_t i = 0; i < g->key.n_labels; i++)
        if (slice_equal(g->key.labels[i].name, job_name))
            return g->key.labels[i].value;
    return SLICE_LITERAL("");
}

/* By key, whether no group from this one on can pass. */
static bool is_behind_job(const struct group_page *p)
{
    return p->job.p && p->order == STORE_BY_KEY && slice_compare(job_of(&p->group), p->job) > 0;
}

/* A group that passes: on the page, or behind it. */
static enum group_page_step take_group(struct group_page *p)
{
    p->matched++;
    if (p->shown < p->limit) {
        p->shown++;
        write_cursor(p);
        return p->last.failed ? GROUP_PAGE_FAILED : GROUP_PAGE_GROUP;
    }
    p->more = true;
    return p->counts && p->counted == SIZE_MAX ? GROUP_PAGE_LOOKING : GROUP_PAGE_END;
}

enum group_page_step group_page_step(struct group_page *p, size_t *work)
{
    *work += GROUP_WORK;
    if (p->filter.failed && p->failed_ahead == 0)
        return GROUP_PAGE_END; /* all that could pass have been seen */
    switch (store_view_step_group(p->view, &p->group)) {
    case STORE_STEP_END:
        return GROUP_PAGE_END;
    case STORE_STEP_SKIPPED:
        *work += GROUP_PAGE_WORK / 4;
        return GROUP_PAGE_LOOKING;
    case STORE_STEP_SHOWN:
        break;
    }
    if (is_behind_job(p))
        return GROUP_PAGE_END;
    if (p->failed_ahead != SIZE_MAX && store_group_failed(&p->group))
        p->failed_ahead--;
    if (is_passed(p))
        return GROUP_PAGE_LOOKING;
    if (group_filter_passes(&p->filter, p->view, &p->group, work))
        return take_group(p);
    return p->filter.folded.failed ? GROUP_PAGE_FAILED : GROUP_PAGE_LOOKING;
}

bool group_page_matched(const struct group_page *p, size_t *matched)
{
    if (p->counted != SIZE_MAX)
        *matched = p->counted;
    else if (p->counts || !p->more)
        *matched = p->matched;
    else
        return false;
    return true;
}
