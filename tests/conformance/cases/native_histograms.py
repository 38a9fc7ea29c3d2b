"""Native histograms: kept whole for a protobuf scrape, drawn as buckets in the JSON."""

from harness.build_families import family, metric
from harness.metrics_proto import GAUGE_HISTOGRAM, HISTOGRAM
from scenario import Scenario, post, put_proto

INF, NAN = float("inf"), float("nan")


def _span(*pairs):
    return [{"offset": offset, "length": length} for offset, length in pairs]


INT = {"sample_count": 10, "sample_sum": 5.5, "schema": 1, "zero_threshold": 0.001, "zero_count": 2,
       "positive_span": _span((0, 2), (1, 1)), "positive_delta": [1, 2, -1],
       "negative_span": _span((-2, 1)), "negative_delta": [3]}
FLOAT = {"sample_count_float": 10.5, "sample_sum": 5.5, "schema": 1, "zero_threshold": 0.001, "zero_count_float": 2.5,
         "positive_span": _span((0, 2)), "positive_count": [1.5, 2], "negative_span": _span((-2, 1)), "negative_count": [3]}

HISTOGRAMS = {
    "int": INT,
    "float": FLOAT,
    "int with classic buckets": {**INT, "bucket": [{"upper_bound": 1, "cumulative_count": 3}]},
    "float with classic buckets": {**FLOAT, "bucket": [{"upper_bound": 1, "cumulative_count_float": 3.5}]},
    "no-op span": {"schema": 3, "positive_span": _span((0, 0))},
    "no-op span, float": {"schema": 3, "sample_count_float": 1, "positive_span": _span((0, 0))},
    "negative only": {"sample_count": 3, "schema": 0, "negative_span": _span((0, 2)), "negative_delta": [1, 1]},
    "negative only, many": {"sample_count": 9, "schema": 0, "negative_span": _span((-3, 2), (2, 2)), "negative_delta": [1, 1, 1, 1]},
    "zero bucket only": {"sample_count": 3, "schema": 0, "zero_count": 3, "zero_threshold": 0.1, "positive_span": _span((0, 0))},
    "zero bucket only, no span": {"sample_count": 3, "schema": 0, "zero_count": 3, "zero_threshold": 0.1},
    "zero float bucket only": {"sample_count": 3, "schema": 0, "zero_count_float": 3, "positive_span": _span((0, 0))},
    "empty buckets between": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 4)), "positive_delta": [1, -1, 0, 2]},
    "empty float buckets between": {"sample_count_float": 3, "schema": 0, "positive_span": _span((0, 4)), "positive_count": [1, 0, -0.0, 2]},
    "zero-length spans between": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 1), (2, 0), (3, 0), (1, 1)), "positive_delta": [1, 1]},
    "first span empty": {"sample_count": 3, "schema": 0, "positive_span": _span((5, 0), (1, 1)), "positive_delta": [1]},
    "first span empty, float": {"sample_count_float": 3, "schema": 0, "positive_span": _span((5, 0), (1, 1)), "positive_count": [1]},
    "sum nan": {**INT, "sample_sum": NAN},
    "sum -inf": {**INT, "sample_sum": -INF},
    "zero threshold 0": {**INT, "zero_threshold": 0.0},
    "zero threshold tiny": {**INT, "zero_threshold": 2.938735877055719e-39},
    "zero threshold in a bucket": {**INT, "zero_threshold": 0.8},
    "index 1024 and 1025": {"sample_count": 3, "schema": 0, "positive_span": _span((1024, 2)), "positive_delta": [1, 1]},
    "index -1074": {"sample_count": 3, "schema": 0, "positive_span": _span((-1075, 4)), "positive_delta": [1, 1, 1, 1]},
    "zero float count alone makes it float": {**INT, "zero_count_float": 0.5, "positive_count": [1, 2, 3], "negative_count": [4]},
    "exemplars and created": {**INT, "exemplars": [{"label": [{"name": "t", "value": "1"}], "value": 2, "timestamp": {"seconds": 5}}, {"value": NAN}], "created_timestamp": {"seconds": 1, "nanos": 999999999}},
    "custom bounds, no spans": {"sample_count": 3, "sample_sum": 1, "schema": -53},
    "custom bounds": {"sample_count": 3, "sample_sum": 1, "schema": -53, "positive_span": _span((0, 1)), "positive_delta": [1]},
}
for _schema in (-4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8):
    HISTOGRAMS[f"schema {_schema}"] = {
        "sample_count": 9, "schema": _schema, "positive_span": _span((-5, 3), (3, 4)), "positive_delta": [1, 1, 1, 1, 1, 1, 1],
        "negative_span": _span((300, 2)), "negative_delta": [1, 0]}

