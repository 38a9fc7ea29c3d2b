"""What both servers count of themselves, after the same requests to fresh processes."""

import re

import pytest

from harness import exposition, gateway_binary, oracle_binary
from pair import Pair
from scenario import Request, delete, get, post, put, put_bytes

STEPS = [
    put("m 1\n"), put("m 2\n"), post("n 1\n"), put("m"), put("m 1\nm 1\n"), put("m 1\n", "/metrics/job/t/odd"), put_bytes(b"\x01"),
    put("m 1\n", "/metrics/job@base64/*"), delete(), delete("/metrics/job/t/odd"), get("/"), get("/status"), get("/-/healthy"), get("/-/ready"), get("/-/ready"),
    get("/api/v1/status"), get("/api/v1/metrics"), get("/api/v1/nope"), Request("OPTIONS", "/api/v1/status"), Request("OPTIONS", "/api/v1/nope"), Request("OPTIONS", "/metrics"),
    get("/static/nope"), get("/nope"), Request("PUT", "/nope"), Request("HEAD", "/-/ready"), Request("PUT", "/metrics"), get("/metrics/job/t"), Request("PUT", "/-/quit"), get("/-/quit"),
    Request("PUT", "/api/v1/admin/wipe"), get("/metrics"), put("x", headers={"Content-Encoding": "gzip"}),
]

READY = '{code="200",handler="ready",method="get"}'

# Families of the original that have an equal here.
SHARED = ("pushgateway_http_requests_total", "pushgateway_http_push_duration_seconds", "pushgateway_http_push_size_bytes", "pushgateway_build_info",
          "process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds",
          "process_virtual_memory_bytes", "process_virtual_memory_max_bytes", "process_network_receive_bytes_total", "process_network_transmit_bytes_total")


@pytest.fixture(scope="module")
def scrapes(pairs):
    """Own metrics of (ours, the original) after STEPS."""
    pair = Pair(gateway_binary(), oracle_binary(), "default")
    try:
        for side in (pair.ours, pair.oracle):
            before = _requests(side.gateway.get("/metrics").text)
            side.before_ready = before.get(READY, 0)
            for step in STEPS:
                side.do(step)
        return [_Scrape(side) for side in (pair.ours, pair.oracle)]
    finally:
        pair.stop()


def _requests(text):
    return {series.removeprefix("pushgateway_http_requests_total"): float(value)
            for series, value in exposition.samples(text).items() if series.startswith("pushgateway_http_requests_total")}


class _Scrape:
    def __init__(self, side):
        text = side.gateway.get("/metrics").text
        self.requests = _requests(text)
        # Start-up asked until it was ready: how often is chance.
        self.requests[READY] -= side.before_ready
        self.samples = exposition.samples(text)
        self.comments = {name: comments for name, comments, _ in exposition.read_text(text)}
        self.series = {name: sorted(re.sub(r'="[^"]*"', "", s.rpartition(" ")[0]) for s in samples)
                       for name, _, samples in exposition.read_text(text)}


def test_requests_are_counted_alike(scrapes):
    ours, oracle = scrapes
    assert ours.requests == oracle.requests


@pytest.mark.parametrize("name", ("pushgateway_http_push_duration_seconds", "pushgateway_http_push_size_bytes"))
def test_pushes_are_measured_alike(scrapes, name):
    ours, oracle = scrapes
    for suffix in ('_count{method="put"}', '_count{method="post"}'):
        assert ours.samples.get(name + suffix) == oracle.samples.get(name + suffix)


@pytest.mark.parametrize("name", SHARED)
def test_shared_families_are_described_alike(scrapes, name):
    ours, oracle = scrapes
    assert name in oracle.comments, "the original has it no more"
    assert ours.comments.get(name) == oracle.comments[name]


@pytest.mark.parametrize("name", [n for n in SHARED if n != "pushgateway_build_info"])
def test_shared_families_have_the_same_series(scrapes, name):
    ours, oracle = scrapes
    assert ours.series.get(name) == oracle.series[name]
