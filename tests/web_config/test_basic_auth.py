"""Passwords: who gets in, what others are told, and what it costs."""

import base64
import contextlib
import os
import pathlib
import selectors
import signal
import socket
import struct
import threading
import time

import pytest
from common import FOREVER, SLOW, pushed, users
from harness.waiting import until

A = "a:pw"


def basic(credentials):
    return {"Authorization": "Basic " + base64.b64encode(credentials.encode()).decode()}


def head(method, path, credentials=None, *more):
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *more]
    if credentials:
        lines.append("Authorization: " + basic(credentials)["Authorization"])
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def is_refusal(reply):
    return ((reply.status, reply.header("WWW-Authenticate"), reply.text, reply.header("X-Content-Type-Options"), reply.header("Content-Type"))
            == (401, "Basic", "Unauthorized\n", "nosniff", "text/plain; charset=utf-8"))


@pytest.fixture
def gateway(start):
    return start(users(a="pw", b="secret"), "--web.enable-admin-api", "--web.enable-lifecycle", auth=A)


def test_who_gets_in(gateway):
    for credentials, good in (("a:pw", True), ("b:secret", True), ("a:secret", False), ("b:pw", False), ("c:pw", False), ("a:", False),
                              (":pw", False), ("", False), ("a", False), ("A:pw", False), ("a:pw ", False)):
        for _ in range(2):
            reply = gateway.get("/-/ready", headers=basic(credentials))
            assert (reply.status == 200) if good else is_refusal(reply), credentials


def test_refusals_are_logged_and_counted(gateway):
    """Once a second; what are pushes among them in a metric."""
    with gateway.connect() as c:
        for request in (head("PUT", "/metrics/job/x", "a:wrong"), head("GET", "/metrics", "a:wrong")) * 100:
            c.send(request)
            assert c.read_response().status == 401
    assert 'pushgateway_rejected_pushes_total{reason="unauthorized"} 100' in gateway.get("/metrics").text
    lines = [line for line in gateway.stderr().splitlines() if "request refused" in line]
    assert 1 <= len(lines) < 50 and "source=127.0.0.1:" in lines[0] and "err=Unauthorized" in lines[0]
    assert "wrong" not in gateway.stderr()


PATHS = ["/", "/metrics", "/status", "/-/ready", "/-/healthy", "/static/main.css", "/nope", "/api/v1/status", "/api/v1/metrics", "//metrics",
         "/metrics/", "/./metrics", "/x/../metrics", "/%6detrics", "/metrics%2Fjob", "/METRICS", "/metrics?name[]=x", "/metrics/job/a",
         "http://x/metrics", "/-/quit", "/api/v1/admin/wipe", "*", "/metrics;a:pw@", "http://a:pw@x/metrics"]


NO_TARGETS = {"http://a:pw@x/metrics"}  # refused before it matters who asks


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "CONNECT", "FOO"])
def test_no_way_around(gateway, method):
    """Each path and method, without credentials."""
    assert gateway.put("/metrics/job/kept", b"m 1\n").status == 200
    for path in PATHS:
        with gateway.connect() as c:
            c.send(head(method, path, None, "Content-Length: 4") + b"m 2\n")
            reply = c.read_response(method)
            assert reply.status == 401 or (reply.status == 400 and path in NO_TARGETS), (method, path, reply)
            assert b"Pushgateway" not in reply.body and b"push_time" not in reply.body
    assert pushed(gateway) == {'m{instance="",job="kept"} 1'}


def test_no_way_around_by_framing(gateway):
    """Each request has to say who asks, wherever it lies in the stream."""
    good, bad, push = head("GET", "/-/ready", A), head("GET", "/-/ready"), b"m 1\n"
    first = head("PUT", "/metrics/job/x", A, "Content-Length: 4") + push
    for stream, expected in (
            (good + bad, [200, 401]), (bad + good, [401, 200]), (good + bad + good, [200, 401, 200]), (first + bad, [200, 401]),
            (head("PUT", "/metrics/job/x", A, "Transfer-Encoding: chunked") + b"4\r\nm 1\n\r\n0\r\n\r\n" + bad, [200, 401]),
            # folded into another header, or in the wrong one
            (head("GET", "/-/ready", None, "X: y\r\n Authorization: " + basic(A)["Authorization"]), [401]),
            (head("GET", "/-/ready", None, "Authorization: Basic x", "Authorization: " + basic(A)["Authorization"]), [401]),
            (head("GET", "/-/ready", None, "Proxy-Authorization: " + basic(A)["Authorization"]), [401]),
            (head("GET", "/-/ready", None, "Authorization : " + basic(A)["Authorization"]), [400])):
        for step in (len(stream), 7):
            with gateway.connect() as c:
                for start in range(0, len(stream), step):
                    c.send(stream[start:start + step])
                assert [c.read_response().status for _ in expected] == expected, stream


def test_bodies_bring_no_credentials(gateway):
    """A body that comes after its refusal is not waited for, so all of it is sent at once."""
    good, bad = head("GET", "/-/ready", A), head("GET", "/-/ready")
    with gateway.connect() as c:
        c.send(head("PUT", "/metrics/job/x", None, f"Content-Length: {len(good)}") + good + bad)
        assert [c.read_response().status for _ in range(2)] == [401, 401]


