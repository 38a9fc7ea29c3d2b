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

/* How often in all a message that is not repeated may come again, to be merged with what was there
 * before. No client does that; whoever merges pays for it with the size of what is merged. */
enum { MESSAGE_MERGES_MAX = 16 };

/* What is found on the way; starts as all zeroes. */
struct message_findings {
    /* Legal, but protobuf-c may refuse it: groups, and tags or lengths longer than they need be. */
    bool unusual;
    unsigned merges;
};

/* True if `encoded` is sound and merges no more than it may. */
bool message_check(const ProtobufCMessageDescriptor *schema, struct slice encoded,
                   struct message_findings *found);

/* The same for one field of a message, already taken. *seen is of that message, and starts as 0. */
bool message_check_field(const ProtobufCMessageDescriptor *schema, const struct wire_field *field,
                         uint64_t *seen, struct message_findings *found);

#endif
