"""What is pushed for the tests to look at."""

import socket

from harness.build_families import family, metric
from harness.metrics_proto import HISTOGRAM

BACKUP = """\
# HELP backup_duration_seconds How long the last backup took.
# TYPE backup_duration_seconds gauge
backup_duration_seconds 42.5
# HELP backup_last_success_timestamp_seconds When a backup last succeeded.
# TYPE backup_last_success_timestamp_seconds gauge
backup_last_success_timestamp_seconds 1.7e+09
# HELP backup_size_bytes Size of the archives.
# TYPE backup_size_bytes gauge
backup_size_bytes{database="orders",tier="cold"} 8.25e+11
backup_size_bytes{database="users"} 1073741824
# HELP chunk_seconds How long each chunk took.
# TYPE chunk_seconds summary
chunk_seconds{quantile="0.5"} 0.2
chunk_seconds{quantile="0.9"} 0.7
chunk_seconds{quantile="0.99"} 2.1
chunk_seconds_sum 812
chunk_seconds_count 3700
# HELP upload_seconds How long uploads took.
# TYPE upload_seconds histogram
upload_seconds_bucket{le="0.05"} 18
upload_seconds_bucket{le="0.1"} 61
upload_seconds_bucket{le="0.25"} 140
upload_seconds_bucket{le="0.5"} 171
upload_seconds_bucket{le="1"} 180
upload_seconds_bucket{le="+Inf"} 182
upload_seconds_sum 30.7
upload_seconds_count 182
"""

HOSTILE = ["<script>window.hacked = 1</script>", "\"><img src=x onerror='window.hacked = 1'>", "</noscript></title><svg onload=alert(1)>",
           "{{groups}} ${window.hacked = 1} &lt;b&gt;", "' or 1=1 -- \\", "‮evil", "a\nb\tc", "😀 " + "x" * 300]


def push(gateway, path, body="m 1\n"):
    reply = gateway.put("/metrics/" + path, body.encode())
    assert reply.status == 200, reply


def fail(gateway, path):
    assert gateway.put("/metrics/" + path, b"m 1 1\n").status == 400


def push_native(gateway, path):
    """A native histogram that has classic buckets as well."""
    native = {"sample_count": 15, "sample_sum": 30.5, "schema": 0, "zero_threshold": 0.001, "zero_count": 2,
              "positive_span": [{"offset": 0, "length": 3}], "positive_delta": [1, 3, 1],
              "negative_span": [{"offset": 1, "length": 1}], "negative_delta": [3],
              "bucket": [{"upper_bound": 1, "cumulative_count": 6}, {"upper_bound": 4, "cumulative_count": 15}]}
    message = family("native_seconds", HISTOGRAM, metric({}, histogram=native), help="A native one.").SerializeToString()
    kind = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
    size = len(message)
    assert size < 16384
    prefix = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    reply = gateway.post("/metrics/" + path, prefix + message, headers={"Content-Type": kind})
    assert reply.status == 200, reply


def push_many(gateway, count):
    """Groups by the thousand, on one connection, a batch of requests at a time."""
    with socket.create_connection((gateway.host, gateway.port), timeout=60) as sock:
        answers = sock.makefile("rb")
        for first in range(0, count, 500):
            batch = range(first, min(first + 500, count))
            body = b'm{l="a"} 1\nm{l="b"} 2\nn 3\n'
            sock.sendall(b"".join(b"PUT /metrics/job/job%03d/instance/host-%06d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b"
                                  % (i % 100, i, len(body), body) for i in batch))
            for _ in batch:
                assert answers.readline().startswith(b"HTTP/1.1 200 ")
                while answers.readline() != b"\r\n":
                    pass
