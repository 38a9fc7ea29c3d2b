"""Real Prometheus servers scrape the gateway, in text and in protobuf form."""

import contextlib
import subprocess

import pytest
from harness import Gateway, gateway_binary

import golang
import prometheus_server
from client_support import HERE, wait_until
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
    wait_until(lambda: not prometheus.query(name), "the series to be marked stale")
    assert prometheus.query('up{job="pushgateway"} == 1')
