"""A real Prometheus that scrapes what a test tells it to, asked through its HTTP API."""

import json
import os
import pathlib
import shutil
import subprocess
import urllib.parse

from harness import free_port
from harness.waiting import until

from client_support import ROOT

FETCHED = ROOT / "build" / "original" / "prometheus" / "usr" / "bin" / "prometheus"


def binaries():
    """$PROMETHEUS, a list like $PATH; else the installed one and the one fetched for the tests."""
    if "PROMETHEUS" in os.environ:
        return os.environ["PROMETHEUS"].split(":")
    installed = shutil.which("prometheus")
    return [str(path) for path in (installed, FETCHED) if path and pathlib.Path(path).exists()]


def version(binary):
    """(3, 5) of "prometheus, version 3.5.3+ds1 (branch: ..."."""
    done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True, timeout=30)
    major, minor = (done.stdout or done.stderr).split("version ")[1].split(".")[:2]
    return int(major), int(minor)


class Prometheus:
    """Runs for the time of a `with` block. `inside` prefixes the commands that start and ask it."""

    def __init__(self, binary, config, folder, *flags, inside=()):
        self.folder = pathlib.Path(folder)
        (self.folder / "prometheus.yml").write_text(config)
        self.address = f"127.0.0.1:{free_port()}"
        self.inside = list(inside)
        self.command = [
            *self.inside,
            binary,
            f"--config.file={self.folder}/prometheus.yml",
            f"--storage.tsdb.path={self.folder}/data",
            f"--web.listen-address={self.address}",
            *flags,
        ]

    def __enter__(self):
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        try:
            until(self.ready, "Prometheus to be ready")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def ready(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        return self.curl("/-/ready").returncode == 0

    def curl(self, path):
        command = [*self.inside, "curl", "-sSf", f"http://{self.address}{path}"]
        return subprocess.run(command, capture_output=True, timeout=30)

    def ask(self, path, **parameters):
        """The data of an API answer."""
        done = self.curl(path + "?" + urllib.parse.urlencode(parameters, doseq=True))
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert document["status"] == "success", document
        return document["data"]

    def query(self, expression):
        """The instant vector of an expression: a list of {metric, value or histogram}."""
        return self.ask("/api/v1/query", query=expression)["result"]

    def wait_for(self, expression, seconds=20):
        """The result of an expression, once there is one."""
        return until(lambda: self.query(expression), expression, seconds)
