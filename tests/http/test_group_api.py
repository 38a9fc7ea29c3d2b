"""The list of groups by the page, one group, own metrics: GET /api/v1/groups and what is below."""

import base64
import json
import random
import threading
import urllib.parse

import pytest

JOBS = ["alpha", "alphabet", "Beta", "a/b", "ünï", "<script>alert(1)</script>", "x y+z", ".."]
FAMILIES = ["up", "backup_seconds", "Backup_total", "m"]


def get_json(gateway, path, query=(), status=200):
    reply = gateway.get(path + ("?" + urllib.parse.urlencode(list(query)) if query else ""))
    assert reply.status == status, reply.body
    assert reply.header("Content-Type") == "application/json"
    assert reply.header("Access-Control-Allow-Origin") == "*"
    return json.loads(reply.body)


def groups(gateway, *query):
    return get_json(gateway, "/api/v1/groups", query)["data"]


def pages(gateway, *query, limit=7):
    """All groups of a list, page by page, and the first page's data."""
    found, after, first = [], (), None
    while True:
        data = groups(gateway, ("limit", limit), *query, *after)
        first = first or data
        found += data["groups"]
        assert len(data["groups"]) <= limit
        if "next" not in data:
            return found, first
        assert len(data["groups"]) == limit
        after = (("after", data["next"]),)


def push_path(labels):
    names = sorted(labels, key=lambda name: name != "job")
    return "/metrics/" + "/".join(f"{name}@base64/{base64url(labels[name])}" for name in names)


