/* The web page: ui/page.html with what the scripts of ui/ work on, and, for browsers that run none,
 * a plain page of groups and the status. */
#ifndef STATUS_PAGE_H
#define STATUS_PAGE_H

#include "request.h"
#include "stream.h"

struct status_page;

/* A page for the request's query, which is that of group_page.h; NULL when memory is out. */
struct status_page *status_page_new(const struct request *r);

/* As the functions of a stream_source. */
enum stream_status status_page_produce(void *page, struct buffer *out);
void status_page_free(void *page);

#endif
