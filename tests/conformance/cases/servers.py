"""What flags change: prefixes, the telemetry path, UTF-8 names, no consistency check."""

from harness.build_families import family, gauge, metric
from harness.metrics_proto import GAUGE
from scenario import Request, Scenario, delete, get, post, put, put_proto

PATHS = ["", "/", "/metrics", "/status", "/-/healthy", "/-/ready", "/-/quit", "/static/nope", "/static", "/metrics/", "/api/v1/status", "/api/v1/metrics", "/api/v1/x", "/api", "/nope", "/metrics/job/a", "/metrics/job", "//metrics", "/tele/scrape", "/tele", "/Metrics"]
METHODS = ("GET", "PUT", "OPTIONS", "HEAD")


def _prefixed(server, prefix):
    for path in PATHS:
        yield Scenario(f"server/{server}/inside/{path}", *[Request(m, prefix + path or "/", settles=True) for m in METHODS if prefix + path], server=server, state=False)
    for path in PATHS[1:]:
        yield Scenario(f"server/{server}/outside/{path}", *[Request(m, path, settles=True) for m in METHODS], server=server, state=False)
    job = prefix + "/metrics/job/t"
    yield Scenario(f"server/{server}/push and delete", put("m 1\n", job), post("n 1\n", job + "/a/b"), put("x", job), put("m 1\nm 1\n", job), delete(job), server=server)
    yield Scenario(f"server/{server}/push beside the prefix", put("m 1\n"), put("m 1\n", prefix + prefix + "/metrics/job/t"), server=server)
    yield Scenario(f"server/{server}/prefix spelled otherwise", Request("GET", prefix.upper() + "/metrics"), Request("GET", prefix + "x/metrics"), Request("GET", prefix + "/x/../metrics"), server=server, state=False)


def _utf8():
    return [
        Scenario("server/utf8/text", put('{"my.metric","a.b"="c"} 1\n# TYPE "other metric" counter\n{"other metric"} 2\n'), server="utf8"),
        Scenario("server/utf8/escapings", put('# HELP "my.metric" help\n{"my.metric","a.b"="c",é="ü"} 1\n'), put('{"my.metric","a.b"="c","é"="ü"} 1\n'), *[get(accept=f"text/plain;escaping={how}") for how in ("dots", "values", "underscores", "allow-utf-8")], get(), server="utf8", state=False),
        Scenario("server/utf8/histogram", put('# TYPE "h.x" histogram\n{"h.x_bucket",le="1"} 1\n{"h.x_sum"} 2\n{"h.x_count"} 1\n'), put('{"h.x_count"} 1\n', "/metrics/job/other"), server="utf8"),
        Scenario("server/utf8/summary", put('# TYPE "s x" summary\n{"s x",quantile="0.5"} 1\n{"s x_sum"} 2\n{quantile="0.9","s x"} 1\n'), server="utf8"),
        Scenario("server/utf8/group labels", put("m 1\n", "/metrics/job/t/U__a_2e_b/1/é/2/x y".replace(" ", "%20") + "/3"), put('{"m","a.b"="x"} 1\n', "/metrics/job/t/a.b/1"), delete("/metrics/job/t/U__a_2e_b/1"), server="utf8"),
        Scenario("server/utf8/names that collide when escaped", put('{"a.b"} 1\n{"a_b"} 2\n{"a b"} 3\n'), get(accept="text/plain;escaping=underscores"), get(), server="utf8"),
        Scenario("server/utf8/labels that collide when escaped", put('m{"a.b"="1","a_b"="2","a b"="3"} 1\n'), get(accept="text/plain;escaping=underscores"), get(), server="utf8"),
        Scenario("server/utf8/escaped names in the body", put("U__my_2e_metric{U__a_2e_b=\"c\"} 1\n"), server="utf8"),
        Scenario("server/utf8/reserved label", put('m{"__x"="1"} 1\n'), put('m{"__name__"="1"} 1\n'), server="utf8"),
        Scenario("server/utf8/twice", put('{"m.x"} 1\n{"m.x"} 1\n'), put('{"m.x"} 1 5\n'), server="utf8"),
        Scenario("server/utf8/type conflict", put('# TYPE "m.x" counter\n{"m.x"} 1\n'), put('# TYPE "m.x" gauge\n{"m.x"} 1\n', "/metrics/job/other"), server="utf8"),
        Scenario("server/utf8/protobuf", put_proto(gauge("m.x", 1, {"a.b": "c"}), gauge("é")), server="utf8"),
    ]


