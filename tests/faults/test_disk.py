"""A disk that is full, and calls that fail at every step of a save."""

import collections
import errno
import os
import re
import subprocess

import pytest

from harness import Gateway, gateway_binary
from harness.exposition import samples
from served import own, pushed, wait_for, wait_until_saved
from shim import CLOSE, FSYNC, OPEN, RENAME, UNLINK, WRITE

# What a save does, in order: (call, how many of its kind come before it, whether the new file is then
# in place).
STEPS = {
    "remove an old try": (UNLINK, 0, False),
    "create": (OPEN, 0, False),
    "write": (WRITE, 0, False),
    "later write": (WRITE, 1, False),
    "fsync": (FSYNC, 0, False),
    "close": (CLOSE, 0, False),
    "look at the old file": (OPEN, 1, False),
    "rename": (RENAME, 0, False),
    "open the folder": (OPEN, 2, True),
    "fsync of the folder": (FSYNC, 1, True),
}
ERRORS = {
    "remove an old try": errno.EIO, "create": errno.EMFILE, "write": errno.ENOSPC, "later write": errno.EIO, "fsync": errno.EIO,
    "close": errno.EDQUOT, "rename": errno.EROFS, "open the folder": errno.EACCES,
    "fsync of the folder": errno.EIO, "look at the old file": errno.ENFILE,
}


def big_push(gateway, value):
    """More than goes to the disk in one write."""
    lines = "".join('big{l="%d",filler="%s"} %d\n' % (i, "x" * 200, value) for i in range(8000))
    assert gateway.put("/metrics/job/big", lines.encode(), timeout=60).status == 200


def crash_and_compare(start, gateway, flags, **options):
    """What is served after a crash must be what was served before it."""
    before = pushed(gateway)
    gateway.kill()
    again = start(*flags, **options)
    assert pushed(again) == before
    return again


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_a_save_fails(start, folder, shim, step):
    call, skip, in_place = STEPS[step]
    file = folder / "metrics"
    flags = [f"--persistence.file={file}", "--persistence.interval=10ms"]
    gateway = start(*flags, env=shim.env)
    gateway.put("/metrics/job/old", b"old 1\n")
    big_push(gateway, 1)
    wait_until_saved(gateway, file)
    whole = file.read_bytes()
    saves = own(gateway, "persistence_last_success_timestamp_seconds")

    shim.fail(call, ERRORS[step], skip=skip)
    big_push(gateway, 2)
    wait_for(lambda: own(gateway, "persistence_failures_total") >= 1, "a failure")
    assert shim.failed >= 1
    assert own(gateway, "persistence_last_success_timestamp_seconds") == saves
    assert gateway.put("/metrics/job/new", b"new 1\n").status == 200, "it serves on"
    assert (file.read_bytes() != whole) == in_place
    assert [path.name for path in folder.iterdir()] == ["metrics"], "a failed try leaves nothing behind"
    assert gateway.stderr().count("error persisting metrics") == 1
    assert os.strerror(ERRORS[step]) in gateway.stderr()

    shim.heal()
    wait_for(lambda: own(gateway, "persistence_last_success_timestamp_seconds") > saves, "recovery")
    assert gateway.stderr().count("persistence works again") == 1
    wait_until_saved(gateway, file)
    crash_and_compare(start, gateway, flags)


def test_every_call_of_a_save_fails_once(start, folder, shim, amount, figures):
    """The first, second, ... call of each kind fails, one only, until none is left to fail."""
    file = folder / "metrics"
    flags = [f"--persistence.file={file}", "--persistence.interval=1ms"]
    gateway = start(*flags, env=shim.env)
    big_push(gateway, 0)
    wait_until_saved(gateway, file)
    failed = 0
    for call in amount((CLOSE,), (OPEN, WRITE, FSYNC, CLOSE, RENAME, UNLINK)):
        for skip in range(100):
            shim.fail(call, errno.EIO, skip=skip, times=1)
            gateway.put("/metrics/job/x", b"x %d\n" % failed)
            wait_until_saved(gateway, file)
            if not shim.failed:
                break
            failed += 1
        assert skip > 0
    crash_and_compare(start, gateway, flags)
    figures(f"{failed} calls made to fail")


