"""Protobuf pushes: the messages, the wire format, and what is not known to it."""

from harness.build_families import family, gauge, metric
from harness.metrics_proto import (COUNTER, GAUGE, GAUGE_HISTOGRAM, HISTOGRAM, SUMMARY, UNTYPED, delimited,
                                   varint)
from scenario import PROTOBUF, Scenario, get, put, put_bytes, put_proto, short

INF, NAN = float("inf"), float("nan")
STAMP = {"seconds": 1700000000, "nanos": 123456789}
EXEMPLAR = {"label": [{"name": "trace", "value": "abc"}], "value": 0.5, "timestamp": STAMP}
OK = gauge("m").SerializeToString()

MESSAGES = {
    "gauge": [gauge("m", 2.5, {"a": "b"})],
    "gauge with help": [family("m", GAUGE, metric(gauge={"value": 1}), help="He\\lp\n\"x\" é")],
    "gauge without value": [family("m", GAUGE, metric(gauge={}))],
    "counter": [family("m", COUNTER, metric(counter={"value": 3}))],
    "counter, no type": [family("m", None, metric(counter={"value": 3}))],
    "counter with exemplar and created": [family("m", COUNTER, metric(counter={"value": 3, "exemplar": EXEMPLAR, "created_timestamp": STAMP}))],
    "counter, negative": [family("m", COUNTER, metric(counter={"value": -3}))],
    "untyped": [family("m", UNTYPED, metric(untyped={"value": NAN}))],
    "summary": [family("m", SUMMARY, metric({"a": "b"}, summary={"sample_count": 7, "sample_sum": 1.5, "quantile": [{"quantile": 0.9, "value": 2}, {"quantile": 0.5, "value": NAN}]}))],
    "summary, empty": [family("m", SUMMARY, metric(summary={}))],
    "summary, created": [family("m", SUMMARY, metric(summary={"sample_count": 2**64 - 1, "created_timestamp": STAMP}))],
    "summary, quantile nan and twice": [family("m", SUMMARY, metric(summary={"quantile": [{"quantile": NAN, "value": 1}, {"quantile": 0.5}, {"quantile": 0.5, "value": 2}, {}]}))],
    "histogram": [family("m", HISTOGRAM, metric(histogram={"sample_count": 4, "sample_sum": 1, "bucket": [{"upper_bound": 1, "cumulative_count": 2}, {"upper_bound": INF, "cumulative_count": 4}]}))],
    "histogram, empty": [family("m", HISTOGRAM, metric(histogram={}))],
    "histogram, no +Inf": [family("m", HISTOGRAM, metric(histogram={"sample_count": 4, "bucket": [{"upper_bound": 1, "cumulative_count": 2}]}))],
    "histogram, +Inf first and twice": [family("m", HISTOGRAM, metric(histogram={"sample_count": 4, "bucket": [{"upper_bound": INF, "cumulative_count": 4}, {"upper_bound": 1, "cumulative_count": 2}, {"upper_bound": INF, "cumulative_count": 5}]}))],
    "histogram, empty bucket": [family("m", HISTOGRAM, metric(histogram={"sample_count": 4, "bucket": [{}]}))],
    "histogram, bound nan, -Inf, unsorted, twice": [family("m", HISTOGRAM, metric(histogram={"sample_count": 4, "bucket": [{"upper_bound": b, "cumulative_count": n} for n, b in enumerate([2, NAN, -INF, 1, 1])]}))],
    "histogram, float": [family("m", HISTOGRAM, metric(histogram={"sample_count_float": 3.5, "bucket": [{"upper_bound": 1, "cumulative_count_float": 1.5}]}))],
    "histogram, float and int counts": [family("m", HISTOGRAM, metric(histogram={"sample_count": 3, "sample_count_float": 3.5, "bucket": [{"upper_bound": 1, "cumulative_count": 1, "cumulative_count_float": 1.5}, {"upper_bound": 2, "cumulative_count": 2, "cumulative_count_float": 0}, {"upper_bound": 3, "cumulative_count": 3, "cumulative_count_float": -1}]}))],
    "histogram, float negative, nan": [family("m", HISTOGRAM, metric(histogram={"sample_count": 3, "sample_count_float": -3.5}), metric({"a": "b"}, histogram={"sample_count": 3, "sample_count_float": NAN}))],
    "histogram, exemplars and created": [family("m", HISTOGRAM, metric(histogram={"sample_count": 4, "bucket": [{"upper_bound": 1, "cumulative_count": 2, "exemplar": EXEMPLAR}, {"upper_bound": INF, "cumulative_count": 4, "exemplar": {}}], "created_timestamp": STAMP, "exemplars": [EXEMPLAR, {"value": 1}]}))],
    "histogram, le as label": [family("m", HISTOGRAM, metric({"le": "1"}, histogram={"sample_count": 4}))],
    "gauge histogram": [family("m", GAUGE_HISTOGRAM, metric(histogram={"sample_count": 4, "sample_sum": -1, "bucket": [{"upper_bound": 1, "cumulative_count": 2}]}))],
    "gauge histogram, float": [family("m", GAUGE_HISTOGRAM, metric(histogram={"sample_count_float": 4.5, "bucket": [{"upper_bound": 1, "cumulative_count_float": 2.5}]}))],
    "two value messages": [family("m", GAUGE, metric(gauge={"value": 1}, counter={"value": 2}))],
    "three value messages": [family("m", SUMMARY, metric(summary={"sample_count": 1}, histogram={"sample_count": 2}, untyped={"value": 3}))],
    "no metrics": [family("m", GAUGE)],
    "no metrics, no type": [family("m")],
    "no metrics, help": [family("m", SUMMARY, help="x"), gauge("n")],
    "name twice, second wins": [gauge("m", 1, {"a": "1"}), family("m", COUNTER, metric({"b": "1"}, counter={"value": 2}))],
    "many families": [gauge(f"m{n}", n) for n in range(50)],
    "many metrics": [family("m", GAUGE, *[metric({"n": str(n)}, gauge={"value": n}) for n in range(12)])],
    "labels unsorted": [family("m", GAUGE, metric([("z", "1"), ("a", "2"), ("k", "3")], gauge={"value": 1}))],
    "label without value": [family("m", GAUGE, metric([("a", "")], gauge={"value": 1}))],
    "label names not legacy": [family("m", GAUGE, metric([("a-b", "1"), ("1a", "2"), ("é", "3"), ("x y", "4"), ("a\n\"\\", "5")], gauge={"value": 1}))],
    "label names alike when escaped": [gauge("m", 1, {"é": "3", " ": "4"})],
    "label name that is __name__ when escaped": [gauge("m", 1, {"..name..": "1"})],
    "label name with colon": [gauge("m", 1, {"a:b": "1"})],
    "label name with NUL": [gauge("m", 1, {"a\0b": "1"})],
    "exemplar not utf-8": [family("m", COUNTER, metric(counter={"value": 1, "exemplar": {"label": [{"name": "t", "value": b"\xff"}], "value": 1}}))],
    "family names not legacy": [gauge("m.x"), gauge("é"), gauge("a b"), gauge("1"), gauge("a\n\"\\b"), gauge("-")],
    "label value with everything": [gauge("m", 1, {"a": "\x00\x01\t\n\r\"\\ é 😀 <>& \u2028 \u2029 \x7f"})],
    "grouping labels in the body": [gauge("m", 1, {"job": "x", "instance": "y"})],
    "help not utf-8": [family("m", GAUGE, metric(gauge={"value": 1}), help=b"\xff\xfe")],
    "own push times": [gauge("push_time_seconds", 5), family("push_failure_time_seconds", COUNTER, metric(counter={"value": 1}))],
    "values": [family("m", GAUGE, *[metric({"n": str(n)}, gauge={"value": v}) for n, v in enumerate([0.0, -0.0, INF, -INF, NAN, 5e-324, 1.7976931348623157e308, 0.1, 1e6, 123456.0])])],
    "long name": [gauge("m" * 5000)],
}