def _unchecked():
    a, b = "/metrics/job/a", "/metrics/job/b"
    accepted = {
        "push": [put("m 1\n", a, settles=True), post("n 1\n", a, settles=True), put("", a, settles=True), delete(a)],
        "timestamp": [put("m 1\n", a, settles=True), put("m 1 5\n", a, settles=True), post("n 1\n", a, settles=True)],
        "timestamp first": [put("m 1 5\n", a, settles=True)],
        "unreadable": [put("m 1", a), put("m 1\n", "/metrics/job/a/b"), put("m 1\n", "/metrics/job@base64/*")],
        "push times": [put("push_time_seconds 5\n", a, settles=True)],
        "odd grouping": [put("m 1\n", a + "/instance/x", settles=True), put("m 1\n", a, settles=True)],
        "protobuf": [put_proto(gauge("m.x", 1, {"a": "b"}), path=a, settles=True)],
    }
    broken = {
        "types": [put("# TYPE m counter\nm 1\n", a), put("# TYPE m gauge\nm 1\n", b)],
        "twice": [put("m 1\nm 1\n", a)],
        "twice in several families": [put("m 1\nm 1\nn 1\nn 1\n", a)],
        "suffix": [put("m_count 1\n", a), put("# TYPE m histogram\nm_sum 1\n", b)],
        "reserved label": [put('m{__x="1"} 1\n', a)],
        "own type": [put("# TYPE pushgateway_build_info counter\npushgateway_build_info 1\n", a)],
        "wrong value": [put_proto(family("m", GAUGE, metric(counter={"value": 1})), path=a)],
        "across groups": [put('m{x="1"} 1\n', a), put("m 1\n", a + "/x/1")],
    }
    for name, steps in accepted.items():
        yield Scenario(f"server/unchecked/{name}", *steps, server="unchecked")
    for name, steps in broken.items():
        for step in steps:
            step.settles = True
        yield Scenario(f"server/unchecked/broken/{name}", *steps, Request("GET", "/metrics", settles=True), Request("GET", "/metrics", headers={"Accept-Encoding": "gzip"}), server="unchecked")


def scenarios():
    found = []
    for server, prefix in (("route-prefix", "/pg"), ("bare-prefix", "/a/b"), ("external-url", "/some/path"), ("both-prefixes", "/y"), ("encoded-prefix", "/x%20y/%C3%BC"), ("telemetry-prefix", "/pg")):
        found += _prefixed(server, prefix)
    found += [Scenario(f"server/telemetry/{path}", *[Request(m, path, settles=True) for m in METHODS], server="telemetry", state=False) for path in PATHS[1:] + ["/tele/scrape/", "/tele/SCRAPE"]]
    found += [Scenario(f"server/root-prefix/{path}", *[Request(m, path, settles=True) for m in METHODS], server="root-prefix", state=False) for path in PATHS[1:] + ["/x/metrics"]]
    found += [Scenario("server/telemetry/push", put("m 1\n"), put("m 1\n", "/tele/scrape/job/t"), delete(), server="telemetry"),
              Scenario("server/root-prefix/push", put("m 1\n"), delete(), server="root-prefix"),
              Scenario("server/telemetry-not-clean/push", put("m 1\n"), Request("GET", "/a/tele/"), delete(), server="telemetry-not-clean"),
              Scenario("server/encoded-prefix/spelled", *[Request("GET", path) for path in ("/x%20y/ü/api/v1/status", "/x%20y/%c3%bc/api/v1/status", "/x%20%79/%C3%BC/api/v1/status", "/x%20y/%C3%BC/api%2Fv1/status", "/x%20y/%C3%BC/%61pi/v1/status")], server="encoded-prefix", state=False),
              Scenario("server/plain/push", put("m 1\n"), put("n"), put("m 1\nm 1\n"), delete(), server="plain")]
    return found + _utf8() + list(_unchecked())
