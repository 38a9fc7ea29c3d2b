"""Pushes after which a server holds something of every kind: for tests of what is to be kept."""

from .build_families import family, metric
from .metrics_proto import COUNTER, GAUGE, GAUGE_HISTOGRAM, HISTOGRAM, SUMMARY, UNTYPED, delimited, varint

PROTOBUF = {"Content-Type": "application/vnd.google.protobuf; "
                            "proto=io.prometheus.client.MetricFamily; encoding=delimited"}
INF, NAN = float("inf"), float("nan")
STAMP = {"seconds": 1700000000, "nanos": 123456789}
EXEMPLAR = {"label": [{"name": "trace", "value": "abc"}], "value": 0.5, "timestamp": STAMP}
BUCKETS = [{"upper_bound": 0.5, "cumulative_count": 2, "exemplar": EXEMPLAR},
           {"upper_bound": INF, "cumulative_count": 4}]
NATIVE = {"sample_count": 11, "sample_sum": 5.5, "schema": 1, "zero_threshold": 0.001, "zero_count": 2,
          "positive_span": [{"offset": 0, "length": 2}, {"offset": 1, "length": 1}], "positive_delta": [1, 2, -1],
          "negative_span": [{"offset": -2, "length": 1}], "negative_delta": [3]}
NATIVE_FLOAT = {"sample_count_float": 9, "sample_sum": 5.5, "schema": 1, "zero_threshold": 0.001,
                "zero_count_float": 2.5, "positive_span": [{"offset": 0, "length": 2}], "positive_count": [1.5, 2],
                "negative_span": [{"offset": -2, "length": 1}], "negative_count": [3]}

TEXT = r"""# HELP text_gauge Back\\slash, line\nend, "quotes", café.
# TYPE text_gauge gauge
text_gauge{n="nan"} NaN
text_gauge{n="inf"} +Inf
text_gauge{n="-inf"} -Inf
text_gauge{n="-0"} -0
text_gauge{n="small"} 5e-324
text_gauge{n="large"} 1.7976931348623157e+308
text_gauge{n="a \\ \" \n <&> 😀"} 0.1
# TYPE text_counter counter
text_counter 12345678901234567890
text_untyped 1e6
# HELP text_summary
# TYPE text_summary summary
text_summary{quantile="0.5"} NaN
text_summary{quantile="0.99"} 3
text_summary_sum 17.5
text_summary_count 7
# TYPE text_histogram histogram
text_histogram_bucket{le="0.1"} 1
text_histogram_bucket{le="+Inf"} 3
text_histogram_sum 2.5
text_histogram_count 3
# TYPE text_float_histogram histogram
text_float_histogram_bucket{le="1"} 1.5
text_float_histogram_count 2.5
""".encode()

FAMILIES = [
    family("counter", COUNTER, metric({"a": "b"}, counter={"value": 3, "exemplar": EXEMPLAR, "created_timestamp": STAMP}), help="With an exemplar."),
    family("no_type", None, metric(counter={"value": -1})),
    family("gauge", GAUGE, metric(gauge={})),
    family("summary", SUMMARY, metric(summary={"sample_count": 2**64 - 1, "sample_sum": -INF, "quantile": [{"quantile": 0.9, "value": NAN}], "created_timestamp": STAMP})),
    family("untyped", UNTYPED, metric({"z": "1", "a": "2"}, untyped={"value": 1}), metric({"z": "2", "instance": "its own"}, untyped={"value": 2})),
    family("histogram", HISTOGRAM, metric(histogram={"sample_count": 4, "sample_sum": 1, "bucket": BUCKETS, "created_timestamp": STAMP})),
    family("native", HISTOGRAM, metric(histogram={**NATIVE, "exemplars": [EXEMPLAR]}), metric({"a": "b"}, histogram={**NATIVE, "bucket": BUCKETS})),
    family("native_float", HISTOGRAM, metric(histogram=NATIVE_FLOAT)),
    family("gauge_histogram", GAUGE_HISTOGRAM, metric(histogram={"sample_count": 4, "sample_sum": -1, "bucket": BUCKETS})),
]

# A field that no version of the schema knows, in a metric.
_METRIC = metric(gauge={"value": 1}).SerializeToString() + b"\xf2\x7c\x03abc"
UNKNOWN = family("unknown", GAUGE).SerializeToString() + b"\x22" + varint(len(_METRIC)) + _METRIC

# (method, path, body, headers, the status it is answered)
PUSHES = [
    ("PUT", "/metrics/job/text", TEXT, {}, 200),
    ("PUT", "/metrics/job/protobuf", delimited(*FAMILIES, UNKNOWN), PROTOBUF, 200),
    # Families of one group from several pushes, a good one after a bad one and the other way round.
    ("POST", "/metrics/job/merged/zone/1", b"first 1\nsecond 1\n", {}, 200),
    ("POST", "/metrics/job/merged/zone/1", b"second 2\n", {}, 200),
    ("PUT", "/metrics/job/fails/zone/2", b"first 2\n", {}, 200),
    ("PUT", "/metrics/job/fails/zone/2", b"first 3 4\n", {}, 400),
    ("PUT", "/metrics/job/recovers", b"first 3 4\n", {}, 400),
    ("PUT", "/metrics/job/recovers", b"first 3\n", {}, 200),
    ("PUT", "/metrics/job/never", b"first 3 4\n", {}, 400),
    ("PUT", "/metrics/job/emptied", b"first 4\n", {}, 200),
    ("PUT", "/metrics/job/emptied", b"", {}, 200),
    ("PUT", "/metrics/job@base64/YS9i/slash@base64/Ly8/empty@base64/=/instance/host:1", b"first 5\n", {}, 200),
    ("PUT", "/metrics/job/%C3%A9%20%22%5C%0A%F0%9F%98%80/A/upper/_/x/aa/%01", b"first{aa=\"lost\"} 6\n", {}, 200),
]

# (the key in the URL, body): what a server with its check off takes in, POSTed, and cannot show then.
# Three families and one group are too many.
INCONSISTENT = [
    ("a", b"# TYPE type gauge\ntype 1\nfine 1\n"),
    ("b", b"# TYPE type counter\ntype 1\nfine 2\n"),
    ("c", b"twice 1\ntwice 2\nfine 3\n"),
    ("d", b"# TYPE h histogram\nh_count 1\n"),
    ("d", b"# TYPE h_count gauge\nh_count 1\nfine 4\n"),
    ("e/instance/", b"fine 5\n"),
    ("e", b"fine 5\n"),
]


def push_all(gateway):
    """Sends all of them to a server."""
    for method, path, body, headers, status in PUSHES:
        reply = gateway.request(method, path, body, headers=headers)
        assert reply.status == status, (method, path, reply)
