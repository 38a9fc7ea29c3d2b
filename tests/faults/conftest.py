import os
import pathlib
import random
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from harness import Gateway, gateway_binary  # noqa: E402
from shim import Shim  # noqa: E402

LONG = os.environ.get("FAULTS") == "long"
SEED = int(os.environ.get("FAULTS_SEED", random.randrange(1 << 32)))
FIGURES = pytest.StashKey()


def pytest_configure(config):
    config.stash[FIGURES] = []


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[FIGURES]:
        terminalreporter.write_line(line)


@pytest.fixture
def figures(request):
    """Takes lines that tell what the test has done; they stand at the end of the run."""
    def add(line):
        request.config.stash[FIGURES].append(f"{request.node.name}: {line}")
    return add


@pytest.fixture
def amount():
    """amount(short, long): how often to do something, by the kind of run."""
    return lambda short, long: long if LONG else short


@pytest.fixture
def dice(request):
    """Random numbers; a failure shows the seed, and FAULTS_SEED takes one."""
    print(f"FAULTS_SEED={SEED}")
    return random.Random(f"{SEED} {request.node.nodeid}")


@pytest.fixture
def folder(tmp_path):
    """The persistence file's folder, with nothing else in it."""
    path = tmp_path / "data"
    path.mkdir()
    return path


@pytest.fixture
def shim(folder):
    return Shim(folder)


@pytest.fixture
def start():
    """Starts gateways with flags; those still running are stopped, and must exit with 0."""
    running = []

    def start_one(*flags, **options):
        running.append(Gateway(gateway_binary(), *flags, **options).start())
        return running[-1]

    yield start_one
    for gateway in running:
        if gateway.process.poll() is None:
            assert gateway.stop() == 0, gateway.stderr()
