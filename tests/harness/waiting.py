"""Waiting for what has to come, without sleeping longer than it takes."""

import time


def until(condition, what, within=20.0):
    """Asks `condition` until it returns something true, and returns that."""
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {within} s in vain for {what}"
        time.sleep(0.01)
