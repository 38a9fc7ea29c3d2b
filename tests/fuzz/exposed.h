/* What a store holds, written as a scrape shows it, without a server around it. */
#ifndef EXPOSED_H
#define EXPOSED_H

#include "buffer.h"
#include "negotiation.h"
#include "store.h"

/* The pushed families, in the order of their names. */
void exposed_write(struct store *s, struct exposition_choice choice, struct buffer *out);

/* Whether a text exposition that holds a histogram with counts below zero was refused for that:
 * protobuf carries them and Prometheus reads them, only the strict text reader does not. */
bool exposed_is_negative_count(const struct error *why);

/* Requires that the exposition can be read again in each format: as text, as protobuf, and each
 * family of it by itself under every escaping of names. (Several families may get the same name by
 * escaping.) */
void exposed_require_readable(struct store *s);

#endif