def test_writes_that_take_half(start, folder, shim):
    file = folder / "metrics"
    flags = [f"--persistence.file={file}", "--persistence.interval=10ms"]
    gateway = start(*flags, env=shim.env)
    shim.fail(WRITE, 0)
    big_push(gateway, 1)
    wait_until_saved(gateway, file)
    assert shim.failed > 10
    assert own(gateway, "persistence_failures_total") == 0
    crash_and_compare(start, gateway, flags)


def test_failures_come_ever_later_and_are_told_once(start, folder, shim, amount):
    gateway = start(f"--persistence.file={folder}/metrics", "--persistence.interval=2s", env=shim.env)
    shim.fail(FSYNC, errno.EIO)
    gateway.put("/metrics/job/a", b"a 1\n")
    times = []
    for failures in range(1, amount(4, 6)):
        wait_for(lambda: own(gateway, "persistence_failures_total") == failures, f"failure {failures}")
        times.append(os.times().elapsed)
    waits = [later - earlier for earlier, later in zip(times, times[1:])]
    assert 0.9 < waits[0] < 1.7 and all(1.9 < wait < 2.7 for wait in waits[1:]), waits
    assert gateway.stderr().count("error persisting metrics") == 1
    shim.heal()


@pytest.mark.parametrize("call,error", [(WRITE, errno.ENOSPC), (WRITE, 0), (FSYNC, errno.EIO)])
def test_a_journal_that_cannot_be_written(start, folder, shim, dice, amount, figures, call, error):
    """With durability `push`: what was answered 200 is kept, what was answered 503 may be."""
    flags = [f"--persistence.file={folder}/metrics", "--persistence.durability=push"]
    gateway = start(*flags, env=shim.env)
    statuses = collections.Counter()
    for turn in range(amount(1, 10)):
        last, possible = {}, {}
        for number in range(60):
            if number % 20 == 5:
                shim.fail(call, error, skip=dice.randrange(3), times=amount(2, dice.randrange(1, 6)))
            group = dice.randrange(5)
            status = gateway.put(f"/metrics/job/j/instance/{group}", b"n %d\n" % number).status
            statuses[status] += 1
            assert status in (200, 503)
            if status == 200:
                last[group], possible[group] = number, {number}
            else:
                possible.setdefault(group, {last.get(group)}).add(number)
                shim.heal()
                wait_for(lambda: gateway.put("/metrics/job/probe", b"probe 1\n").status == 200, "a journal that works again")
        gateway.kill()
        gateway = start(*flags, env=shim.env)
        shown = {int(re.search(r'instance="(\d)"', series).group(1)): int(value)
                 for series, value in samples(gateway.get("/metrics?name[]=n").text).items()}
        for group, numbers in possible.items():
            assert shown.get(group) in numbers, gateway.stderr()
        for group in possible:
            assert gateway.delete(f"/metrics/job/j/instance/{group}").status == 202
    assert (statuses[503] > 0) == (error != 0), "a write that takes half is gone on with"
    figures(", ".join(f"{count} x {status}" for status, count in sorted(statuses.items())))


def test_saves_that_fail_do_not_hold_up_the_journal(start, folder, shim):
    """A deletion of nothing leaves nothing to write, which must not be waited for."""
    gateway = start(f"--persistence.file={folder}/metrics", "--persistence.durability=push", "--persistence.interval=50ms",
                    env=shim.env)
    shim.fail(RENAME, errno.ENOSPC)
    for number in range(3):
        assert gateway.put("/metrics/job/a", b"a %d\n" % number).status == 200
        assert gateway.delete("/metrics/job/nothing").status == 202
        failures = own(gateway, "persistence_failures_total")
        wait_for(lambda: own(gateway, "persistence_failures_total") > failures, "a failed save")
    assert gateway.put("/metrics/job/a", b"a 4\n").status == 200
    crash_and_compare(start, gateway, [f"--persistence.file={folder}/metrics", "--persistence.durability=push"])


