#include "router.h"

#include "log.h"
#include "options.h"
#include "response.h"
#include "target.h"

#include <strings.h>

enum { PUSH = METHOD_PUT | METHOD_POST };

/* A path of NULL is the telemetry path. The first match counts. */
static const struct route routes[] = {
    {"/metrics/job/+", PUSH, "push", push_handle},
    {"/metrics/job@base64/+", PUSH, "push", push_handle},
    {"/metrics/job/+", METHOD_DELETE, "delete", delete_handle},
    {"/metrics/job@base64/+", METHOD_DELETE, "delete", delete_handle},
    {"/-/healthy", METHOD_GET, "healthy", health_healthy_handle},
    {"/-/ready", METHOD_GET, "ready", health_ready_handle},
    {NULL, METHOD_GET, NULL, scrape_handle},
    {"/static/*", METHOD_GET, "static", pages_static_handle},
    {"/status", METHOD_GET, "status", pages_status_handle},
    {"/", METHOD_GET, "status", pages_status_handle},
    {"/-/quit", PUSH, NULL, lifecycle_quit_handle},
};

/* Outside of the route prefix, if any, as the original has it. */
static const struct route unprefixed_routes[] = {
    {"/-/quit", METHOD_GET, NULL, lifecycle_quit_handle},
};

/* Below /api/v1. */
static const struct route api_routes[] = {
    {"/status", METHOD_GET, "api/v1/status", api_status_handle},
    {"/metrics", METHOD_GET, "api/v1/metrics", api_metrics_handle},
    {"/status/metrics", METHOD_GET, "api/v1/status/metrics", api_own_metrics_handle},
    {"/groups", METHOD_GET, "api/v1/groups", api_groups_handle},
    {"/groups/job/+", METHOD_GET, "api/v1/group", api_group_handle},
    {"/groups/job@base64/+", METHOD_GET, "api/v1/group", api_group_handle},
    {"/*", METHOD_OPTIONS, "api/v1/options", api_options_handle},
};
static const struct route admin_routes[] = {
    {"/admin/wipe", METHOD_PUT, "wipe", admin_wipe_handle},
};

struct route_list {
    const struct route *routes;
    size_t count;
    struct slice prefix; /* of their paths */
};

enum { LISTS_MAX = 2 };

/* The lists that answer for one part of the paths. */
struct space {
    struct route_list lists[LISTS_MAX];
    size_t count;
};

#define ROUTE_LIST(array, prefix)                                                                  \
    ((struct route_list){(array), sizeof(array) / sizeof(*(array)), (prefix)})

/* --- Matching --------------------------------------------------------------------------------- */

static bool equal(struct slice a, struct slice b, bool fold)
{
    return a.len == b.len && (fold ? strncasecmp(a.p, b.p, a.len) == 0 : slice_equal(a, b));
}

/* The pattern of a route without its '*' or '+', which is returned. */
static char split_pattern(const struct route *route, struct slice *fixed)
{
    *fixed = slice_of(route->path);
    char last = fixed->p[fixed->len - 1];
    if (last != '*' && last != '+')
        return '\0';
    fixed->len--;
    return last;
}

/* Whether a path is that of a route. With `fold` upper and lower case are the same, and *fixed
 * becomes the right spelling of the front of the path. */
static bool matches(const struct server *s, const struct route_list *list,
                    const struct route *route, struct slice path, bool fold, struct slice *fixed)
{
    struct slice front = {path.p, list->prefix.len};
    if (path.len < front.len || !equal(front, list->prefix, fold))
        return false;
    struct slice rest = {path.p + front.len, path.len - front.len};
    char wild = '\0';
    if (route->path)
        wild = split_pattern(route, fixed);
    else
        *fixed = slice_of(s->options->telemetry_route);
    if (wild == '\0')
        return equal(rest, *fixed, fold);
    return rest.len >= fixed->len + (wild == '+') &&
           equal((struct slice){rest.p, fixed->len}, *fixed, fold);
}

static const struct route *find(const struct server *s, const struct space *space, unsigned methods,
                                struct slice path)
{
    struct slice fixed;
    for (size_t i = 0; i < space->count; i++)
        for (size_t j = 0; j < space->lists[i].count; j++) {
            const struct route *route = &space->lists[i].routes[j];
            if (route->methods & methods &&
                matches(s, &space->lists[i], route, path, false, &fixed))
                return route;
        }
    return NULL;
}

/* The methods that a path has, apart from an OPTIONS that answers for anything. */
static unsigned methods_of(const struct server *s, const struct space *space, struct slice path)
{
    unsigned methods = 0;
    struct slice fixed;
    for (size_t i = 0; i < space->count; i++)
        for (size_t j = 0; j < space->lists[i].count; j++) {
            const struct route *route = &space->lists[i].routes[j];
            if (matches(s, &space->lists[i], route, path, false, &fixed))
                methods |= route->methods & ~(unsigned)METHOD_OPTIONS;
        }
    return methods;
}

/* --- Redirects -------------------------------------------------------------------------------- */

