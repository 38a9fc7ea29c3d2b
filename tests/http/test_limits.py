"""What is too large, too slow or too many."""

import gzip
import os
import resource
import struct
import time
import zlib

import pytest
import snappy
import zstandard
from wire import READY, chunked, put, silent

from harness import Gateway, framing, gateway_binary, http1
from harness.waiting import until

PATH = "/metrics/job/limits"


def test_a_body_over_the_limit(start):
    gateway = start("--web.max-request-size=1000")
    with gateway.connect() as c:
        c.send(put(PATH, b"# " + b"x" * 997 + b"\n"))
        assert c.read_response().status == 200
        c.send(chunked(PATH, b"# " + b"x" * 900, b"y" * 97 + b"\n"))
        assert c.read_response().status == 200
    for request in (put(PATH, b"x" * 1001), put(PATH).replace(b"Length: 0", b"Length: 9000000000000"),
                    put(PATH, b"", b"Expect: 100-continue").replace(b"Length: 0", b"Length: 1001"),
                    chunked(PATH, b"x" * 600, b"x" * 600),
                    chunked(PATH, end=b"fffffffff\r\n" + b"x" * 2000)):
        with gateway.connect() as c:
            c.send(request)
            reply = c.read_response()
            assert (reply.status, reply.header("Connection")) == (413, "close")
            assert reply.text == "request body too large\n"
            assert c.closed_by_peer(within=5)
    assert gateway.get("/-/ready").status == 200
    assert 'pushgateway_http_requests_total{code="413",handler="push",method="put"} 5' in gateway.get("/metrics").text


# A comment of a MiB and more, which a small body unfolds to.
BOMB = b"#" * ((1 << 20) + 1) + b"\n"
BOMBS = {
    "gzip": ("gzip", gzip.compress(BOMB)),
    "gzip in members": ("gzip", gzip.compress(BOMB[:1 << 19]) + gzip.compress(BOMB[1 << 19:])),
    "gzip that claims less": ("gzip", gzip.compress(BOMB)[:-4] + struct.pack("<I", 10)),
    "snappy": ("snappy", framing.frame(BOMB)),
    "snappy block": ("snappy", snappy.compress(BOMB)),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress(BOMB)),
    "zstd of unknown size": ("zstd", zstandard.ZstdCompressor(write_content_size=False).compress(BOMB)),
    "zstd in frames": ("zstd", zstandard.ZstdCompressor().compress(BOMB[:1 << 19]) * 3),
    "deflate": ("deflate", zlib.compress(BOMB)),
    "raw deflate": ("deflate", zlib.compress(BOMB)[2:-4]),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("in_chunks", (False, True))
def test_a_body_over_the_limit_when_decompressed(start, name, in_chunks):
    coding, body = BOMBS[name]
    assert len(body) < 100_000
    gateway = start("--web.max-request-size=1MiB")
    header = b"Content-Encoding: " + coding.encode()
    half = len(body) // 2
    with gateway.connect() as c:
        c.send(chunked(PATH, body[:half], body[half:], headers=[header]) if in_chunks else put(PATH, body, header))
        reply = c.read_response()
        assert (reply.status, reply.text) == (413, "request body is larger than 1048576 bytes when decompressed\n")
        c.send(READY)  # the body was read, so the connection goes on
        assert c.read_response().status == 200
    text = gateway.get("/metrics").text
    assert 'pushgateway_rejected_pushes_total{reason="too_large"} 1' in text
    assert 'job="limits"' not in text


def test_what_is_no_gzip_is_told_and_counted(start):
    gateway = start()
    for body in (b"m 1\n", b"a longer text, which is no gzip either\n"):
        assert gateway.put("/metrics/job/limits", body, headers={"Content-Encoding": "gzip"}).status == 400
    assert 'pushgateway_rejected_pushes_total{reason="unreadable"} 2' in gateway.get("/metrics").text
    assert gateway.stderr().count('msg="push refused"') == 2


