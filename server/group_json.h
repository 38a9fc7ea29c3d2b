/* One group with its families, as GET /api/v1/groups/job/... shows it: a part of the families, and
 * of each a part of its metrics, if that is asked for. */
#ifndef GROUP_JSON_H
#define GROUP_JSON_H

#include "request.h"
#include "store.h"
#include "stream.h"

struct group_json;

enum group_json_outcome {
    GROUP_JSON_FOUND,
    GROUP_JSON_NONE,   /* there is no such group */
    GROUP_JSON_FAILED, /* the query is wrong or memory is out, as *e tells */
};

/* For a key and the query of a request: family, after, limit, metrics. */
enum group_json_outcome group_json_new(const struct request *r, struct group_key key,
                                       struct group_json **out, struct error *e);

/* As the functions of a stream_source. */
enum stream_status group_json_produce(void *group_json, struct buffer *out);
void group_json_free(void *group_json);

#endif