REFUSED = {
    "timestamp": [family("m", GAUGE, metric(timestamp_ms=5, gauge={"value": 1}))],
    "timestamp zero": [family("m", GAUGE, metric(timestamp_ms=0, gauge={"value": 1}))],
    "gauge without gauge": [family("m", GAUGE, metric({"a": "b"}))],
    "gauge holding counter": [family("m", GAUGE, metric({"a": "b"}, counter={"value": 1}))],
    "counter holding gauge": [family("m", COUNTER, metric({"a": "b"}, gauge={"value": 1.5e300}))],
    "summary holding histogram": [family("m", SUMMARY, metric(histogram={"sample_count": 3, "sample_sum": -0.0, "bucket": [{"upper_bound": 1, "cumulative_count": 2}, {}]}))],
    "histogram holding summary": [family("m", HISTOGRAM, metric(summary={"sample_count": 3, "sample_sum": INF, "quantile": [{"quantile": 0.5, "value": NAN}]}))],
    "untyped holding nothing, nothing else": [family("m", UNTYPED, metric())],
    "no type, holding gauge": [family("m", None, metric(gauge={"value": 1}))],
    "gauge holding native histogram": [family("m", GAUGE, metric(histogram={"sample_count": 3, "schema": -1, "zero_threshold": 1e-128, "zero_count": 1, "positive_span": [{"offset": -3, "length": 2}], "positive_delta": [1, -1], "negative_span": [{"offset": 0, "length": 1}], "negative_count": [1.5], "created_timestamp": STAMP, "exemplars": [EXEMPLAR]}))],
    "counter with exemplar in a gauge": [family("m", GAUGE, metric(counter={"value": 1, "exemplar": EXEMPLAR, "created_timestamp": {"seconds": -1}}))],
    "second metric wrong": [family("m", GAUGE, metric({"a": "1"}, gauge={"value": 1}), metric({"a": "2"}, counter={"value": 1}))],
    "wrong and right with the same labels": [family("m", GAUGE, metric({"a": "1"}, counter={"value": 1}), metric({"a": "1"}, gauge={"value": 1}))],
    "all metrics wrong": [family("m", GAUGE, metric({"a": "1"}), metric({"a": "2"}, counter={"value": 1}))],
    "quantile on a summary": [family("m", SUMMARY, metric({"quantile": "0.5"}, summary={"sample_count": 1}))],
    "label twice": [family("m", GAUGE, metric([("a", "1"), ("a", "2")], gauge={"value": 1}))],
    "label twice, apart": [family("m", GAUGE, metric([("a", "1"), ("b", "1"), ("a", "1")], gauge={"value": 1}))],
    "label thrice": [family("m", GAUGE, metric([("a", "1"), ("a", "2"), ("a", "3")], gauge={"value": 1}))],
    "label name empty": [family("m", GAUGE, metric([("", "1")], gauge={"value": 1}))],
    "label name reserved": [family("m", GAUGE, metric([("__a", "1")], gauge={"value": 1}))],
    "label name __name__": [family("m", GAUGE, metric([("__name__", "n")], gauge={"value": 1}))],
    "label name not utf-8": [family("m", GAUGE, metric([(b"\xff", "1")], gauge={"value": 1}))],
    "label value not utf-8": [family("m", GAUGE, metric([("a", b"x\xff\x00\x7f\"")], gauge={"value": 1}))],
    "label value with controls, in a message": [family("m", GAUGE, metric([("a", "\t\n\r\x01\x7f\x80é\u2028😀'\"\\"), ("__", "x")], gauge={"value": 1}))],
    "series twice": [family("m", GAUGE, metric({"a": "1"}, gauge={"value": 1}), metric({"a": "1"}, gauge={"value": 2}))],
    "series twice, by instance": [family("m", GAUGE, metric({}, gauge={"value": 1}), metric({"instance": ""}, gauge={"value": 2}))],
    "series twice, by job": [family("m", GAUGE, metric({}, gauge={"value": 1}), metric({"job": "x"}, gauge={"value": 2}))],
    "series twice, labels swapped": [family("m", GAUGE, metric([("a", "1"), ("b", "2")], gauge={"value": 1}), metric([("b", "2"), ("a", "1")], gauge={"value": 2}))],
    "collision inside the push": [family("h", HISTOGRAM, metric(histogram={"sample_count": 1})), gauge("h_sum")],
    "grouping label twice in the body": [family("m", GAUGE, metric([("job", "1"), ("job", "2")], gauge={"value": 1}))],
    "instance twice in the body": [family("m", GAUGE, metric([("instance", "1"), ("instance", "2")], gauge={"value": 1}))],
}