static void html_escape(struct slice text, struct buffer *to)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.p[i]) {
        case '&':
            buffer_text(to, "&amp;");
            break;
        case '\'':
            buffer_text(to, "&#39;");
            break;
        default:
            buffer_byte(to, text.p[i]); /* an encoded URL holds no other special ones */
            break;
        }
    }
}

/* `path` is decoded. */
static void redirect(struct request *r, int status, struct slice path)
{
    struct buffer location = {0}, body = {0};
    target_encode(path, &location);
    if (r->raw_query.len > 0) {
        buffer_byte(&location, '?');
        buffer_slice_append(&location, r->raw_query);
    }
    if (r->method == METHOD_GET) {
        buffer_text(&body, "<a href=\"");
        html_escape(buffer_slice(&location), &body);
        buffer_printf(&body, "\">%s</a>.\n\n", response_phrase(status));
    }
    buffer_byte(&location, '\0');
    if (location.failed || body.failed) {
        response_error(r, 503, "out of memory");
    } else {
        if (r->method & PUSH)
            log_write(LOG_WARN, "redirecting a push, which many clients take for a success",
                      "source", r->client, "location", location.p, NULL);
        bool html = r->method == METHOD_GET || r->method == METHOD_HEAD;
        response_header(r, "Location", location.p);
        response_body(r, status, html ? "text/html; charset=utf-8" : NULL, buffer_slice(&body));
    }
    buffer_free(&location);
    buffer_free(&body);
}

/* Looks for a path with another spelling: upper and lower case exchanged. */
static bool find_folded(const struct server *s, const struct space *space, unsigned methods,
                        struct slice path, struct buffer *to)
{
    struct slice fixed;
    for (size_t i = 0; i < space->count; i++)
        for (size_t j = 0; j < space->lists[i].count; j++) {
            const struct route_list *list = &space->lists[i];
            const struct route *route = &list->routes[j];
            if (!(route->methods & methods) || !matches(s, list, route, path, true, &fixed))
                continue;
            size_t front = list->prefix.len + fixed.len;
            buffer_slice_append(to, list->prefix);
            buffer_slice_append(to, fixed);
            buffer_bytes(to, path.p + front, path.len - front);
            return true;
        }
    return false;
}

/* "/metrics/job/": the original's router redirects to the path without the '/', which it does not
 * have either. Clients in the field know the 307 that they get. */
static bool is_missing_job(const struct server *s, unsigned method, struct slice path)
{
    struct slice prefix = slice_of(s->options->route_prefix);
    if (!(method & (PUSH | METHOD_DELETE)) || !slice_has_prefix(path, prefix))
        return false;
    return slice_equal((struct slice){path.p + prefix.len, path.len - prefix.len},
                       SLICE_LITERAL("/metrics/job/"));
}

/* Redirects to the path with a '/' more or less at its end, or in lower case, if there is one for
 * this method, as the original's router does. */
static bool redirect_to_similar(struct request *r, const struct space *space, struct slice path)
{
    struct buffer toggled = {0}, similar = {0};
    bool slash = path.len > 0 && path.p[path.len - 1] == '/';
    buffer_bytes(&toggled, path.p, path.len - slash);
    if (!slash)
        buffer_byte(&toggled, '/');
    struct slice other = buffer_slice(&toggled);
    bool found = false;
    if (is_missing_job(r->server, r->method, path)) {
        buffer_slice_append(&similar, other);
        found = true;
    } else if (!toggled.failed && path.len != 1) {
        found = find_folded(r->server, space, r->method, path, &similar);
        if (find(r->server, space, r->method, other)) {
            buffer_clear(&similar);
            buffer_slice_append(&similar, other);
            found = true;
        } else if (!found) {
            found = find_folded(r->server, space, r->method, other, &similar);
        }
    }
    if (found && !similar.failed)
        redirect(r, r->method == METHOD_GET ? 301 : 307, buffer_slice(&similar));
    buffer_free(&toggled);
    buffer_free(&similar);
    return found;
}

/* --- Answers ---------------------------------------------------------------------------------- */

static void allow(struct request *r, unsigned methods)
{
    static const struct {
        enum method method;
        const char *name;
    } names[] = {{METHOD_DELETE, "DELETE"},
                 {METHOD_GET, "GET"},
                 {METHOD_OPTIONS, "OPTIONS"},
                 {METHOD_POST, "POST"},
                 {METHOD_PUT, "PUT"}};
    char list[64] = "", *end = list;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!((methods | METHOD_OPTIONS) & names[i].method))
            continue;
        if (end > list)
            end = stpcpy(end, ", ");
        end = stpcpy(end, names[i].name);
    }
    response_header(r, "Allow", list);
}

static void answer(struct request *r, const struct space *space, struct slice path)
{
    const struct route *route = find(r->server, space, r->method, path);
    if (route) {
        struct slice prefix = space->lists[0].prefix;
        if (slice_has_prefix(path, prefix))
            path = (struct slice){path.p + prefix.len, path.len - prefix.len};
        r->path = path;
        r->metrics_handler = route->metrics_handler;
        route->handle(r);
        return;
    }
    if (redirect_to_similar(r, space, path))
        return;
    unsigned methods = methods_of(r->server, space, path);
    if (methods == 0) {
        response_error(r, 404, "404 page not found");
        return;
    }
    allow(r, methods);
    if (r->method == METHOD_OPTIONS)
        response_empty(r, 200);
    else
        response_error(r, 405, "Method Not Allowed");
}

