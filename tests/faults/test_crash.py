"""kill -9 at random moments under load."""

import os
import re
import threading

import pytest

from harness.exposition import samples
from load import Load, judge, read_state
from served import own, wait_for

OTHERS = 3000  # groups that nobody touches, so that a save takes a while


class SaveWatcher(threading.Thread):
    """Asks for the time of the last good save until the server goes away."""

    NAMES = ("persistence_last_success_timestamp_seconds", "persistence_duration_seconds")

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self.gateway = gateway
        self.saved_at = None  # when the last good save began
        self.saves = set()
        self.start()

    def run(self):
        path = "/metrics?" + "&".join(f"name[]=pushgateway_{name}" for name in self.NAMES)
        while True:
            try:
                found = samples(self.gateway.get(path).text)
            except Exception:  # whatever way the connection broke
                return
            ended, took = (float(found[f"pushgateway_{name}"]) for name in self.NAMES)
            if ended > 0:
                self.saved_at = ended - took
                self.saves.add(ended)


def fill(gateway, count):
    with gateway.connect() as conn:
        for i in range(count):
            body = b"other{l=\"%d\"} %d\n" % (i, i)
            conn.send(b"PUT /metrics/job/other/instance/%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s"
                      % (i, len(body), body))
            assert conn.read_response().status == 200


def check_whole(gateway, folder):
    """Nothing of the crash is left, and no group that nobody touched is missing."""
    names = re.compile(r"metrics(\.journal\.\d+)?")
    wait_for(lambda: all(names.fullmatch(name) for name in os.listdir(folder)), "nothing but the file and its journal")
    assert own(gateway, "persistence_file_damaged") == 0, gateway.stderr()
    others = samples(gateway.get("/metrics?name[]=other").text)
    assert len(others) == OTHERS
    for i in range(OTHERS):
        assert others[f'other{{instance="{i}",job="other",l="{i}"}}'] == (f"{i}" if i < 1e6 else None)


@pytest.mark.parametrize("durability,interval", [("interval", "5ms"), ("push", "5ms"), ("push", "1h")])
def test_kill_at_any_moment(start, folder, dice, amount, figures, durability, interval):
    """What was answered before the last save is there; with durability `push`, all that was answered."""
    rounds, answered, lost, saves, while_saving = amount(8, 200), 0, 0, 0, 0
    flags = [f"--persistence.file={folder}/metrics", f"--persistence.interval={interval}",
             f"--persistence.durability={durability}"]
    gateway = start(flags[0])
    fill(gateway, OTHERS)
    assert gateway.stop() == 0
    gateway = start(*flags)
    for i in range(rounds):
        load, watcher = Load(gateway, dice.random()), SaveWatcher(gateway)
        moment = dice.randrange(1000 if durability == "interval" else 200)
        wait_for(lambda: load.answered >= moment, "load")
        gateway.kill()
        load.join()
        watcher.join()
        while_saving += (folder / "metrics.tmp").exists()
        gateway = start(*flags)
        check_whole(gateway, folder)
        answered += load.answered
        lost += judge(load, read_state(gateway), watcher.saved_at, durability == "push")[1]
        saves += len(watcher.saves)
    figures(f"{rounds} times killed, {while_saving} of them in the middle of a save; {answered} requests answered, "
            f"{lost} of them after the last save; {saves} saves seen")
