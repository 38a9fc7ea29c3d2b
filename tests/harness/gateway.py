"""A server process for the time of a `with` block."""

import base64
import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time

from . import http1

READY_WITHIN = 60.0  # a sanitized build on a busy machine
STOP_WITHIN = 30.0


class StartFailed(Exception):
    """The server did not become ready; the message holds what it wrote to stderr."""


def free_port():
    """A TCP port of 127.0.0.1 nobody listens on at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Gateway:
    """Starts `binary` on a free port, waits until it is ready, stops it by SIGTERM.

    `prefix` is the route prefix the flags give it: readiness is asked for below it.
    Without a persistence flag the server keeps its metrics in memory only (the
    Debian build of the original would otherwise write below /var/lib).
    `tls` is an ssl.SSLContext when the server is started with TLS, `auth` a "user:password"
    when it wants one; `ready` is the status by which it shows that it is ready, None when it
    answers nobody: then it is enough that it listens.
    """

    def __init__(self, binary, *flags, prefix="", env=None, tls=None, auth=None, ready=200):
        self.binary = binary
        self.flags = list(flags)
        if not any(flag.startswith("--persistence.file") for flag in self.flags):
            self.flags.append("--persistence.file=")
        self.prefix = prefix
        self.env = env
        self.tls = tls
        self.auth = auth
        self.ready = ready
        self.host = "127.0.0.1"
        self.port = None
        self.process = None
        self._stderr = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{self.host}:{self.port}{self.prefix}"

    def start(self):
        self.port = free_port()
        self._stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [self.binary, f"--web.listen-address={self.host}:{self.port}", *self.flags],
            stdin=subprocess.DEVNULL, stdout=self._stderr, stderr=self._stderr,
            env={**os.environ, **(self.env or {})})
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def _wait_until_ready(self):
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise StartFailed(f"{self.binary} exited with {self.process.returncode}:\n{self.stderr()}")
            try:
                if self._is_ready():
                    return
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.01)
        raise StartFailed(f"{self.binary} not ready after {READY_WITHIN} s:\n{self.stderr()}")

    def _is_ready(self):
        if self.ready is None:
            socket.create_connection((self.host, self.port)).close()
            return True
        return self.get("/-/ready", timeout=1).status == self.ready

    def stop(self):
        """SIGTERM; returns the exit code. A server that does not stop is an error."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.binary} still runs {STOP_WITHIN} s after SIGTERM:\n{self.stderr()}")

    def kill(self):
        """SIGKILL, as a crash would end it."""
        self.process.kill()
        self.process.wait()

    def stderr(self):
        """What the server wrote so far, stdout included."""
        if self._stderr is None:
            return ""
        size = os.fstat(self._stderr.fileno()).st_size
        return os.pread(self._stderr.fileno(), size, 0).decode("utf-8", "replace")

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.stop()
        self._stderr.close()
        self._stderr = None

    # The convenience client. Paths are given without the route prefix.

    def request(self, method, path, body=None, headers=None, timeout=10):
        """One request on a connection of its own; returns an http1.Response."""
        cls = http.client.HTTPSConnection if self.tls else http.client.HTTPConnection
        extra = {"context": self.tls} if self.tls else {}
        headers = {**self.authorization(), **(headers or {})}
        conn = cls(self.host, self.port, timeout=timeout, **extra)
        try:
            conn.request(method, self.prefix + path, body=body, headers=headers)
            reply = conn.getresponse()
            return http1.Response(reply.status, reply.reason, "HTTP/1.1", reply.getheaders(), reply.read())
        finally:
            conn.close()

    def authorization(self):
        """The headers that say who asks."""
        if self.auth is None:
            return {}
        return {"Authorization": "Basic " + base64.b64encode(self.auth.encode()).decode()}

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def put(self, path, body=b"", **kw):
        return self.request("PUT", path, body, **kw)

    def post(self, path, body=b"", **kw):
        return self.request("POST", path, body, **kw)

    def delete(self, path, **kw):
        return self.request("DELETE", path, **kw)

    def connect(self, timeout=10, source=None):
        """A raw connection, see http1.Connection."""
        return http1.Connection(self.host, self.port, timeout=timeout, tls=self.tls, source=source)
