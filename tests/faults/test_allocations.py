"""A request whose memory cannot be had is answered 503 and changes nothing; the server lives.

The first, second, ... allocation of a request fails, wherever it is: in our code, in libevent, zlib, libc.
What fails may be something that can be done without; the reply must then be as good as ever.

The shim stands in for libc's malloc, which the release binary does not use: these tests run the debug
build, or what PUSHGATEWAY_LIBC_MALLOC names.
"""

import collections
import gzip
import json
import os
import re
import socket
import threading

import pytest

from harness import REPO_ROOT, Gateway, metrics_proto
from harness.build_families import gauge
from harness.http1 import Incomplete
from served import own, pushed, wait_for

CLOSED = "closed"
BINARY = os.environ.get("PUSHGATEWAY_LIBC_MALLOC") or os.path.join(REPO_ROOT, "build-debug", "pushgateway")


@pytest.fixture
def gateway(shim):
    with Gateway(BINARY, "--web.read-timeout=5s", env=shim.env) as running:
        assert shim.allocations > 0, f"{BINARY} does not use libc's malloc"
        yield running
        assert running.stop() == 0, running.stderr()


def raw(method, path, body=b"", **headers):
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


SERIES = b"# TYPE x gauge\n# HELP x Help.\n" + b"".join(b'x{l="%d"} 1\n' % i for i in range(200))
DELIMITED = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
GROUP = "/metrics/job/a/instance/x"

