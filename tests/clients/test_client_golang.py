"""client_golang's push package, Debian's version: the original's own client library."""

import json
import subprocess

import pytest
from harness import exposition, metrics_proto

import golang
from client_support import HERE, address, families, group, grouping_keys, groups, pushed_families, value_of

PROTOBUF = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
)
EVERY_SET = ["gauge", "counter", "exemplar", "histogram", "summary", "untyped"]


@pytest.fixture(scope="session")
def pusher():
    """A function that has client_golang do something; it returns the error, or None."""
    binary = golang.build(HERE / "go" / "pusher.go")

    def order(gateway, job, *do, metrics=(), grouping=None, text=False):
        details = {
            "url": f"http://{address(gateway)}",
            "job": job,
            "grouping": grouping or {},
            "do": do,
            "text": text,
            "metrics": metrics,
        }
        done = subprocess.run(
            [binary], input=json.dumps(details).encode(), capture_output=True, timeout=30
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stderr.decode() if done.returncode else None

    return order


def test_push_add_and_delete(gateway, pusher):
    key = {"instance": "a", "shard": "1"}
    assert pusher(gateway, "j", "push", metrics=["gauge", "untyped"], grouping=key) is None
    assert pusher(gateway, "j", "add", metrics=["counter"], grouping=key) is None
    stored = group(gateway, job="j", **key)
    assert pushed_families(stored) == {"level", "anything", "runs_total"}

    assert pusher(gateway, "j", "push", metrics=["gauge"], grouping=key) is None
    assert pushed_families(group(gateway, job="j", **key)) == {"level"}

    assert pusher(gateway, "j", "delete", grouping=key) is None
    assert groups(gateway) == []


def test_delete_of_an_unknown_group_succeeds(gateway, pusher):
    assert pusher(gateway, "never pushed", "delete") is None


def test_one_process_may_push_again_and_again(gateway, pusher):
    steps = ["push", "add", "push", "delete", "delete", "add"]
    assert pusher(gateway, "j", *steps, metrics=EVERY_SET) is None
    assert grouping_keys(gateway) == [{"job": "j"}]


# client_golang sends a blank as "+", which in a path is a plus.
AWKWARD = {
    "slash": ("/var/lib/x", None),
    "only a slash": ("/", None),
    "slash, base64 of every padding": ("a/b/c", None),
    "blank": ("a b", "a+b"),
    "blank and slash": ("a b/c d", None),
    "plus": ("1+1", None),
    "percent": ("100% %2F", "100%+%2F"),
    "UTF-8": ("Grüße,世界🚚", None),
    "UTF-8 and slash": ("ü/ö", None),
    "quotes": ("\"double\"'single'", None),
    "backslash": ("C:\\temp\\n", None),
    "newline": ("one\ntwo", None),
    "query and fragment": ("?a=b&c#d", None),
    "base64 alphabet": ("///???>>>~~~", None),
}


@pytest.mark.parametrize("sent, stored", AWKWARD.values(), ids=AWKWARD.keys())
@pytest.mark.parametrize("text", [False, True], ids=["protobuf", "text"])
def test_awkward_names(gateway, pusher, text, sent, stored):
    stored = sent if stored is None else stored
    grouping = {"a": sent, "empty": "", "z": "last"}
    assert pusher(gateway, sent, "push", metrics=["gauge"], grouping=grouping, text=text) is None

    expected = {"job": stored, "a": stored, "empty": "", "z": "last"}
    assert grouping_keys(gateway) == [expected]
    assert value_of(gateway, "level", **expected) == -2.5e-7

    assert pusher(gateway, sent, "delete", grouping=grouping) is None
    assert groups(gateway) == []


@pytest.mark.parametrize("text", [False, True], ids=["protobuf", "text"])
def test_every_type(gateway, pusher, text):
    assert pusher(gateway, "j", "push", metrics=EVERY_SET, grouping={"instance": "i"}, text=text) is None
    stored = group(gateway, job="j", instance="i")
    assert stored["last_push_successful"] is True
    types = {name: stored[name]["type"] for name in pushed_families(stored)}
    assert types == {
        "anything": "UNTYPED",
        "latency_seconds": "HISTOGRAM",
        "level": "GAUGE",
        "runs_total": "COUNTER",
        "size_bytes": "SUMMARY",
        "traced_total": "COUNTER",
    }

    scraped = families(gateway)
    assert scraped["level"].documentation == 'Level.\nWith \\ and ".'
    (level,) = scraped["level"].samples
    assert (level.value, level.labels) == (-2.5e-7, {"job": "j", "instance": "i"})

    runs = {sample.labels["kind"]: sample.value for sample in scraped["runs"].samples}
    assert runs == {'with "quotes", \\ and\na new line': 123456789, "": 1}

    latency = {(s.name, s.labels.get("le")): s.value for s in scraped["latency_seconds"].samples}
    assert latency == {
        ("latency_seconds_bucket", "0.1"): 1,
        ("latency_seconds_bucket", "1"): 2,
        ("latency_seconds_bucket", "2.5"): 3,
        ("latency_seconds_bucket", "+Inf"): 4,
        ("latency_seconds_sum", None): 101.55,
        ("latency_seconds_count", None): 4,
    }

    size = {(s.name, s.labels.get("quantile")): s.value for s in scraped["size_bytes"].samples}
    assert size == {
        ("size_bytes", "0.5"): 50,
        ("size_bytes", "0.99"): 99,
        ("size_bytes_sum", None): 5050,
        ("size_bytes_count", None): 100,
    }


def scrape_protobuf(gateway):
    reply = gateway.get("/metrics", headers={"Accept": PROTOBUF})
    assert reply.header("Content-Type").startswith("application/vnd.google.protobuf")
    return {family.name.decode(): family for family in exposition.read_delimited(reply.body)}


def test_an_exemplar_reaches_a_protobuf_scrape(gateway, pusher):
    assert pusher(gateway, "j", "push", metrics=["exemplar"]) is None
    (traced,) = scrape_protobuf(gateway)["traced_total"].metric
    exemplar = traced.counter.exemplar
    assert [(pair.name, pair.value) for pair in exemplar.label] == [(b"trace_id", b"abc")]
    assert exemplar.value == 3 and exemplar.timestamp.seconds > 1.7e9


def test_a_native_histogram_reaches_a_protobuf_scrape(gateway, pusher):
    assert pusher(gateway, "j", "push", metrics=["native"]) is None
    family = scrape_protobuf(gateway)["native_seconds"]
    assert family.type == metrics_proto.HISTOGRAM
    (metric,) = family.metric
    native = metric.histogram
    assert (native.sample_count, native.sample_sum, native.zero_count) == (6, 6.25, 1)
    assert native.schema == 3
    # One bucket for -3; 0.25, twice 0.5 and 8 lie 8 and 32 buckets apart, with gaps between.
    assert sum(span.length for span in native.negative_span) == 1
    assert list(native.negative_delta) == [1]
    counts, count = [], 0
    for delta in native.positive_delta:
        count += delta
        counts.append(count)
    assert [one for one in counts if one] == [1, 2, 1]

    (in_api,) = group(gateway, job="j")["native_seconds"]["metrics"]
    assert in_api["count"] == "6"


def test_an_inconsistent_push_is_an_error_with_the_reason(gateway, pusher):
    gateway.put("/metrics/job/other", b"# TYPE level counter\nlevel 1\n")
    error = pusher(gateway, "j", "push", metrics=["gauge"])
    assert "unexpected status code 400" in error
    assert "pushed metrics are invalid or inconsistent with existing metrics" in error
    assert group(gateway, job="j")["last_push_successful"] is False
