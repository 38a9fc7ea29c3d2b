"""Requests byte for byte as client libraries send them, for those this machine lacks.

Each fixture was captured from the library named, or is put together from its source.
"""

import pytest
from harness import metrics_proto

from client_support import families, group, grouping_keys, groups, pushed_families, value_of

BODY = b"# HELP m M.\n# TYPE m gauge\nm 1.5\n"
CHUNKED_BODY = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)


def request(start, *headers, body=b""):
    """The bytes of a request; LENGTH in a header stands for the length of the body."""
    head = "\r\n".join([start, *headers]).replace("LENGTH", str(len(body)))
    return head.encode("latin-1") + b"\r\n\r\n" + body


def answer(connection, bytes_out):
    connection.send(bytes_out)
    return connection.read_response()


PYTHON_HEADERS = [
    "Accept-Encoding: identity",
    "Content-Length: LENGTH",
    "Host: 127.0.0.1:9091",
    "User-Agent: Python-urllib/3.11",
    "Content-Type: text/plain; version=0.0.4; charset=utf-8",
    "Connection: close",
]
RUBY_HEADERS = [
    "Content-Type: text/plain; version=0.0.4",
    "Accept-Encoding: gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
    "Accept: */*",
    "User-Agent: Ruby",
    "Connection: close",
    "Host: 127.0.0.1:9091",
]
LWP_HEADERS = [
    "TE: deflate,gzip;q=0.3",
    "Connection: TE, close",
    "Host: 127.0.0.1:9091",
    "User-Agent: libwww-perl/6.68",
]
# Each closes its connection after one request, and says so.
ONE_REQUEST = {
    "python push": (
        request(
            "PUT /metrics/job@base64/c29tZSBqb2IvMQ==/i@base64/=/q/%C3%BC%2B%26/z@base64/YSBi HTTP/1.1",
            *PYTHON_HEADERS,
            body=BODY,
        ),
        {"job": "some job/1", "i": "", "q": "ü+&", "z": "a b"},
    ),
    "ruby replace": (
        request(
            "PUT /metrics/job/a%20job/instance@base64/YS9i HTTP/1.1",
            *RUBY_HEADERS,
            "Content-Length: LENGTH",
            body=BODY,
        ),
        {"job": "a job", "instance": "a/b"},
    ),
    "perl LWP": (
        request(
            "POST /metrics/job/perl/instance/i HTTP/1.1",
            *LWP_HEADERS,
            "Content-Length: LENGTH",
            body=BODY,
        ),
        {"job": "perl", "instance": "i"},
    ),
    "perl HTTP::Tiny": (
        request(
            "PUT /metrics/job/tiny HTTP/1.1",
            "Host: 127.0.0.1:9091",
            "User-Agent: HTTP-Tiny/0.080",
            "Content-Type: application/octet-stream",
            "Content-Length: LENGTH",
            "Connection: close",
            body=BODY,
        ),
        {"job": "tiny"},
    ),
}


@pytest.mark.parametrize("fixture, key", ONE_REQUEST.values(), ids=ONE_REQUEST.keys())
def test_one_request_and_close(gateway, fixture, key):
    with gateway.connect() as connection:
        reply = answer(connection, fixture)
        assert (reply.status, reply.body) == (200, b"")
        assert reply.header("Content-Length") == "0"
        assert reply.header("Connection") == "close"
        assert connection.closed_by_peer()
    assert grouping_keys(gateway) == [key]
    assert value_of(gateway, "m", **key) == 1.5


