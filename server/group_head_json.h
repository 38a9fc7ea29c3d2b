/* What our additions to the API say of a group besides its families. */
#ifndef GROUP_HEAD_JSON_H
#define GROUP_HEAD_JSON_H

#include "json_writer.h"
#include "store.h"

/* Writes the members "labels" to "series" into the object that is open. Counts are of what was
 * pushed: without the two push times that every group shows. */
void group_head_json_write(struct json_writer *w, const struct store_group *g);

#endif
