/* Sizes as flags take them: "64MiB", "1GiB512MiB", "1.5MB" (the same as MiB), or plain bytes:
 * "4096". */
#ifndef BYTE_SIZE_H
#define BYTE_SIZE_H

#include "error.h"

#include <stddef.h>

enum { BYTE_SIZE_TEXT_MAX = 64 }; /* room for any byte_size_format(), with its NUL */

bool byte_size_parse(const char *text, size_t *bytes, struct error *e);

/* The way kingpin prints them: "64MiB", "1MiB512KiB", "0B". */
void byte_size_format(size_t bytes, char to[BYTE_SIZE_TEXT_MAX]);

#endif
