"""Pushes that contradict themselves or what is stored, in every direction."""

from harness.build_families import family, gauge, metric
from harness.metrics_proto import GAUGE
from scenario import Scenario, delete, post, put, put_proto

A, B = "/metrics/job/a", "/metrics/job/b"
SAMPLE = {"counter": "m 1\n", "gauge": "m 1\n", "untyped": "m 1\n", "summary": 'm{quantile="0.5"} 1\nm_sum 1\nm_count 1\n',
          "histogram": 'm_bucket{le="1"} 1\nm_sum 1\nm_count 1\n', "gaugehistogram": 'm_bucket{le="1"} 1\nm_sum 1\nm_count 1\n'}


def _typed(kind, name="m"):
    return f"# TYPE {name} {kind}\n" + SAMPLE[kind].replace("m", name, 1).replace("\nm", "\n" + name)


def _types():
    for first in SAMPLE:
        for second in SAMPLE:
            if first != second:
                yield Scenario(f"consistency/type/{first} then {second}", put(_typed(first), A), put(_typed(second), B), post(_typed(second), B))


def _suffixes():
    for kind in SAMPLE:
        for suffix in ("_count", "_sum", "_bucket", "_total", "_created", "_gcount"):
            name = f"consistency/suffix/{kind} and {suffix}"
            yield Scenario(f"{name}, stored {kind}", put(_typed(kind), A), put(f"m{suffix} 1\n", B))
            yield Scenario(f"{name}, stored {suffix}", put(f"m{suffix} 1\n", A), put(_typed(kind), B))
            yield Scenario(f"{name}, same group", put(f"m{suffix} 1\n", A), post(_typed(kind), A), put(_typed(kind), A))
            yield Scenario(f"{name}, one push", put(f"m{suffix} 1\n" + _typed(kind), A))


OWN = ["pushgateway_build_info", "pushgateway_http_requests_total", "pushgateway_http_push_duration_seconds", "pushgateway_http_push_size_bytes",
       "process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds", "process_max_fds", "process_virtual_memory_bytes", "process_virtual_memory_max_bytes"]
# Of these the original has no equal here.
GO_OWN = ["go_goroutines", "go_info", "go_memstats_alloc_bytes_total", "go_gc_duration_seconds"]


def _own():
    for name in OWN:
        for kind in SAMPLE:
            yield Scenario(f"consistency/own/{name} as {kind}", put(_typed(kind, name), A))
        yield Scenario(f"consistency/own/{name}_count", put(f"{name}_count 1\n", A))
        yield Scenario(f"consistency/own/{name}, other help", put(f"# HELP {name} mine\n# TYPE {name} gauge\n{name} 1\n", A))


