/* The web page and the files it is made of. */
#include "assets.h"
#include "response.h"
#include "router.h"
#include "status_page.h"
#include "stream.h"

#include <stdio.h>

/* Pushed names and values are shown here: nothing but our own files may act on them. */
static void confine(struct request *r)
{
    response_header(r, "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                    "connect-src 'self'; form-action 'self'; base-uri 'none'; "
                    "frame-ancestors 'self'");
    response_header(r, "Referrer-Policy", "same-origin");
}

void pages_status_handle(struct request *r)
{
    static const struct stream_source source = {.produce = status_page_produce,
                                                .finish = status_page_free};
    struct status_page *page = status_page_new(r);

    if (!page) {
        error_no_memory(&r->error);
        response_failure(r, &r->error);
        return;
    }
    confine(r);
    stream_reply(r, 200, "text/html; charset=utf-8", CODING_IDENTITY, &source, page);
}

/* --- Files ---------------------------------------------------------------------------------------
 */

/* NULL: not to be served by itself. */
static const char *content_type_of(struct slice name)
{
    if (slice_has_suffix(name, SLICE_LITERAL(".css")))
        return "text/css; charset=utf-8";
    if (slice_has_suffix(name, SLICE_LITERAL(".js")))
        return "text/javascript; charset=utf-8";
    if (slice_has_suffix(name, SLICE_LITERAL(".svg")))
        return "image/svg+xml";
    return NULL;
}

/* Whether the client has the very file. Source: RFC 9110, section 13.1.2; our tags hold nothing
 * that would have to be parsed. */
static bool is_known(const struct request *r, const char *tag)
{
    const char *known = request_header_joined(r, "If-None-Match");
    return known && (strstr(known, tag) || strcmp(known, "*") == 0);
}

static void send_asset(struct request *r, const struct asset *asset, const char *type)
{
    bool packed = negotiation_coding(request_header_joined(r, "Accept-Encoding")) == CODING_GZIP;
    char tag[40];

    snprintf(tag, sizeof(tag), "\"%s%s\"", asset->hash, packed ? "-gz" : "");
    confine(r);
    response_header(r, "X-Content-Type-Options", "nosniff");
    response_header(r, "ETag", tag);
    response_header(r, "Cache-Control", "no-cache"); /* to be asked for again, which is cheap */
    response_header(r, "Vary", "Accept-Encoding");
    if (is_known(r, tag)) {
        response_body(r, 304, NULL, SLICE_LITERAL(""));
        return;
    }
    if (packed)
        response_header(r, "Content-Encoding", "gzip");
    response_body(r, 200, type,
                  packed ? (struct slice){(const char *)asset->gzip, asset->gzip_length}
                         : (struct slice){(const char *)asset->bytes, asset->length});
}

void pages_static_handle(struct request *r)
{
    static const struct slice directory = {"/static/", 8};
    struct slice name = r->path;

    if (slice_has_prefix(name, directory)) {
        name.p += directory.len;
        name.len -= directory.len;
    }
    const struct asset *asset = assets_find(name);
    const char *type = asset ? content_type_of(name) : NULL;
    if (type)
        send_asset(r, asset, type);
    else
        response_error(r, 404, "404 page not found");
}