def test_trailers_bring_no_credentials(gateway):
    with gateway.connect() as c:
        c.send(head("PUT", "/metrics/job/x", None, "Transfer-Encoding: chunked"))
        c.send(b"4\r\nm 1\n\r\n0\r\nAuthorization: " + basic(A)["Authorization"].encode() + b"\r\n\r\n")
        assert is_refusal(c.read_response())
    assert not pushed(gateway)


def test_a_refused_body_is_not_read(gateway):
    """Neither what is announced, nor what comes in chunks, nor what waits for 100 Continue."""
    for more in ("Content-Length: 60000000", "Transfer-Encoding: chunked", "Content-Length: 60000000\r\nExpect: 100-continue"):
        for credentials in (None, "a:wrong " + more):
            with gateway.connect() as c:
                c.send(head("PUT", "/metrics/job/x", credentials, more))
                reply = c.read_response()
                assert is_refusal(reply) and reply.header("Connection") == "close"
                assert c.closed_by_peer(10)


def test_a_body_in_flight_waits_for_the_verdict(start):
    gateway = start("basic_auth_users: {a: %s}\n" % SLOW[10], auth=None, ready=401)
    body = b"".join(b'm{n="%d"} 1\n' % n for n in range(100_000))
    for framing, sent in (("Content-Length: %d" % len(body), body), ("Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))):
        for password, status in (("pw", 200), ("no" + framing, 401)):
            with gateway.connect(timeout=60) as c:
                c.send(head("PUT", "/metrics/job/x", "a:" + password, framing))
                sender = threading.Thread(target=send_all, args=(c, sent))
                sender.start()
                assert c.read_response().status == status
                sender.join()
    gateway.auth = A
    assert len(pushed(gateway)) == 100_000


def send_all(connection, data):
    try:
        connection.send(data)
    except OSError:
        pass  # refused meanwhile


def test_continue_is_said_to_those_who_may(gateway):
    with gateway.connect() as c:
        c.send(head("PUT", "/metrics/job/x", A, "Content-Length: 4", "Expect: 100-continue"))
        assert c.read_response().status == 100
        c.send(b"m 1\n")
        assert c.read_response().status == 200


def test_connections_stay_open(gateway):
    """For the next try with a password, say."""
    with gateway.connect() as c:
        for credentials, status in ((None, 401), ("a:wrong", 401), ("a:pw", 200), ("a:wrong", 401), (None, 401), ("b:secret", 200)):
            c.send(head("PUT", "/metrics/job/x", credentials, "Content-Length: 4") + b"m 1\n")
            assert c.read_response().status == status


@contextlib.contextmanager
def checker_stopped(gateway):
    """No check goes on in it; at its end the server has seen what was sent."""
    checker = checker_of(gateway)
    os.kill(checker, signal.SIGSTOP)
    yield
    assert is_refusal(gateway.get("/-/ready"))
    os.kill(checker, signal.SIGCONT)


def test_half_closed_clients_get_their_reply(start):
    """Also those whose password takes a while, and those who send less than they said."""
    gateway = start(users(a="pw"), ready=401)
    for password, length, status in (("pw", 4, 200), ("no", 4, 401), ("no2", 5, 401)):
        with gateway.connect() as c:
            with checker_stopped(gateway):
                c.send(head("PUT", "/metrics/job/x", "a:" + password, f"Content-Length: {length}") + b"m 1\n")
                c.shutdown_write()
            assert c.read_response().status == status


def close_by_reset(connection):
    """The server notices it also while a check runs, and need not wait for that when it stops."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_clients_that_go_away_while_they_wait(start):
    gateway = start(users(a="pw"), ready=401)
    with checker_stopped(gateway):
        for n in range(20):
            with gateway.connect() as c:
                c.send(head("PUT", "/metrics/job/x", f"a:{n}", "Content-Length: 4") + b"m 1\n")
                if n % 2:
                    close_by_reset(c)
    gateway.auth = A
    assert until(lambda: gateway.get("/-/ready").status == 200, "the answer to one that stays")


def test_the_verdict_does_not_hold_up_others(start):
    """While a check runs that takes long, one who is known pushes on."""
    gateway = start("basic_auth_users: {a: %s, b: %s}\n" % (SLOW[10], FOREVER), auth=A)
    with gateway.connect(timeout=60) as waits, gateway.connect(timeout=60) as known:
        begin_check(gateway, waits, "b:wrong")
        for _ in range(100):
            known.send(head("PUT", "/metrics/job/x", A, "Content-Length: 4") + b"m 1\n")
            assert known.read_response().status == 200
        assert waits.peek(0.001) is None
        close_by_reset(waits)


def test_a_flood_is_told_so_and_others_take_turns(start):
    """One check runs, 16 of a client wait; then another client comes, and is not the last."""
    gateway = start("basic_auth_users: {a: %s, b: %s}\n" % (SLOW[10], FOREVER), ready=401)
    with contextlib.ExitStack() as stack:
        guesses = [stack.enter_context(gateway.connect(timeout=60)) for _ in range(60)]
        other = stack.enter_context(gateway.connect(timeout=60, source="127.0.0.2"))
        poll = stack.enter_context(selectors.DefaultSelector())
        with checker_stopped(gateway):
            for n, c in enumerate(guesses):
                poll.register(c.sock, selectors.EVENT_READ, c)
                c.send(head("GET", "/-/ready", f"a:{n}" if n < 2 else f"b:{n}"))
            refused = set()
            while len(refused) < 60 - 1 - 16:
                refused |= {key.data for key, _ in poll.select()}
            assert {c.read_response().status for c in refused} == {429}
            other.send(head("GET", "/-/ready", A))
        assert other.read_response().status == 200
        assert [c.read_response().status for c in guesses[:2]] == [401, 401]
        assert all(c.peek(0.001) is None for c in guesses[2:] if c not in refused)
        for c in guesses:
            close_by_reset(c)


def test_the_same_credentials_are_checked_once(start):
    """Forty requests at once would take 20 s one after the other."""
    gateway = start("basic_auth_users: {a: %s}\n" % SLOW[12], ready=401)
    with_them = [gateway.connect(timeout=60) for _ in range(40)]
    began = cpu_seconds(checker_of(gateway))
    for c in with_them:
        c.send(head("GET", "/-/ready", A))
    assert {c.read_response().status for c in with_them} == {200}
    for c in with_them:
        c.close()
    assert cpu_seconds(checker_of(gateway)) - began < 10


def checker_of(gateway):
    """The process that checks passwords."""
    return int(pathlib.Path(f"/proc/{gateway.pid}/task/{gateway.pid}/children").read_text().split()[0])


def cpu_seconds(pid):
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def begin_check(gateway, connection, credentials):
    """Returns when the checker works on it."""
    began = cpu_seconds(checker_of(gateway))
    connection.send(head("GET", "/-/ready", credentials))
    until(lambda: cpu_seconds(checker_of(gateway)) > began + 0.02, "the check", within=60)


def test_an_unknown_user_takes_as_long(start):
    """The checker works as hard for him."""
    gateway = start("basic_auth_users: {a: %s}\n" % SLOW[10], ready=401)

    def taken(user):
        began = cpu_seconds(checker_of(gateway))
        for n in range(5):
            assert gateway.get("/-/ready", headers=basic(f"{user}:{user}{n}"), timeout=60).status == 401
        return cpu_seconds(checker_of(gateway)) - began

    known, unknown = taken("a"), taken("nobody")
    assert 0.5 < known / unknown < 2


def test_the_checker_gives_way_to_the_server(start):
    gateway = start(users(a="pw"), auth=A)
    assert os.getpriority(os.PRIO_PROCESS, checker_of(gateway)) == 19 > os.getpriority(os.PRIO_PROCESS, gateway.pid)


def test_the_checker_is_replaced_when_it_dies(start):
    gateway = start("basic_auth_users: {a: %s, b: %s}\n" % (SLOW[10], FOREVER), ready=401)
    first = checker_of(gateway)
    with gateway.connect(timeout=60) as c:
        begin_check(gateway, c, "b:pw")
        os.kill(first, signal.SIGKILL)
        assert c.read_response().status == 503
        c.send(head("GET", "/-/ready", A))
        assert c.read_response().status == 200
    assert checker_of(gateway) != first
    assert "The process that checks passwords died" in gateway.stderr()


def test_the_checker_ends_with_the_server(start):
    gateway = start(users(a="pw"), auth=A)
    checker = checker_of(gateway)
    gateway.kill()
    until(lambda: not pathlib.Path(f"/proc/{checker}").exists() or " Z " in pathlib.Path(f"/proc/{checker}/stat").read_text(), "its end")
    gateway.process.returncode = 0


def test_who_waits_too_long_is_told(start):
    gateway = start("basic_auth_users: {a: %s}\n" % FOREVER, "--web.read-timeout=300ms", ready=401)
    with gateway.connect() as c:
        c.send(head("PUT", "/metrics/job/x", A, "Content-Length: 4") + b"m 1\n")
        reply = c.read_response()
        assert (reply.status, reply.text) == (503, "Service Unavailable\n")
        c.send(head("GET", "/-/ready"))
        assert c.read_response().status == 401


def test_stopping_does_not_wait_for_a_check(start):
    gateway = start("basic_auth_users: {a: %s}\n" % FOREVER, ready=401)
    with gateway.connect() as c:
        begin_check(gateway, c, A)
        began = time.monotonic()
        assert gateway.stop() == 0
        assert time.monotonic() - began < 15


def test_a_pipeline_while_waiting(start):
    """What comes behind waits, too, and its size is bounded."""
    gateway = start("basic_auth_users: {a: %s}\n" % SLOW[10], ready=401)
    with gateway.connect(timeout=60) as c:
        requests = head("PUT", "/metrics/job/x", A, "Content-Length: 4") + b"m 1\n"
        c.send(requests * 2000)
        assert [c.read_response().status for _ in range(2000)] == [200] * 2000
