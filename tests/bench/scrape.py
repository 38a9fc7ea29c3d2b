"""Scraping: one scrape timed and checked, scrapes back to back, and what a file tells of flushes."""

import os
import socket
import threading
import time
import zlib

from bodies import CONTENT_TYPES

SCRAPES = {  # what is scraped -> headers
    "identity": {},
    "gzip": {"Accept-Encoding": "gzip"},
    "protobuf": {"Accept": CONTENT_TYPES["protobuf"]},
}


class Scrape:
    """One scrape, read and thrown away: seconds, and bytes as they came over the wire."""

    def __init__(self, server, kind, keep=False):
        server.alive()
        lines = [f"{name}: {value}" for name, value in
                 {"Host": "bench", "Connection": "close", **SCRAPES[kind]}.items()]
        request = "\r\n".join(["GET /metrics HTTP/1.1", *lines, "", ""]).encode()
        room = bytearray(1 << 20)
        kept, self.bytes, tail, head = [], 0, b"", b""
        with socket.create_connection(("127.0.0.1", server.port), timeout=300) as sock:
            began = time.perf_counter()
            sock.sendall(request)
            while True:
                n = sock.recv_into(room)
                if n == 0:
                    break
                if self.bytes == 0:
                    head = bytes(room[:n])
                    self.first_byte_seconds = time.perf_counter() - began
                self.bytes += n
                tail = bytes(room[max(0, n - 8):n]) if n >= 8 else tail + bytes(room[:n])
                if keep:
                    kept.append(bytes(room[:n]))
            self.seconds = time.perf_counter() - began
        self.data = b"".join(kept)
        self._check(server, kind, head, tail)

    def _check(self, server, kind, head, tail):
        """A scrape cut short would be a fast one."""
        fields = head.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        self.headers = {name.lower(): value.strip() for name, _, value in
                        (line.partition(":") for line in fields[1:])}
        if not fields[0].startswith("HTTP/1.1 200"):
            raise RuntimeError(f"{server.name}: scrape answered {fields[0]}")
        if (kind == "gzip") != (self.headers.get("content-encoding") == "gzip"):
            raise RuntimeError(f"{server.name}: {kind} scrape is encoded otherwise")
        if "chunked" in self.headers.get("transfer-encoding", ""):
            whole = tail.endswith(b"0\r\n\r\n")
        else:
            size = len(head.partition(b"\r\n\r\n")[0]) + 4
            whole = self.bytes - size == int(self.headers.get("content-length", -1))
        if not whole:
            raise RuntimeError(f"{server.name}: {kind} scrape ended early")

    def body(self):
        """The exposition, when kept: chunks put together and decompressed."""
        data = self.data.partition(b"\r\n\r\n")[2]
        if "chunked" in self.headers.get("transfer-encoding", ""):
            data = _join_chunks(data)
        if self.headers.get("content-encoding") == "gzip":
            data = zlib.decompressobj(wbits=31).decompress(data)
        return data


def _join_chunks(data):
    parts, pos = [], 0
    while True:
        end = data.index(b"\r\n", pos)
        size = int(data[pos:end].split(b";")[0], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(data[end + 2:end + 2 + size])
        pos = end + 2 + size + 2


def check_groups(server, groups):
    """Fails unless the server shows this many groups; returns the size of the text exposition."""
    text = Scrape(server, "identity", keep=True).body()
    shown = text.count(b'\npush_time_seconds{instance="host-')
    if shown != groups:
        raise RuntimeError(f"{server.name}: {shown} groups instead of {groups}")
    return len(text)


class BackToBack:
    """Scrapes one after the other in a thread, for the time of a `with` block."""

    def __init__(self, server, kind):
        self.server, self.kind, self.count, self.error = server, kind, 0, None

    def _run(self):
        try:
            while not self._stop.is_set():
                Scrape(self.server, self.kind)
                self.count += 1
        except (OSError, RuntimeError) as error:
            self.error = error

    def __enter__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._stop.set()
        self._thread.join()
        if self.error:
            raise self.error


class FileWatch:
    """Counts how often a file was put in place anew, for the time of a `with` block."""

    def __init__(self, file):
        self.file, self.count = file, 0

    def _identity(self):
        try:
            found = os.stat(self.file)
            return found.st_ino, found.st_mtime_ns
        except FileNotFoundError:
            return None

    def _run(self):
        last = self._identity()
        while not self._stop.wait(0.01):
            now = self._identity()
            if now != last:
                self.count += 1
                last = now

    def __enter__(self):
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._stop.set()
        self._thread.join()
