"""--limit.groups, --limit.series, --limit.series-per-group, as a client and an operator see them."""

import json

from harness import Gateway, exposition, gateway_binary


def samples(gateway):
    return exposition.samples(gateway.get("/metrics").text)


def refusal(reply):
    assert reply.status == 429, reply
    assert reply.header("Content-Type") == "text/plain; charset=utf-8"
    return reply.text


def test_groups(start):
    gateway = start("--limit.groups=2")
    assert gateway.put("/metrics/job/a", b"m 1\n").status == 200
    assert gateway.put("/metrics/job/b", b"m 1\n").status == 200
    text = refusal(gateway.put("/metrics/job/c", b"m 1\n"))
    assert text == "limit of 2 groups exceeded: there are 2, with this push there would be 3\n"
    assert refusal(gateway.post("/metrics/job/c", b"")) == text
    # Nor is a group made to tell of a push that is wrong.
    assert gateway.put("/metrics/job/c", b"m 1 1000\n").status == 400
    shown = samples(gateway)
    assert not [name for name in shown if 'job="c"' in name]
    assert shown["pushgateway_groups"] == shown["pushgateway_groups_limit"] == "2"
    assert shown['pushgateway_rejected_pushes_total{reason="limit"}'] == "2"
    assert shown['pushgateway_http_requests_total{code="429",handler="push",method="put"}'] == "1"
    assert "pushgateway_series_limit" not in shown
    assert gateway.put("/metrics/job/a", b"m 2\nn 1\no 1\n").status == 200
    assert gateway.delete("/metrics/job/b").status == 202
    assert gateway.put("/metrics/job/c", b"m 1\n").status == 200


def body(*names):
    return "".join(f"{name} 1\n" for name in names).encode()


def test_series(start):
    gateway = start("--limit.series=12")
    assert gateway.put("/metrics/job/a", body(*"abcdefghij")).status == 200
    assert samples(gateway)["pushgateway_series"] == "12"
    assert refusal(gateway.post("/metrics/job/a", body("k"))) == \
        "limit of 12 series exceeded: there are 12, with this push there would be 13\n"
    failed = 'push_failure_time_seconds{instance="",job="a"}'
    assert float(samples(gateway)[failed]) > 0
    assert gateway.post("/metrics/job/a", body("a", "b")).status == 200
    assert gateway.put("/metrics/job/a", body(*"abcdexyz")).status == 200
    assert refusal(gateway.put("/metrics/job/b", body("k"))).startswith("limit of 12 series exceeded: there are 10")
    assert gateway.put("/metrics/job/b", b"").status == 200


def test_series_of_a_group(start):
    gateway = start("--limit.series-per-group=4")
    histogram = b"# TYPE h histogram\n" + b"".join(b'h_bucket{le="%d"} 1\n' % n for n in range(20)) + b"h_sum 1\nh_count 1\n"
    assert gateway.put("/metrics/job/a", histogram + body("m")).status == 200
    assert refusal(gateway.put("/metrics/job/a", body("m", "n", "o"))) == \
        "limit of 4 series per group exceeded: the group has 4, with this push it would have 5\n"
    assert gateway.put("/metrics/job/b", body("m", "o")).status == 200
    assert samples(gateway)["pushgateway_series_per_group_limit"] == "4"


def test_a_file_is_restored_whole(tmp_path):
    file = f"--persistence.file={tmp_path}/saved"
    with Gateway(gateway_binary(), file) as gateway:
        for job in "abc":
            assert gateway.put(f"/metrics/job/{job}", body("m", "n")).status == 200
        assert gateway.stop() == 0
    with Gateway(gateway_binary(), file, "--limit.groups=1", "--limit.series=5", "--limit.series-per-group=3") as gateway:
        assert samples(gateway)["pushgateway_groups"] == "3"
        assert gateway.put("/metrics/job/a", body("m", "o")).status == 200
        assert gateway.put("/metrics/job/a", body("m")).status == 200
        assert refusal(gateway.put("/metrics/job/a", body("m", "o"))).startswith("limit of 3 series per group exceeded")
        assert gateway.stop() == 0


def test_without_the_consistency_check(start):
    gateway = start("--limit.groups=1", "--push.disable-consistency-check")
    assert gateway.put("/metrics/job/a", b"m 1\n").status == 202
    assert refusal(gateway.put("/metrics/job/b", b"m 1\n"))
    assert gateway.put("/metrics/job/b", b"m 1 1000\n").status == 202
    assert samples(gateway)["pushgateway_groups"] == "1"


def test_flags_are_told(start):
    gateway = start("--limit.series=100000")
    flags = json.loads(gateway.get("/api/v1/status").text)["data"]["flags"]
    assert flags["limit.series"] == "100000" and flags["limit.groups"] == "0"
    shown = samples(gateway)
    assert shown["pushgateway_series_limit"] == "100000" and int(float(shown["pushgateway_connections_limit"])) > 0
