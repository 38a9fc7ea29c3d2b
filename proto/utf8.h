/* UTF-8 as Go's utf8 package sees it: no surrogates, no overlong forms, at most U+10FFFF. */
#ifndef UTF8_H
#define UTF8_H

#include "arena.h"

#include <stdint.h>

enum { UTF8_MAX = 4 }; /* bytes of a code point */

/* Decodes the code point at the start of s, which is not empty. Returns its length in bytes; 0 when
 * the bytes are not UTF-8 there. */
size_t utf8_decode(struct slice s, uint32_t *code_point);

/* Writes at most UTF8_MAX bytes; returns how many. The code point must be valid. */
size_t utf8_encode(uint32_t code_point, char *to);

/* Neither a surrogate nor beyond U+10FFFF. */
bool utf8_is_code_point(uint32_t code_point);

bool utf8_is_valid(struct slice text);

/* Replaces each byte of *text that is not UTF-8 by U+FFFD; the result is in the arena if anything
 * changes. False when memory is out. */
bool utf8_repair(struct slice *text, struct arena *a);

#endif
