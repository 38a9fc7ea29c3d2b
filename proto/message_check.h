/* Whether an encoded message can be handed on as it is.
 *
 * What is pushed is kept encoded and reaches a scraper unread, so all of it must be sound, down to
 * the innermost message: the scraper drops everything if one metric does not decode. Go's decoder
 * passes over a known field of a wrong wire type, the one in Prometheus does not, so it is refused.
 * Strings must be UTF-8, which Go does not ask for but other decoders do. Unknown fields need only
 * be well formed.
 *
 * The schema is read from what protoc-c made of metrics.proto. */
#ifndef MESSAGE_CHECK_H
#define MESSAGE_CHECK_H

#include "slice.h"
#include "wire.h"

#include <protobuf-c/protobuf-c.h>

/* True if `encoded` is sound. Sets *unusual (never clears it) when it contains what is legal but
 * protobuf-c may refuse: groups, and tags or lengths longer than they need be. */
bool message_check(const ProtobufCMessageDescriptor *schema, struct slice encoded, bool *unusual);

/* The same for one field of a message, already taken. */
bool message_check_field(const ProtobufCMessageDescriptor *schema, const struct wire_field *field,
                         bool *unusual);

#endif
