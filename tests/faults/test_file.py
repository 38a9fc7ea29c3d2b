"""What becomes of the persistence file when the server starts."""

import os
import re
import subprocess

import pytest

from harness import StartFailed, gateway_binary
from harness.exposition import samples
from served import own, pushed, wait_for
from shim import FSYNC, READ, RENAME, Shim

EIO = 5


def saved(start, folder, groups=5):
    """Saves some groups; returns the file's path."""
    gateway = start(f"--persistence.file={folder}/metrics")
    for i in range(groups):
        gateway.put(f"/metrics/job/a/instance/{i}", b"a %d\nb %d\n" % (i, i))
    assert gateway.stop() == 0, gateway.stderr()
    return folder / "metrics"


def damage(file):
    """One wrong byte in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x10
    file.write_bytes(content)
    return bytes(content)


def fails_to_start(*flags, **options):
    """What a server that does not start has to say."""
    done = subprocess.run([gateway_binary(), "--web.listen-address=127.0.0.1:0", *flags], capture_output=True,
                          text=True, timeout=30, **options)
    assert done.returncode == 1
    return done.stderr


@pytest.mark.parametrize("durability", ["interval", "push"])
def test_a_start_that_fails_leaves_what_can_be_salvaged(start, folder, durability):
    file = saved(start, folder)
    content = damage(file)
    flags = [f"--persistence.file={file}", f"--persistence.durability={durability}"]
    if durability == "interval":
        other = start()
        for _ in range(2):
            fails_to_start(f"--web.listen-address=127.0.0.1:{other.port}", *flags)
    else:
        shim = Shim(folder)
        shim.fail(FSYNC, EIO)
        for _ in range(2):
            fails_to_start(*flags, env=dict(os.environ, **shim.env))
    assert file.read_bytes() == content
    (aside,) = [path for path in folder.iterdir() if ".damaged-" in path.name]
    assert aside.read_bytes() == content
    assert own(start(*flags), "groups") == 4


def test_a_second_server_touches_nothing(start, folder):
    shim = Shim(folder)
    flags = [f"--persistence.file={folder}/metrics", "--persistence.durability=push"]
    gateway = start(*flags, "--persistence.interval=10ms", env=shim.env)
    shim.delay(RENAME, 1000)
    assert gateway.put("/metrics/job/a", b"a 1\n").status == 200
    wait_for(lambda: shim.delaying, "a save that waits for the disk")
    assert "is in use by another process" in fails_to_start(*flags)
    wait_for(lambda: own(gateway, "persistence_last_success_timestamp_seconds") > 0, "the save")
    assert own(gateway, "persistence_failures_total") == 0


def test_nobody_else_may_read_the_files(start, folder):
    umask = os.umask(0)
    gateway = start(f"--persistence.file={folder}/metrics", "--persistence.durability=push")
    os.umask(umask)
    assert gateway.put("/metrics/job/a", b"a 1\n").status == 200
    wait_for(lambda: own(gateway, "persistence_last_success_timestamp_seconds") > 0, "a save")
    modes = {path.name.split(".")[0]: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert set(modes.values()) == {0o600}, modes


def test_a_damaged_file_is_set_aside_and_salvaged(start, folder):
    file = saved(start, folder)
    content = damage(file)
    gateway = start(f"--persistence.file={file}", "--persistence.interval=1h")
    assert own(gateway, "groups") == 4
    assert own(gateway, "persistence_file_damaged") == 1
    aside = re.search(r'msg="persistence file is damaged[^"]*" .*kept_as=(\S+)', gateway.stderr()).group(1)
    with open(aside, "rb") as kept:
        assert kept.read() == content
    # What was salvaged stands in no file until it is saved, which must not take an hour.
    wait_for(lambda: own(gateway, "persistence_last_success_timestamp_seconds") > 0, "a save")
    before = pushed(gateway)
    gateway.kill()
    again = start(f"--persistence.file={file}")
    assert pushed(again) == before
    assert own(again, "persistence_file_damaged") == 0
    assert sorted(os.listdir(folder)) == ["metrics", os.path.basename(aside)]


def test_a_damaged_file_is_left_alone(start, folder):
    file = saved(start, folder)
    content = damage(file)
    said = fails_to_start(f"--persistence.file={file}", "--persistence.on-error=fail")
    assert re.search(rf'level=error .*err="{file} is damaged: .* it was left as it is"', said), said
    assert file.read_bytes() == content
    assert os.listdir(folder) == ["metrics"]


@pytest.fixture
def damaged_journal(start, folder):
    """The flags of a gateway, and its journal: three pushes of which the second has rotted."""
    flags = [f"--persistence.file={folder}/metrics", "--persistence.durability=push"]
    gateway = start(*flags)
    gateway.put("/metrics/job/first", b"first 1\n")  # saved at once; the journal then goes on from there
    wait_for(lambda: own(gateway, "persistence_last_success_timestamp_seconds") > 0, "a save")
    for i in range(3):
        assert gateway.put(f"/metrics/job/a/instance/{i}", b"a %d\n" % i).status == 200
    gateway.kill()
    journal = max(folder.glob("metrics.journal.*"))
    damage(journal)
    return flags, journal


def test_a_damaged_journal_is_left_alone(damaged_journal, folder):
    flags, journal = damaged_journal
    content, names = journal.read_bytes(), os.listdir(folder)
    said = fails_to_start(*flags, "--persistence.on-error=fail")
    assert re.search(rf'err="the journal of {folder}/metrics is damaged: .* it was left as it is"', said), said
    assert journal.read_bytes() == content and os.listdir(folder) == names


def test_a_damaged_journal_is_told(damaged_journal, start):
    gateway = start(*damaged_journal[0])
    assert own(gateway, "persistence_file_damaged") == 1
    assert own(gateway, "groups") == 2


def test_groups_that_the_store_refuses_are_kept_aside(start, folder):
    file = folder / "metrics"
    gateway = start(f"--persistence.file={file}", "--push.disable-consistency-check")
    gateway.put("/metrics/job/a", b"# TYPE x gauge\nx 1\n")
    gateway.put("/metrics/job/b", b"# TYPE x counter\nx 1\n")
    assert gateway.stop() == 0
    gateway = start(f"--persistence.file={file}")
    assert own(gateway, "groups") == 1
    assert own(gateway, "persistence_file_damaged") == 1
    assert len([name for name in os.listdir(folder) if name.startswith("metrics.damaged-")]) == 1


def test_what_a_crash_left_is_removed(start, folder):
    file = saved(start, folder)
    (folder / "metrics.tmp").write_bytes(b"half")
    gateway = start(f"--persistence.file={file}")
    assert own(gateway, "groups") == 5
    assert os.listdir(folder) == ["metrics"]


def test_no_folder(tmp_path):
    said = fails_to_start(f"--persistence.file={tmp_path}/none/metrics")
    assert "No such file or directory" in said and f"{tmp_path}/none/metrics" in said


# Root may read and write whatever the modes say.
UNPRIVILEGED = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


@pytest.fixture
def open_folder(tmp_path_factory, folder):
    """The folder, which anybody may enter."""
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path != path.parent and not path.stat().st_mode & 0o001:
            path.chmod(0o755)
    return folder


def test_a_folder_that_cannot_be_written(open_folder, start):
    file = saved(start, open_folder)
    open_folder.chmod(0o555)
    said = fails_to_start(f"--persistence.file={file}", **UNPRIVILEGED)
    open_folder.chmod(0o755)
    assert "Permission denied" in said and str(file) in said


def test_a_file_that_cannot_be_read(open_folder, start):
    file = saved(start, open_folder)
    open_folder.chmod(0o777)
    file.chmod(0)
    said = fails_to_start(f"--persistence.file={file}", **UNPRIVILEGED)
    assert "Permission denied" in said and str(file) in said
    assert os.listdir(open_folder) == ["metrics"]


def test_what_is_no_file(folder):
    said = fails_to_start(f"--persistence.file={folder}")
    assert "not a regular file" in said and str(folder) in said


def test_a_disk_that_cannot_be_read(start, folder):
    """An error of the disk is no damage of the file: it may be whole when it can be read again."""
    file = saved(start, folder)
    content = file.read_bytes()
    shim = Shim(folder)
    shim.fail(READ, EIO)
    with pytest.raises(StartFailed, match=f"{file} cannot be read: read: Input/output error"):
        start(f"--persistence.file={file}", env=shim.env)
    assert file.read_bytes() == content and os.listdir(folder) == ["metrics"]
    shim.heal()
    assert own(start(f"--persistence.file={file}", env=shim.env), "groups") == 5


def test_everything_comes_back(start, folder):
    """Values, help, types, buckets, quantiles, times; also of a refused push, and with its own labels."""
    file = folder / "metrics"
    gateway = start(f"--persistence.file={file}")
    gateway.put("/metrics/job/a/instance/x", b"""\
# HELP h A histogram.
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
# TYPE s summary
s{quantile="0.5"} 7
s_sum 1e-300
s_count 1
# TYPE c counter
c{l="\\"\\\\\\n"} 18014398509481985
u NaN
""")
    gateway.put("/metrics/job@base64/YS9i", b"# TYPE g gauge\ng -0\n")
    assert gateway.put("/metrics/job/refused", b"c 1\n").status == 400
    before = pushed(gateway)
    assert len(samples("\n".join(before))) == 16
    assert gateway.stop() == 0
    assert pushed(start(f"--persistence.file={file}")) == before
