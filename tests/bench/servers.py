"""The three servers: the original, ours, and the ceiling, which answers without doing anything.

All listen on 127.0.0.1. The original and ours take the same flags.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import free_port

READY_WITHIN = 300.0  # the original reads 100,000 groups for a while
STOP_WITHIN = 300.0   # and writes them
POLL_EVERY = 0.0005   # when waiting for readiness; what a start can be measured to

UNCHECKED = "--push.disable-consistency-check"
ADMIN = "--web.enable-admin-api"


class Server:
    """One process on a free port; `start_seconds` is from fork to the first good answer."""

    def __init__(self, name, command, ready_path="/-/ready"):
        self.name = name
        self.port = free_port()
        self._ready = (f"GET {ready_path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                       "Connection: close\r\n\r\n").encode()
        self._output = tempfile.TemporaryFile()
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [part.replace("PORT", str(self.port)) for part in command],
            stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._output)
        try:
            self._wait_until_ready(began + READY_WITHIN)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        self.start_seconds = time.perf_counter() - began

    def _wait_until_ready(self, deadline):
        while not self._answers():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} exited with {self.process.returncode}: {self.output()}")
            if time.perf_counter() > deadline:
                raise RuntimeError(f"{self.name} is not ready after {READY_WITHIN} s: {self.output()}")
            time.sleep(POLL_EVERY)

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=READY_WITHIN) as sock:
                sock.sendall(self._ready)
                return sock.recv(64).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def output(self):
        size = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), min(size, 4000), 0).decode("utf-8", "replace")

    def alive(self):
        """Raises when the server has ended by itself."""
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.output()}")

    def stop(self):
        """SIGTERM: what is stored goes to the persistence file. Returns the seconds it took."""
        began = time.perf_counter()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"{self.name} did not stop: {self.output()}")
        return time.perf_counter() - began

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        """Ends what still runs; nobody needs what it stored."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._output.close()

    def memory(self):
        """Resident bytes: all, and those that are no file's ("anonymous")."""
        found = {}
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                name, _, rest = line.partition(":")
                if name in ("VmRSS", "RssAnon"):
                    found[name] = int(rest.split()[0]) * 1024
        return {"resident": found["VmRSS"], "anonymous": found["RssAnon"]}

    def settled_memory(self, within=10.0, still_for=1.0):
        """memory() once it has not changed for a while; freed memory may be given back in steps."""
        deadline = time.monotonic() + within
        last, since = self.memory(), time.monotonic()
        while time.monotonic() < deadline and time.monotonic() - since < still_for:
            time.sleep(0.05)
            now = self.memory()
            if now != last:
                last, since = now, time.monotonic()
        return last

    def cpu_seconds(self):
        """User and system time so far, in steps of a clock tick (10 ms)."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Binaries:
    """Where the three are, and how they are started. `original` may be None."""

    def __init__(self, ours, original, tools):
        self.paths = {"ours": ours, "original": original}
        self.tools = tools  # the folder of ceiling, probe and micro

    def has(self, name):
        return bool(self.paths[name])

    def start(self, name, *flags, file=""):
        """Ours or the original, with this persistence file; in memory only without."""
        return Server(name, [self.paths[name], "--web.listen-address=127.0.0.1:PORT",
                             "--log.level=error", f"--persistence.file={file}", *flags])

    def start_ceiling(self):
        return Server("ceiling", [os.path.join(self.tools, "ceiling"), "PORT"])

    def version(self, name):
        if not self.has(name):
            return None
        told = subprocess.run([self.paths[name], "--version"], capture_output=True, text=True,
                              timeout=10, check=True)
        return (told.stdout + told.stderr).split("(")[0].strip()


def copy_of(file, folder):
    """A copy of a persistence file under a new name, to start from without changing it."""
    fd, copy = tempfile.mkstemp(prefix="start-", dir=folder)
    os.close(fd)
    shutil.copyfile(file, copy)
    return copy
