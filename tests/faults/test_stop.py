"""The end: SIGTERM under load and during a save, and as process 1 of a container."""

import os
import pathlib
import signal
import subprocess
import time

import pytest

from harness import Gateway, gateway_binary
from load import Load, judge, read_state
from served import own, pushed, wait_for
from shim import FSYNC


def test_sigterm_under_load_keeps_all_that_was_answered(start, folder, dice, amount, figures):
    rounds, answered, slowest = amount(4, 60), 0, 0
    flags = [f"--persistence.file={folder}/metrics", "--persistence.interval=1h"]
    gateway = start(*flags)
    for _ in range(rounds):
        load = Load(gateway, dice.random())
        moment = dice.randrange(1000)
        wait_for(lambda: load.answered >= moment, "load")
        began = time.monotonic()
        assert gateway.stop() == 0, gateway.stderr()
        slowest = max(slowest, time.monotonic() - began)
        load.join()
        gateway = start(*flags)
        judge(load, read_state(gateway), keeps_all=True)
        answered += load.answered
    figures(f"{rounds} times stopped, {answered} requests answered, all kept; {slowest:.2f} s to stop at most")


def test_sigterm_during_a_save(start, folder, shim, figures):
    flags = [f"--persistence.file={folder}/metrics", "--persistence.interval=10ms"]
    gateway = start(*flags, env=shim.env)
    gateway.put("/metrics/job/a", b"a 1\n")
    shim.delay(FSYNC, 500)
    gateway.put("/metrics/job/b", b"b 1\n")
    wait_for(lambda: shim.delaying, "a save that waits for the disk")
    assert gateway.put("/metrics/job/c", b"c 1\n", timeout=0.4).status == 200, "requests do not wait"
    before = pushed(gateway)
    began = time.monotonic()
    assert gateway.stop() == 0, gateway.stderr()
    figures(f"{time.monotonic() - began:.2f} s to stop, with a disk that takes 0.5 s for each fsync")
    assert os.listdir(folder) == ["metrics"]
    assert pushed(start(*flags)) == before


def test_a_second_sigterm_does_not_cut_the_last_save_short(start, folder, shim):
    flags = [f"--persistence.file={folder}/metrics", "--persistence.interval=1h"]
    gateway = start(*flags, env=shim.env)
    gateway.put("/metrics/job/a", b"a 1\n")  # saved at once, the next one at the end
    wait_for(lambda: own(gateway, "persistence_last_success_timestamp_seconds") > 0, "the first save")
    gateway.put("/metrics/job/b", b"b 1\n")
    shim.delay(FSYNC, 500)
    before = pushed(gateway)
    gateway.process.terminate()
    wait_for(lambda: shim.delaying, "the last save")
    gateway.process.terminate()
    assert gateway.process.wait(20) == 0, gateway.stderr()
    assert pushed(start(*flags)) == before


def test_the_saving_child_dies_with_a_killed_server(start, folder, shim):
    """Or it would put its old picture in the place of what the next server has saved."""
    flags = [f"--persistence.file={folder}/metrics", "--persistence.interval=10ms"]
    gateway = start(*flags, env=shim.env)
    shim.delay(FSYNC, 1000)
    gateway.put("/metrics/job/a", b"old 1\n")
    wait_for(lambda: shim.delaying, "a save that waits for the disk")
    child = children(gateway.pid)[0]
    gateway.kill()
    wait_for(lambda: state_of(child) in (None, "Z"), "the end of the child")
    assert "metrics" not in os.listdir(folder)


def children(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def state_of(pid):
    """The letter of a process's state; None when there is none."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return None


class Container:
    """A program that starts the server as process 1 with a read-only root, but for its data."""

    SCRIPT = """#!/bin/sh
exec unshare {users} --pid --fork --kill-child --mount --mount-proc sh -c '
    mount --bind "{data}" "{data}" && mount -o remount,ro,bind / / &&
    for point in $(cut -d" " -f5 /proc/self/mountinfo); do
        case $point in "{data}" | /proc* | /dev* | /sys*) ;; *) mount -o remount,ro,bind "$point" "$point" || true ;; esac
    done 2>/dev/null
    exec "$0" "$@"' {binary} "$@"
"""

    def __init__(self, path, data):
        users = "" if os.geteuid() == 0 else "--user --map-root-user"
        path.write_text(self.SCRIPT.format(users=users, data=data, binary=gateway_binary()))
        path.chmod(0o755)
        self.program = str(path)

    @staticmethod
    def server(gateway):
        """The pid, as seen from here, of process 1 in there."""
        (pid,) = children(gateway.pid)
        return pid

    @staticmethod
    def enter(pid, script):
        users = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return subprocess.run(["nsenter", f"--target={pid}", *users, "--mount", "--pid", "sh", "-c", script],
                              capture_output=True, text=True, timeout=30)


@pytest.fixture
def container(tmp_path, folder):
    return Container(tmp_path / "container", folder)


def test_process_1_of_a_container(container, folder, tmp_path):
    flags = [f"--persistence.file={folder}/metrics", "--persistence.interval=10ms"]
    gateway = Gateway(container.program, *flags).start()
    try:
        server = container.server(gateway)
        status = pathlib.Path(f"/proc/{server}/status").read_text()
        assert next(line for line in status.split("\n") if line.startswith("NSpid:")).split()[-1] == "1", gateway.stderr()
        write = container.enter(server, f"touch {tmp_path}/x")
        assert write.returncode != 0 and "Read-only file system" in write.stderr, write

        assert gateway.put("/metrics/job/a", b"a 1\n").status == 200
        wait_for(lambda: own(gateway, "persistence_last_success_timestamp_seconds") > 0, "a save")

        # Orphans of who has entered the container are left to process 1.
        for _ in range(3):
            container.enter(server, "for i in 1 2 3; do (sleep 0.05 &) ; done")
        wait_for(lambda: not children(server), f"no child left: {[state_of(pid) for pid in children(server)]}")
        assert own(gateway, "persistence_failures_total") == 0

        before = pushed(gateway)
        os.kill(server, signal.SIGTERM)
        assert gateway.process.wait(30) == 0, gateway.stderr()
    finally:
        gateway.kill()
    with Gateway(container.program, *flags) as again:
        try:
            assert pushed(again) == before
        finally:
            os.kill(container.server(again), signal.SIGTERM)
            again.process.wait(30)


def test_zombies_are_reaped_without_persistence(container):
    gateway = Gateway(container.program).start()
    server = container.server(gateway)
    container.enter(server, "for i in 1 2 3; do (sleep 0.05 &) ; done")
    wait_for(lambda: not children(server), "no child left")
    os.kill(server, signal.SIGTERM)
    assert gateway.process.wait(30) == 0, gateway.stderr()
