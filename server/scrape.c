/* GET of the telemetry path: what is to be served how; exposition.c does it. */
#include "exposition.h"
#include "log.h"
#include "negotiation.h"
#include "response.h"
#include "router.h"
#include "store.h"
#include "stream.h"

static void refuse(struct request *r, const char *reason)
{
    struct buffer message = {0};

    log_write(LOG_ERROR, "error gathering metrics", "err", reason, NULL);
    buffer_printf(&message, "An error has occurred while serving metrics:\n\n%s", reason);
    response_error(r, 500, message.failed ? reason : message.p);
    buffer_free(&message);
}

void scrape_handle(struct request *r)
{
    static const struct stream_source source = {
        .produce = exposition_produce, .finish = exposition_free, .coded = CODING_GZIP};
    char content_type[160];

    const char *reason = store_inconsistency(r->server->store);
    if (reason) {
        refuse(r, reason);
        return;
    }
    struct exposition_choice choice = negotiation_exposition(request_header(r, "Accept"));
    enum coding coding = negotiation_coding(request_header_joined(r, "Accept-Encoding"));
    struct exposition *x = exposition_new(r->server, choice, coding, r->raw_query);
    if (!x) {
        error_no_memory(&r->error);
        response_failure(r, &r->error);
        return;
    }
    negotiation_content_type(choice, content_type, sizeof(content_type));
    stream_reply(r, 200, content_type, coding, &source, x);
}
