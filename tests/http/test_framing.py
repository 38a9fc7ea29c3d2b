"""Where a request ends: pieces, pipelines, chunks, 100 Continue, and what evhttp alone would misread."""

import pytest
from wire import READY, chunked, put, samples, silent

from harness import Gateway, gateway_binary, http1
from harness.certificates import Authority

PATH = "/metrics/job/framing"


@pytest.fixture(scope="module", params=["plain", "tls"])
def gateway(request, tmp_path_factory):
    """What is said about bytes holds whether they are encrypted or not."""
    flags, tls = [], None
    if request.param == "tls":
        folder = tmp_path_factory.mktemp("tls")
        authority = Authority(folder)
        authority.issue_for_server()
        (folder / "web.yml").write_text("tls_server_config: {cert_file: server.crt, key_file: server.key}\n")
        flags, tls = [f"--web.config.file={folder}/web.yml"], authority.client()
    with Gateway(gateway_binary(), *flags, tls=tls) as running:
        yield running
        assert running.stop() == 0, running.stderr()


# Python's TLS cannot end its own side alone.
plain_only = pytest.mark.parametrize("gateway", ["plain"], indirect=True)


def test_a_request_in_single_bytes(gateway):
    with gateway.connect() as c:
        for byte in put(PATH, b"bytewise 1\n", b"X: folded\r\n value"):
            c.send(bytes([byte]))
        assert c.read_response().status == 200
    assert 'bytewise{instance="",job="framing"} 1' in samples(gateway)


def test_chunks_in_single_bytes(gateway):
    with gateway.connect() as c:
        for byte in chunked(PATH, b"chunk", b"wise 2\n", end=b"0;last\r\nTrailer: x\r\n\r\n"):
            c.send(bytes([byte]))
        assert c.read_response().status == 200
        c.send(READY)
        assert c.read_response().text == "OK"
    assert 'chunkwise{instance="",job="framing"} 2' in samples(gateway)


@pytest.mark.parametrize("step", [1, 7, 100, 4096, 100000])
def test_a_pipeline_is_answered_in_order_wherever_it_is_cut(gateway, step):
    stream, expected = b"", []
    for n in range(20):
        for request, status in ((put(PATH, b"piped %d\n" % n), 200), (put(PATH, b"bad"), 400), (READY, 200),
                                (chunked(PATH, b"piped ", b"%d\n" % n), 200),
                                (put("/nope", b"x" * 100), 404), (b"FOO //x HTTP/1.1\r\nHost: x\r\n\r\n", 307),
                                (put(PATH, b"", method="DELETE"), 202), (put(PATH, b"xyz", method="GET"), 405),
                                (put("/-/ready", b"xyz", method="GET"), 200), (put("/-/ready", b"x", method="TRACE"), 405)):
            stream += request
            expected.append(status)
    with gateway.connect(timeout=30) as c:
        for start in range(0, len(stream), step):
            c.send(stream[start:start + step])
        assert [c.read_response().status for _ in expected] == expected


def test_a_head_request_with_a_body(gateway):
    with gateway.connect() as c:
        c.send(put("/-/ready", b"GET /nope HTTP/1.1\r\n", method="HEAD") + READY)
        assert c.read_response("HEAD").status == 405
        assert c.read_response().text == "OK"
        c.send(chunked("/-/ready", b"x").replace(b"PUT", b"HEAD") + READY)
        assert c.read_response("HEAD").status == 405
        assert c.read_response().text == "OK"


@pytest.mark.parametrize("size", [5000, 65536, 3_000_000])
def test_large_bodies(gateway, size):
    body = b"# " + b"x" * size + b"\nlarge %d\n" % size
    with gateway.connect() as c:
        c.send(put(PATH, body))
        assert c.read_response().status == 200
        assert [float(line.split()[-1]) for line in samples(gateway) if line.startswith("large{")] == [size]
        c.send(chunked(PATH, body[:1000], body[1000:]))
        assert c.read_response().status == 200


def test_continue_is_said_before_the_body(gateway):
    counted = put(PATH, b"continued 1\n", b"Expect: 100-continue")
    in_chunks = chunked(PATH, b"continued 2\n", headers=[b"Expect: 100-Continue"])
    with gateway.connect() as c:
        for n, request in enumerate((counted, in_chunks), 1):
            head, _, body = request.partition(b"\r\n\r\n")
            c.send(head + b"\r\n\r\n")
            assert c.read_response().status == 100
            for byte in body:
                c.send(bytes([byte]))
            assert c.read_response().status == 200
            assert f'continued{{instance="",job="framing"}} {n}' in samples(gateway)
        c.send(READY)
        assert c.read_response().text == "OK"


@pytest.mark.parametrize("path, status", [("/nope", 404), ("/metrics", 405), ("//metrics/job/a", 307), ("/-/quit", 403)])
def test_a_body_that_nobody_wants_is_not_asked_for(gateway, path, status):
    with gateway.connect() as c:
        c.send(put(path, b"", b"Expect: 100-continue").replace(b"Length: 0", b"Length: 1000"))
        reply = c.read_response()
        assert (reply.status, reply.header("Connection")) == (status, "close")
        c.send(b"x" * 1000)
        assert c.closed_by_peer()


