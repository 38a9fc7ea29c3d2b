"""A server that may have only so much memory: as a container's limit has it, or by the size of its address space."""

import contextlib
import os
import pathlib
import uuid

from harness import Gateway, gateway_binary

CGROUPS = pathlib.Path("/sys/fs/cgroup")


class Cgroup:
    """A control group of our own, of version 2 or 1. The kernel kills what takes more."""

    def __init__(self, limit):
        version1 = (CGROUPS / "memory").is_dir()
        limit_file, self.peak_file = ("memory.limit_in_bytes", "memory.max_usage_in_bytes") if version1 else ("memory.max", "memory.peak")
        self.folder = (CGROUPS / "memory" if version1 else CGROUPS) / f"pushgateway-{uuid.uuid4().hex}"
        self.folder.mkdir()
        try:
            (self.folder / limit_file).write_text(str(limit))
        except OSError:
            self.remove()
            raise
        self.confine = f"echo $$ >{self.folder}/cgroup.procs"

    def used(self, _):
        """Memory of all its processes, without the pages of files."""
        lines = (self.folder / "memory.stat").read_text().splitlines()
        statistics = {name: int(value) for name, value in (line.split() for line in lines)}
        return statistics.get("anon", statistics.get("rss"))

    def remove(self):
        self.folder.rmdir()


class AddressSpace:
    """Where no control group is to be had. A process that asks for more is told that there is none."""

    def __init__(self, limit):
        self.confine = f"ulimit -v {limit // 1024}"

    def used(self, pid):
        return sum(anonymous(process) for process in [pid, *children(pid)])

    def remove(self):
        pass


def children(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return []


def anonymous(pid):
    with contextlib.suppress(OSError):  # it has ended
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    return 0


def ways():
    """How memory can be limited on this machine."""
    try:
        Cgroup(1 << 30).remove()
        return [Cgroup, AddressSpace]
    except OSError:
        return [AddressSpace]


@contextlib.contextmanager
def gateway(way, limit, folder, *flags):
    """(gateway, the limit): a server, its children included, under a limit."""
    limited = way(limit)
    wrapper = folder / "confined"
    wrapper.write_text(f'#!/bin/sh\n{limited.confine}\nexec {os.path.abspath(gateway_binary())} "$@"\n')
    wrapper.chmod(0o755)
    try:
        with Gateway(str(wrapper), *flags) as running:
            yield running, limited
            assert running.stop() == 0, running.stderr()
    finally:
        limited.remove()
