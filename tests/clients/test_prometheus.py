"""Real Prometheus servers scrape the gateway, in text and in protobuf form."""

import contextlib
import subprocess
import time

import pytest
from harness import Gateway, gateway_binary
from harness.build_families import family, gauge, metric
from harness.metrics_proto import COUNTER, GAUGE, GAUGE_HISTOGRAM, HISTOGRAM, delimited
from harness.waiting import until

import golang
import prometheus_server
from client_support import HERE
from prometheus_server import Prometheus

CONFIG = """\
global:
  scrape_interval: 200ms
  scrape_timeout: 200ms
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    {protocol}
    static_configs:
      - targets: ['{target}']
"""


def scrape_protocol(version, form):
    """What makes this version ask for the form: (line of the job's configuration, flags)."""
    native = ["--enable-feature=native-histograms"]
    if version < (2, 49):
        return "", native if form == "protobuf" else []
    names = {"protobuf": "PrometheusProto", "text": "PrometheusText0.0.4"}
    return f"scrape_protocols: [{names[form]}]", native


@pytest.fixture(scope="module")
def gateway():
    """One for all tests of the module: each uses jobs of its own."""
    with Gateway(gateway_binary()) as running:
        yield running


VARIANTS = [(binary, form) for binary in prometheus_server.binaries() for form in ("text", "protobuf")]


@pytest.fixture(scope="module")
def all_of_them(gateway, tmp_path_factory):
    """Variant -> running server. All start together: each takes 5 s to its first scrape."""
    with contextlib.ExitStack() as stack:
        started = {}
        for binary, form in VARIANTS:
            protocol, flags = scrape_protocol(prometheus_server.version(binary), form)
            config = CONFIG.format(target=f"{gateway.host}:{gateway.port}", protocol=protocol)
            server = Prometheus(binary, config, tmp_path_factory.mktemp("prometheus"), *flags)
            server.form = form
            started[binary, form] = stack.enter_context(server)
        yield started


def name_of(variant):
    binary, form = variant
    return "-".join([*map(str, prometheus_server.version(binary)), form])


@pytest.fixture(scope="module", params=VARIANTS, ids=name_of)
def prometheus(request, all_of_them):
    return all_of_them[request.param]


@pytest.fixture(scope="module")
def pusher():
    return golang.build(HERE / "go" / "pusher.go")


def test_there_is_a_prometheus():
    assert prometheus_server.binaries(), "none installed, and $PROMETHEUS names none"


def test_the_target_is_up(prometheus):
    prometheus.wait_for('up{job="pushgateway"} == 1')
    (target,) = prometheus.ask("/api/v1/targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")


def test_pushed_labels_are_honoured(gateway, prometheus):
    name = f"honoured_{prometheus.form}"
    body = f'# HELP {name} Help.\n# TYPE {name} gauge\n{name}{{path="a \\"b\\" \\\\ ü"}} 42.5\n'
    gateway.put("/metrics/job/etl/instance/worker-1", body.encode())
    gateway.put("/metrics/job/etl/shard/9", body.encode())

    prometheus.wait_for(f'{name}{{instance="worker-1"}}')
    prometheus.wait_for(f'{name}{{shard="9"}}')
    found = [(one["metric"], one["value"][1]) for one in prometheus.query(name)]
    common = {"__name__": name, "job": "etl", "path": 'a "b" \\ ü'}
    assert sorted(found, key=str) == sorted(
        [
            ({**common, "instance": "worker-1"}, "42.5"),
            # An empty instance keeps Prometheus from adding the gateway's.
            ({**common, "shard": "9"}, "42.5"),
        ],
        key=str,
    )
    assert prometheus.query('push_time_seconds{job="etl",instance="worker-1"}')
    (metadata,) = prometheus.ask("/api/v1/metadata", metric=name)[name]
    assert (metadata["type"], metadata["help"]) == ("gauge", "Help.")


