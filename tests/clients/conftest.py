import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from harness import Gateway, gateway_binary  # noqa: E402


@pytest.fixture
def gateway():
    """A fresh, empty gateway on a port of its own."""
    with Gateway(gateway_binary()) as running:
        yield running


@pytest.fixture
def not_the_original(gateway):
    """For what this server does better: skips the test on the Go Pushgateway."""
    if "go_info{" in gateway.get("/metrics").text:
        pytest.skip("the original behaves differently")
