/* PUT /api/v1/admin/wipe: deletes all groups. Routed only with --web.enable-admin-api. */
#include "committer.h"
#include "log.h"
#include "response.h"
#include "router.h"
#include "store.h"

static bool wipe(struct request *r)
{
    struct server *s = r->server;
    if (!s->committer)
        return store_wipe(s->store) || error_no_memory(&r->error);
    if (!committer_wipe(s->committer, &r->error))
        return false;
    r->until = committer_pending(s->committer);
    return true;
}

void admin_wipe_handle(struct request *r)
{
    log_write(LOG_DEBUG, "start wiping metric store", "source", r->client, NULL);
    if (!wipe(r)) {
        response_failure(r, &r->error);
        return;
    }
    response_empty(r, 202);
    server_store_changed(r->server);
}