WIRE = {
    "empty body": b"",
    "length cut": b"\x80",
    "length, no message": b"\x01",
    "message cut": delimited(OK)[:-1],
    "second length cut": delimited(OK) + b"\x80",
    "second message cut": delimited(OK) + b"\x05ab",
    "length overflows": b"\xff" * 10,
    "length overflows later": delimited(OK) + b"\xff" * 11,
    "length in padded varint": bytes([len(OK) | 0x80, 0x80, 0x00]) + OK,
    "field length beyond the message": b"\x02\x0a\x05",
    "tag cut": b"\x01\x80",
    "field without value": b"\x01\x0a",
    "tag zero": b"\x02\x00\x00",
    "field zero, bytes": b"\x02\x02\x00",
    "wire type 6": b"\x02\x0e\x01",
    "wire type 7": b"\x02\x07\x01",
    "end of no group": b"\x02\x0c\x00",
    "group not ended": b"\x02\x0b\x01",
    "group ended by another": b"\x02\x0b\x14",
    "field number too large": b"\x07\xfa\xff\xff\xff\xff\x01\x00",
    "inner message cut": b"\x08\x0a\x01m\x22\x03\x12\x01\xff",
    "inner length huge": b"\x0c\x0a" + b"\xff" * 9 + b"\x01a",
    "varint of 11 bytes": b"\x0c\x18" + b"\xff" * 10 + b"\x01",
    "fixed64 cut": b"\x09\x0a\x01m\x22\x04\x12\x02\x09\x00",
    "text instead": b"m 1\n",
    "json instead": b"{}",
    "gzip instead": b"\x1f\x8b\x08\x00",
    "claims 16 MiB": b"\x80\x80\x80\x08aaa",
    "truncated at 5": delimited(OK)[:5],
    "truncated at 12": delimited(OK)[:12],
}


