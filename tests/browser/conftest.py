import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from browser import Browser  # noqa: E402
from harness import Gateway, gateway_binary  # noqa: E402


@pytest.fixture(scope="session")
def chromium():
    running = Browser()
    yield running
    running.quit()


@pytest.fixture
def browser(chromium):
    """The browser as new. A test that makes it complain (an error of a script, something that the
    policy forbids) has failed, unless it has taken the complaints itself."""
    chromium.clear()
    yield chromium
    assert chromium.complaints() == []


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


@pytest.fixture
def gateway(start):
    return start("--web.enable-admin-api")
