"""A wall clock that is stepped: no timer may depend on it."""

import calendar
import email.utils
import time

import pytest

from harness.exposition import samples
from served import own, pushed, wait_for

DAY = 86400
STEPS = {"back by a day": -DAY, "back by a second": -1, "on by a day": DAY, "back before 2000": -27 * 365 * DAY}


def saves(gateway):
    return own(gateway, "persistence_last_success_timestamp_seconds")


def ticks(gateway):
    name = "pushgateway_loop_lag_seconds"
    return float(samples(gateway.get(f"/metrics?name[]={name}").text)[name + "_count"])


@pytest.mark.parametrize("step", STEPS)
def test_a_stepped_clock_stalls_nothing(start, folder, shim, step):
    flags = [f"--persistence.file={folder}/metrics", "--persistence.interval=200ms", "--web.idle-timeout=1500ms"]
    gateway = start(*flags, env=shim.env)
    gateway.put("/metrics/job/a", b"a 1\n")
    wait_for(lambda: saves(gateway) > 0, "a save")
    before = saves(gateway)
    idle = gateway.connect()

    shim.wall_step_ns = STEPS[step] * 10**9
    began = time.monotonic()
    ticked = ticks(gateway)
    assert gateway.put("/metrics/job/a", b"a 2\n").status == 200
    wait_for(lambda: saves(gateway) != before, "a save after the step")
    assert time.monotonic() - began < 2, "saves wait no longer than before"
    assert abs(saves(gateway) - (time.time() + STEPS[step])) < 5
    shown = float(samples(gateway.get("/metrics").text)['push_time_seconds{instance="",job="a"}'])
    assert abs(shown - (time.time() + STEPS[step])) < 5, "times shown are those of the clock"
    date = calendar.timegm(email.utils.parsedate(gateway.get("/-/ready").header("Date")))
    assert abs(date - (time.time() + STEPS[step])) < 5
    wait_for(lambda: ticks(gateway) >= ticked + 2, "ticks")
    assert idle.closed_by_peer(within=5), "idle connections are still closed"
    assert 1 < time.monotonic() - began < 5

    content = pushed(gateway)
    assert gateway.stop() == 0
    assert pushed(start(*flags)) == content
