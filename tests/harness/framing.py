"""The snappy framing format, written out: Debian's python3-snappy cannot compute its checksum.

A stream is the identifier chunk followed by data chunks, each holding the masked
CRC-32C of what it expands to (google/snappy, framing_format.txt).
"""

import snappy

STREAM_IDENTIFIER = b"\xff\x06\x00\x00sNaPpY"
COMPRESSED, UNCOMPRESSED = 0x00, 0x01
MAX_CHUNK = 65536


def _crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_TABLE = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def masked(crc):
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def chunk(kind, payload):
    return bytes([kind]) + len(payload).to_bytes(3, "little") + payload


def data_chunk(data, compressed=True, crc=None):
    """One data chunk; `crc` overrides the right checksum."""
    check = masked(crc32c(data)) if crc is None else crc
    body = snappy.compress(data) if compressed else data
    return chunk(COMPRESSED if compressed else UNCOMPRESSED, check.to_bytes(4, "little") + body)


def frame(data, compressed=True):
    """A whole stream for `data`."""
    out = STREAM_IDENTIFIER
    for start in range(0, len(data), MAX_CHUNK):
        out += data_chunk(data[start:start + MAX_CHUNK], compressed)
    return out