def test_the_gateways_own_metrics_carry_its_own_labels(gateway, prometheus):
    (own,) = prometheus.wait_for("pushgateway_build_info")
    assert own["metric"]["job"] == "pushgateway"
    assert own["metric"]["instance"] == f"{gateway.host}:{gateway.port}"


def push(pusher, gateway, job, *metrics):
    sets = ", ".join(f'"{one}"' for one in metrics)
    order = f'{{"url": "{gateway.url}", "job": "{job}", "do": ["push"], "metrics": [{sets}]}}'
    subprocess.run([pusher], input=order.encode(), check=True, timeout=30)


def test_every_classic_type(gateway, prometheus, pusher):
    push(pusher, gateway, "classic", "counter", "histogram", "summary", "untyped")
    prometheus.wait_for('{job="classic",__name__="anything"}')
    found = {}
    for series in prometheus.query('{job="classic",__name__!~"push_.*"}'):
        metric, (_, value) = series["metric"], series["value"]
        label = metric.get("le") or metric.get("quantile") or metric.get("kind")
        # The protobuf form has numbers for bounds, which Prometheus 3 writes as "1.0".
        found[metric["__name__"], "1" if label == "1.0" else label] = value
    assert found == {
        ("runs_total", 'with "quotes", \\ and\na new line'): "123456789",
        ("runs_total", None): "1",
        ("latency_seconds_bucket", "0.1"): "1",
        ("latency_seconds_bucket", "1"): "2",
        ("latency_seconds_bucket", "2.5"): "3",
        ("latency_seconds_bucket", "+Inf"): "4",
        ("latency_seconds_sum", None): "101.55",
        ("latency_seconds_count", None): "4",
        ("size_bytes", "0.5"): "50",
        ("size_bytes", "0.99"): "99",
        ("size_bytes_sum", None): "5050",
        ("size_bytes_count", None): "100",
        ("anything", None): "7",
    }


def test_a_native_histogram(gateway, prometheus, pusher):
    """Protobuf carries it whole, text its count and sum only."""
    push(pusher, gateway, "native", "native")
    if prometheus.form == "text":
        (count,) = prometheus.wait_for('native_seconds_count{job="native"}')
        (total,) = prometheus.query('native_seconds_sum{job="native"}')
        assert (count["value"][1], total["value"][1]) == ("6", "6.25")
        return

    (series,) = prometheus.wait_for('native_seconds{job="native"}')
    _, histogram = series["histogram"]
    assert (histogram["count"], histogram["sum"]) == ("6", "6.25")
    counts = [count for _, _, _, count in histogram["buckets"]]
    assert counts == ["1", "1", "1", "2", "1"]
    bounds = [(float(lower), float(upper)) for _, lower, upper, _ in histogram["buckets"]]
    for value, (lower, upper) in zip([-3, 0, 0.25, 0.5, 8], bounds):
        assert lower <= value <= upper


def test_deleted_groups_end_at_once(gateway, prometheus):
    name = f"short_lived_{prometheus.form}"
    gateway.put("/metrics/job/short", f"{name} 1\n".encode())
    prometheus.wait_for(name)
    gateway.delete("/metrics/job/short")
    until(lambda: not prometheus.query(name), "the series to be marked stale")
    assert prometheus.query('up{job="pushgateway"} == 1')


PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
BUCKETS = {"sample_count": 3, "bucket": [{"upper_bound": 1.0, "cumulative_count": 1}]}
EXEMPLAR = {"label": [{"name": "t", "value": b"\xff"}], "value": 1.0}

