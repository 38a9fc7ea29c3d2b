"""python3-prometheus-client: the library most Python batch jobs push with."""

import gzip
import math

import pytest
from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Enum,
    Gauge,
    Histogram,
    Info,
    Summary,
    delete_from_gateway,
    push_to_gateway,
    pushadd_to_gateway,
)
from prometheus_client.core import GaugeHistogramMetricFamily, UntypedMetricFamily
from prometheus_client.exposition import default_handler, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from client_support import address, families, group, grouping_keys, groups, pushed_families, value_of, values


def gauges(**named_values):
    registry = CollectorRegistry()
    for name, value in named_values.items():
        Gauge(name, f"Help of {name}.", registry=registry).set(value)
    return registry


def test_push_replaces_the_group(gateway):
    push_to_gateway(address(gateway), "j", gauges(first=1, second=2), {"instance": "a"})
    push_to_gateway(address(gateway), "j", gauges(third=3), {"instance": "a"})

    assert pushed_families(group(gateway, job="j", instance="a")) == {"third"}
    pushed = values(gateway, job="j")
    assert pushed["third"] == 3 and "first" not in pushed
    assert pushed["push_time_seconds"] > 1.7e9 and pushed["push_failure_time_seconds"] == 0


def test_pushadd_replaces_families_of_the_same_name_only(gateway):
    push_to_gateway(address(gateway), "j", gauges(kept=1, replaced=2))
    pushadd_to_gateway(address(gateway), "j", gauges(replaced=20, added=30))

    pushed = values(gateway, job="j")
    assert (pushed["kept"], pushed["replaced"], pushed["added"]) == (1, 20, 30)


def test_delete_takes_one_group(gateway):
    for instance in ("a", "b"):
        push_to_gateway(address(gateway), "j", gauges(m=1), {"instance": instance})
    delete_from_gateway(address(gateway), "j", {"instance": "a"})
    delete_from_gateway(address(gateway), "never pushed")

    assert grouping_keys(gateway) == [{"job": "j", "instance": "b"}]


def test_gzip_body(gateway):
    def compress(url, method, timeout, headers, data):
        headers = headers + [("Content-Encoding", "gzip")]
        return default_handler(url, method, timeout, headers, gzip.compress(data))

    push_to_gateway(address(gateway), "j", gauges(zipped=1.5), handler=compress)
    assert values(gateway, job="j")["zipped"] == 1.5


def test_default_registry_with_its_process_metrics(gateway):
    """Its process_* families meet the gateway's own of the same names."""
    push_to_gateway(address(gateway), "j", REGISTRY)
    assert value_of(gateway, "process_resident_memory_bytes", job="j") > 0
    own = [
        sample
        for sample in families(gateway)["process_resident_memory_bytes"].samples
        if "job" not in sample.labels
    ]
    assert len(own) == 1 and own[0].value > 0


# The library (0.16) sends a blank as "+", which in a path is a plus.
AWKWARD = {
    "slash": ("/var/lib/x", None),
    "only a slash": ("/", None),
    "blank": ("a b", "a+b"),
    "blank and slash": ("a b/c d", None),
    "empty": ("", None),
    "plus": ("1+1", None),
    "percent": ("100%", None),
    "percent escape": ("%2F", None),
    "UTF-8": ("Grüße, 世界 🚚", "Grüße,+世界+🚚"),
    "UTF-8 and slash": ("ü/ö", None),
    "quotes": ("say \"hi\" to 'them'", "say+\"hi\"+to+'them'"),
    "backslash": ("C:\\temp\\n", None),
    "newline": ("one\ntwo", None),
    "query and fragment": ("?a=b&c#d", None),
    "braces": ('{a="b"}', None),
    "semicolons": ("a;b:c@d,e", None),
}


