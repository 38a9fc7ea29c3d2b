"""Content-Encoding: gzip, snappy, what is ignored, and what is broken."""

import gzip
import zlib

import snappy

from harness import framing
from harness.build_families import gauge
from harness.metrics_proto import delimited
from scenario import JOB, PROTOBUF, Request, Scenario, put

TEXT = b"# HELP m Help.\nm 1\n"
GZ = gzip.compress(TEXT, mtime=0)
FRAMED = framing.frame(TEXT)
HEAD = framing.STREAM_IDENTIFIER
LONG = b"".join(b'm{n="%d"} %d\n' % (n, n) for n in range(9000))


def _flagged(flags, extra=b""):
    """The gzip of TEXT with header flags and what they announce."""
    return GZ[:3] + bytes([flags]) + GZ[4:10] + extra + GZ[10:]


def _stored(data):
    """A deflate stream of one stored block."""
    return b"\x01" + len(data).to_bytes(2, "little") + (0xFFFF ^ len(data)).to_bytes(2, "little") + data


def _gzip_of(deflated, data):
    return GZ[:10] + deflated + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")


_HEADER_CRC = (zlib.crc32(GZ[:3] + b"\x02" + GZ[4:10]) & 0xFFFF).to_bytes(2, "little")

GZIP = {
    "plain": GZ, "empty body": b"", "empty member": gzip.compress(b""), "level 1": gzip.compress(TEXT, 1), "level 0": gzip.compress(TEXT, 0),
    "two members": GZ + gzip.compress(b"n 2\n"), "three members, one empty": GZ + gzip.compress(b"") + gzip.compress(b"n 2\n"), "line over two members": gzip.compress(b"m ") + gzip.compress(b"1\n"),
    "stored block": _gzip_of(_stored(TEXT), TEXT), "stored block, bad length": _gzip_of(b"\x01\x01\x00\x01\x00m", b"m"), "block type 3": _gzip_of(b"\x07", b""),
    "cut at 1": GZ[:1], "cut at 3": GZ[:3], "cut at 9": GZ[:9], "header only": GZ[:10], "cut in the data": GZ[:14], "no trailer": GZ[:-8], "cut in the trailer": GZ[:-1], "second member cut": GZ + GZ[:5], "second member cut later": GZ + GZ[:-3],
    "not gzip, short": b"m 1\n", "not gzip": b"m 1\nm_a_long_name 2\n", "zlib": zlib.compress(TEXT), "magic only": b"\x1f\x8b", "method 7": GZ[:2] + b"\x07" + GZ[3:],
    "trailing byte": GZ + b"x", "trailing 9 bytes": GZ + b"x" * 9, "trailing 10 bytes": GZ + b"x" * 10, "trailing zeros": GZ + b"\0" * 12, "trailing newline": GZ + b"\n",
    "wrong crc": GZ[:-8] + b"\0\0\0\0" + GZ[-4:], "wrong size": GZ[:-4] + b"\0\0\0\0", "wrong both": GZ[:-8] + b"\0" * 8,
    "bad data": GZ[:10] + b"\xff" * 6 + b"\0" * 8, "distance too far": GZ[:10] + zlib.compressobj(9, zlib.DEFLATED, -15, 8, 0, b"mmmmmmmmmm 1\n" * 9).compress(b"") + b"\x03\x02\x00" + b"\0" * 8,
    "reserved flags": _flagged(0xE0), "name": _flagged(8, b"file\0"), "name not ended": _flagged(8, b"")[:10] + b"file", "comment": _flagged(16, b"note\0"), "extra field": _flagged(4, b"\x03\0abc"), "extra field cut": _flagged(4, b"")[:10] + b"\x09\0abc",
    "header crc": _flagged(2, _HEADER_CRC), "wrong header crc": _flagged(2, b"\0\0"), "text flag": _flagged(1), "several flags": _flagged(4 | 8 | 16, b"\x01\0ax\0y\0"),
    "broken text inside": gzip.compress(b"m 1"), "long": gzip.compress(LONG), "long, cut": gzip.compress(LONG)[:-20], "text error before the cut": gzip.compress(b"1\n" + LONG)[:-20],
    "twice": gzip.compress(GZ),
}

