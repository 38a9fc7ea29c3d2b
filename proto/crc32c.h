/* CRC-32C (Castagnoli), the checksum of the persistence file and of snappy frames.
 * Source: RFC 3720, appendix B.4. */
#ifndef CRC32C_H
#define CRC32C_H

#include "slice.h"

#include <stdint.h>

uint32_t crc32c(struct slice bytes);

/* The checksum of what `crc` is the checksum of and `bytes` behind it; 0 is that of nothing. */
uint32_t crc32c_extend(uint32_t crc, struct slice bytes);

#endif
