/* Reads a body in the text exposition format 0.0.4.
 * Source: the Prometheus documentation, "Exposition formats", and the behaviour of the published Go
 * parser where that is silent. */
#ifndef TEXT_READER_H
#define TEXT_READER_H

#include "arena.h"
#include "error.h"
#include "family.h"

/* Reads the whole body or fails with "text format parsing error in line N: ...". The result lives
 * in the arena and borrows from the body. utf8_names: accept metric and label names that are not
 * legacy ones (--push.enable-utf8-names). A help text that is not UTF-8 has its bad bytes replaced.
 */
bool text_reader_read(struct slice body, bool utf8_names, struct arena *a, struct family_list *out,
                      struct error *e);

#endif