SNAPPY = {
    "plain": FRAMED, "empty body": b"", "identifier only": HEAD, "uncompressed chunk": framing.frame(TEXT, compressed=False), "identifier twice": HEAD + FRAMED, "two streams": FRAMED + framing.frame(b"n 2\n"), "line over two chunks": HEAD + framing.data_chunk(b"m ") + framing.data_chunk(b"1\n", compressed=False),
    "empty chunk": HEAD + framing.data_chunk(b"") + framing.data_chunk(TEXT), "empty uncompressed chunk": HEAD + framing.data_chunk(b"", compressed=False) + framing.data_chunk(TEXT),
    "padding": FRAMED + framing.chunk(0xFE, b"\0\0\0"), "skippable": HEAD + framing.chunk(0x80, b"xyz") + framing.data_chunk(TEXT) + framing.chunk(0xFD, b""), "unskippable": FRAMED + framing.chunk(0x02, b"x"), "unskippable 0x7f": HEAD + framing.chunk(0x7F, b"x"), "skippable cut": FRAMED + framing.chunk(0x80, b"xyz")[:-1],
    "wrong checksum": HEAD + framing.data_chunk(TEXT, crc=0), "wrong checksum, uncompressed": HEAD + framing.data_chunk(TEXT, compressed=False, crc=1), "checksum not masked": HEAD + framing.data_chunk(TEXT, crc=framing.crc32c(TEXT)),
    "no identifier": framing.data_chunk(TEXT), "wrong identifier": b"\xff\x06\0\0sNaPpy" + framing.data_chunk(TEXT), "identifier of wrong length": b"\xff\x05\0\0sNaPp" + framing.data_chunk(TEXT), "identifier later wrong": FRAMED + b"\xff\x06\0\0snappy", "skippable first": framing.chunk(0x80, b"x") + FRAMED,
    "cut in the identifier": HEAD[:5], "cut in a chunk head": HEAD + FRAMED[10:12], "cut in a checksum": FRAMED[:16], "cut in the data": FRAMED[:-1], "one byte": b"\xff",
    "chunk shorter than its checksum": HEAD + framing.chunk(0, b"abc"), "uncompressed chunk shorter than its checksum": HEAD + framing.chunk(1, b"abc"), "corrupt block": HEAD + framing.chunk(0, FRAMED[14:18] + b"\xff" * 6), "block claims 65537": HEAD + framing.chunk(0, b"\0\0\0\0" + b"\x81\x80\x04" + b"\0"),
    "uncompressed 65536": HEAD + framing.data_chunk(b"#" * 65535 + b"\n", compressed=False), "uncompressed 65537": HEAD + framing.data_chunk(b"#" * 65536 + b"\n", compressed=False),
    "not snappy": b"m 1\n", "broken text inside": framing.frame(b"m 1"), "long": framing.frame(LONG), "long, cut": framing.frame(LONG)[:-20], "long, uncompressed": framing.frame(LONG, compressed=False), "text error before the cut": framing.frame(b"1\n" + LONG)[:-20],
}

ELSEWHERE = [("GET", "/-/ready"), ("GET", "/-/healthy"), ("DELETE", JOB), ("POST", JOB), ("GET", "/nope"), ("GET", "/api/v1/metrics"), ("OPTIONS", "/api/v1/x"), ("PUT", "/-/quit"),
             ("GET", "/-/quit"), ("PUT", "/api/v1/admin/wipe"), ("HEAD", "/"), ("OPTIONS", JOB), ("GET", "/static/nope"), ("PATCH", "/metrics"), ("PUT", "/metrics/job/a/b"), ("GET", "/api/v1/nope")]


def scenarios():
    found = [Scenario(f"encoding/gzip/{name}", put(body, headers={"Content-Encoding": "gzip"})) for name, body in GZIP.items()]
    found += [Scenario(f"encoding/snappy/{name}", put(body, headers={"Content-Encoding": "snappy"})) for name, body in SNAPPY.items()]
    for name in ("GZIP", "Gzip", " gzip ", "x-gzip", "gzip, identity", "gzip,gzip", "gzip;q=1", '"gzip"'):
        found.append(Scenario(f"encoding/name {name!r}", put(GZ, headers={"Content-Encoding": name})))
    for name in ("SNAPPY", "Snappy", "x-snappy", "snappy,snappy"):
        found.append(Scenario(f"encoding/name {name!r}", put(FRAMED, headers={"Content-Encoding": name})))
    for name in ("identity", "br", "", "compress", "utf-8", "lzma", "none"):
        found.append(Scenario(f"encoding/name {name!r}", put(TEXT, headers={"Content-Encoding": name})))
    for name, body in (("", b""), (", broken", b"junk")):
        for encoding in ("gzip", "snappy"):
            found.append(Scenario(f"encoding/elsewhere/{encoding}{name}", *[
                Request(method, path, body, {"Content-Encoding": encoding}) for method, path in ELSEWHERE], state=False))
    proto = delimited(gauge("m"), gauge("n", 2))
    found += [
        Scenario("encoding/gzip elsewhere, whole", *[Request(method, path, GZ, {"Content-Encoding": "gzip"}, settles=method == "DELETE") for method, path in ELSEWHERE], state=False),
        Scenario("encoding/protobuf/gzip", put(gzip.compress(proto), headers={"Content-Encoding": "gzip", "Content-Type": PROTOBUF})),
        Scenario("encoding/protobuf/snappy", put(framing.frame(proto), headers={"Content-Encoding": "snappy", "Content-Type": PROTOBUF})),
        Scenario("encoding/protobuf/gzip cut in the trailer", put(gzip.compress(proto)[:-3], headers={"Content-Encoding": "gzip", "Content-Type": PROTOBUF})),
        Scenario("encoding/protobuf/gzip cut in the data", put(gzip.compress(proto)[:-12], headers={"Content-Encoding": "gzip", "Content-Type": PROTOBUF})),
        Scenario("encoding/protobuf/gzip, wrong crc", put(gzip.compress(proto)[:-8] + b"\0" * 8, headers={"Content-Encoding": "gzip", "Content-Type": PROTOBUF})),
        Scenario("encoding/protobuf/snappy cut", put(framing.frame(proto)[:-1], headers={"Content-Encoding": "snappy", "Content-Type": PROTOBUF})),
        Scenario("encoding/header twice", put(GZ, headers=[("Content-Encoding", "gzip"), ("Content-Encoding", "identity")])),
        Scenario("encoding/header twice, other order", put(TEXT, headers=[("Content-Encoding", "identity"), ("Content-Encoding", "gzip")])),
        Scenario("encoding/added/snappy block", put(snappy.compress(TEXT), headers={"Content-Encoding": "snappy"})),
        Scenario("encoding/added/deflate", put(zlib.compress(TEXT), headers={"Content-Encoding": "deflate"})),
        Scenario("encoding/added/zstd", put(_zstd(TEXT), headers={"Content-Encoding": "zstd"})),
    ]
    return found


def _zstd(data):
    import zstandard
    return zstandard.ZstdCompressor().compress(data)
