"""A test that is skipped has tested nothing, so it fails the run; `--may-skip` lets it pass.

What this server does better than the Go Pushgateway is skipped when the tests run against that.
"""

import pytest


def pytest_addoption(parser):
    parser.addoption("--may-skip", action="store_true", help="let skipped tests pass")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    report = (yield).get_result()
    if report.skipped and not hasattr(report, "wasxfail") and not item.config.getoption("--may-skip"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped: {report.longrepr[2]}"