def test_a_head_over_the_limit(start):
    gateway = start("--web.max-header-size=8KiB")
    for request in (READY[:-2] + b"X-Long: ", b"GET /-/ready?"):
        for size, status in ((8192, 200), (8193, 431)):
            end = b"\r\n\r\n" if b"X-Long" in request else b" HTTP/1.1\r\nHost: x\r\n\r\n"
            with gateway.connect() as c:
                c.send(request + b"x" * (size - len(request) - len(end)) + end)
                reply = c.read_response()
                assert reply.status == status
                if status == 431:
                    assert reply.text == "431 Request Header Fields Too Large"
                    assert c.closed_by_peer(within=5)
    assert 'pushgateway_refused_requests_total{code="431"} 2' in gateway.get("/metrics").text


def test_a_small_head_limit_holds_for_what_comes_in_one_piece(start):
    gateway = start("--web.max-header-size=1KiB")
    with gateway.connect() as c:
        c.send(READY[:-2] + b"X-Long: " + b"x" * 1000 + b"\r\n\r\n")
        assert c.read_response().status == 431


def test_a_large_upload_over_the_limit_gets_its_answer(start):
    gateway = start("--web.max-request-size=1000")
    with gateway.connect() as c:
        try:
            c.send(put(PATH, b"x" * 5_000_000))
        except OSError:
            pass
        assert c.read_response().status == 413


@pytest.mark.parametrize("begun", [READY[:5], READY[:-2], put(PATH, b"m 1\n")[:-2], chunked(PATH, b"m 1\n", end=b"")])
def test_a_request_that_does_not_go_on(start, begun):
    gateway = start("--web.read-timeout=500ms")
    with gateway.connect() as c:
        began = time.monotonic()
        c.send(begun)
        reply = c.read_response()
        assert (reply.status, reply.text) == (408, "408 Request Timeout")
        assert 'pushgateway_refused_requests_total{code="408"} 1' in gateway.get("/metrics").text
        assert 0.3 < time.monotonic() - began < 5
        assert c.closed_by_peer(within=5)


def test_a_request_that_crawls(start):
    """Progress does not help: the whole request has to arrive in time."""
    gateway = start("--web.read-timeout=500ms")
    with gateway.connect() as c:
        began = time.monotonic()
        c.send(put(PATH, b"x" * 100000)[:200])
        while silent(c, 0.05):
            c.send(b"x")
            assert time.monotonic() - began < 5
        assert c.read_response().status == 408


def test_a_body_after_continue_that_does_not_come(start):
    gateway = start("--web.read-timeout=500ms")
    for request in (put(PATH, b"", b"Expect: 100-continue").replace(b"Length: 0", b"Length: 10"),
                    chunked(PATH, headers=[b"Expect: 100-continue"], end=b"")):
        with gateway.connect() as c:
            c.send(request)
            assert c.read_response().status == 100
            left = c.read_to_end()
            assert left == b"" or left.startswith(b"HTTP/1.1 408 ")


def test_an_idle_connection(start):
    gateway = start("--web.idle-timeout=500ms")
    with gateway.connect() as used, gateway.connect() as unused:
        used.send(READY)
        assert used.read_response().status == 200
        assert silent(used, 0.2)
        assert used.closed_by_peer(within=5)
        assert unused.closed_by_peer(within=5)


def test_more_connections_than_allowed_wait(start):
    gateway = start("--web.max-connections=3")
    held = [gateway.connect() for _ in range(3)]
    for c in held:
        c.send(READY)
        assert c.read_response().status == 200
    with gateway.connect() as waiting:
        waiting.send(READY)
        assert silent(waiting, 0.5)
        held.pop().close()
        assert waiting.read_response().status == 200
    for c in held:
        c.close()
    assert gateway.stderr().count("Too many connections") == 1


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_no_descriptor_left(start):
    """Others wait, and the processor is not burnt over them; one that is free again is used."""
    gateway = start()
    used = len(os.listdir(f"/proc/{gateway.pid}/fd"))
    resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE, (used + 2, used + 2))
    connections = [gateway.connect() for _ in range(4)]
    for c in connections:
        c.send(READY)
    answered = [c for c in connections if not silent(c, 0.3)]
    assert 0 < len(answered) < len(connections)
    before = cpu_seconds(gateway.pid)
    time.sleep(1)
    assert cpu_seconds(gateway.pid) - before < 0.1, "it spins"
    for c in answered:
        assert c.read_response().status == 200
        c.close()
    for c in connections:
        if c not in answered:
            assert c.read_response().status == 200
            c.close()
    assert gateway.stderr().count("Cannot accept connections") == 1


