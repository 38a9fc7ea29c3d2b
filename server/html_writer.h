/* Text for HTML. */
#ifndef HTML_WRITER_H
#define HTML_WRITER_H

#include "buffer.h"

/* Escaped for both content and attributes in quotes. What is not valid UTF-8, and NUL, becomes
 * U+FFFD. */
void html_writer_text(struct buffer *out, struct slice text);

#endif
