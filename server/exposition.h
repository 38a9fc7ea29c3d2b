/* The exposition: own and pushed families in the order of their names, made piece by piece from one
 * view of the store. A family of both sorts is one family: own help and type, own metrics first. */
#ifndef EXPOSITION_H
#define EXPOSITION_H

#include "negotiation.h"
#include "server.h"
#include "stream.h"

struct exposition;

/* As of now. raw_query may name the families that are wanted (name_filter.h). CODING_GZIP makes it
 * come out compressed, with what is kept from former scrapes; other codings are left to the stream.
 * NULL when memory is out. */
struct exposition *exposition_new(const struct server *server, struct exposition_choice choice,
                                  enum coding coding, struct slice raw_query);

/* As the functions of a stream_source. A piece may come out empty when there was much to look at.
 */
enum stream_status exposition_produce(void *exposition, struct buffer *out);
void exposition_free(void *exposition);

#endif
