#include "server.h"

#include "housekeeping.h"
#include "listener.h"
#include "persister.h"

void server_stop(struct server *s)
{
    notify_send(&s->notify, "STOPPING=1");
    if (s->listener)
        listener_stop(s->listener);
}

void server_store_changed(struct server *s)
{
    persister_changed(s->persister);
    housekeeping_wake(s->housekeeping);
}