LENGTH = "Content-Length: LENGTH"
CHUNKED = "Transfer-Encoding: chunked"
PROTOBUF_BODY = metrics_proto.delimited(
    metrics_proto.MetricFamily(
        name=b"m", help=b"M.", type=metrics_proto.GAUGE, metric=[{"gauge": {"value": 1.5}}]
    )
)
# Each sends its requests one after the other on one connection:
# methods, path, grouping key it stands for, headers, the one that frames the body, body.
KEPT = {
    "client_golang, newest": (
        ["PUT", "POST", "DELETE"],
        "/metrics/job@base64/YS9i/empty@base64/=/instance/i+1",
        {"job": "a/b", "empty": "", "instance": "i+1"},
        [
            "Host: 127.0.0.1:9091",
            "User-Agent: Go-http-client/1.1",
            "Content-Type: application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
            "encoding=delimited; escaping=underscores",
            "Accept-Encoding: gzip",
        ],
        LENGTH,
        PROTOBUF_BODY,
    ),
    "java HttpURLConnection": (
        ["PUT", "POST", "DELETE"],
        "/metrics/job/a+b%2B%C3%BC",
        {"job": "a+b+ü"},
        [
            "Content-Type: text/plain; version=0.0.4; charset=utf-8",
            "User-Agent: Java/17.0.15",
            "Host: 127.0.0.1:9091",
            "Accept: text/html, image/gif, image/jpeg, */*; q=0.2",
            "Connection: keep-alive",
        ],
        LENGTH,
        BODY,
    ),
    "java exporter 1.x with a token": (
        ["POST", "PUT", "DELETE"],
        "/metrics/job/spring/instance/i",
        {"job": "spring", "instance": "i"},
        [
            "Content-Type: application/vnd.google.protobuf; "
            "proto=io.prometheus.client.MetricFamily; encoding=delimited",
            "Authorization: Bearer 0123456789abcdef",
            "User-Agent: Java/21.0.2",
            "Host: 127.0.0.1:9091",
            "Accept: */*",
            "Connection: keep-alive",
        ],
        LENGTH,
        PROTOBUF_BODY,
    ),
    "node prom-client": (
        ["PUT", "POST", "DELETE"],
        "/metrics/job/j/k/a%20b%20%C3%BC",
        {"job": "j", "k": "a b ü"},
        ["Host: 127.0.0.1:9091", "Connection: keep-alive"],
        CHUNKED,
        CHUNKED_BODY,
    ),
    "rust reqwest": (
        ["PUT", "POST"],
        "/metrics/job/rust/instance/i",
        {"job": "rust", "instance": "i"},
        [
            "content-type: application/vnd.google.protobuf; encoding=delimited; "
            "proto=io.prometheus.client.MetricFamily",
            "accept: */*",
            "host: 127.0.0.1:9091",
        ],
        "content-length: LENGTH",
        PROTOBUF_BODY,
    ),
    "PHP Guzzle": (
        ["PUT", "POST", "DELETE"],
        "/metrics/job/php/instance/i",
        {"job": "php", "instance": "i"},
        [
            "Host: 127.0.0.1:9091",
            "User-Agent: GuzzleHttp/7",
            "Content-Type: text/plain; version=0.0.4",
        ],
        LENGTH,
        BODY,
    ),
    ".NET MetricPusher": (
        ["POST", "POST"],
        "/metrics/job/net/instance/i",
        {"job": "net", "instance": "i"},
        [
            "Host: 127.0.0.1:9091",
            "Content-Type: text/plain; version=0.0.4; charset=utf-8",
        ],
        CHUNKED,
        CHUNKED_BODY,
    ),
    "prometheus-cpp": (
        ["PUT", "POST"],
        "/metrics/job/cpp/instance@base64/YSBi",
        {"job": "cpp", "instance": "a b"},
        [
            "Host: 127.0.0.1:9091",
            "Accept: */*",
            "Content-Type: text/plain; version=0.0.4; charset=utf-8",
        ],
        LENGTH,
        BODY,
    ),
    "wget": (
        ["POST"],
        "/metrics/job/wget",
        {"job": "wget"},
        [
            "Host: 127.0.0.1:9091",
            "User-Agent: Wget/1.21.3",
            "Accept: */*",
            "Accept-Encoding: identity",
            "Connection: Keep-Alive",
            "Content-Type: application/x-www-form-urlencoded",
        ],
        LENGTH,
        BODY,
    ),
}


@pytest.mark.parametrize("methods, path, key, headers, framing, body", KEPT.values(), ids=KEPT.keys())
def test_requests_on_a_kept_connection(gateway, methods, path, key, headers, framing, body):
    with gateway.connect() as connection:
        for method in methods:
            start = f"{method} {path} HTTP/1.1"
            if method == "DELETE":  # without a word about its body
                reply = answer(connection, request(start, *headers))
                assert (reply.status, reply.body) == (202, b"")
                assert groups(gateway) == []
            else:
                reply = answer(connection, request(start, *headers, framing, body=body))
                assert (reply.status, reply.body) == (200, b"")
                assert grouping_keys(gateway) == [key]
                assert value_of(gateway, "m", **key) == 1.5
            assert reply.header("Connection") in (None, "keep-alive", "Keep-Alive"), reply


def test_python_delete_says_it_has_no_body(gateway):
    gateway.put("/metrics/job/j", BODY)
    assert grouping_keys(gateway) == [{"job": "j"}]
    with gateway.connect() as connection:
        reply = answer(connection, request("DELETE /metrics/job/j HTTP/1.1", *PYTHON_HEADERS))
        assert reply.status == 202 and connection.closed_by_peer()
    assert groups(gateway) == []


