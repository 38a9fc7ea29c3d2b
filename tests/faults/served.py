"""What a gateway shows: its own metrics, and the groups that the tests have pushed."""

import os
import re
import time
import uuid

from harness.exposition import samples

WAIT = 30.0  # for what must happen; a slow machine needs longer than a right server


def wait_for(condition, what):
    """The first true value of condition()."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError(f"not within {WAIT} s: {what}")


def own(gateway, name):
    """The value of one of the gateway's own metrics without labels."""
    name = f"pushgateway_{name}"
    return float(samples(gateway.get(f"/metrics?name[]={name}").text)[name])


def pushed(gateway):
    """What clients have pushed, push times too, as the text of a scrape without the own metrics."""
    lines = gateway.get("/metrics").text.split("\n")
    return [line for line in lines if not re.match(r"(# (HELP|TYPE) )?(pushgateway|process)_", line)]


def wait_until_saved(gateway, file):
    """Waits until the file holds what was pushed before this call, and the gateway is at rest."""
    marker = uuid.uuid4().hex
    assert gateway.put("/metrics/job/wait_until_saved", b'wait{for="%s"} 1\n' % marker.encode()).status == 200

    def saved():
        with open(file, "rb") as content:
            if marker.encode() not in content.read():
                return False
        return own(gateway, "persistence_last_success_timestamp_seconds") >= os.stat(file).st_mtime

    wait_for(lambda: os.path.exists(file) and saved(), f"{file} saved; {gateway.stderr()}")
