/* Which handler answers which path and method: one table, in router.c. */
#ifndef ROUTER_H
#define ROUTER_H

#include "request.h"

struct route {
    const char
        *path; /* exact; with '*' at its end: whatever follows; with '+': at least a byte more */
    unsigned methods; /* of enum method */
    const char *
        metrics_handler; /* label `handler` of pushgateway_http_requests_total; NULL: not counted */
    void (*handle)(struct request *r);
};

/* Answers r: by the handler of its route, or with 404, 405 with Allow, OPTIONS, or a redirect to
 * the clean path. */
void router_dispatch(struct request *r);

/* Whether the body of a request makes a difference to its answer: if not, a client that asks before
 * it sends one (Expect: 100-continue) is answered at once. `target` as sent. */
bool router_takes_body(struct server *s, struct slice method, struct slice target);

/* The handlers. Each answers its request exactly once. */
void push_handle(struct request *r);            /* push.c */
void delete_handle(struct request *r);          /* delete.c */
void scrape_handle(struct request *r);          /* scrape.c */
void api_status_handle(struct request *r);      /* api.c */
void api_metrics_handle(struct request *r);     /* api.c */
void api_own_metrics_handle(struct request *r); /* api.c */
void api_groups_handle(struct request *r);      /* api.c */
void api_group_handle(struct request *r);       /* api.c */
void api_options_handle(struct request *r);     /* api.c */
void admin_wipe_handle(struct request *r);      /* admin.c */
void health_healthy_handle(struct request *r);  /* health.c */
void health_ready_handle(struct request *r);    /* health.c */
void lifecycle_quit_handle(struct request *r);  /* lifecycle.c */
void pages_status_handle(struct request *r);    /* pages.c */
void pages_static_handle(struct request *r);    /* pages.c */

/* Refuses a push whose body cannot be read; as push_handle() does, but the request is counted for
 * no handler. */
void push_refuse_body(struct request *r, const char *why);

#endif
