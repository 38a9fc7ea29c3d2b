"""PUT, POST and DELETE one after the other: what stays, what goes, which times are kept."""

from scenario import JOB, Request, Scenario, delete, get, post, put

B = "/metrics/job/other"
TWO = "# TYPE a counter\na 1\n# HELP b Help.\nb 2\n"
BAD_TEXT = "a 1\nb"
BAD_STORE = "a 1\na 1\n"


def scenarios():
    return [
        Scenario("sequence/PUT replaces", put(TWO), put("c 3\n")),
        Scenario("sequence/POST adds and replaces families", put(TWO), post('a{x="1"} 5\na{x="2"} 6\nc 3\n')),
        Scenario("sequence/POST first", post(TWO), post("b 5\n"), put("b 6\n")),
        Scenario("sequence/POST may change a type when alone", put("# TYPE a counter\na 1\n"), post("# TYPE a gauge\na 2\n")),
        Scenario("sequence/PUT may change a type when alone", put("# TYPE a counter\na 1\n"), put("# TYPE a summary\na_sum 2\n"), put("# TYPE a histogram\na_sum 2\n")),
        Scenario("sequence/POST keeps the help of its own push", put("# HELP a one\na 1\n"), post("a 2\n"), post("# HELP a two\na 3\n")),
        Scenario("sequence/empty PUT", put(TWO), put("")),
        Scenario("sequence/empty PUT of a new group", put("")),
        Scenario("sequence/empty POST", put(TWO), post("")),
        Scenario("sequence/empty POST of a new group", post("")),
        Scenario("sequence/comment only", put("# nothing\n")),
        Scenario("sequence/TYPE only", put("# TYPE a gauge\n")),
        Scenario("sequence/blank lines only", put(TWO), post("\n\n")),
        Scenario("sequence/DELETE", put(TWO), delete(), delete()),
        Scenario("sequence/DELETE unknown", delete()),
        Scenario("sequence/DELETE unknown, label order", put(TWO), delete(JOB + "/x/1")),
        Scenario("sequence/DELETE leaves others", put(TWO), put(TWO, B), delete()),
        Scenario("sequence/DELETE with a body", put(TWO), delete(body="not a metric", headers={"Content-Type": "text/plain"})),
        Scenario("sequence/DELETE then PUT", put(TWO), delete(), put("a 7\n")),
        Scenario("sequence/DELETE frees the type", put("# TYPE a counter\na 1\n", B), put("# TYPE a gauge\na 1\n"), delete(B), put("# TYPE a gauge\na 1\n")),
        Scenario("sequence/PUT frees the type", put("# TYPE a counter\na 1\n", B), put("b 1\n", B), put("# TYPE a gauge\na 1\n")),
        Scenario("sequence/POST does not free the type", put("# TYPE a counter\na 1\n", B), post("b 1\n", B), put("# TYPE a gauge\na 1\n")),
        Scenario("sequence/failed push keeps metrics and times", put(TWO), put(BAD_STORE), put("c 1\n"), post(BAD_STORE), post("d 1\n")),
        Scenario("sequence/failed first push makes the group", put(BAD_STORE), put("a 1\n")),
        Scenario("sequence/failed first push, then DELETE", put(BAD_STORE), delete()),
        Scenario("sequence/failed first push, then empty PUT", put(BAD_STORE), put("")),
        Scenario("sequence/failed first push, then wipe", put(BAD_STORE), Request("PUT", "/api/v1/admin/wipe", settles=True)),
        Scenario("sequence/failed pushes twice", put(BAD_STORE), put(BAD_STORE), put("a 1\n")),
        Scenario("sequence/timestamp first", put("a 1 5\n"), put("a 1\n"), post("b 1 5\n")),
        Scenario("sequence/unreadable push touches nothing", put(BAD_TEXT), put(TWO), put(BAD_TEXT), post(BAD_TEXT)),
        Scenario("sequence/wipe", put(TWO), put(TWO, B), Request("PUT", "/api/v1/admin/wipe", settles=True), put("x 1\n"), Request("PUT", "/api/v1/admin/wipe", body="ignored", settles=True)),
        Scenario("sequence/pushed push times", put("push_time_seconds 1\npush_failure_time_seconds 2\n"), post("push_time_seconds 7\n"), put("m 1\n")),
        Scenario("sequence/pushed failure time later/POST", put("m 1\n"), post("push_failure_time_seconds 2\n")),
        Scenario("sequence/pushed failure time later/PUT", put("m 1\n"), put("push_failure_time_seconds 2\n")),
        Scenario("sequence/pushed failure time later/labelled", put("m 1\n"), post('# HELP push_failure_time_seconds mine\n# TYPE push_failure_time_seconds counter\npush_failure_time_seconds{a="b"} 2\n')),
        Scenario("sequence/pushed push time with a collision", put("push_time_seconds_count 1\n"), put("# TYPE push_time_seconds summary\npush_time_seconds_sum 1\n")),
        Scenario("sequence/three groups", put('m{k="1"} 1\nm{k="2"} 2\nn 1\n', "/metrics/job/a"), put('m{k="1"} 3\nm 4\n', "/metrics/job/b"), post('m{k="1",l="2"} 5\nn 2\n', "/metrics/job/a/instance/i"), delete("/metrics/job/b")),
        Scenario("sequence/help differs between groups", put("# HELP m one\nm 1\n"), put("# HELP m two\nm 2\n", B), put("m 3\n", B), put("m 3\n"), put("# HELP m three\nm 2\n", B)),
        Scenario("sequence/scrape of nothing", get()),
        Scenario("sequence/families sorted by name", put("".join(f"{n} 1\n" for n in ("b", "B", "_", ":", "a1", "a_", "a:", "aa", "Z", "z", "a10", "a2")))),
        Scenario("sequence/metrics sorted in a family", put("".join(f"m{{{n}}} 1\n" for n in ('b="2"', 'a="1"', 'a="1",b="1"', 'b="10"', 'c="0"', 'a=""', 'zz="0",zy="5"', 'x="A"', 'x="a"', 'x="é"')))),
        Scenario("sequence/one group, own instance labels", put("".join(f'm{{instance="{n}"}} 1\n' for n in ("b", "a", "", "c")))),
    ]
