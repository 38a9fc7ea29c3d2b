"""Start, addresses, the end."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

import pytest
from wire import READY, put

from harness import Gateway, StartFailed, free_port, gateway_binary, http1
from harness.waiting import until


def run(*flags, **options):
    return subprocess.run([gateway_binary(), "--persistence.file=", *flags], capture_output=True, text=True, timeout=10, **options)


def test_a_busy_port():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        ended = run(f"--web.listen-address=127.0.0.1:{port}")
    assert ended.returncode == 1
    assert f"127.0.0.1:{port}" in ended.stderr and "in use" in ended.stderr


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1", "1.2.3.4.5:1", "127.0.0.1:notaport", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80", "[::1", "192.0.2.1:80"])
def test_an_impossible_address(address):
    ended = run(f"--web.listen-address={address}")
    assert ended.returncode == 1
    assert address in ended.stderr


class Process:
    """A server on addresses of its own choice."""

    def __init__(self, *flags, **options):
        self.process = subprocess.Popen([gateway_binary(), "--persistence.file=", *flags], stderr=subprocess.PIPE, **options)
        self.log = b""
        os.set_blocking(self.process.stderr.fileno(), False)

    def addresses(self, count):
        def found():
            self.log += self.process.stderr.read() or b""
            lines = re.findall(rb"Listening on.*?address=(\S+)", self.log)
            assert self.process.poll() is None, self.log
            return len(lines) == count and [line.decode() for line in lines]
        return until(found, what=f"{count} addresses in the log")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        assert self.process.wait(10) == 0
        self.process.stderr.close()


def ready(host, port):
    return http1.request(host, port, "GET", "/-/ready").text == "OK"


def test_several_addresses_and_free_ports():
    with Process("--web.listen-address=127.0.0.1:0", "--web.listen-address=[::1]:0", "--web.listen-address=localhost:0") as server:
        four, six, name = server.addresses(3)
        assert re.fullmatch(r"127\.0\.0\.1:[1-9]\d*", four)
        assert re.fullmatch(r"\[::1\]:[1-9]\d*", six)
        assert re.fullmatch(r"127\.0\.0\.1:[1-9]\d*", name)
        assert ready("127.0.0.1", int(four.rsplit(":", 1)[1]))
        assert ready("::1", int(six.rsplit(":", 1)[1]))


def test_all_addresses():
    port = free_port()
    with Process(f"--web.listen-address=:{port}") as server:
        server.addresses(1)
        assert ready("127.0.0.1", port)
        assert ready("::1", port)


def test_sockets_from_systemd():
    with socket.socket() as first, socket.socket() as second:
        for sock in (first, second):
            sock.bind(("127.0.0.1", 0))
            sock.listen()
        ports = [first.getsockname()[1], second.getsockname()[1]]

        script = 'exec 3<&"$1" 4<&"$2"; shift 2; LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"'
        fds = (first.fileno(), second.fileno())
        process = subprocess.Popen(["bash", "-c", script, "bash", *map(str, fds), gateway_binary(), "--persistence.file=", "--web.systemd-socket"],
                                   pass_fds=fds, stderr=subprocess.PIPE)
    try:
        for port in ports:
            until(lambda port=port: can_ask(port), what="an answer")
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stderr.close()


def can_ask(port):
    try:
        return ready("127.0.0.1", port)
    except OSError:
        return False


def test_systemd_without_sockets():
    ended = run("--web.systemd-socket")
    assert ended.returncode == 1
    assert "socket activation" in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it(number):
    gateway = Gateway(gateway_binary()).start()
    idle, used = gateway.connect(), gateway.connect()
    used.send(READY)
    assert used.read_response().status == 200
    began = time.monotonic()
    gateway.process.send_signal(number)
    assert gateway.process.wait(10) == 0
    assert time.monotonic() - began < 3, "idle connections hold up the end"
    assert idle.closed_by_peer() and used.closed_by_peer()
    gateway.stop()


def test_a_signal_right_after_the_port_opened_ends_it_in_order():
    for _ in range(10):
        process = subprocess.Popen([gateway_binary(), "--web.listen-address=127.0.0.1:0"], stderr=subprocess.PIPE)
        with process.stderr as log:
            while b"Listening on" not in (line := log.readline()):
                assert line
            process.terminate()
            assert b"exiting gracefully" in log.read()
        assert process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGPIPE])
def test_a_signal_that_means_nothing(gateway, number):
    gateway.process.send_signal(number)
    assert gateway.get("/-/ready").status == 200


def test_nohup():
    with Process("--web.listen-address=127.0.0.1:0", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as server:
        (address,) = server.addresses(1)
        server.process.send_signal(signal.SIGHUP)
        assert http1.request(*address.rsplit(":", 1), "GET", "/-/ready").status == 200


def test_a_request_in_flight_ends():
    gateway = Gateway(gateway_binary()).start()
    request = put("/metrics/job/a", b"m 1\n")
    with gateway.connect() as c:
        c.send(request[:-2])
        assert gateway.get("/-/ready").status == 200
        gateway.process.terminate()
        until(lambda: refused(gateway.port), what="the end of listening")
        c.send(request[-2:])
        reply = c.read_response()
        assert (reply.status, reply.header("Connection")) == (200, "close")
        assert c.closed_by_peer()
    assert gateway.process.wait(10) == 0
    gateway.stop()


def refused(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


def test_a_request_that_never_ends_does_not_hold_it():
    gateway = Gateway(gateway_binary()).start()
    with gateway.connect() as c:
        c.send(READY[:-2])
        assert gateway.get("/-/ready").status == 200
        began = time.monotonic()
        assert gateway.stop() == 0
        assert time.monotonic() - began < 8


def test_a_scrape_in_flight_ends():
    gateway = Gateway(gateway_binary()).start()
    body = "".join(f'big{{n="{n}"}} {n}\n' for n in range(100000)).encode()
    assert gateway.put("/metrics/job/big", body, timeout=60).status == 200
    with gateway.connect(timeout=30) as c:
        c.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        c.sock.recv(1, socket.MSG_PEEK)
        gateway.process.terminate()
        assert c.read_response().text.count("\nbig{") == 100000
    assert gateway.process.wait(10) == 0
    gateway.stop()


def test_quit(start):
    with Gateway(gateway_binary(), "--web.enable-lifecycle") as gateway:
        assert gateway.get("/-/quit").status == 405
        reply = gateway.put("/-/quit")
        assert (reply.status, reply.text) == (200, "Requesting termination... Goodbye!")
        assert gateway.process.wait(10) == 0
    closed = start()
    assert closed.post("/-/quit").status == 403
    assert closed.get("/-/ready").status == 200


def test_many_at_once(gateway):
    """Pushes of many clients, each over one connection, all answered, none mixed up."""
    failures = []

    def push_often(n):
        with gateway.connect(timeout=30) as c:
            for i in range(50):
                c.send(put(f"/metrics/job/many{n}", b"m %d\n" % i) if n % 2 else put(f"/metrics/job/many{n}", b"bad"))
                if c.read_response().status != (200 if n % 2 else 400):
                    failures.append((n, i))

    threads = [threading.Thread(target=push_often, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_start_failed_is_told():
    with pytest.raises(StartFailed):
        Gateway(gateway_binary(), "--web.listen-address=nonsense").start()