/* The original opens a compressed body before it looks at the path. */
static const char *gzip_fault(const struct request *r)
{
    const char *coding = request_header(r, "Content-Encoding");
    if (!coding || strcasecmp(coding, "gzip") != 0 || r->body_failed)
        return NULL;
    if (r->body.len == 0)
        return "EOF";
    if (r->body.len < 10)
        return "unexpected EOF";
    return memcmp(r->body.p, "\x1f\x8b\x08", 3) == 0 ? NULL : "gzip: invalid header";
}

static struct space main_space(const struct server *s)
{
    return (struct space){{ROUTE_LIST(routes, slice_of(s->options->route_prefix)),
                           ROUTE_LIST(unprefixed_routes, SLICE_LITERAL(""))},
                          2};
}

static struct space api_space(const struct server *s)
{
    return (struct space){
        {ROUTE_LIST(api_routes, SLICE_LITERAL("")), ROUTE_LIST(admin_routes, SLICE_LITERAL(""))},
        s->options->enable_admin_api ? 2 : 1};
}

/* Whether a path lies in the API; *below is then what follows "/api/v1". */
static bool is_api_path(const struct server *s, struct slice path, struct slice *below)
{
    static const struct slice api = SLICE_LITERAL("/api/v1");
    struct slice prefix = slice_of(s->options->route_prefix);
    if (!slice_has_prefix(path, prefix))
        return false;
    struct slice rest = {path.p + prefix.len, path.len - prefix.len};
    if (!slice_has_prefix(rest, api))
        return false;
    *below = (struct slice){rest.p + api.len, rest.len - api.len};
    return below->len == 0 || below->p[0] == '/';
}

/* To the path without "//", "." and ".."; to "/api/v1/" with its slash. Clients that do not follow
 * believe that they have pushed, hence 307, which keeps method and body. */
static bool redirect_to_clean(struct request *r)
{
    struct slice below;
    bool connect = slice_equal(r->method_name, SLICE_LITERAL("CONNECT"));
    struct buffer clean = {0};
    if (connect || target_is_clean(r->path))
        buffer_slice_append(&clean, r->path);
    else
        target_clean(r->path, &clean);
    if (!clean.failed && is_api_path(r->server, buffer_slice(&clean), &below) && below.len == 0)
        buffer_byte(&clean, '/');
    bool moved = clean.failed || clean.len != r->path.len;
    if (clean.failed)
        response_error(r, 503, "out of memory");
    else if (moved)
        redirect(r, 307, buffer_slice(&clean));
    buffer_free(&clean);
    return moved;
}

/* "/api%2Fv1/" leads to the original's API and is not found there: what is no usual way of encoding
 * the path must have the front as it is. */
static bool spells_api_plainly(const struct request *r)
{
    struct target target;
    struct buffer usual = {0};
    struct slice below, prefix = slice_of(r->server->options->route_prefix);
    if (!target_split(r->target, &target))
        return false;
    target_encode(r->path, &usual);
    bool plain = slice_equal(buffer_slice(&usual), target.path);
    buffer_free(&usual);
    size_t front = prefix.len + strlen("/api/v1");
    return plain || (target.path.len >= front &&
                     is_api_path(r->server, (struct slice){target.path.p, front}, &below));
}

void router_dispatch(struct request *r)
{
    struct slice below;
    if (slice_equal(r->path, SLICE_LITERAL("*"))) {
        response_empty(r, 200);
        return;
    }
    if (redirect_to_clean(r))
        return;
    if (is_api_path(r->server, r->path, &below)) {
        if (!spells_api_plainly(r)) {
            response_error(r, 404, "404 page not found");
            return;
        }
        struct space space = api_space(r->server);
        answer(r, &space, below);
        return;
    }
    struct space space = main_space(r->server);
    const char *fault = gzip_fault(r);
    const struct route *route = fault ? find(r->server, &space, r->method, r->path) : NULL;
    if (route && route->handle == push_handle)
        push_refuse_body(r, fault);
    else if (fault)
        response_error(r, 400, fault);
    else
        answer(r, &space, r->path);
}

bool router_takes_body(struct server *s, struct slice method, struct slice target)
{
    struct target parts;
    if (!slice_equal(method, SLICE_LITERAL("PUT")) && !slice_equal(method, SLICE_LITERAL("POST")))
        return false;
    if (!target_split(target, &parts))
        return false;
    char *path = arena_alloc(&s->arena, parts.path.len + 1);
    long length = path ? target_decode(parts.path, path) : -1;
    const struct route *route = NULL;
    if (length > 0 && target_is_clean((struct slice){path, (size_t)length})) {
        struct space space = main_space(s);
        route = find(s, &space, PUSH, (struct slice){path, (size_t)length});
    }
    arena_reset(&s->arena);
    return route && route->handle == push_handle;
}
