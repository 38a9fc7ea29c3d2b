/* PUT and POST /-/quit. The bodies have no newline, as the original's. */
#include "log.h"
#include "options.h"
#include "response.h"
#include "router.h"

static void answer_text(struct request *r, int status, struct slice text)
{
    response_body(r, status, "text/plain; charset=utf-8", text);
}

void lifecycle_quit_handle(struct request *r)
{
    if (r->method == METHOD_GET) {
        answer_text(r, 405, SLICE_LITERAL("Only POST or PUT requests allowed."));
        return;
    }
    if (!r->server->options->enable_lifecycle) {
        answer_text(r, 403, SLICE_LITERAL("Lifecycle API is not enabled."));
        return;
    }
    log_write(LOG_WARN, "received termination request via web service, exiting gracefully...",
              NULL);
    server_stop(r->server);
    answer_text(r, 200, SLICE_LITERAL("Requesting termination... Goodbye!"));
}
