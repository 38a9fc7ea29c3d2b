/* UTF-8 taken apart one character at a time, for writers that replace what is not valid. */
#ifndef UTF8_H
#define UTF8_H

#include "slice.h"

/* Bytes of the character that `s` begins with; 0 when it is not valid UTF-8 as Go sees it (overlong
 * forms, surrogates and what is above U+10FFFF are not). */
static inline size_t utf8_character(struct slice s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    size_t length;
    unsigned char low = 0x80, high = 0xbf; /* of the second byte */

    if (s.len == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    if (p[0] < 0xc2 || p[0] > 0xf4)
        return 0;
    if (p[0] < 0xe0) {
        length = 2;
    } else if (p[0] < 0xf0) {
        length = 3;
        low = p[0] == 0xe0 ? 0xa0 : 0x80;
        high = p[0] == 0xed ? 0x9f : 0xbf;
    } else {
        length = 4;
        low = p[0] == 0xf0 ? 0x90 : 0x80;
        high = p[0] == 0xf4 ? 0x8f : 0xbf;
    }
    if (s.len < length || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return length;
}

#endif
