"""Thousands of clients that send or read slowly, or not at all, beside one that does not."""

import gzip
import os
import resource
import socket
import threading
import time

import pytest
from wire import silent

from harness import http1
from harness.waiting import until

RESERVED = 1_000  # descriptors of the test itself and the server's reserve
FORGETFUL = {"ASAN_OPTIONS": "quarantine_size_mb=1"}  # what is freed is not to be kept
SANITIZED = os.environ.get("PUSHGATEWAY_SANITIZERS", "none") != "none"
SLOW = 2_000 if SANITIZED else 10_000
BIG = 20_000  # series of the scrape that is read slowly: some megabytes

BEGUN = {
    "nothing": b"",
    "half a head": b"PUT /metrics/job/slow HTTP/1.1\r\nHost: x\r\nX-A: ",
    "half a body": b"PUT /metrics/job/slow HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + b"x" * 3000,
    "half a chunk": b"PUT /metrics/job/slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + b"x" * 3000,
    "a scrape": b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    "a compressed scrape": b"GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n",
}


@pytest.fixture(scope="module")
def crowd_size():
    """As many as the limit of open files allows, which the server inherits."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    size = min(SLOW, hard - RESERVED)
    if size < SLOW:
        print(f"only {size} slow clients: the limit of open files is {hard}")
    assert size > 0
    return size


class Patient:
    """Pushes and scrapes without a pause, in a thread; remembers how long the slowest took."""

    def __init__(self, gateway):
        self.gateway, self.taken, self.failure, self.ended = gateway, [], None, False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        try:
            while not self.ended:
                began = time.monotonic()
                assert self.gateway.put("/metrics/job/patient", b"m 1\n", timeout=60).status == 200
                assert self.gateway.get("/metrics?name[]=m", timeout=60).status == 200
                self.taken.append(time.monotonic() - began)
                time.sleep(0.01)
        except Exception as failure:  # told by __exit__
            self.failure = failure

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.ended = True
        self.thread.join()
        assert self.failure is None, self.failure


def connections(gateway):
    text = gateway.get("/metrics?name[]=pushgateway_connections", timeout=60).text
    return float(text.splitlines()[-1].split()[-1])


def resident(pid):
    return int(open(f"/proc/{pid}/statm").read().split()[1]) * resource.getpagesize()


def begin(gateway, request):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((gateway.host, gateway.port))
    sock.send(request)
    return sock


def fill(gateway):
    label = "x" * 150
    body = "".join(f'big{{n="{n}",l="{label}"}} {n}\n' for n in range(BIG)).encode()
    assert gateway.put("/metrics/job/big", body, timeout=60).status == 200


# How many of them, and bytes that each may take of the server's memory.
@pytest.mark.parametrize("begun,part,most", [("nothing", 1, 10_000), ("half a head", 1, 10_000), ("half a body", 1, 20_000),
                                             ("half a chunk", 10, 30_000), ("a scrape", 1, 200_000), ("a compressed scrape", 10, 300_000)])
def test_slow_clients_hold_up_nobody(start, crowd_size, begun, part, most):
    count = crowd_size // part
    # A crowd that takes long to gather is not to be ended before it is there: it goes by itself.
    lasts = begun == "a scrape"
    timeout = "10m" if lasts else "3s"
    gateway = start(f"--web.read-timeout={timeout}", "--web.idle-timeout=4s")
    if "scrape" in begun:
        fill(gateway)
    before = resident(gateway.pid)
    with Patient(gateway) as patient:
        crowd = [begin(gateway, BEGUN[begun]) for _ in range(count)]
        until(lambda: connections(gateway) > count * 0.9, within=60, what="the crowd")
        served = len(patient.taken)
        until(lambda: len(patient.taken) > 2 * served + 100, within=60, what="service beside the crowd")
        taken = resident(gateway.pid) - before
        for sock in crowd if lasts else []:
            sock.close()
        until(lambda: connections(gateway) < 10, within=100, what="the end of the crowd")
    for sock in crowd:
        sock.close()
    patient.taken.sort()
    slowest, usual = patient.taken[-1], patient.taken[len(patient.taken) // 2]
    print(f"{begun}: {taken / count:.0f} bytes each; push and scrape took {usual:.3f} s, at most {slowest:.3f} s")
    assert usual < 1 and slowest < 30
    assert SANITIZED or taken / count < most


def test_a_reader_that_crawls_is_ended(start):
    """Some bytes now and then are not enough: it would hold its picture of the store for hours."""
    gateway = start("--web.read-timeout=2s")
    fill(gateway)
    fill(gateway)
    sock = begin(gateway, BEGUN["a scrape"])
    sock.settimeout(0.2)
    began = time.monotonic()

    def gone():
        try:
            sock.recv(100)
        except socket.timeout:
            pass
        return connections(gateway) == 1

    until(gone, within=30, what="the end of the connection")
    assert time.monotonic() - began > 1.5
    sock.close()


def test_a_reader_that_takes_its_time_gets_all(start):
    """A MiB within each time-out is enough, however long the whole takes."""
    gateway = start("--web.read-timeout=1s")
    fill(gateway)
    with gateway.connect() as c:
        c.send(BEGUN["a scrape"])
        began, got = time.monotonic(), b""
        while not got.endswith(b"0\r\n\r\n"):
            got += c.sock.recv(300_000)
            time.sleep(0.1)
        assert time.monotonic() - began > 1.2
        assert got.count(b"\nbig{") > BIG * 0.99  # chunks begin anywhere


def test_a_crowd_of_scrapes_is_served_whole(start):
    """Replies that take turns are whole, compressed or not, whoever began first."""
    gateway = start()
    fill(gateway)
    wanted = [line for line in gateway.get("/metrics", timeout=60).text.splitlines() if line.startswith("big{")]
    assert len(wanted) == BIG
    socks = []
    for n in range(40):
        c = gateway.connect(timeout=60)
        c.send(BEGUN["a compressed scrape" if n % 2 else "a scrape"])
        socks.append(c)
    for n, c in enumerate(socks):
        reply = c.read_response()
        text = (gzip.decompress(reply.body) if n % 2 else reply.body).decode()
        assert [line for line in text.splitlines() if line.startswith("big{")] == wanted
        c.close()


def test_too_much_unfinished(start):
    """What grows is refused, what is small or was there before is not."""
    gateway = start("--web.max-request-size=1MiB", "--web.max-buffered-size=2MiB")
    head = b"PUT /metrics/job/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    crowd = [gateway.connect() for _ in range(5)]
    for c in crowd:
        c.send(head + b"#" * 500_000)
    refused = until(lambda: [c for c in crowd if not silent(c, 0.05)], what="a refusal")
    assert len(refused) == 1
    reply = refused[0].read_response()
    assert (reply.status, reply.text, reply.header("Connection")) == (503, "too many requests are unfinished\n", "close")
    head_only = gateway.connect()
    head_only.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 300_000)
    reply = head_only.read_response()
    assert (reply.status, reply.text) == (503, "503 Service Unavailable: too many requests are unfinished")
    with gateway.connect() as small:
        small.send(b"PUT /metrics/job/b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nm ")
        time.sleep(0.1)
        small.send(b"1\n")
        assert small.read_response().status == 200
    text = gateway.get("/metrics").text
    assert 'pushgateway_rejected_pushes_total{reason="out_of_memory"} 1' in text
    assert 'pushgateway_refused_requests_total{code="503"} 1' in text
    for c in crowd + [head_only]:
        c.close()
    until(lambda: connections(gateway) == 1, what="the end of all")
    assert gateway.put("/metrics/job/a", b"#" * 999_999 + b"\n").status == 200


def test_incomplete_is_not_whole(start):
    """A reply that is cut off by a time-out cannot be taken for a whole one."""
    gateway = start("--web.read-timeout=1s")
    fill(gateway)
    c = gateway.connect()
    c.send(BEGUN["a scrape"])
    until(lambda: connections(gateway) == 1, within=20, what="the end of the connection")
    with pytest.raises((http1.Incomplete, ConnectionResetError)):
        c.read_response()
    c.close()


def test_who_sends_ahead_of_the_replies_fills_no_memory(start):
    gateway = start("--web.max-buffered-size=4MiB", "--web.max-request-size=1MiB", env=FORGETFUL)
    before, wanted = resident(gateway.pid), 20_000 if SANITIZED else 150_000
    with socket.create_connection((gateway.host, gateway.port)) as client:
        def send():
            block = b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n" * 5000
            try:
                while True:
                    client.sendall(block)
            except OSError:
                pass  # closed below
        sender = threading.Thread(target=send)
        sender.start()
        answered, most = 0, 0
        while answered < wanted:
            answered += client.recv(1 << 20).count(b"200 OK")
            most = max(most, resident(gateway.pid) - before)
        client.shutdown(socket.SHUT_RDWR)
        sender.join()
    assert most < 8 << 20, f"{most} bytes for one client"


def test_bodies_of_requests_whose_replies_wait_are_not_kept(start):
    gateway = start("--web.max-request-size=16MiB", env=FORGETFUL)
    lines = "".join('m{a="%d%s"} 1\n' % (i, "x" * 150) for i in range(60000))
    assert gateway.put("/metrics/job/big", lines.encode(), timeout=60).status == 200
    before, size, clients = resident(gateway.pid), 16 << 20, []
    for _ in range(6):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((gateway.host, gateway.port))
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        clients.append(client)
    for client in clients:
        assert client.recv(12) == b"HTTP/1.1 200"
    until(lambda: resident(gateway.pid) - before < 48 << 20, what="six bodies of 16 MiB to be gone")
    for client in clients:
        client.close()


def test_a_client_that_has_shut_its_side_gets_all_of_a_reply(start):
    """Also where the socket does not take it at once."""
    gateway = start()
    lines = "".join('m{a="%d%s"} 1\n' % (i, "x" * 150) for i in range(190))
    assert gateway.put("/metrics/job/a", lines.encode()).status == 200
    whole = gateway.get("/api/v1/groups/job/a").body
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        client.settimeout(20)
        client.connect((gateway.host, gateway.port))
        client.sendall(b"GET /api/v1/groups/job/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(12) == b"HTTP/1.1 200"
        assert gateway.get("/-/ready").status == 200  # the server has seen the end by now
        got = bytearray()
        while piece := client.recv(4096):
            got += piece
    assert got.partition(b"\r\n\r\n")[2] == whole
