#!/usr/bin/python3
"""How long pushes of a known client take while others guess passwords, 1,000 a second.

    PUSHGATEWAY=build/pushgateway tests/web_config/flood.py [--seconds 8] [--rounds 3] [--rate 1000] [--anywhere]
                                                            [--original BINARY]

Prints the latencies of one push every 2 ms: quiet, during the flood, and, as a control, of pushes to the benchmark's
bare evhttp server (`ceiling`, beside the binary) while ours is flooded: what those show too is the machine's. Guesses
come from a process of its own, over 400 connections from ten addresses of 127.0.0.0/8, each with a password of its own.

Server, checker and the client that pushes share the last processor, which is the hardest for them; who guesses has the
others, as he would have a machine of his own. With --anywhere all run where the kernel puts them.

Of the slowest pushes it tells where the time went, by the scheduler's count (/proc/PID/schedstat): the server at
work, the server or the client ready to run and waiting for a processor.

It is no test: figures move with the machine. test_basic_auth.py holds what must be true on any.
"""

import argparse
import base64
import contextlib
import multiprocessing
import os
import pathlib
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent)]

from harness import Connection, Gateway, free_port, gateway_binary  # noqa: E402

HASH = "$2b$10$abcdefghijklmnopqrstuuj7m4XYqbm74SxoBcXyw8to0CQ061DVG"  # of "pw"
CONNECTIONS, ADDRESSES = 400, 10
EVERY = 0.002
TOO_LONG = 5.0  # ms
WARM_UP = 0.5


def authorization(password):
    return b"Authorization: Basic " + base64.b64encode(b"a:" + password) + b"\r\n"


# --- The flood ---------------------------------------------------------------------------------------------------------


def flood(port, rate, processors, flows, over, answers):
    """Guesses as fast as told, or as answers come, until it is over."""
    os.sched_setaffinity(0, processors)
    poll = selectors.DefaultSelector()
    idle, sent, counts = [], 0, {}
    for n in range(CONNECTIONS):
        sock = socket.create_connection(("127.0.0.1", port), source_address=(f"127.0.0.{2 + n % ADDRESSES}", 0))
        sock.setblocking(False)
        poll.register(sock, selectors.EVENT_READ)
        idle.append(sock)
    began = time.monotonic()
    while not over.is_set():
        now = time.monotonic() - began
        if now > WARM_UP:
            flows.set()
        while idle and sent < now * rate:
            sock = idle.pop()
            sock.send(b"GET /-/ready HTTP/1.1\r\nHost: x\r\n" + authorization(b"%d" % sent) + b"\r\n")
            sent += 1
        for key, _ in poll.select(0.001):
            try:
                data = key.fileobj.recv(65536)
            except OSError:
                data = b""
            if not data:
                poll.unregister(key.fileobj)
                continue
            status = data.split()[1].decode()
            counts[status] = counts.get(status, 0) + 1
            idle.append(key.fileobj)
    answers.put((sent / (time.monotonic() - began), counts))


@contextlib.contextmanager
def flooding(port, rate, processors):
    flows, over, answers = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
    process = multiprocessing.Process(target=flood, args=(port, rate, processors, flows, over, answers))
    process.start()
    flows.wait()
    yield
    over.set()
    sent, counts = answers.get()
    process.join()
    print(f"{'':18} {sent:.0f} guesses a second, answers {counts}")


# --- The pushes --------------------------------------------------------------------------------------------------------


class Push(NamedTuple):
    """Milliseconds."""
    took: float
    server_worked: float
    server_waited: float
    client_waited: float


def scheduled(schedstat):
    """Milliseconds that a process has run, and that it was ready to run and did not."""
    ran, waited, _ = os.pread(schedstat, 100, 0).split()
    return int(ran) / 1e6, int(waited) / 1e6


def pushes(server, port, seconds):
    """One every 2 ms on one connection."""
    request = b"PUT /metrics/job/a HTTP/1.1\r\nHost: x\r\n" + authorization(b"pw") + b"Content-Length: 4\r\n\r\nm 1\n"
    made = []
    with Connection("127.0.0.1", port, timeout=60) as c, open(f"/proc/{server}/schedstat") as theirs, open("/proc/self/schedstat") as own:
        c.send(request)
        assert c.read_response().status == 200
        end = time.monotonic() + seconds
        while (began := time.monotonic()) < end:
            worked, waited = scheduled(theirs.fileno())
            client_waited = scheduled(own.fileno())[1]
            began = time.monotonic()
            c.send(request)
            assert c.read_response().status == 200
            done = time.monotonic()
            worked_then, waited_then = scheduled(theirs.fileno())
            made.append(Push((done - began) * 1000, worked_then - worked, waited_then - waited, scheduled(own.fileno())[1] - client_waited))
            time.sleep(max(0.0, EVERY - (done - began)))
    return sorted(made)


def show(name, made):
    def at(share):
        return made[min(len(made) - 1, int(len(made) * share))].took
    print(f"{name:18} {len(made):5} pushes: median {at(0.5):.3f} ms, 99% {at(0.99):.3f}, 99.9% {at(0.999):.3f}, worst {made[-1].took:.2f}; "
          f"{sum(push.took > TOO_LONG for push in made)} above {TOO_LONG:g}; the server worked {max(push.server_worked for push in made):.2f} at most")
    for push in made[:-4:-1]:
        print(f"{'':18} {push.took:6.2f} = server: {push.server_worked:.2f} at work, {push.server_waited:.2f} waiting for a processor; "
              f"client: {push.client_waited:.2f} waiting for one")


# --- Servers -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def bare_server():
    """Answers 200 and does nothing else."""
    port = free_port()
    with subprocess.Popen([os.path.join(os.path.dirname(gateway_binary()), "ceiling"), str(port)]) as process:
        try:
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
            yield process.pid, port
        finally:
            process.terminate()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--anywhere", action="store_true")
    parser.add_argument("--original", metavar="BINARY")
    options = parser.parse_args()
    everywhere = os.sched_getaffinity(0)
    last = {max(everywhere)}
    guesses = everywhere if options.anywhere else everywhere - last or last
    os.sched_setaffinity(0, everywhere if options.anywhere else last)
    binary = options.original or gateway_binary()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "web.yml"
        path.write_text(f"basic_auth_users: {{a: {HASH}}}\n")
        print(f"{os.path.basename(binary)}, {os.cpu_count()} processors, bcrypt's cost is 10")
        with Gateway(binary, f"--web.config.file={path}", ready=401) as gateway, bare_server() as bare:
            ours = gateway.pid, gateway.port
            for _ in range(options.rounds):
                show("quiet", pushes(*ours, options.seconds))
                with flooding(gateway.port, options.rate, guesses):
                    show("flooded", pushes(*ours, options.seconds))
                    show("bare, beside it", pushes(*bare, options.seconds))


if __name__ == "__main__":
    main()