# What does not add up: Prometheus drops the whole scrape over it.
INVALID = {
    "count too small": {**INT, "sample_count": 1},
    "count too large": {**INT, "sample_count": 99},
    "span goes back": {"sample_count": 2, "schema": 0, "positive_span": _span((0, 1), (-1, 1)), "positive_delta": [1, 0]},
    "more deltas than the spans": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 1)), "positive_delta": [1, 1, 1]},
    "more counts than the spans": {"sample_count_float": 3, "schema": 0, "positive_span": _span((0, 1)), "positive_count": [1, 1, 1]},
    "count below zero": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 2)), "positive_delta": [1, -3]},
    "float count below zero, nan": {"sample_count_float": 3, "schema": 0, "positive_span": _span((0, 3)), "positive_count": [-1, NAN, INF]},
    "delta extremes": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 2)), "positive_delta": [2**63 - 1, -2**63]},
}

# Odd, but nothing a scraper drops a scrape over.
ODD = {
    "float count too small": {**FLOAT, "sample_count_float": 1.0},
    "both ints and floats": {**INT, **FLOAT},
}

# Bucket indexes beyond 32 bits wrap around in the original.
WRAPS = {
    "offset most negative": {"sample_count": 3, "schema": 0, "positive_span": _span((-2147483648, 1)), "positive_delta": [1]},
    "offset overflows": {"sample_count": 3, "schema": 0, "positive_span": _span((2147483647, 1), (2147483647, 1)), "positive_delta": [1, 1]},
}

# Spans that promise more buckets than there are: the original's JSON panics on them.
SHORT = {
    "deltas missing": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 5)), "positive_delta": [1]},
    "deltas none": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 1))},
    "span of 2^32-1": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 4294967295)), "positive_delta": [1]},
    "float counts for an int histogram": {"sample_count": 3, "schema": 0, "positive_span": _span((0, 1)), "positive_count": [1.0]},
    "deltas for a float histogram": {"sample_count_float": 3, "schema": 0, "positive_span": _span((0, 1)), "positive_delta": [1]},
}

SCHEMAS = (-5, -52, -54, 9, 127, -2147483648)


def counted(histogram):
    """The histogram with the count that its buckets add up to."""
    if "sample_count_float" in histogram or histogram.get("zero_count_float", 0) > 0:
        total = sum(histogram.get("positive_count", [])) + sum(histogram.get("negative_count", [])) + histogram.get("zero_count_float", 0)
        return {**histogram, "sample_count_float": float(total)}
    total = histogram.get("zero_count", 0)
    for sign in ("positive", "negative"):
        bucket = 0
        for delta in histogram.get(sign + "_delta", []):
            bucket += delta
            total += bucket
    return {**histogram, "sample_count": total}


def _push(histogram, kind=HISTOGRAM):
    return put_proto(family("nh", kind, metric({"a": "b"}, histogram=histogram), help="A native one."))


def scenarios():
    found = [Scenario(f"native/{name}", _push(counted(histogram))) for name, histogram in HISTOGRAMS.items()]
    found += [Scenario(f"native/gauge/{name}", _push(counted(HISTOGRAMS[name]), GAUGE_HISTOGRAM))
              for name in ("int", "float", "int with classic buckets", "no-op span", "exemplars and created")]
    found += [Scenario(f"native/invalid/{name}", _push(histogram)) for name, histogram in INVALID.items()]
    found += [Scenario(f"native/odd/{name}", _push(histogram)) for name, histogram in ODD.items()]
    found += [Scenario(f"native/wraps/{name}", _push(counted(histogram))) for name, histogram in WRAPS.items()]
    found += [Scenario(f"native/short/{name}", _push(histogram)) for name, histogram in SHORT.items()]
    found += [Scenario(f"native/schema out of range {schema}", _push({**counted(INT), "schema": schema})) for schema in SCHEMAS]
    found += [Scenario(f"native/schema out of range {schema}, no spans", _push({"sample_count": 1, "schema": schema})) for schema in (9, -5)]
    found += [
        Scenario("native/several metrics", put_proto(family("nh", HISTOGRAM, metric({"k": "int"}, histogram=counted(INT)), metric({"k": "float"}, histogram=counted(FLOAT)), metric({"k": "classic"}, histogram={"sample_count": 1})))),
        Scenario("native/replaced by a classic one", _push(counted(INT)), post("# TYPE nh histogram\nnh_count 1\n")),
        Scenario("native/gauge histogram is another type", _push(counted(INT)), put_proto(family("nh", GAUGE_HISTOGRAM, metric(histogram=counted(INT))), path="/metrics/job/other")),
    ]
    return found
