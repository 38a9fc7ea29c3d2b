"""curl, the way shell scripts push: files, pipes, `Expect: 100-continue`, compression."""

import gzip
import subprocess

import pytest

from client_support import families, group, grouping_keys, groups, pushed_families, run, value_of

# curl waits this long, in seconds, for a "100 Continue" that never comes.
EXPECT_TIMEOUT = 1.0
CLEARLY_LESS = 0.7 * EXPECT_TIMEOUT

SMALL = b"# HELP m M.\n# TYPE m gauge\nm 1.5\n"


def big_body(size):
    lines, length = [b"# HELP big Big.\n# TYPE big gauge\n"], 0
    while length < size:
        lines.append(b'big{number="%d",path="/some/where"} %d\n' % (len(lines), len(lines)))
        length += len(lines[-1])
    return b"".join(lines), len(lines) - 1


class Curl:
    """One run of curl: the reply's body, its status, the time it took and what was said."""

    def __init__(self, gateway, path, *options, stdin=b""):
        done = subprocess.run(
            ["curl", "-sSv", "-w", "\n%{http_code} %{time_total}", *options, gateway.url + path],
            input=stdin,
            capture_output=True,
            timeout=30,
        )
        self.talk = done.stderr.decode(errors="replace")
        assert done.returncode == 0, self.talk
        body, _, figures = done.stdout.decode().rpartition("\n")
        self.body = body
        self.status, self.seconds = int(figures.split()[0]), float(figures.split()[1])

    def did_not_wait(self):
        """Whether it asked to be told to go on, was told so, and at once."""
        assert "> Expect: 100-continue" in self.talk
        assert "< HTTP/1.1 100 Continue" in self.talk
        return self.seconds < CLEARLY_LESS


def test_data_binary_from_a_pipe(gateway):
    reply = Curl(gateway, "/metrics/job/j/instance/i", "--data-binary", "@-", stdin=SMALL)
    assert "> Content-Type: application/x-www-form-urlencoded" in reply.talk
    assert (reply.status, reply.body) == (200, "")
    assert "< Content-Length: 0" in reply.talk
    assert value_of(gateway, "m", job="j", instance="i") == 1.5


def test_data_binary_that_looks_like_a_form(gateway):
    body = b'm{a="x=1&y=%41+b"} 1\n'
    assert Curl(gateway, "/metrics/job/j", "--data-binary", "@-", stdin=body).status == 200
    assert value_of(gateway, "m", job="j", a="x=1&y=%41+b") == 1


def test_data_without_binary_loses_the_newlines(gateway):
    """The classic mistake: -d strips them, and the last line must end in one."""
    reply = Curl(gateway, "/metrics/job/j", "-d", "@-", stdin=b"m 1\n")
    assert reply.status == 400
    assert reply.body == "text format parsing error in line 1: unexpected end of input stream\n"
    assert groups(gateway) == []


def test_methods(gateway):
    def push(*method, body):
        return Curl(gateway, "/metrics/job/j", *method, "--data-binary", "@-", stdin=body).status

    assert push("-X", "PUT", body=b"a 1\nb 1\n") == 200
    assert push("-X", "POST", body=b"b 2\nc 2\n") == 200
    assert pushed_families(group(gateway, job="j")) == {"a", "b", "c"}
    assert push("-X", "PUT", body=b"d 1\n") == 200
    assert pushed_families(group(gateway, job="j")) == {"d"}


def test_upload_of_a_file(gateway, tmp_path):
    file = tmp_path / "metrics.prom"
    file.write_bytes(SMALL)
    reply = Curl(gateway, "/metrics/job/j", "-T", str(file), "-H", "Expect: 100-continue")
    assert "> PUT /metrics/job/j " in reply.talk and f"> Content-Length: {len(SMALL)}" in reply.talk
    assert reply.status == 200 and reply.did_not_wait()
    assert value_of(gateway, "m", job="j") == 1.5


def test_upload_of_a_pipe(gateway):
    reply = Curl(gateway, "/metrics/job/j", "-T", "-", stdin=SMALL)
    assert "> Transfer-Encoding: chunked" in reply.talk and "> Content-Type" not in reply.talk
    assert reply.status == 200 and reply.did_not_wait()
    assert value_of(gateway, "m", job="j") == 1.5


@pytest.mark.parametrize(
    "how",
    [["--data-binary", "@-"], ["-X", "PUT", "--data-binary", "@-"], ["-T", "-"]],
    ids=["POST", "PUT", "chunked PUT"],
)
def test_a_body_of_more_than_a_mebibyte(gateway, how):
    body, lines = big_body(1_150_000)
    reply = Curl(gateway, "/metrics/job/j", *how, stdin=body)
    assert reply.status == 200 and reply.did_not_wait()
    big = {sample.labels["number"]: sample.value for sample in families(gateway)["big"].samples}
    assert len(big) == lines and all(value == float(number) for number, value in big.items())


def test_a_refusal_of_an_expected_body(gateway):
    reply = Curl(gateway, "/metrics/job/j/odd", "-T", "-", stdin=SMALL)
    assert reply.status == 400
    assert reply.body == 'odd number of components in label string "/odd"\n'
    assert groups(gateway) == []


def test_a_refusal_of_an_expected_body_comes_at_once(gateway, not_the_original):
    """The original lets curl wait out its second: it says nothing until the body came."""
    reply = Curl(gateway, "/metrics/job/j/odd", "-T", "-", stdin=SMALL)
    assert reply.status == 400 and reply.seconds < CLEARLY_LESS


@pytest.mark.parametrize("how", [["--data-binary", "@-"], ["-T", "-"]], ids=["length", "chunked"])
def test_gzip_body(gateway, how):
    body, lines = big_body(300_000)
    packed = gzip.compress(body)
    reply = Curl(gateway, "/metrics/job/j", *how, "-H", "Content-Encoding: gzip", stdin=packed)
    assert reply.status == 200
    assert len(families(gateway)["big"].samples) == lines


def test_two_urls_on_one_connection(gateway):
    urls = [gateway.url + "/metrics/job/" + job for job in ("first", "second")]
    done = run(["curl", "-sSv", "--data-binary", SMALL, *urls])
    assert b"Re-using existing connection" in done.stderr
    assert sorted(key["job"] for key in grouping_keys(gateway)) == ["first", "second"]


def test_http_1_0(gateway):
    reply = Curl(gateway, "/metrics/job/j", "--http1.0", "--data-binary", "@-", stdin=SMALL)
    assert reply.status == 200
    assert value_of(gateway, "m", job="j") == 1.5


def test_delete(gateway):
    for instance in ("a", "b"):
        gateway.put(f"/metrics/job/j/instance/{instance}", SMALL)
    reply = Curl(gateway, "/metrics/job/j/instance/a", "-X", "DELETE")
    assert (reply.status, reply.body) == (202, "")
    assert grouping_keys(gateway) == [{"job": "j", "instance": "b"}]
    assert Curl(gateway, "/metrics/job/j/instance/b", "-X", "DELETE", "-d", "ignored").status == 202
    assert Curl(gateway, "/metrics/job/unknown", "-X", "DELETE").status == 202
    assert groups(gateway) == []


def test_a_compressed_scrape(gateway):
    gateway.put("/metrics/job/j", SMALL)
    reply = Curl(gateway, "/metrics", "--compressed", "-H", "Accept-Encoding: gzip")
    assert "< Content-Encoding: gzip" in reply.talk
    assert '\nm{instance="",job="j"} 1.5\n' in reply.body
