import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from harness import Gateway, gateway_binary  # noqa: E402


@pytest.fixture
def start():
    """Starts gateways with flags; they are stopped, and must exit with 0, after the test."""
    running = []

    def start_one(*flags, **options):
        running.append(Gateway(gateway_binary(), *flags, **options).start())
        return running[-1]

    yield start_one
    for gateway in running:
        assert gateway.stop() == 0, gateway.stderr()


@pytest.fixture(scope="module")
def gateway():
    """One gateway for the tests of a module; whatever they do to it, it must stop cleanly."""
    with Gateway(gateway_binary()) as running:
        yield running
        assert running.stop() == 0, running.stderr()
