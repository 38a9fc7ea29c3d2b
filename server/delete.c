/* DELETE /metrics/job/...: removes a group. 202 whether there was one or not; a body is of no
 * interest. */
#include "committer.h"
#include "grouping_key.h"
#include "log.h"
#include "options.h"
#include "response.h"
#include "router.h"
#include "store.h"

/* False: nothing can be deleted at present. */
static bool delete_group(struct request *r, struct group_key key)
{
    struct server *s = r->server;
    bool deleted, ok;
    if (!s->committer) {
        ok = store_delete(s->store, key, &s->arena, &deleted) || error_no_memory(&r->error);
    } else {
        ok = committer_delete(s->committer, key, &s->arena, &deleted, &r->error);
        if (ok)
            r->until = committer_pending(s->committer);
    }
    if (ok && deleted)
        server_store_changed(s);
    return ok;
}

void delete_handle(struct request *r)
{
    struct server *s = r->server;
    struct group_key key;
    struct slice path = {r->path.p + strlen("/metrics/"), r->path.len - strlen("/metrics/")};
    if (!grouping_key_parse(path, s->options->enable_utf8_names, &s->arena, &key, &r->error)) {
        log_write(LOG_DEBUG, "failed to parse URL", "source", r->client, "err", r->error.message,
                  NULL);
        response_failure(r, &r->error);
        return;
    }
    if (delete_group(r, key))
        response_empty(r, 202);
    else
        response_failure(r, &r->error);
}
