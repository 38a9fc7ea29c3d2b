/* Half a byte at a time; eight bytes where the processor has an instruction for it. */
#include "crc32c.h"

/* The remainders of the 16 half bytes, for the reflected polynomial 0x82f63b78. */
static const uint32_t remainders[16] = {
    0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
    0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t add_byte(uint32_t crc, unsigned char byte)
{
    crc ^= byte;
    crc = crc >> 4 ^ remainders[crc & 15];
    return crc >> 4 ^ remainders[crc & 15];
}

#ifdef __x86_64__
__attribute__((target("sse4.2"))) static uint32_t add_fast(uint32_t crc, struct slice bytes)
{
    uint64_t wide = crc;
    for (; bytes.len >= 8; bytes.p += 8, bytes.len -= 8) {
        uint64_t eight;
        memcpy(&eight, bytes.p, sizeof(eight));
        wide = __builtin_ia32_crc32di(wide, eight);
    }
    crc = (uint32_t)wide;
    for (; bytes.len > 0; bytes.p++, bytes.len--)
        crc = __builtin_ia32_crc32qi(crc, (unsigned char)*bytes.p);
    return crc;
}
#endif

uint32_t crc32c_extend(uint32_t crc, struct slice bytes)
{
    crc = ~crc;
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.2"))
        return ~add_fast(crc, bytes);
#endif
    for (size_t i = 0; i < bytes.len; i++)
        crc = add_byte(crc, (unsigned char)bytes.p[i]);
    return ~crc;
}

uint32_t crc32c(struct slice bytes)
{
    return crc32c_extend(0, bytes);
}
