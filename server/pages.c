/* The web page and the files it is made of. */
#include "assets.h"
#include "response.h"
#include "router.h"
#include "status_page.h"
#include "stream.h"

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
    /* Pushed names and values are shown here: nothing but our own files may act on them. */
    response_header(r, "Content-Security-Policy",
                    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
                    "base-uri 'none'");
    stream_reply(r, 200, "text/html; charset=utf-8", CODING_IDENTITY, &source, page);
}

static const struct asset *find_asset(struct slice name)
{
    for (size_t i = 0; i < assets_count; i++) {
        if (slice_equal(slice_of(assets[i].name), name))
            return &assets[i];
    }
    return NULL;
}

static const char *content_type_of(struct slice name)
{
    if (slice_has_suffix(name, SLICE_LITERAL(".css")))
        return "text/css; charset=utf-8";
    if (slice_has_suffix(name, SLICE_LITERAL(".js")))
        return "text/javascript; charset=utf-8";
    if (slice_has_suffix(name, SLICE_LITERAL(".svg")))
        return "image/svg+xml";
    return "application/octet-stream";
}

void pages_static_handle(struct request *r)
{
    static const struct slice directory = {"/static/", 8};
    struct slice name = r->path;

    if (slice_has_prefix(name, directory)) {
        name.p += directory.len;
        name.len -= directory.len;
    }
    const struct asset *asset = find_asset(name);
    if (!asset) {
        response_error(r, 404, "404 page not found");
        return;
    }
    response_body(r, 200, content_type_of(name),
                  (struct slice){(const char *)asset->bytes, asset->length});
}
