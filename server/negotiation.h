/* What a scraper wants: format, escaping and compression, from Accept and Accept-Encoding.
 * Source: RFC 9110 section 12.5, and the behaviour of the published Go server where it deviates. */
#ifndef NEGOTIATION_H
#define NEGOTIATION_H

#include "names.h"

enum exposition_format {
    FORMAT_TEXT,      /* text/plain; version=0.0.4 */
    FORMAT_DELIMITED, /* application/vnd.google.protobuf, delimited */
};

struct exposition_choice {
    enum exposition_format format;
    enum escaping escaping;
};

/* `accept` may be NULL. */
struct exposition_choice negotiation_exposition(const char *accept);

/* The Content-Type of a choice, as the original writes it. `to` holds at least 160 bytes. */
void negotiation_content_type(struct exposition_choice choice, char *to, size_t size);

enum coding { CODING_IDENTITY, CODING_GZIP, CODING_ZSTD };

/* `accept_encoding` may be NULL. */
enum coding negotiation_coding(const char *accept_encoding);

/* "gzip" or "zstd"; NULL for identity. */
const char *negotiation_coding_name(enum coding coding);

/* Whether a Content-Type says that a body is delimited protobuf; anything else is text. NULL is fine. */
bool negotiation_is_delimited(const char *content_type);

#endif