@plain_only
def test_a_half_closed_client_gets_its_reply(gateway):
    with gateway.connect() as c:
        c.send(put(PATH, b"half 1\n"))
        c.shutdown_write()
        assert c.read_response().status == 200
        assert c.read_to_end() == b""


@plain_only
def test_a_half_closed_client_gets_the_whole_of_a_large_reply(gateway):
    """More than fits into what the kernel keeps for a client that does not read."""
    wide = b"".join(b'wide{n="%d"} 1\n' % n for n in range(100_000))
    assert gateway.request("PUT", "/metrics/job/wide", wide).status == 200
    try:
        with gateway.connect(timeout=30) as c:
            c.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            c.shutdown_write()
            assert c.read_response().text.count("\nwide{") == 100_000
            assert c.read_to_end() == b""
    finally:
        gateway.request("DELETE", "/metrics/job/wide")


@plain_only
def test_a_pushed_body_cut_off_is_not_applied(gateway):
    for request in (put(PATH, b"cut 1\ncut 2\n")[:-6], chunked(PATH, b"cut 1\n", end=b"")):
        with gateway.connect() as c:
            c.send(request)
            c.shutdown_write()
            reply = c.read_response()
            assert (reply.status, reply.text) == (400, "unexpected EOF\n")
    assert not [line for line in samples(gateway) if line.startswith("cut")]


def test_smuggling_by_two_lengths_is_refused(gateway):
    for headers in (b"Content-Length: 4\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nContent-Length: 4",
                    b"Content-Length: 4\r\nContent-Length: 5", b"Transfer-Encoding: chunked, identity",
                    b"Transfer-Encoding: xchunked", b"Transfer-Encoding:\x0bchunked"):
        with gateway.connect() as c:
            c.send(b"PUT " + PATH.encode() + b" HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\n0\r\n\r\n" + READY)
            assert c.read_response().status in (400, 501)
            assert c.read_to_end() == b""


@pytest.mark.parametrize("header, open_after", [
    (b"Connection: TE, close", False), (b"Connection: Close", False), (b"Connection: keep-alive\r\nConnection: close", False),
    (b"Connection: TE", True), (b"Connection: keep-alive, TE", True), (b"Connection: closed", True), (b"Proxy-Connection: close", True)])
def test_connection_is_a_list_of_words(gateway, header, open_after):
    with gateway.connect() as c:
        c.send(READY.replace(b"Host: x", b"Host: x\r\n" + header))
        reply = c.read_response()
        assert reply.header("Connection") == (None if open_after else "close")
        if open_after:
            c.send(READY)
            assert c.read_response().text == "OK"
        else:
            assert c.closed_by_peer()


def test_old_clients(gateway):
    with gateway.connect() as c:
        c.send(put(PATH, b"old 1\n", version="HTTP/1.0"))
        reply = c.read_response()
        assert (reply.version, reply.status, reply.header("Content-Length")) == ("HTTP/1.0", 200, "0")
        assert c.closed_by_peer()
    with gateway.connect() as c:
        for _ in range(3):
            c.send(put(PATH, b"old 2\n", b"Connection: TE, Keep-Alive", version="HTTP/1.0"))
            reply = c.read_response()
            assert (reply.status, reply.header("Connection")) == (200, "keep-alive")


def test_the_target_is_read_as_it_is(gateway):
    with gateway.connect() as c:
        for target, status in ((b"http://metrics/-/ready", 200), (b"//x@y:z/-/ready", 307), (b"/-/ready#x", 404),
                               (b"/-/r%65ady?a b%zz=".replace(b" ", b"+"), 200), (b"/metrics/job/a:b", 405), (b"/:80//", 307)):
            c.send(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
            assert c.read_response().status == status, target


def test_a_long_head_that_never_ends(gateway):
    with gateway.connect(timeout=30) as c:
        try:
            c.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
            for _ in range(300):
                c.send(b"X-Header: " + b"a" * 4000 + b"\r\n")
        except OSError:
            pass
        reply = c.read_response()
        assert (reply.status, reply.text) == (431, "431 Request Header Fields Too Large")


def test_nothing_is_sent_without_a_request(gateway):
    with gateway.connect() as c:
        assert silent(c, 0.3)
        c.send(READY)
        assert c.read_response().status == 200
        assert silent(c, 0.3)


def test_a_refused_client_that_still_sends_reads_the_reason(gateway):
    """The kernel must not throw the reply away because of bytes that nobody reads any more."""
    with gateway.connect() as c:
        c.send(b"NONSENSE\r\n\r\n")
        for _ in range(50):
            try:
                c.send(b"x" * 10000)
            except OSError:
                break
        try:
            assert c.read_response().status == 400
        except http1.Incomplete as e:
            raise AssertionError("the reply was lost") from e
