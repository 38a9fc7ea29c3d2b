/* Percent-encoded bytes of URLs, queries and header parameters. Source: RFC 3986, section 2.1. */
#ifndef PERCENT_H
#define PERCENT_H

#include "slice.h"

enum { PERCENT_ESCAPE_LENGTH = 3 };

/* The byte, 0 to 255, that the escape at the beginning of s stands for; -1 if there is none, or it
 * is malformed or cut off. */
int percent_byte(struct slice s);

#endif
