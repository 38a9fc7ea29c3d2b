"""A test that is skipped has tested nothing, so it fails the run; `--may-skip` lets it pass.

What this server does better than the Go Pushgateway is skipped when the tests run against that.
"""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from harness import Gateway, gateway_binary  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--may-skip", action="store_true", help="let skipped tests pass")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.skipped and not hasattr(report, "wasxfail") and not item.config.getoption("--may-skip"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr[2]}"


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
