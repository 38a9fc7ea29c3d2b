"""Short notation for exact bytes."""

READY = b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n"


def put(path, body=b"", *headers, method="PUT", version="HTTP/1.1"):
    """A push with a Content-Length."""
    return b"\r\n".join([f"{method} {path} {version}".encode(), b"Host: x", *headers,
                         b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body


def chunked(path, *chunks, headers=(), end=b"0\r\n\r\n"):
    """A push in chunks."""
    head = b"\r\n".join([f"PUT {path} HTTP/1.1".encode(), b"Host: x", b"Transfer-Encoding: chunked", *headers])
    return head + b"\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + end


def silent(connection, for_seconds):
    """Whether nothing comes and the connection stays open."""
    return connection.peek(for_seconds) is None


def samples(gateway):
    """Lines of the exposition that are no comments, those of clients only."""
    own = ("push_", "pushgateway_", "process_")
    return {line for line in gateway.get("/metrics").text.splitlines() if not line.startswith(("#",) + own)}