def _field(number, wire, payload):
    return varint(number << 3 | wire) + payload


def _bytes(number, payload):
    return _field(number, 2, varint(len(payload)) + payload)


def _family(extra=b"", metric_extra=b"", gauge_extra=b"", label_extra=b""):
    label = _bytes(1, b"a") + _bytes(2, b"b") + label_extra
    value = _field(1, 1, b"\0\0\0\0\0\0\xf0\x3f") + gauge_extra
    return _bytes(1, b"m") + _field(3, 0, b"\x01") + _bytes(4, _bytes(1, label) + _bytes(2, value) + metric_extra) + extra


# What a reader that knows fewer fields has to keep, skip or merge.
UNUSUAL = {
    "unknown field in a metric": _family(metric_extra=_bytes(100, b"xyz")),
    "unknown varint in a gauge": _family(gauge_extra=_field(50, 0, b"\x96\x01")),
    "unknown fixed in a gauge": _family(gauge_extra=_field(51, 5, b"abcd") + _field(52, 1, b"abcdefgh")),
    "unknown field in a label": _family(label_extra=_bytes(9, b"zz")),
    "unknown group in a metric": _family(metric_extra=_field(60, 3, _field(1, 0, b"\x05")) + _field(60, 4, b"")),
    "unknown nested groups": _family(metric_extra=_field(60, 3, _field(61, 3, b"") + _field(61, 4, b"")) + _field(60, 4, b"")),
    "wrong wire type for a gauge": _family(metric_extra=_field(3, 0, b"\x01")),
    "wrong wire type for a value": _family(gauge_extra=_field(1, 0, b"\x05")),
    "scalar twice, last wins": _family(gauge_extra=_field(1, 1, b"\0\0\0\0\0\0\0\x40")),
    "message twice, merged": _family(metric_extra=_bytes(2, b"")),
    "name twice": _family(extra=_bytes(1, b"n")),
    "type twice": _family(extra=_field(3, 0, b"\x01")),
    "type as padded varint": _bytes(1, b"m") + _field(3, 0, b"\x81\x80\x00") + _bytes(4, _bytes(2, b"")),
    "type as 64-bit varint": _bytes(1, b"m") + _field(3, 0, varint(1 << 32 | 1)) + _bytes(4, _bytes(2, b"")),
    "metrics before the name": _bytes(4, _bytes(2, b"")) + _field(3, 0, b"\x01") + _bytes(1, b"m"),
    "two gauges merged": _bytes(1, b"m") + _field(3, 0, b"\x01") + _bytes(4, _bytes(2, _field(1, 1, b"\0\0\0\0\0\0\xf0\x3f")) + _bytes(2, _field(99, 0, b"\x01"))),
    "packed deltas": _bytes(1, b"m") + _field(3, 0, b"\x04") + _bytes(4, _bytes(7, _field(1, 0, b"\x03") + _bytes(12, _field(1, 0, b"\0") + _field(2, 0, b"\x02")) + _bytes(13, b"\x02\x02"))),
    "unpacked and packed counts": _bytes(1, b"m") + _field(3, 0, b"\x04") + _bytes(4, _bytes(7, _field(4, 1, b"\0\0\0\0\0\0\x08\x40") + _bytes(12, _field(1, 0, b"\0") + _field(2, 0, b"\x02")) + _bytes(14, b"\0\0\0\0\0\0\xf0\x3f") + _field(14, 1, b"\0\0\0\0\0\0\0\x40"))),
    "packed deltas cut": _bytes(1, b"m") + _field(3, 0, b"\x04") + _bytes(4, _bytes(7, _bytes(13, b"\x80"))),
    "packed doubles of 9 bytes": _bytes(1, b"m") + _field(3, 0, b"\x04") + _bytes(4, _bytes(7, _bytes(14, b"\0" * 9))),
    "timestamp of other wire type": _family(metric_extra=_bytes(6, b"\x01")),
    "empty metric": _bytes(1, b"m") + _field(3, 0, b"\x01") + _bytes(4, b""),
    "empty label": _bytes(1, b"m") + _field(3, 0, b"\x01") + _bytes(4, _bytes(1, b"") + _bytes(2, b"")),
}