@pytest.mark.parametrize("sent, stored", AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_grouping_value(gateway, sent, stored):
    stored = sent if stored is None else stored
    push_to_gateway(address(gateway), "j", gauges(m=1), {"instance": sent, "z": "last"})

    assert grouping_keys(gateway) == [{"job": "j", "instance": stored, "z": "last"}]
    assert value_of(gateway, "m", job="j", instance=stored, z="last") == 1

    delete_from_gateway(address(gateway), "j", {"z": "last", "instance": sent})
    assert groups(gateway) == []


AWKWARD_JOBS = {name: case for name, case in AWKWARD.items() if name != "empty"}


@pytest.mark.parametrize("sent, stored", AWKWARD_JOBS.values(), ids=AWKWARD_JOBS.keys())
def test_awkward_job(gateway, sent, stored):
    stored = sent if stored is None else stored
    push_to_gateway(address(gateway), sent, gauges(m=1))
    assert grouping_keys(gateway) == [{"job": stored}]
    delete_from_gateway(address(gateway), sent)
    assert groups(gateway) == []


def test_empty_job_is_refused(gateway):
    with pytest.raises(OSError, match="400"):
        push_to_gateway(address(gateway), "", gauges(m=1))
    assert groups(gateway) == []


class Collect:
    """Hands out families of types the library has no instrument for."""

    def __init__(self, *ready_made):
        self.collect = lambda: ready_made


def every_type():
    registry = CollectorRegistry()
    counter = Counter("requests", "Requests.\nTwo lines, a \\ and \"quotes\".", ["path"], registry=registry)
    counter.labels('/a "b"\n\\c').inc(1e6)
    gauge = Gauge("temperature", "Degrees.", ["room"], registry=registry)
    for room, value in {"a": -0.5, "b": math.inf, "c": -math.inf, "d": math.nan, "ü": 1e-9}.items():
        gauge.labels(room).set(value)
    histogram = Histogram("latency", "Seconds.", ["op"], buckets=[0.1, 1, 2.5], registry=registry)
    for seconds in (0.05, 0.5, 2, 99):
        histogram.labels("read").observe(seconds)
    summary = Summary("size", "Bytes.", registry=registry)
    summary.observe(10)
    summary.observe(20.5)
    Info("release", "Which one.", registry=registry).info({"version": "1.2.3", "name": "a/b"})
    state = Enum("phase", "Where it is.", states=["starting", "running"], registry=registry)
    state.state("running")
    registry.register(Collect(UntypedMetricFamily("untyped_thing", "Untyped.", value=-0.25)))
    return registry


def identity(sample, **more_labels):
    labels = {**sample.labels, **more_labels}
    if "le" in labels:
        labels["le"] = float(labels["le"])  # "1.0" comes back as "1", as from the original
    return sample.name, tuple(sorted(labels.items()))


def test_every_type_survives(gateway):
    """What comes out is what the same registry exposes when it is scraped directly."""
    registry = every_type()
    push_to_gateway(address(gateway), "j", registry, {"instance": "i"})

    scraped = families(gateway)
    for direct in text_string_to_metric_families(generate_latest(registry).decode()):
        through = scraped[direct.name]
        assert through.type == direct.type, direct.name
        assert through.documentation == direct.documentation, direct.name
        expected = {
            identity(sample, job="j", instance="i"): sample.value for sample in direct.samples
        }
        got = {identity(sample): sample.value for sample in through.samples}
        assert got.keys() == expected.keys(), direct.name
        for key, value in expected.items():
            assert got[key] == value or (math.isnan(value) and math.isnan(got[key])), key


def test_gauge_histogram(gateway):
    """The library writes it as a histogram with neither sum nor count, and two gauges."""
    registry = CollectorRegistry()
    buckets = [("1.0", 2), ("+Inf", 5)]
    registry.register(Collect(GaugeHistogramMetricFamily("h", "H.", buckets=buckets, gsum_value=11.5)))
    push_to_gateway(address(gateway), "j", registry)

    bucket_values = {
        sample.labels["le"]: sample.value
        for sample in families(gateway)["h"].samples
        if sample.name == "h_bucket"
    }
    assert bucket_values == {"1": 2, "+Inf": 5}
    others = {name: value_of(gateway, name, job="j") for name in ("h_gsum", "h_gcount", "h_sum", "h_count")}
    assert others == {"h_gsum": 11.5, "h_gcount": 5, "h_sum": 0, "h_count": 0}


def test_every_type_in_the_api(gateway):
    push_to_gateway(address(gateway), "j", every_type(), {"instance": "i"})
    stored = group(gateway, job="j", instance="i")

    assert stored["last_push_successful"] is True
    assert stored["requests_total"]["type"] == "COUNTER"
    assert stored["requests_total"]["help"] == 'Requests.\nTwo lines, a \\ and "quotes".'
    (requests,) = stored["requests_total"]["metrics"]
    assert requests["value"] == "1e+06"
    assert requests["labels"] == {"job": "j", "instance": "i", "path": '/a "b"\n\\c'}

    rooms = {m["labels"]["room"]: m["value"] for m in stored["temperature"]["metrics"]}
    assert rooms == {"a": "-0.5", "b": "+Inf", "c": "-Inf", "d": "NaN", "ü": "1e-09"}

    (latency,) = stored["latency"]["metrics"]
    assert stored["latency"]["type"] == "HISTOGRAM"
    assert latency["buckets"] == {"0.1": "1", "1": "2", "2.5": "3", "+Inf": "4"}
    assert (latency["count"], latency["sum"]) == ("4", "101.55")

    (size,) = stored["size"]["metrics"]
    assert stored["size"]["type"] == "SUMMARY"
    assert (size["count"], size["sum"]) == ("2", "30.5")

    (release,) = stored["release_info"]["metrics"]
    assert release["labels"]["version"] == "1.2.3" and release["value"] == "1"
    phases = {m["labels"]["phase"]: m["value"] for m in stored["phase"]["metrics"]}
    assert phases == {"starting": "0", "running": "1"}
    assert stored["untyped_thing"]["type"] == "UNTYPED"
    assert stored["requests_created"]["type"] == "GAUGE"


def test_a_label_of_the_grouping_key_is_overridden(gateway):
    registry = CollectorRegistry()
    Gauge("m", "M.", ["instance"], registry=registry).labels("mine").set(1)
    push_to_gateway(address(gateway), "j", registry, {"instance": "the group's"})
    assert values(gateway, job="j", instance="the+group's")["m"] == 1


def test_a_refused_push_raises_and_changes_nothing_but_the_failure_time(gateway):
    push_to_gateway(address(gateway), "j", gauges(m=1), {"instance": "a"})
    registry = CollectorRegistry()
    Summary("m", "A summary where a gauge is.", registry=registry).observe(1)
    with pytest.raises(OSError, match="400"):
        push_to_gateway(address(gateway), "j", registry, {"instance": "b"})

    assert values(gateway, job="j", instance="a")["m"] == 1
    refused = values(gateway, job="j", instance="b")
    assert refused.pop("push_failure_time_seconds") > 1.7e9
    assert refused == {"push_time_seconds": 0}
    assert group(gateway, job="j", instance="b")["last_push_successful"] is False