def scenarios():
    return [*_types(), *_suffixes(), *_own()] + [
        Scenario(f"consistency/go/{name} as untyped", put(f"{name} 1\n", A)) for name in GO_OWN] + [
        Scenario("consistency/own/as gauge of several labels", put('# TYPE pushgateway_build_info gauge\npushgateway_build_info{a="b"} 1\npushgateway_build_info{c="d"} 2\n', A)),
        Scenario("consistency/twice in the push", put('m{a="1"} 1\nm{a="1"} 2\n', A)),
        Scenario("consistency/twice, thrice", put("m 1\nm 1\nm 1\n", A)),
        Scenario("consistency/twice in several families", put("m 1\nm 1\nn 1\nn 2\no 3\n", A)),
        Scenario("consistency/twice, summary", put('# TYPE s summary\ns_sum{a="1"} 1\ns_sum{a="1",instance=""} 2\n', A)),
        Scenario("consistency/twice across groups", put('m{x="1"} 1\n', A), put('m{instance=""} 2\n', A + "/x/1")),
        Scenario("consistency/twice across groups, POST", put('m{x="1"} 1\n', A), post("n 1\n", A + "/x/1"), post("m 2\n", A + "/x/1"), delete(A), post("m 2\n", A + "/x/1")),
        Scenario("consistency/twice across groups, freed by PUT", put('m{x="1"} 1\n', A), put('m{x="2"} 1\n', A), put("m 2\n", A + "/x/1")),
        Scenario("consistency/same series moves between families of a group", put('m{x="1"} 1\n', A), put('m{x="1"} 2\n', A), post('m{x="1"} 3\n', A)),
        Scenario("consistency/series differ by empty label only", put('m{x=""} 1\nm 2\n', A)),
        Scenario("consistency/empty label in the group", put('m{x=""} 1\n', A), put("m 1\n", A + "/x/")),
        Scenario("consistency/reserved label", put('m{__x="1"} 1\n', A), put('m{a="1"} 1\nm{__="1"} 2\n', A)),
        Scenario("consistency/several failures in a metric", put('m{__x="1",__y="2"} 1\n', A)),
        Scenario("consistency/several failures in a push", put('m{__x="1"} 1\nn 1\nn 1\n# TYPE h histogram\nh_sum 1\nh_count 1\n', A)),
        Scenario("consistency/type conflict of several metrics", put("# TYPE m counter\nm 1\n", A), put('# TYPE m gauge\nm{a="1"} 1\nm{a="2"} 2\n', B)),
        Scenario("consistency/two conflicts with the store", put("# TYPE m counter\nm 1\n# TYPE n counter\nn 1\n", A), put("# TYPE m gauge\nm 1\n# TYPE n gauge\nn 1\n", B)),
        Scenario("consistency/timestamp goes before all else", put("m 1\nm 1 5\n", A)),
        Scenario("consistency/timestamp among many", put("m 1\nn 2\no 3 1\n", A)),
        Scenario("consistency/failed push of one group does not touch another", put("m 1\n", A), put("m 1\nm 1\n", B), post("m 1\n", B)),
        Scenario("consistency/stored conflict is not blamed on others", put("# TYPE m counter\nm 1\n", A), put("# TYPE m gauge\nm 1\n", B), put("n 1\n", "/metrics/job/c")),
        Scenario("consistency/untyped next to counter", put("m 1\n", A), put("# TYPE m counter\nm 1\n", B)),
        Scenario("consistency/family of no metrics holds its type", put("# TYPE m counter\nm 1\n", A), put_proto(family("m", GAUGE), path=B)),
        Scenario("consistency/family of no metrics, first", put_proto(family("m", GAUGE), path=B), put("# TYPE m counter\nm 1\n", A)),
        Scenario("consistency/family of no metrics, suffix", put_proto(family("h_count", GAUGE), path=B), put("# TYPE h histogram\nh_sum 1\n", A)),
        Scenario("consistency/names that look like suffixes", put("_count 1\n_sum 1\n_bucket 1\n", A), put("# TYPE _count summary\n_count_sum 1\n", B)),
        Scenario("consistency/chain of suffixes", put("# TYPE m_count summary\nm_count_sum 1\n", A), put("# TYPE m histogram\nm_sum 1\nm_bucket{le=\"1\"} 1\n", B)),
        Scenario("consistency/message with odd text", put('m{a="\\"\\\\\\n\t\r é😀\u2028"} 1e-7\nm{a="\\"\\\\\\n\t\r é😀\u2028"} NaN\n', A)),
        Scenario("consistency/message with a summary", put('# TYPE s summary\ns{quantile="0.5"} +Inf\ns_sum -Inf\ns_count 3\ns{instance="",quantile="0.9"} 1\n', A)),
        Scenario("consistency/message with a histogram", put('# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum NaN\nh_count 3\nh_bucket{instance="",le="1"} 1.5\n', A)),
        Scenario("consistency/message with a float histogram", put('# TYPE h histogram\nh_bucket{le="1"} 1.5\nh_sum 2\nh_count 3\nh_sum{instance=""} 1\n', A)),
        Scenario("consistency/message of another group's series", put_proto(gauge("m", 1e21, {"x": "1"}), path=A), put_proto(gauge("m", 0.1), path=A + "/x/1")),
        Scenario("consistency/grouping label also reserved in body", put_proto(family("m", GAUGE, metric([("job", "1"), ("__job", "2")], gauge={"value": 1})), path=A)),
    ]