# name: (the request, the status that it should get)
PUSHES = {
    "PUT": (raw("PUT", GROUP, SERIES), 200),
    "POST": (raw("POST", GROUP, SERIES), 200),
    "PUT of a new group": (raw("PUT", "/metrics/job/new", b"# TYPE z gauge\nz 1\n"), 200),
    "PUT of protobuf": (raw("PUT", GROUP, metrics_proto.delimited(gauge("x"), gauge("y")), Content_Type=DELIMITED), 200),
    "PUT of gzip": (raw("PUT", GROUP, gzip.compress(SERIES), Content_Encoding="gzip"), 200),
    "PUT in chunks": (b"PUT " + GROUP.encode() + b" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                      b"4\r\nx 1\n\r\n4\r\ny 1\n\r\n0\r\n\r\n", 200),
    "a push that is refused": (raw("PUT", GROUP, b"# TYPE other counter\nother 1\n"), 400),
    "DELETE": (raw("DELETE", "/metrics/job/b"), 202),
}
READS = {
    "scrape": raw("GET", "/metrics"),
    "scrape with gzip": raw("GET", "/metrics", Accept_Encoding="gzip"),
    "scrape of protobuf": raw("GET", "/metrics", Accept=DELIMITED),
    "API": raw("GET", "/api/v1/metrics"),
    "status of the API": raw("GET", "/api/v1/status"),
    "page": raw("GET", "/"),
    "probe": raw("GET", "/-/ready"),
}


def prepare(gateway):
    """What is stored before each request, and what is changed by some of them."""
    gateway.delete("/metrics/job/new")
    gateway.put("/metrics/job/b", b"# TYPE other gauge\nother 1\n")
    gateway.put(GROUP, b"# TYPE before gauge\nbefore 1\n")


def exchange(gateway, shim, request, n, kept):
    """The reply, or CLOSED, to a request whose n-th allocation fails; and whether there was an n-th."""
    conn = None
    try:
        if kept:
            conn = gateway.connect()
            conn.send(READS["probe"])
            assert conn.read_response().status == 200
        before = pushed(gateway) if n else None
        shim.fail_allocation = n
        conn = conn or gateway.connect()
        conn.send(request)
        try:
            reply = conn.read_response()
        except (Incomplete, ConnectionResetError):
            reply = CLOSED
        except socket.timeout:
            raise AssertionError(f"no answer when allocation {n} failed; {gateway.stderr()}") from None
        return reply, shim.fail_allocation == 0, before
    finally:
        shim.fail_allocation = 0
        if conn:
            conn.close()


def without_times(lines):
    return [re.sub(r"^(push_\w*time_seconds\{.*\}) .*", r"\1", line) for line in lines]


def statuses(results):
    return ", ".join(f"{count} x {result}" for result, count in sorted(results.items(), key=str))


@pytest.mark.parametrize("kept", [True, False], ids=["on an open connection", "on a new connection"])
@pytest.mark.parametrize("name", PUSHES)
def test_a_push(gateway, shim, amount, figures, name, kept):
    request, wanted = PUSHES[name]
    for _ in range(3):
        prepare(gateway)
        assert exchange(gateway, shim, request, 0, kept)[0].status == wanted
    after = without_times(pushed(gateway))
    live, results = shim.live, collections.Counter()
    for _ in range(amount(1, 10)):
        for n in range(1, 1000):
            prepare(gateway)
            reply, failed, before = exchange(gateway, shim, request, n, kept)
            result = reply if reply is CLOSED else reply.status
            results[result] += failed
            now = pushed(gateway)
            if result in (503, CLOSED):
                assert now == before, f"allocation {n}"
            else:
                assert result == wanted, f"allocation {n}"
                assert without_times(now) == after or (wanted == 400 and now == before), f"allocation {n}"
            if not failed:
                break
    assert results[503] > 0 or name == "DELETE"
    wait_for(lambda: shim.live <= live + 8, f"memory given back: {shim.live} pieces, {live} before")
    figures(statuses(results))


def content(reply):
    """What a reply says that does not change from one to the next."""
    body = reply.body
    if reply.header("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    kind = reply.header("Content-Type") or ""
    if kind.startswith("text/plain; version="):
        return [line for line in body.decode().split("\n") if not re.search(r"^(# \w+ )?(pushgateway|process)_", line)]
    if kind.startswith("application/vnd"):
        return [family.SerializeToString() for family in metrics_proto.read_delimited(body)
                if not family.name.startswith((b"pushgateway_", b"process_"))]
    return json.loads(body) if kind == "application/json" else body


@pytest.mark.parametrize("kept", [True, False], ids=["on an open connection", "on a new connection"])
@pytest.mark.parametrize("name,groups", [(name, 20) for name in READS] + [("scrape", 600), ("scrape with gzip", 600)])
def test_a_read(gateway, shim, amount, figures, name, groups, kept):
    prepare(gateway)
    for i in range(groups):
        gateway.put(f"/metrics/job/c/instance/{i}", b"many{l=\"%d\"} 1\n" % i)
    for _ in range(3):
        good = exchange(gateway, shim, READS[name], 0, kept)[0]
        assert good.status == 200
    live, results = shim.live, collections.Counter()
    for _ in range(amount(1, 10)):
        for n in range(1, 1000):
            reply, failed, before = exchange(gateway, shim, READS[name], n, kept)
            result = reply if reply is CLOSED else reply.status
            results[result] += failed
            assert pushed(gateway) == before
            if result not in (503, CLOSED):
                assert result == 200 and content(reply) == content(good), f"allocation {n}"
            if not failed:
                break
    wait_for(lambda: shim.live <= live + 8, f"memory given back: {shim.live} pieces, {live} before")
    figures(statuses(results))


def test_nothing_to_be_had(gateway, shim, amount, figures):
    """Every allocation fails for a while, under load: connections may be closed, new ones may wait."""
    for failures in amount((100, 300), (100, 1000, 10000)):
        fail_all(gateway, shim, figures, failures)


def fail_all(gateway, shim, figures, failures):
    prepare(gateway)
    groups = own(gateway, "groups")
    results = collections.Counter()

    def client(request):
        for _ in range(10):
            try:
                with gateway.connect() as conn:
                    for _ in range(3):
                        conn.send(request)
                        results[conn.read_response().status] += 1
            except (Incomplete, ConnectionError):
                results[CLOSED] += 1

    requests = [request for request, _ in PUSHES.values()] + list(READS.values())
    threads = [threading.Thread(target=client, args=(request,)) for request in requests * 2]
    shim.more_allocations, shim.fail_allocation = failures - 1, 1
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shim.more_allocations = shim.fail_allocation = 0
    assert sum(results.values()) > 0 and set(results) <= {200, 202, 400, 503, CLOSED}
    wait_for(lambda: gateway.put("/metrics/job/after", b"after 1\n").status == 200, "a push")
    assert own(gateway, "groups") in (groups, groups + 1, groups + 2)
    wait_for(lambda: own(gateway, "connections") == 1, "all other connections closed")
    figures(f"{failures} allocations failed: {statuses(results)}")
