"""The same configuration and the same requests to the Go server and to ours."""

import pytest
from common import TLS, users
from harness import gateway_binary, http1, oracle_binary

from test_basic_auth import head

CREDENTIALS = ["Basic YTpwdw==", "basic YTpwdw==", "BASIC YTpwdw==", "Basic  YTpwdw==", "Basic !!!", "Basic YTpwdw", "Basic YXB3", "Basic YTpweA==",
               "Basic eno6cHc=", "Basic OnB3", "Basic", "Bearer x", "Basic YTpwdwB4", "Basic YTpwdx==", "Digest YTpwdw=="]
AUTH = users(a="pw") + "http_server_config: {headers: {X-Frame-Options: deny, X-XSS-Protection: \"1\\n; x\"}}\n"
PUSH = "PUT /metrics/job/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
GET = "GET {} HTTP/1.1\r\nHost: x\r\n"

# name -> (configuration, requests on a connection each)
CASES = {
    "credentials": (AUTH, [GET.format("/-/ready") + f"Authorization: {value}\r\n\r\n" for value in CREDENTIALS] + [GET.format("/-/ready") + "\r\n"]),
    "two headers": (AUTH, [GET.format("/-/ready") + f"Authorization: {a}\r\nAuthorization: {b}\r\n\r\n"
                           for a, b in ((CREDENTIALS[0], "x"), ("x", CREDENTIALS[0]))]),
    "methods": (AUTH, [head(method, "/metrics/job/x").decode() for method in ("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO")]),
    "paths": (AUTH, [GET.format(path) + "\r\n" for path in ("/", "//x", "/nope", "/x/../y", "/%zz", "/api/v1/x", "http://y/z", "*")]),
    "granted": (AUTH, [head("GET", path, "a:pw").decode() for path in ("/-/healthy", "/nope", "/metrics/job/")]
                + [head("PUT", "/metrics/job/x", "a:pw", "Content-Length: 4").decode() + "bad\n"]),
    "refused bodies": (AUTH, [PUSH + "\r\nm 1\n", PUSH.replace("4", "60000000") + "\r\n", PUSH.replace("4", "60000000") + "Expect: 100-continue\r\n\r\n"]),
    "before the password": (AUTH, [GET.format("/") + "Bad Name: x\r\n\r\n", GET.format("/") + "Expect: x\r\n\r\n", "NONSENSE\r\n\r\n",
                                   "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"]),
    "rate limit": ("rate_limit: {interval: 1h, burst: 3}\n" + AUTH, [PUSH + "\r\nm 1\n"] * 4 + [GET.format("/-/ready") + "\r\n"]),
    "no burst": ("rate_limit: {interval: 1h, burst: 0}\n", [GET.format("/-/ready") + "\r\n"]),
    "headers": ("http_server_config: {headers: {Content-Security-Policy: x, Strict-Transport-Security: y}}\n",
                [GET.format(path) + "\r\n" for path in ("/-/ready", "/nope", "/metrics/job/", "/api/v1/x")]),
    "plain HTTP to TLS": (TLS, [GET.format("/") + "\r\n", PUSH + "\r\nm 1\n", "DELETE /metrics/job/x HTTP/1.1\r\nHost: x\r\n\r\n", "junk\r\n\r\n"]),
}


def answer(gateway, request):
    """Status, headers and body; or the bytes that are no reply of HTTP/1.1."""
    with gateway.connect() as c:
        c.send(request.encode())
        try:
            reply = c.read_response(request.split()[0])
        except http1.Incomplete as incomplete:
            return str(incomplete)
        headers = {name.lower(): value for name, value in reply.headers if name.lower() != "date"}
        return reply.version, reply.status, reply.reason, headers, reply.body, c.peek(0.1) == b""


def original():
    assert oracle_binary(), "PUSHGATEWAY_ORACLE is not set: tests/harness/fetch-original gets the original"
    return oracle_binary()


@pytest.mark.parametrize("name", CASES)
def test_same_answers(start, name):
    configuration, requests = CASES[name]
    theirs, ours = (start(configuration, binary=binary, ready=None) for binary in (original(), gateway_binary()))
    for request in requests:
        assert answer(ours, request) == answer(theirs, request), request


def test_what_lies_behind_a_refusal(start):
    """A difference: OPTIONS * needs no password there."""
    assert answer(start(AUTH, ready=None), "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")[1] == 401
    assert answer(start(AUTH, binary=original(), ready=None), "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")[1] == 200
