/* GET /-/healthy and /-/ready: whoever gets an answer at all gets this one. */
#include "response.h"
#include "router.h"

static void answer_ok(struct request *r)
{
    response_body(r, 200, "text/plain; charset=utf-8", SLICE_LITERAL("OK"));
}

void health_healthy_handle(struct request *r)
{
    answer_ok(r);
}

void health_ready_handle(struct request *r)
{
    answer_ok(r);
}
