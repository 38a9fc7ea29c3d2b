import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from browser import Browser  # noqa: E402


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
def gateway(start):
    return start("--web.enable-admin-api")