# The family's own unknown fields and its unit: the original loses them on the way out.
LOST = {
    "unit": family("m_seconds", GAUGE, metric(gauge={"value": 1}), unit="seconds").SerializeToString(),
    "unknown field in a family": _family(extra=_bytes(100, b"xyz")),
    "wrong wire type for a family's type": _family(extra=_bytes(3, b"ab")),
}

CONTENT_TYPES = [
    "application/vnd.google.protobuf", "application/vnd.google.protobuf; encoding=delimited",
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=text",
    "application/vnd.google.protobuf; proto=other; encoding=delimited",
    "APPLICATION/VND.GOOGLE.PROTOBUF; PROTO=io.prometheus.client.MetricFamily; Encoding=delimited",
    PROTOBUF.replace("delimited", "Delimited"), PROTOBUF + ";", PROTOBUF + ";;", PROTOBUF + "; ;", PROTOBUF + "; encoding=delimited", PROTOBUF + "; encoding=text",
    PROTOBUF + ";a", PROTOBUF + ";a=", PROTOBUF + ";=b", PROTOBUF + "; escaping=values", PROTOBUF + '; a="b', PROTOBUF + "; a=b c", PROTOBUF + '; a="b c"', PROTOBUF + '; a="b\\"c"', PROTOBUF + "; a=é",
    'application/vnd.google.protobuf;proto="io.prometheus.client.MetricFamily" ; encoding="delimited";x=y', 'application/vnd.google.protobuf;proto="io.prometheus.client\\.MetricFamily";encoding="delimited"',
    "application/vnd.google.protobuf ;proto=io.prometheus.client.MetricFamily\t;\tencoding=delimited", " " + PROTOBUF + " ", "application/vnd.google.protobuf;proto =io.prometheus.client.MetricFamily;encoding=delimited",
    "application/vnd.google.protobuf;proto= io.prometheus.client.MetricFamily;encoding=delimited",
    "application/vnd.google.protobuf;encoding*=utf-8''delimited;proto=io.prometheus.client.MetricFamily", "application/vnd.google.protobuf;encoding*=utf-8''de%6cimited;proto=io.prometheus.client.MetricFamily",
    "application/vnd.google.protobuf;encoding*0=deli;encoding*1=mited;proto=io.prometheus.client.MetricFamily",
    "application/vnd.google.protobuf,text/plain;proto=io.prometheus.client.MetricFamily;encoding=delimited", "application / vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
    "vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", "application/x-protobuf",
]


