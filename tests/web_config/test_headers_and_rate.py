"""http_server_config.headers and rate_limit."""

import pytest
from common import users
from harness.waiting import until

HEADERS = """\
http_server_config:
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 1
    Strict-Transport-Security: max-age=31536000; includeSubDomains
"""
EXPECTED = {"Content-Security-Policy": "default-src 'self'", "X-Frame-Options": "deny", "X-Content-Type-Options": "nosniff",
            "X-XSS-Protection": "1", "Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def added(reply):
    return {name: reply.header(name) for name in EXPECTED if reply.header(name) is not None}


@pytest.mark.parametrize("method, path, status", [
    ("GET", "/", 200), ("GET", "/metrics", 200), ("GET", "/nope", 404), ("PUT", "/metrics", 405), ("GET", "//x", 307),
    ("DELETE", "/metrics/job/a", 202), ("PUT", "/metrics/job/a", 200), ("POST", "/metrics/job/a/b", 400), ("GET", "/api/v1/status", 200),
    ("OPTIONS", "/api/v1/status", 200), ("HEAD", "/metrics", 405)])
def test_each_reply_has_them_once(start, method, path, status):
    gateway = start(HEADERS)
    reply = gateway.request(method, path)
    assert (reply.status, added(reply)) == (status, EXPECTED)


def test_a_stream_and_a_refusal_have_them(start):
    gateway = start(HEADERS + users(a="pw"), auth="a:pw")
    body = "".join(f'big{{n="{n}"}} {n}\n' for n in range(20000)).encode()
    assert gateway.put("/metrics/job/big", body).status == 200
    assert added(gateway.get("/metrics")) == EXPECTED
    gateway.auth = None
    reply = gateway.get("/metrics")
    assert (reply.status, added(reply)) == (401, EXPECTED)


def test_a_blank_one_is_not_set(start):
    gateway = start("http_server_config: {headers: {Strict-Transport-Security: '', X-XSS-Protection: '  '}}\n")
    assert added(gateway.get("/-/ready")) == {}


def test_a_limit_is_for_all_together(start):
    gateway = start("rate_limit: {interval: 1h, burst: 10}\n" + HEADERS)  # being ready took one
    with gateway.connect() as c:
        request = b"PUT /metrics/job/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nm 1\n"
        for status in [200] * 5:
            c.send(request)
            assert c.read_response().status == status
        for status in [200] * 4 + [429] * 3:
            reply = gateway.get("/-/ready")
            assert reply.status == status
        assert (reply.text, reply.header("X-Content-Type-Options"), reply.header("X-Frame-Options")) == ("Too Many Requests\n", "nosniff", None)
        c.send(request)
        assert c.read_response().status == 429
        c.send(request.replace(b"Length: 4", b"Length: 60000000"))
        reply = c.read_response()
        assert (reply.status, reply.header("Connection")) == (429, "close")


def test_tokens_come_back(start):
    gateway = start("rate_limit: {interval: 100ms, burst: 1}\n")
    until(lambda: gateway.get("/-/ready").status == 429, "a refusal")
    until(lambda: gateway.get("/-/ready").status == 200, "a token")


def test_no_burst_is_nothing_at_all(start):
    gateway = start("rate_limit: {interval: 1s}\n", ready=429)
    assert "rate_limit without burst refuses all requests" in gateway.stderr()


def test_no_interval_is_no_limit(start):
    gateway = start("rate_limit: {interval: 0, burst: 0}\n")
    assert {gateway.get("/-/ready").status for _ in range(20)} == {200}


def test_the_limit_comes_before_the_password(start):
    """Guesses are limited, too."""
    gateway = start("rate_limit: {interval: 1h, burst: 3}\n" + users(a="pw"), ready=401)
    assert [gateway.get("/-/ready").status for _ in range(4)] == [401, 401, 429, 429]
    gateway.auth = "a:pw"
    assert gateway.get("/-/ready").status == 429
