/* What a scraper wants, by Accept and Accept-Encoding, and what a pusher sends, by Content-Type.
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

/* `accept` is the first Accept header, NULL if there is none. Text if nothing that is served is
 * asked for; wildcards therefore mean text. An `escaping` counts from every clause up to the chosen
 * one, also of a type not served; the last one wins. */
struct exposition_choice negotiation_exposition(const char *accept);

/* The Content-Type of a choice, as the original writes it. `to` holds at least 160 bytes. */
void negotiation_content_type(struct exposition_choice choice, char *to, size_t size);

enum coding { CODING_IDENTITY, CODING_GZIP, CODING_ZSTD };

/* `accept_encoding` is all Accept-Encoding headers joined by commas, NULL if there are none. Of
 * equally wanted codings the first of: identity, gzip, zstd. What stands behind a syntax error does
 * not count. */
enum coding negotiation_coding(const char *accept_encoding);

/* "gzip" or "zstd"; NULL for identity. */
const char *negotiation_coding_name(enum coding coding);

/* Whether a Content-Type says that a body is delimited protobuf; anything else is text. NULL is
 * fine. */
bool negotiation_is_delimited(const char *content_type);

#endif
