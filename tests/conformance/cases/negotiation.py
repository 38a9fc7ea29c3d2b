"""What a scrape answers: the form, the escaping, the compression."""

from harness.build_families import family, gauge, metric
from harness.metrics_proto import HISTOGRAM, SUMMARY
from scenario import PROTOBUF, Request, Scenario, get, put, put_proto, short

PB = PROTOBUF.replace("; ", ";")

ACCEPTS = [
    "", "*/*", "text/plain", "text/*", "application/*", "text/html", "application/json", "image/png", "text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8", "text/plain;version=1.0.0", "text/plain;version=0.0.3", "text/plain;q=0", "text/plain;q=0.5", "TEXT/PLAIN",
    "text/plain;escaping=allow-utf-8", "text/plain;escaping=underscores", "text/plain;escaping=dots", "text/plain;escaping=values", "text/plain;escaping=nope", "text/plain;escaping=", 'text/plain;escaping="values"', "text/plain;ESCAPING=values", "text/plain;escaping=VALUES", "text/plain; escaping = values", "text/plain;escaping=values;escaping=dots",
    "text/plain;version=1.0.0;escaping=allow-utf-8", "application/openmetrics-text", "application/openmetrics-text;version=1.0.0", "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8,text/plain;version=0.0.4",
    "application/openmetrics-text;version=1.0.0;escaping=dots,text/plain;version=0.0.4;escaping=values", "text/html;escaping=values", "*/*;escaping=dots", "image/png;escaping=dots,text/plain", "text/plain,image/png;escaping=dots", "garbage", "garbage;;;,,,", ",", ";", "text", "/", "text/", "/plain", "text/plain;;escaping=dots",
    PB, PB + ";q=0", PB + ";q=1", PB + ";q=0.0001", PB + ";q=2", PB + ";q=-1", PB + ";q=x", PB + ";q=", PB + ";escaping=allow-utf-8", PB + ";escaping=underscores", PB + ";escaping=dots", PB + ";escaping=values", PB + ";escaping=nope", PROTOBUF, PROTOBUF + " ; q=0.5",
    PB + ",text/plain", "text/plain," + PB, PB + ";q=0.3,text/plain;q=0.2", PB + ";q=0.2,text/plain;q=0.3", "text/plain;q=0.5," + PB + ";q=0.5", PB + ";q=0.5,text/plain;q=0.5", "*/*;q=0.1," + PB, "*/*," + PB, PB + ";q=0.1,*/*", PB + ",*/*;q=0.1", "text/html," + PB + ";q=0.1", "text/*;q=0.9," + PB + ";q=0.8",
    "application/vnd.google.protobuf", "application/vnd.google.protobuf;encoding=delimited", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily", "application/vnd.google.protobuf;proto=other;encoding=delimited", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=nope",
    'application/vnd.google.protobuf;proto="io.prometheus.client.MetricFamily";encoding="delimited"', "APPLICATION/VND.GOOGLE.PROTOBUF;PROTO=io.prometheus.client.MetricFamily;ENCODING=delimited", "application/vnd.google.protobuf;encoding=delimited;proto=io.prometheus.client.MetricFamily", PB.replace("delimited", "Delimited"), PB + ";a=b",
    # Prometheus 2.x, 3.x; a browser; Java's HttpURLConnection
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    PB + ";q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "text/html, image/gif, image/jpeg, */*; q=0.2",
]

ENCODINGS = ["", "gzip", "gzip;q=0", "gzip;q=0.0", "gzip;q=0.5", "gzip; q=0.5", "gzip;q=x", "*", "*;q=0", "gzip, deflate", "gzip,deflate,br", "deflate, gzip", "identity", "identity;q=0", "GZIP", "x-gzip", "br", "deflate",
             "gzip;q=0.5, identity;q=0.6", "gzip;q=0.6, identity;q=0.5", "gzip, identity", "identity, gzip", "identity;q=1, gzip;q=1", "gzip;q=1.0,deflate;q=0.6,identity;q=0.3", "gzip;q=0, *", ",gzip", " gzip ", "gzip\t,x", "gzip;a=b", "gzip;a=b;q=0"]

NAMES = put_proto(
    gauge("m.x-y_z", 1, {"a.b": "v", "c": "d", "é1": "1", "1x": "2", "_": "3"}),
    family("h.t", HISTOGRAM, metric({"a.b": "v"}, histogram={"sample_count": 1, "bucket": [{"upper_bound": 1, "cumulative_count": 1}]}), help="with \"quotes\" \\ and\nlines"),
    family("s é😀", SUMMARY, metric({"le": "v"}, summary={"sample_count": 1, "quantile": [{"quantile": 0.5, "value": 1}]})),
    gauge("U__already_2e_escaped"), gauge("U__"), gauge("__x"), gauge("a__b"), gauge("a_dot_b"), gauge("1"), gauge("a:b"), gauge("\"q\\\n"), gauge("a\x01b"), gauge("a.b"), gauge("a_b"), gauge("ÿ"), gauge("\u2028"), gauge("\U0010ffff"))


def scenarios():
    found = [Scenario(f"accept/{short(accept, 300)}", put_proto(gauge("m.x", 1, {"l.y": "é"}), gauge("m")), get(accept=accept), state=False) for accept in ACCEPTS]
    found += [
        Scenario(f"escaping/{how}/{kind}", NAMES, get(accept=f"{accept};escaping={how}"), state=False)
        for how in ("allow-utf-8", "underscores", "dots", "values") for kind, accept in (("text", "text/plain"), ("protobuf", PB))]
    found += [Scenario(f"accept-encoding/{coding}", put("m 1\n"), *[Request("GET", path, headers={"Accept-Encoding": coding}) for path in
              ("/metrics", "/api/v1/metrics", "/-/ready", "/nope", "/metrics/job/t")], state=False) for coding in ENCODINGS]
    found += [
        Scenario("accept/none", put("m 1\n"), Request("GET", "/metrics"), state=False),
        Scenario("accept/twice", put("m 1\n"), Request("GET", "/metrics", headers=[("Accept", "text/plain"), ("Accept", PB)]), Request("GET", "/metrics", headers=[("Accept", PB), ("Accept", "text/plain")]), state=False),
        Scenario("accept/prototext/text", put("m 1\n"), get(accept=PB.replace("delimited", "text")), state=False),
        Scenario("accept/prototext/compact-text", put("m 1\n"), get(accept=PB.replace("delimited", "compact-text")), state=False),
        Scenario("accept-encoding/protobuf", put("m 1\n"), Request("GET", "/metrics", headers={"Accept": PB, "Accept-Encoding": "gzip"}), state=False),
        Scenario("accept-encoding/twice", put("m 1\n"), Request("GET", "/metrics", headers=[("Accept-Encoding", "identity"), ("Accept-Encoding", "gzip")]), state=False),
        Scenario("accept-encoding/zstd", put("m 1\n"), Request("GET", "/metrics", headers={"Accept-Encoding": "zstd"}), state=False),
        Scenario("accept-encoding/zstd before gzip", put("m 1\n"), Request("GET", "/metrics", headers={"Accept-Encoding": "zstd, gzip"}), state=False),
        Scenario("accept-encoding/gzip before zstd", put("m 1\n"), Request("GET", "/metrics", headers={"Accept-Encoding": "gzip, zstd"}), state=False),
        Scenario("query/name[] picks families", put("m 1\nn 1\no 1\n"), get("/metrics?name[]=m&name[]=o"), state=False),
        Scenario("query/other parameters are ignored", put("m 1\nn 1\n"), get("/metrics?x=1&y"), state=False),
        Scenario("scrape/range is ignored", put("m 1\n"), Request("GET", "/metrics", headers={"Range": "bytes=0-3", "If-None-Match": "*", "If-Modified-Since": "Sun, 06 Nov 2094 08:49:37 GMT"}), state=False),
        Scenario("scrape/with a body", put("m 1\n"), Request("GET", "/metrics", "some body"), state=False),
        Scenario("scrape/timeout header", put("m 1\n"), Request("GET", "/metrics", headers={"X-Prometheus-Scrape-Timeout-Seconds": "10"}), state=False),
        Scenario("scrape/origin", put("m 1\n"), *[Request("GET", path, headers={"Origin": "http://x", "Access-Control-Request-Method": "PUT"}) for path in ("/metrics", "/api/v1/metrics", "/-/ready", "/nope")], state=False),
    ]
    return found
