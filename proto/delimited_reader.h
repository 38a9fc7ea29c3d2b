/* Reads a body of io.prometheus.client.MetricFamily messages, each preceded by its length as a
 * varint. Source: metrics.proto, protobuf.dev "Encoding", and the behaviour of the published Go
 * decoder. */
#ifndef DELIMITED_READER_H
#define DELIMITED_READER_H

#include "arena.h"
#include "error.h"
#include "family.h"

/* Reads the whole body or fails with ERROR_INVALID, naming the place: "... (family 2 "up", metric
 * 1, byte 40)". A second family of the same name replaces the first. What a scrape could not show,
 * or what would make a scraper drop all of it, is refused: a family without a name or with one that
 * is not UTF-8, an unknown type, a known field of a wrong wire type in what is kept encoded, a
 * native histogram that does not add up. Names need not be legacy ones: the original does not ask
 * for it here, whatever --push.enable-utf8-names says. Label names and values, timestamps and
 * missing values are the store's to judge. A help text that is not UTF-8 has its bad bytes
 * replaced, a unit that the name does not end in is dropped. The result lives in the arena and
 * borrows from the body. */
bool delimited_reader_read(struct slice body, struct arena *a, struct family_list *out,
                           struct error *e);

/* Reads one MetricFamily message, without a length before it; the same refusals. */
bool delimited_reader_read_family(struct slice message, struct arena *a, struct family *out,
                                  struct error *e);

#endif
