/* All groups as the API shows them, made piece by piece from one view of the store. Keys are in the
 * order of their names, as Go prints maps. */
#ifndef GROUPS_JSON_H
#define GROUPS_JSON_H

#include "stream.h"

struct groups_json;
struct store;

/* NULL when memory is out. */
struct groups_json *groups_json_new(struct store *store);

/* As the functions of a stream_source. */
enum stream_status groups_json_produce(void *groups_json, struct buffer *out);
void groups_json_free(void *groups_json);

#endif
