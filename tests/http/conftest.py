import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from harness import Gateway, gateway_binary  # noqa: E402


@pytest.fixture(scope="module")
def gateway():
    """One gateway for the tests of a module; whatever they do to it, it must stop cleanly."""
    with Gateway(gateway_binary()) as running:
        yield running
        assert running.stop() == 0, running.stderr()
