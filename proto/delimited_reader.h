/* Reads a body of io.prometheus.client.MetricFamily messages, each preceded by its length as a
 * varint. Source: metrics.proto, protobuf.dev "Encoding", and the behaviour of the published Go
 * decoder. */
#ifndef DELIMITED_READER_H
#define DELIMITED_READER_H

#include "arena.h"
#include "error.h"
#include "family.h"

/* Reads the whole body or fails, naming the place. A second family of the same name replaces the
 * first. What a scrape could not show is refused here: a family without a name, an unknown type, a
 * metric without the value of its type, a malformed or impossible native histogram. The result
 * lives in the arena and borrows from the body. utf8_names: as for text_reader_read(). */
bool delimited_reader_read(struct slice body, bool utf8_names, struct arena *a,
                           struct family_list *out, struct error *e);

/* Reads one MetricFamily message, without a length before it; the same refusals. */
bool delimited_reader_read_family(struct slice message, bool utf8_names, struct arena *a,
                                  struct family *out, struct error *e);

#endif
