/* Strings in double quotes as Go's strconv.Quote (and fmt's %q) writes them: the messages and log
 * lines that people and clients match on quote this way. */
#ifndef GO_QUOTE_H
#define GO_QUOTE_H

#include "buffer.h"

#include <stdint.h>

/* Whether a code point is shown as it is. Go asks its Unicode tables; here everything from U+00A1
 * on is printable that is not a space, a format or control character, private use or beyond plane 3
 * (0xE0100 to 0xE01EF, variation selectors, apart): only unassigned code points are judged
 * differently. */
bool go_quote_is_printable(uint32_t code_point);

void go_quote(struct buffer *out, struct slice s);

#endif