class SmallDisk:
    """A tmpfs of some size that only this test's server sees, in a mount namespace of its own."""

    def __init__(self, folder, size):
        unshare = ["unshare", "--mount"] + (["--user", "--map-root-user"] if os.geteuid() != 0 else [])
        script = 'mount -t tmpfs -o "size=$2" none "$1" && echo ready && exec cat'
        self.keeper = subprocess.Popen([*unshare, "sh", "-c", script, "sh", folder, str(size)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if self.keeper.stdout.readline() != b"ready\n":
            raise AssertionError(f"no namespaces to be had here: {self.keeper.communicate()[1].decode()}")
        self.outside = f"/proc/{self.keeper.pid}/root{folder}"

    def wrap(self, path):
        """A program that starts the server in there."""
        users = "" if os.geteuid() == 0 else "--user --preserve-credentials "
        path.write_text(f'#!/bin/sh\nexec nsenter --target={self.keeper.pid} {users}--mount {gateway_binary()} "$@"\n')
        path.chmod(0o755)
        return str(path)

    def close(self):
        self.keeper.communicate()


def test_a_full_disk(folder, tmp_path, figures):
    disk = SmallDisk(folder, 8 << 20)
    file = f"{disk.outside}/metrics"
    flags = [f"--persistence.file={folder}/metrics", "--persistence.interval=10ms"]
    try:
        with Gateway(disk.wrap(tmp_path / "gateway"), *flags) as gateway:
            big_push(gateway, 1)
            wait_until_saved(gateway, file)
            with open(file, "rb") as saved:
                whole = saved.read()
            with open(f"{disk.outside}/filler", "wb", buffering=0) as filler, pytest.raises(OSError):
                while True:
                    filler.write(bytes(4096))
            big_push(gateway, 2)
            wait_for(lambda: own(gateway, "persistence_failures_total") >= 1, "a failure")
            assert "No space left on device" in gateway.stderr()
            with open(file, "rb") as saved:
                assert saved.read() == whole
            assert sorted(os.listdir(disk.outside)) == ["filler", "metrics"]
            failures = own(gateway, "persistence_failures_total")
            os.unlink(f"{disk.outside}/filler")
            wait_until_saved(gateway, file)
            before = pushed(gateway)
            gateway.kill()
        with Gateway(disk.wrap(tmp_path / "gateway"), *flags) as gateway:
            assert pushed(gateway) == before
            assert gateway.stop() == 0
    finally:
        disk.close()
    figures(f"{failures:.0f} saves failed on a full tmpfs of 8 MiB")


def test_a_file_that_may_not_grow(tmp_path, folder):
    """RLIMIT_FSIZE: the kernel's signal for it must not end the server."""
    limited = tmp_path / "limited"
    limited.write_text(f'#!/bin/sh\nulimit -f 64\nexec {gateway_binary()} "$@"\n')
    limited.chmod(0o755)
    with Gateway(str(limited), f"--persistence.file={folder}/metrics", "--persistence.interval=10ms") as gateway:
        gateway.put("/metrics/job/small", b"small 1\n")
        wait_until_saved(gateway, folder / "metrics")
        big_push(gateway, 1)
        wait_for(lambda: own(gateway, "persistence_failures_total") >= 1, "a failure")
        assert "File too large" in gateway.stderr()
        assert gateway.delete("/metrics/job/big").status == 202
        wait_until_saved(gateway, folder / "metrics")
        big_push(gateway, 1)
        assert gateway.stop() == 1, "what could not be saved is lost, and the exit status says so"
        assert "what was pushed since the last good save is lost" in gateway.stderr()