# Each of these made one version or another drop the whole scrape, or might.
HOSTILE = {
    "le in the body": family("hostile_h", HISTOGRAM, metric({"le": "5"}, histogram=BUCKETS)),
    "labels alike when escaped": gauge("hostile_a", 1.0, {"a.b": "x", "a_b": "y"}),
    "labels alike beside le": gauge("hostile_n", 1.0, {"a.b": "x", "a_b": "y", "le": "1"}),
    "a second __name__ when escaped": gauge("hostile_l", 1.0, {"-.name._": "x"}),
    "a second __name__ by dots": gauge("hostile_m", 1.0, {"-name-": "x"}),
    "colon in a label": gauge("hostile_b", 1.0, {"a:b": "x"}),
    "NUL in a label": gauge("hostile_c", 1.0, {"a\0b": "x"}),
    "NUL in a name": gauge("hostile\0d"),
    "NUL in a value and in help": family("hostile_e", GAUGE, metric({"a": "x\0y"}, gauge={"value": 1.0}), help="a\0b"),
    "names with everything": gauge("hostile \n\"\\ {}\x01\x7f\r\t", 1.0, {"a\n\"\\ {}\x01\r": "x"}),
    "help": family("hostile_f", GAUGE, metric(gauge={"value": 1.0}), help=b"a\xffb"),
    "unit of another name": family("hostile_g", GAUGE, metric(gauge={"value": 1.0}), unit="seconds"),
    "exemplar": family("hostile_i_total", COUNTER, metric(counter={"value": 1.0, "exemplar": EXEMPLAR})),
    "gauge histogram": family("hostile_j", GAUGE_HISTOGRAM, metric(histogram=BUCKETS)),
    "part of it": gauge("hostile_j_count"),
    "infinities": family("hostile_k", HISTOGRAM, metric(histogram={"bucket": [
        {"upper_bound": float("inf"), "cumulative_count": 1}, {"upper_bound": float("inf"), "cumulative_count": 2}]})),
}
HOSTILE_TEXT = {
    "/metrics/job/hostile/text/help": b"# HELP hostile_text a\xffb\nhostile_text 1\n",
    "/metrics/job/hostile/le/5": b'# TYPE hostile_le histogram\nhostile_le_bucket{le="1"} 1\n',
}


NATIVE = {"sample_count": 1, "sample_sum": 1.5, "schema": 0, "zero_threshold": 0.001,
          "positive_span": [{"offset": 0, "length": 1}], "positive_delta": [1]}


@pytest.mark.usefixtures("not_the_original")
def test_native_and_classic_histograms_of_one_name(prometheus, gateway):
    """Those that know native ones take the kind of a family from its first histogram."""
    headers = {"Content-Type": PROTOBUF}
    name = f"mixed_{prometheus.form}"
    for job, histogram in {"a": BUCKETS, "m": NATIVE, "n": NATIVE, "z": BUCKETS}.items():
        body = delimited(family(name, HISTOGRAM, metric(histogram=histogram), metric({"more": "1"}, histogram=histogram)))
        assert gateway.put(f"/metrics/job/{job}", body, headers=headers).status == 200
    for job in "az":
        (count,) = prometheus.wait_for(f'{name}_count{{job="{job}",more="1"}}')
        assert count["value"][1] == "3"
    for job in "mn":
        prometheus.wait_for(f'{name}{{job="{job}",more="1"}} or {name}_count{{job="{job}",more="1"}}')
    for job in "amnz":
        gateway.delete(f"/metrics/job/{job}")


@pytest.mark.usefixtures("not_the_original")
def test_no_push_makes_it_drop_a_scrape(prometheus, gateway):
    """After all of them, accepted or not, what is pushed last is still scraped."""
    headers = {"Content-Type": PROTOBUF}
    for number, one in enumerate(HOSTILE.values()):
        reply = gateway.put(f"/metrics/job/hostile/n/{number}", delimited(one), headers=headers)
        assert reply.status in (200, 400), reply
    for path, body in HOSTILE_TEXT.items():
        assert gateway.put(path, body).status in (200, 400)
    moment = time.time_ns() // 1000
    gateway.put("/metrics/job/hostile", b"hostile_last %d\n" % moment)
    prometheus.wait_for(f'hostile_last{{job="hostile"}} == {moment}')