def few_descriptors(tmp_path, number):
    """A program that is ours with so many descriptors."""
    script = tmp_path / "few"
    script.write_text(f'#!/bin/sh\nulimit -n {number}\nexec "{gateway_binary()}" "$@"\n')
    script.chmod(0o755)
    return str(script)


def number_of(gateway, name):
    for line in gateway.get(f"/metrics?name[]={name}").text.splitlines():
        if line.startswith(name):
            return float(line.split()[-1])
    raise AssertionError(f"no {name}")


@pytest.mark.parametrize("number", (24, 60, 400))
def test_started_with_few_descriptors(tmp_path, number):
    """A reserve is kept, so that what is pushed is saved while all connections are taken."""
    file = tmp_path / "saved"
    with Gateway(few_descriptors(tmp_path, number), f"--persistence.file={file}", "--persistence.interval=100ms") as gateway:
        most = int(number_of(gateway, "pushgateway_connections_limit"))
        assert 0 < most < number - 8
        held = [gateway.connect() for _ in range(most)]
        for n, c in enumerate(held):
            c.send(put(f"/metrics/job/j{n}", b"m 1\n"))
            assert c.read_response().status == 200
        waiting = [gateway.connect() for _ in range(20)]
        for c in waiting:
            c.send(READY)
        until(lambda: file.exists() and f"j{most - 1}".encode() in file.read_bytes(), what="the last push in the file")
        before = cpu_seconds(gateway.pid)
        assert silent(waiting[0], 1)
        assert cpu_seconds(gateway.pid) - before < 0.1, "it spins"
        for c in held:
            c.close()
        for c in waiting:
            assert c.read_response().status == 200
            c.close()
        assert gateway.stderr().count("Too many connections") == 1
        assert "error persisting" not in gateway.stderr()
        assert gateway.stop() == 0


def resident(pid):
    """Bytes of memory."""
    return int(open(f"/proc/{pid}/statm").read().split()[1]) * resource.getpagesize()


def test_a_reader_that_does_not_read(start):
    gateway = start("--web.read-timeout=1s")
    labels = "x" * 1000
    body = "".join(f'big{{n="{n}",l="{labels}"}} {n}\n' for n in range(20000)).encode()
    assert gateway.put("/metrics/job/big", body, timeout=60).status == 200
    before = resident(gateway.pid)
    slow = gateway.connect()
    slow.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    for _ in range(10):
        assert gateway.get("/-/ready").status == 200
    taken = resident(gateway.pid)
    assert connections(gateway) >= 2
    until(lambda: connections(gateway) == 1, within=20, what="the end of the connection")
    with pytest.raises(http1.Incomplete):
        slow.read_response()
    slow.close()
    assert taken - before < 20_000_000
    whole = gateway.get("/metrics", timeout=60).text
    assert whole.count("\nbig{") == 20000


def connections(gateway):
    for line in gateway.get("/metrics?name[]=pushgateway_connections").text.splitlines():
        if line.startswith("pushgateway_") and "connections" in line:
            return float(line.split()[-1])
    raise AssertionError("no metric of connections")


def test_clients_that_go_away(start):
    gateway = start()
    body = "".join(f'big{{n="{n}"}} {n}\n' for n in range(50000)).encode()
    assert gateway.put("/metrics/job/big", body, timeout=60).status == 200
    for n in range(30):
        c = gateway.connect()
        c.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        if n % 2:
            c.sock.recv(1000)
        c.close()
        c = gateway.connect()
        c.send(put(PATH, b"m 1\n" * 1000)[:n * 100])
        c.close()
    until(lambda: connections(gateway) == 1, what="the end of all connections")


def test_one_that_pipelines_without_reading(start):
    """Its requests wait in the kernel, not in our memory."""
    gateway = start()
    before, sent = resident(gateway.pid), 0
    with gateway.connect(timeout=0.5) as c:
        try:
            while sent < 100_000_000:
                c.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
                sent += 37000
        except OSError:
            pass
        assert gateway.get("/-/ready").status == 200
        assert sent < 100_000_000
        assert resident(gateway.pid) - before < 100_000_000
