/* PUT /api/v1/admin/wipe: deletes all groups. Routed only with --web.enable-admin-api. */
#include "log.h"
#include "response.h"
#include "router.h"
#include "store.h"

void admin_wipe_handle(struct request *r)
{
    log_write(LOG_DEBUG, "start wiping metric store", "source", r->client, NULL);
    store_wipe(r->server->store);
    response_empty(r, 202);
    server_store_changed(r->server);
}
