/* A page of the list of groups, as GET /api/v1/groups shows it. */
#ifndef GROUP_LIST_JSON_H
#define GROUP_LIST_JSON_H

#include "request.h"
#include "stream.h"

struct group_list_json;

/* For the query of a request; NULL when it is wrong or memory is out, as *e tells. */
struct group_list_json *group_list_json_new(const struct request *r, struct error *e);

/* As the functions of a stream_source. */
enum stream_status group_list_json_produce(void *group_list_json, struct buffer *out);
void group_list_json_free(void *group_list_json);

#endif