def base64url(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") or "="


class Twin:
    """What was pushed, and which of it a filter lets through, in Python."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.groups = []  # in the order of the last successful push

    def push(self, labels, families, fails=False):
        body = "".join(f"{name} 1\n" for name in families)
        reply = self.gateway.put(push_path(labels), (body or "m 1\n").rstrip("\n").encode() + (b" 1\n" if fails else b"\n"))
        assert reply.status == (400 if fails else 200), reply.body
        known = [group for group in self.groups if group["labels"] == labels]
        if fails and known:
            known[0]["failed"] = True
            return
        if known:
            self.groups.remove(known[0])
        group = {"labels": labels, "families": [] if fails else list(families), "failed": fails}
        self.groups.insert(0 if fails else len(self.groups), group)

    def listed(self, passes):
        return [group["labels"] for group in self.groups if passes(group)]


def in_any_order(labels):
    return sorted(sorted(one.items()) for one in labels)


def texts_of(group):
    own = ["push_time_seconds", "push_failure_time_seconds"]
    return [text for pair in group["labels"].items() for text in pair] + group["families"] + own


def has_text(text):
    fold = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
    return lambda group: any(text.translate(fold) in one.translate(fold) for one in texts_of(group))


@pytest.fixture(scope="module")
def twin(gateway):
    dice = random.Random(5)
    twin = Twin(gateway)
    for _ in range(160):
        labels = {"job": dice.choice(JOBS)}
        if dice.random() < 0.8:
            labels["instance"] = f"host-{dice.randrange(12)}"
        if dice.random() < 0.3:
            labels["Zone"] = dice.choice(["", "eu", "US"])
        twin.push(labels, dice.sample(FAMILIES, dice.randrange(1, 4)), fails=dice.random() < 0.15)
    assert len(twin.groups) > 60
    return twin


FILTERS = [
    ([], lambda group: True),
    ([("q", "ALPHA")], has_text("alpha")),
    ([("q", "alpha"), ("q", "host-1")], lambda group: has_text("alpha")(group) and has_text("host-1")(group)),
    ([("q", "backup_")], has_text("backup_")),
    ([("q", "ünï")], has_text("ünï")),
    ([("q", "<script>")], has_text("<script>")),
    ([("q", "nobody has this")], lambda group: False),
    ([("q", "push_time")], lambda group: True),
    ([("failed", "1")], lambda group: group["failed"]),
    ([("failed", "true"), ("q", "alpha")], lambda group: group["failed"] and has_text("alpha")(group)),
    ([("metric", "up")], lambda group: "up" in group["families"]),
    ([("metric", "Up")], lambda group: False),
    ([("metric", "push_time_seconds")], lambda group: True),
    ([("match[]", 'job="alpha"')], lambda group: group["labels"]["job"] == "alpha"),
    ([("match[]", 'job="alphab"')], lambda group: False),
    ([("match[]", '{job="a/b",instance="host-3"}')], lambda group: (group["labels"]["job"], group["labels"].get("instance")) == ("a/b", "host-3")),
    ([("match[]", '{Zone=""}')], lambda group: group["labels"].get("Zone", "") == ""),
    ([("match[]", '{Zone!=""}')], lambda group: group["labels"].get("Zone", "") != ""),
    ([("match[]", 'up{job="Beta"}')], lambda group: group["labels"]["job"] == "Beta" and "up" in group["families"]),
    ([("match[]", "up"), ("match[]", 'job="Beta"')], lambda group: group["labels"]["job"] == "Beta" or "up" in group["families"]),
    ([("match[]", 'job="Beta"'), ("metric", "m"), ("failed", "0")], lambda group: group["labels"]["job"] == "Beta" and "m" in group["families"]),
]


@pytest.mark.parametrize("query,passes", FILTERS, ids=[urllib.parse.urlencode(query) or "all" for query, _ in FILTERS])
def test_filters_show_what_they_say(gateway, twin, query, passes):
    wanted = twin.listed(passes)
    for sort in ("key", "oldest", "newest"):
        for limit in (1, 7, 1000):
            found, first = pages(gateway, ("sort", sort), ("count", "1"), *query, limit=limit)
            labels = [group["labels"] for group in found]
            assert first["matched"] == len(wanted)
            assert first["groups_total"] == len(twin.groups)
            assert first["groups_failed"] == sum(group["failed"] for group in twin.groups)
            if sort == "key":
                assert in_any_order(labels) == in_any_order(wanted)
            else:
                # those never pushed to are the oldest, in any order
                never = [group["labels"] for group in found if "push_time" not in group]
                pushed = [one for one in labels if one not in never]
                assert pushed == [one for one in (wanted if sort == "oldest" else wanted[::-1]) if one not in never]
                assert labels == (never + pushed if sort == "oldest" else pushed + never)
                assert in_any_order(labels) == in_any_order(wanted)


def test_keys_are_in_order_of_job_first(gateway, twin):
    jobs = [group["labels"]["job"] for group in pages(gateway)[0]]
    assert jobs == sorted(jobs, key=lambda job: job.encode())


def test_what_is_said_of_a_group(start):
    gateway = start()
    gateway.put("/metrics/job/a%20b/instance@base64/=", b'm{x="1"} 1\nm{x="2"} 2\nn 3\n')
    [group] = groups(gateway)["groups"]
    assert group.pop("push_time").startswith("20")
    assert group == {"labels": {"instance": "", "job": "a b"}, "last_push_successful": True, "metric_families": 2,
                     "path": "job/a%20b/instance@base64/=", "series": 3}
    gateway.put("/metrics/" + group["path"], b"m 1 1\n")
    [group] = groups(gateway)["groups"]
    assert group["last_push_successful"] is False and group["push_failure_time"] > group["push_time"]


def test_paths_lead_to_their_groups(gateway, twin):
    for group in pages(gateway, limit=1000)[0]:
        one = get_json(gateway, "/api/v1/groups/" + group["path"])["data"]
        assert {key: value for key, value in one.items() if key != "families"} == group
        assert [family["name"] for family in one["families"]] == sorted(family["name"] for family in one["families"])


def test_pages_go_on_behind_a_deleted_group(start):
    gateway = start()
    for i in range(6):
        gateway.put(f"/metrics/job/{i}", b"m 1\n")
    gateway.put("/metrics/job/5", b"m 1 1\n")
    for sort, before, behind in (("key", "01", "2345"), ("oldest", "01", "2345"), ("newest", "54", "3210")):
        data = groups(gateway, ("sort", sort), ("limit", 2))
        assert "".join(group["labels"]["job"] for group in data["groups"]) == before
        gateway.delete(f"/metrics/job/{before[1]}")
        rest = groups(gateway, ("sort", sort), ("after", data["next"]))["groups"]
        assert "".join(group["labels"]["job"] for group in rest) == behind
        # back to where it was
        for i in range(6):
            gateway.put(f"/metrics/job/{i}", b"m 1\n")


BAD = [("limit", "0"), ("limit", "1001"), ("limit", "x"), ("limit", ""), ("sort", "age"), ("sort", ""), ("failed", "yes"), ("count", "2"),
       ("after", "nonsense"), ("after", "job"), ("after", "job/a/b"), ("after", "job/%zz"), ("after", "job@base64/!"), ("match[]", "{"), ("match[]", 'a=~"b"')]


@pytest.mark.parametrize("name,value", BAD)
def test_a_wrong_query_is_refused(gateway, name, value):
    answer = get_json(gateway, "/api/v1/groups", [(name, value)], status=400)
    assert answer["status"] == "error" and answer["errorType"] == "bad_data" and answer["error"]


@pytest.mark.parametrize("after", ["job/a", "x:job/a", ":job/a", "99999999999999999999:job/a", "1:"])
def test_a_cursor_of_another_list_is_refused(gateway, after):
    assert "cursor" in get_json(gateway, "/api/v1/groups", [("sort", "newest"), ("after", after)], status=400)["error"]


def test_unknown_parameters_are_passed_over(gateway, twin):
    assert groups(gateway, ("x", "y"), ("q", ""), ("match[]", ""), ("metric", ""), ("after", ""))["matched"] == len(twin.groups)


# --- One group ---------------------------------------------------------------------------------------

BODY = b"""\
# HELP h A histogram.
# TYPE h histogram
h_bucket{le="0.5"} 1
h_bucket{le="+Inf"} 3
h_sum 4.5
h_count 3
# TYPE m gauge
m{l="a"} 1
m{l="b"} 2
m{l="c"} NaN
# TYPE s summary
s{quantile="0.5"} 7
s_sum 8
s_count 9
"""


def names(data):
    return [family["name"] for family in data["families"]]


def test_one_group_shows_its_families(start):
    gateway = start()
    gateway.put("/metrics/job/a", BODY)
    data = get_json(gateway, "/api/v1/groups/job/a")["data"]
    assert names(data) == ["h", "m", "push_failure_time_seconds", "push_time_seconds", "s"]
    h, m, _, _, s = data["families"]
    assert (h["type"], h["help"], h["series"]) == ("HISTOGRAM", "A histogram.", 1)
    assert h["metrics"] == [{"buckets": {"0.5": "1", "+Inf": "3"}, "count": "3", "sum": "4.5", "labels": {"instance": "", "job": "a"}}]
    assert [metric["value"] for metric in m["metrics"]] == ["1", "2", "NaN"] and "help" not in m
    assert s["metrics"] == [{"count": "9", "sum": "8", "quantiles": {"0.5": "7"}, "labels": {"instance": "", "job": "a"}}]
    assert m["time_stamp"] == data["push_time"]


def test_one_group_by_the_part(start):
    gateway = start()
    gateway.put("/metrics/job/a", BODY)

    def part(**query):
        return get_json(gateway, "/api/v1/groups/job/a", query.items())["data"]

    assert names(part(family="m")) == ["m"] and names(part(family="l")) == []
    first = part(limit=2, metrics=1)
    assert names(first) == ["h", "m"] and first["next"] == "m"
    assert [len(family["metrics"]) for family in first["families"]] == [1, 1]
    assert [family["series"] for family in first["families"]] == [1, 3]
    rest = part(after=first["next"], metrics=0)
    assert names(rest) == ["push_failure_time_seconds", "push_time_seconds", "s"] and "next" not in rest
    assert all(family["metrics"] == [] for family in rest["families"])
    assert names(part(after="n", limit=1)) == ["push_failure_time_seconds"]
    assert names(part(after="zzz")) == []


@pytest.mark.parametrize("query", [[("limit", "0")], [("limit", "-1")], [("metrics", "x")]])
def test_a_wrong_query_of_one_group_is_refused(start, query):
    gateway = start()
    gateway.put("/metrics/job/a", BODY)
    get_json(gateway, "/api/v1/groups/job/a", query, status=400)


def test_no_such_group(gateway):
    assert get_json(gateway, "/api/v1/groups/job/nobody", status=404)["errorType"] == "not_found"
    assert get_json(gateway, "/api/v1/groups/job/a/b", status=400)["errorType"] == "bad_data"


def test_a_large_group_comes_in_pieces(start):
    gateway = start()
    count = 20000
    gateway.put("/metrics/job/large", "".join(f'm{{i="{i:06}"}} {i}\n' for i in range(count)).encode())
    data = get_json(gateway, "/api/v1/groups/job/large", [("family", "m")])["data"]
    assert [metric["value"] for metric in data["families"][0]["metrics"]][-1] == str(count - 1)
    assert len(data["families"][0]["metrics"]) == data["series"] == count


# --- While the store changes -------------------------------------------------------------------------


def test_pages_are_whole_while_groups_come_and_go(start):
    """A group that stays must be on exactly one page by key, whatever happens around it."""
    gateway = start()
    for i in range(300):
        gateway.put(f"/metrics/job/stays{i:03}", b"m 1\n")
    done = threading.Event()

    def churn():
        i = 0
        while not done.is_set():
            gateway.put(f"/metrics/job/stays{i % 300:03}/x/{i}", b"m 1\n")
            gateway.delete(f"/metrics/job/stays{(i - 3) % 300:03}/x/{i - 3}")
            i += 1

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        for _ in range(5):
            found = [group["labels"]["job"] for group in pages(gateway, limit=11)[0] if "x" not in group["labels"]]
            assert found == [f"stays{i:03}" for i in range(300)]
            found = [group["labels"]["job"] for group in pages(gateway, ("q", "stays"), ("metric", "m"), limit=11)[0] if "x" not in group["labels"]]
            assert found == [f"stays{i:03}" for i in range(300)]
    finally:
        done.set()
        thread.join()


def test_the_order_by_age_survives_a_restart(start, tmp_path):
    flag = f"--persistence.file={tmp_path / 'metrics'}"
    gateway = start(flag)
    for job in "cabed":
        gateway.put(f"/metrics/job/{job}", b"m 1\n")
    assert gateway.stop() == 0
    gateway = start(flag)
    gateway.put("/metrics/job/e", b"m 1\n")
    assert "".join(group["labels"]["job"] for group in groups(gateway, ("sort", "newest"))["groups"]) == "edbac"


# --- Own metrics -------------------------------------------------------------------------------------


def test_own_metrics(start):
    gateway = start()
    gateway.put("/metrics/job/a", b"# TYPE pushgateway_groups gauge\npushgateway_groups 7\n")
    gateway.put("/metrics/job/a", b"m 1 1\n")
    families = {family["name"]: family for family in get_json(gateway, "/api/v1/status/metrics")["data"]}
    assert families["pushgateway_groups"]["metrics"] == [{"labels": {}, "value": "1"}]
    assert families["pushgateway_groups"]["type"] == "GAUGE" and families["pushgateway_groups"]["help"]
    requests = families["pushgateway_http_requests_total"]["metrics"]
    assert {"labels": {"code": "400", "handler": "push", "method": "put"}, "value": "1"} in requests
    assert sum(float(metric["value"]) for metric in families["pushgateway_rejected_pushes_total"]["metrics"]) == 1
    assert families["pushgateway_http_push_size_bytes"]["metrics"][0]["quantiles"]
