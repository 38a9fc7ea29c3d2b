"""Pushing: the loader, and the tools that measure it (wrk, the probe, the microbenchmark)."""

import os
import random
import socket
import subprocess
import time

from bodies import CONTENT_TYPES, LARGE_GROUPS, PATH_PREFIX, make, small_text

HERE = os.path.dirname(os.path.abspath(__file__))


def load_groups(server, numbers, salt=0, connections=16):
    """Pushes a small text body into each of these groups; fails when one is refused."""
    socks = [socket.create_connection(("127.0.0.1", server.port), timeout=120)
             for _ in range(connections)]
    numbers = iter(numbers)
    try:
        while _push_round(socks, numbers, salt):
            pass
    finally:
        for sock in socks:
            sock.close()


def _push_round(socks, numbers, salt):
    """One push on each connection; False when there are no more."""
    busy = []
    for sock, number in zip(socks, numbers):
        data = small_text(number + salt)
        sock.sendall(b"PUT %s%06d HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%s"
                     % (PATH_PREFIX.encode(), number, len(data), data))
        busy.append(sock)
    for sock in busy:
        _expect_taken(sock)
    return len(busy) == len(socks)


def _expect_taken(sock):
    reply = b""
    while not reply.endswith(b"\r\n\r\n"):
        data = sock.recv(65536)
        reply += data
        if not data or b"\r\n\r\n" in reply and not reply.startswith((b"HTTP/1.1 200", b"HTTP/1.1 202")):
            raise RuntimeError(f"push refused: {reply[:500]!r}")


def time_pushes(server, groups, count, form="text"):
    """Seconds of each of `count` single pushes, one after the other on one connection."""
    data, taken = make("small", form), []
    with socket.create_connection(("127.0.0.1", server.port), timeout=120) as sock:
        for _ in range(count):
            head = (f"PUT {PATH_PREFIX}{random.randrange(groups):06d} HTTP/1.1\r\nHost: bench\r\n"
                    f"Content-Type: {CONTENT_TYPES[form]}\r\nContent-Length: {len(data)}\r\n\r\n")
            began = time.perf_counter()
            sock.sendall(head.encode() + data)
            _expect_taken(sock)
            taken.append(time.perf_counter() - began)
    return taken


def run_wrk(server, bodies, size, form, mode, groups, seconds):
    """One run of wrk -t1. `mode` is the number of keep-alive connections, or "close".

    Returns pushes per second, and CPU microseconds of the server per push.
    """
    server.alive()
    pool = min(groups, LARGE_GROUPS) if size == "large" else groups
    close = mode == "close"
    command = ["wrk", "-t1", "-c", "8" if close else str(mode), "-d", f"{seconds}s", "--timeout", "60s",
               "-s", os.path.join(HERE, "push.lua"), f"http://127.0.0.1:{server.port}", "--",
               bodies.path(size, form), CONTENT_TYPES[form], PATH_PREFIX, str(pool)]
    cpu = server.cpu_seconds()
    told = subprocess.run(command + ["close"] * close, capture_output=True, text=True,
                          timeout=seconds + 90)
    cpu = server.cpu_seconds() - cpu
    line = [l for l in told.stdout.splitlines() if l.startswith("result ")]
    if told.returncode != 0 or not line:
        raise RuntimeError(f"wrk failed: {told.stdout}{told.stderr}")
    requests, duration, *errors = map(int, line[0].split()[1:])
    if requests == 0 or any(errors):
        raise RuntimeError(f"{server.name}: connect, read, write, status, timeout errors {errors} "
                           f"in {requests} pushes ({size} {form}, {mode}, {groups} groups)")
    return requests / duration * 1e6, cpu / requests * 1e6


def run_probe(server, binaries, bodies, groups, seconds, interval_us=2000):
    """Latency of single pushes in the state the server is in; times in microseconds."""
    server.alive()
    told = subprocess.run([os.path.join(binaries.tools, "probe"), str(server.port), str(seconds),
                           str(interval_us), PATH_PREFIX, str(groups), bodies.path("small", "text")],
                          capture_output=True, text=True, timeout=seconds + 90)
    if told.returncode != 0:
        raise RuntimeError(f"{server.name}: probe failed: {told.stderr}")
    return {name: float(value) for name, value in
            (part.split("=") for part in told.stdout.split())}


def run_micro(binaries):
    """{codec: {body: {bytes, best, median}}}, in MB/s."""
    told = subprocess.run([os.path.join(binaries.tools, "micro")], capture_output=True, text=True,
                          timeout=120)
    if told.returncode != 0:
        raise RuntimeError(f"micro failed: {told.stderr}")
    found = {}
    for line in told.stdout.splitlines():
        codec, name, size, best, median = line.split()
        found.setdefault(codec, {})[name] = {
            "bytes": int(size), "best": float(best), "median": float(median)}
    return found
