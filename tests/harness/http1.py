"""A raw-socket HTTP/1.x client: exact bytes go out, parsed replies come back.

http.client normalises too much for tests about HTTP itself: this one sends what it
is given and shows each reply as it stood on the wire.
"""

import socket


class Response:
    """A parsed reply. `headers` keeps order and repetitions; look-ups ignore case."""

    def __init__(self, status, reason, version, headers, body, chunked=False, trailers=()):
        self.status = status
        self.reason = reason
        self.version = version
        self.headers = list(headers)
        self.body = body
        self.chunked = chunked
        self.trailers = list(trailers)

    def header(self, name, default=None):
        """The value of a header, several ones joined by ", "."""
        values = [v for k, v in self.headers if k.lower() == name.lower()]
        return ", ".join(values) if values else default

    @property
    def text(self):
        return self.body.decode("utf-8", "surrogateescape")

    def __repr__(self):
        return f"<{self.version} {self.status} {self.headers} {self.body[:200]!r}>"


class Incomplete(Exception):
    """The server closed the connection, or sent nonsense, before the reply was whole."""


class Connection:
    """One TCP (or TLS) connection. `send` takes bytes as they are."""

    def __init__(self, host, port, timeout=10, tls=None, source=None):
        self.sock = socket.create_connection((host, port), timeout=timeout, source_address=(source, 0) if source else None)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.sock = tls.wrap_socket(self.sock, server_hostname=host)
        self._buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def shutdown_write(self):
        self.sock.shutdown(socket.SHUT_WR)

    def _fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise Incomplete(f"connection closed after {self._buffer!r}")
        self._buffer += data

    def _line(self):
        while b"\r\n" not in self._buffer:
            self._fill()
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line.decode("latin-1")

    def _take(self, count):
        while len(self._buffer) < count:
            self._fill()
        data, self._buffer = self._buffer[:count], self._buffer[count:]
        return data

    def _headers(self):
        headers = []
        while True:
            line = self._line()
            if not line:
                return headers
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))

    def _chunks(self):
        body = b""
        while True:
            size = int(self._line().split(";")[0], 16)
            if size == 0:
                return body, self._headers()
            body += self._take(size)
            if self._take(2) != b"\r\n":
                raise Incomplete("chunk without its line end")

    def read_response(self, method="GET"):
        """The next reply. `method` is the one it answers: HEAD has no body."""
        status_line = self._line()
        version, _, rest = status_line.partition(" ")
        code, _, reason = rest.partition(" ")
        status = int(code)
        headers = self._headers()
        reply = Response(status, reason, version, headers, b"")
        if method == "HEAD" or status < 200 or status in (204, 304):
            return reply
        if (reply.header("Transfer-Encoding") or "").lower() == "chunked":
            reply.chunked = True
            reply.body, reply.trailers = self._chunks()
        elif reply.header("Content-Length") is not None:
            reply.body = self._take(int(reply.header("Content-Length")))
        else:
            reply.body = self.read_to_end()
        return reply

    def read_to_end(self):
        """Everything until the server closes."""
        while True:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                break
            if not data:
                break
            self._buffer += data
        data, self._buffer = self._buffer, b""
        return data

    def peek(self, within):
        """What comes next, which stays to be read: b"" at the end, None if nothing comes."""
        before = self.sock.gettimeout()
        self.sock.settimeout(within)
        try:
            if not self._buffer:
                self._buffer = self.sock.recv(1)
            return self._buffer
        except ConnectionResetError:
            return b""
        except socket.timeout:
            return None
        finally:
            self.sock.settimeout(before)

    def closed_by_peer(self, within=2.0):
        """True when the server ends the connection, False when it says something or nothing."""
        return self.peek(within) == b""


def request(host, port, method, target, body=b"", headers=(), timeout=10, version="HTTP/1.1", tls=None):
    """One request with exactly these headers after Host; Content-Length is added for a body."""
    lines = [f"{method} {target} {version}".encode("utf-8", "surrogateescape")]
    names = {name.lower() for name, _ in headers}
    if "host" not in names:
        lines.append(f"Host: {host}:{port}".encode())
    for name, value in headers:
        lines.append(name.encode() + b": " + (value if isinstance(value, bytes) else value.encode("utf-8")))
    if (body or method in ("PUT", "POST")) and not names & {"content-length", "transfer-encoding"}:
        lines.append(b"Content-Length: %d" % len(body))
    if "connection" not in names:
        lines.append(b"Connection: close")
    with Connection(host, port, timeout, tls) as conn:
        conn.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        reply = conn.read_response(method)
        while reply.status == 100:
            reply = conn.read_response(method)
        return reply
