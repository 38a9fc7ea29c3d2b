#!/usr/bin/python3
"""How long pushes of a known client take while others guess passwords, 1,000 a second.

    PUSHGATEWAY=build/pushgateway tests/web_config/flood.py [--seconds 10] [--rate 1000] [--original BINARY]

Prints the latencies of one push every 2 ms, quiet and during the flood. Guesses come from a process of its own,
over 400 connections from ten addresses of 127.0.0.0/8, each with a password of its own. It is no test:
figures move with the machine. test_basic_auth.py holds what must be true on any.
"""

import argparse
import base64
import multiprocessing
import os
import pathlib
import selectors
import socket
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent)]

from harness import Gateway, gateway_binary  # noqa: E402

HASH = "$2b$10$abcdefghijklmnopqrstuuj7m4XYqbm74SxoBcXyw8to0CQ061DVG"  # of "pw"
CONNECTIONS, ADDRESSES = 400, 10
EVERY = 0.002


def authorization(password):
    return b"Authorization: Basic " + base64.b64encode(b"a:" + password) + b"\r\n"


def flood(port, rate, seconds, answers):
    """Guesses as fast as told, or as answers come."""
    poll = selectors.DefaultSelector()
    idle, sent, counts = [], 0, {}
    for n in range(CONNECTIONS):
        sock = socket.create_connection(("127.0.0.1", port), source_address=(f"127.0.0.{2 + n % ADDRESSES}", 0))
        sock.setblocking(False)
        poll.register(sock, selectors.EVENT_READ)
        idle.append(sock)
    began = time.monotonic()
    while (now := time.monotonic() - began) < seconds:
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
    answers.put((sent, counts))


def latencies(gateway, seconds):
    """Of one push every 2 ms on one connection, in milliseconds."""
    request = b"PUT /metrics/job/a HTTP/1.1\r\nHost: x\r\n" + authorization(b"pw") + b"Content-Length: 4\r\n\r\nm 1\n"
    taken = []
    with gateway.connect(timeout=60) as c:
        c.send(request)
        assert c.read_response().status == 200
        end = time.monotonic() + seconds
        while (began := time.monotonic()) < end:
            c.send(request)
            assert c.read_response().status == 200
            done = time.monotonic()
            taken.append((done - began) * 1000)
            time.sleep(max(0.0, EVERY - (done - began)))
    return sorted(taken)


def show(name, taken):
    def at(share):
        return taken[min(len(taken) - 1, int(len(taken) * share))]
    print(f"{name:8} {len(taken):6} pushes   median {at(0.5):7.3f} ms   99% {at(0.99):7.3f} ms   99.9% {at(0.999):7.3f} ms   worst {taken[-1]:7.3f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--original", metavar="BINARY")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "web.yml"
        path.write_text(f"basic_auth_users: {{a: {HASH}}}\n")
        binary = options.original or gateway_binary()
        with Gateway(binary, f"--web.config.file={path}", ready=401) as gateway:
            print(f"{os.path.basename(binary)}, {os.cpu_count()} processors, bcrypt's cost is 10")
            show("quiet", latencies(gateway, options.seconds))
            answers = multiprocessing.Queue()
            flooder = multiprocessing.Process(target=flood, args=(gateway.port, options.rate, options.seconds, answers))
            flooder.start()
            show("flooded", latencies(gateway, options.seconds))
            sent, counts = answers.get()
            flooder.join()
            print(f"guesses: {sent / options.seconds:.0f} a second, answers {counts}")


if __name__ == "__main__":
    main()
