"""A private machine where `pushgateway:9091` is the server under test. See enter.sh."""

import contextlib
import os
import pathlib
import subprocess

from harness import gateway_binary
from harness.waiting import until


FOLDER = pathlib.Path(__file__).resolve().parent
GATEWAY = os.path.abspath(gateway_binary())
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{FOLDER / 'bin'}:{os.environ['PATH']}",
    "PUSHGATEWAY": GATEWAY,
}


class Sandbox:
    """Lives for the time of a `with` block. `inside` prefixes commands that run in it."""

    def __init__(self, root):
        self.unshare = ["unshare", "--net", "--mount"]
        self.enter = ["--net", "--mount"]
        if os.geteuid() != 0:
            self.unshare += ["--user", "--map-root-user"]
            self.enter += ["--user", "--preserve-credentials"]
        self.root = root

    def __enter__(self):
        self.keeper = subprocess.Popen(
            [*self.unshare, FOLDER / "enter.sh", self.root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if self.keeper.stdout.readline() != b"ready\n":
            raise AssertionError(f"no namespaces to be had here: {self.keeper.communicate()[1].decode()}")
        self.inside = ["nsenter", f"--target={self.keeper.pid}", *self.enter, "--root", "--wd"]
        return self

    def __exit__(self, *_):
        self.keeper.communicate()

    def start(self, *command):
        """A command that works while the test goes on."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([*self.inside, *command], env=ENVIRONMENT, **pipes)

    def run(self, *command, env=None):
        """A command's result: returncode, and stdout and stderr as text."""
        return subprocess.run(
            [*self.inside, *command],
            env={**ENVIRONMENT, **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def bash(self, script, env=None):
        return self.run("bash", "-c", script, env=env)

    def ready(self):
        return self.run("curl", "-sf", "http://pushgateway:9091/-/ready").returncode == 0

    @contextlib.contextmanager
    def gateway(self, *flags):
        """The server under test, as `pushgateway:9091`."""
        command = [*self.inside, GATEWAY, *(flags or ["--persistence.file="])]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: process.poll() is not None or self.ready(), "the gateway")
            assert process.poll() is None, command
            yield View(self)
        finally:
            process.terminate()
            process.wait(10)


class View:
    """What is asked of the gateway in a sandbox: the part of harness.Gateway that reads."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def get(self, path, **_):
        url = "http://pushgateway:9091" + path
        done = self.sandbox.run("curl", "-sS", "-w", "\n%{http_code} %{content_type}", url)
        assert done.returncode == 0, done.stderr
        body, _, figures = done.stdout.rpartition("\n")
        status, _, content_type = figures.partition(" ")
        return Reply(int(status), content_type, body)


class Reply:
    def __init__(self, status, content_type, body):
        self.status, self.content_type, self.body = status, content_type, body.encode()

    def header(self, name):
        return {"Content-Type": self.content_type}[name]