def test_ruby_delete_says_nothing_of_a_body(gateway):
    gateway.put("/metrics/job/j", BODY)
    assert grouping_keys(gateway) == [{"job": "j"}]
    with gateway.connect() as connection:
        reply = answer(connection, request("DELETE /metrics/job/j HTTP/1.1", *RUBY_HEADERS))
        assert reply.status == 202 and connection.closed_by_peer()
    assert groups(gateway) == []


EXPECT = {
    "PHP Guzzle": ("PUT", "Expect: 100-Continue", LENGTH, BODY),
    ".NET Framework": ("POST", "Expect: 100-continue", CHUNKED, CHUNKED_BODY),
    "libcurl": ("POST", "Expect: 100-continue", LENGTH, BODY),
}


@pytest.mark.parametrize("method, expect, framing, body", EXPECT.values(), ids=EXPECT.keys())
def test_the_body_waits_for_100_continue(gateway, method, expect, framing, body):
    start = f"{method} /metrics/job/j HTTP/1.1"
    whole = request(start, "Host: 127.0.0.1:9091", framing, expect, body=body)
    head = whole.removesuffix(body)
    with gateway.connect() as connection:
        interim = answer(connection, head)
        assert interim.status == 100, "not a byte of the body was sent yet"
        reply = answer(connection, body)
        assert reply.status == 200
    assert value_of(gateway, "m", job="j") == 1.5


def push_text(gateway, body):
    with gateway.connect() as connection:
        fixture = request("POST /metrics/job/j HTTP/1.1", *LWP_HEADERS, LENGTH, body=body)
        reply = answer(connection, fixture)
        assert (reply.status, reply.body) == (200, b"")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families(gateway).values()
        for sample in family.samples
        if sample.labels.get("job") == "j" and not family.name.startswith("push_")
    }


def labels(**own):
    return tuple(sorted({"job": "j", "instance": "", **own}.items()))


def test_perl_body(gateway):
    """Blanks after commas, counts and sums ahead of the buckets."""
    body = (
        b"# HELP calls_total Calls\n# TYPE calls_total counter\n"
        b'calls_total{a="1", b="2"} 3\n'
        b"# HELP took Time taken\n# TYPE took histogram\n"
        b'took_count{op="x", z="y"} 4\ntook_sum{op="x", z="y"} 6.5\n'
        b'took_bucket{op="x", z="y", le="1"} 1\ntook_bucket{op="x", z="y", le="+Inf"} 4\n'
    )
    assert push_text(gateway, body) == {
        ("calls_total", labels(a="1", b="2")): 3,
        ("took_bucket", labels(op="x", z="y", le="1")): 1,
        ("took_bucket", labels(op="x", z="y", le="+Inf")): 4,
        ("took_sum", labels(op="x", z="y")): 6.5,
        ("took_count", labels(op="x", z="y")): 4,
    }


def test_java_body(gateway):
    """A comma after the last label, Java's way of writing numbers."""
    body = (
        b"# HELP jvm_bytes Bytes \\\\ used,\\nby area.\n# TYPE jvm_bytes gauge\n"
        b'jvm_bytes{area="heap",} 1.0E9\njvm_bytes{area="say \\"x\\"",} NaN\n'
        b'jvm_bytes{area="max",} +Inf\njvm_bytes{area="min",} -Inf\njvm_bytes{area="tiny",} 1.0E-7\n'
    )
    found = push_text(gateway, body)
    nan = found.pop(("jvm_bytes", labels(area='say "x"')))
    assert nan != nan
    assert found == {
        ("jvm_bytes", labels(area="heap")): 1e9,
        ("jvm_bytes", labels(area="max")): float("inf"),
        ("jvm_bytes", labels(area="min")): float("-inf"),
        ("jvm_bytes", labels(area="tiny")): 1e-7,
    }
    assert families(gateway)["jvm_bytes"].documentation == "Bytes \\ used,\nby area."


def test_shell_body(gateway):
    """Comments, empty lines, odd spacing, no types: what people write by hand."""
    body = b"# nightly job\n\n  rows   12\n\t\nrows_by{ table = \"a\" , } 3e0\n#\n"
    assert push_text(gateway, body) == {
        ("rows", labels()): 12,
        ("rows_by", labels(table="a")): 3,
    }
    assert pushed_families(group(gateway, job="j")) == {"rows", "rows_by"}