def scenarios():
    found = [Scenario(f"protobuf/accepted/{name}", put_proto(*families)) for name, families in MESSAGES.items()]
    found += [Scenario(f"protobuf/refused/{name}", put_proto(*families)) for name, families in REFUSED.items()]
    found += [Scenario(f"protobuf/wire/{name}", put_proto(gauge("before")), put_bytes(body)) for name, body in WIRE.items()]
    found += [Scenario(f"protobuf/unusual/{name}", put_proto(body)) for name, body in UNUSUAL.items()]
    found += [Scenario(f"protobuf/lost/{name}", put_proto(body)) for name, body in LOST.items()]
    found += [Scenario(f"protobuf/utf8/{name}", put_proto(*MESSAGES[name]), server="utf8") for name in ("label names not legacy", "family names not legacy")]
    found += [Scenario(f"protobuf/content type/{short(kind, 150)}", put_bytes(delimited(OK), content_type=kind)) for kind in CONTENT_TYPES]
    found += [
        Scenario("protobuf/broken/name empty", put_proto(gauge(""))),
        Scenario("protobuf/broken/name missing", put_proto(family(None, GAUGE, metric(gauge={"value": 1})))),
        Scenario("protobuf/broken/message of length 0", put_bytes(b"\x00")),
        Scenario("protobuf/broken/type 6", put_proto(family("m", 6, metric(gauge={"value": 1})))),
        Scenario("protobuf/broken/type -1", put_proto(family("m", -1, metric(gauge={"value": 1})))),
        Scenario("protobuf/broken/gauge histogram without histogram", put_proto(family("m", GAUGE_HISTOGRAM, metric(gauge={"value": 1})))),
        Scenario("protobuf/broken/length claims 2^64-1", put_bytes(b"\xff" * 9 + b"\x01")),
        Scenario("protobuf/broken/length claims 2^40", put_bytes(b"\x80\x80\x80\x80\x80\x20aaa")),
        Scenario("protobuf/broken/family name not utf-8", put_proto(gauge(b"m\xff"))),
        Scenario("protobuf/names are escaped for those who do not ask", put_proto(*MESSAGES["family names not legacy"], *MESSAGES["label names not legacy"]),
                 get(), *[get(accept=f"{kind};escaping={how}") for how in ("underscores", "dots", "values", "allow-utf-8", "nope") for kind in ("text/plain", PROTOBUF)], state=False),
        Scenario("protobuf/mixed with text in one group", put("# TYPE m counter\nm 1\n"), put_proto(family("n", GAUGE, metric(gauge={"value": 2})), method="POST")),
        Scenario("protobuf/POST replaces the family", put_proto(gauge("m", 1, {"a": "1"}), gauge("n")), put_proto(gauge("m", 2, {"a": "2"}), method="POST")),
        Scenario("protobuf/broken second family changes nothing", put_proto(gauge("m", 1)), put_bytes(delimited(gauge("m", 2).SerializeToString()) + b"\x02\x0a\x05")),
    ]
    return found
