"""A server that may have only so much memory, as a container's limit allows it."""

import contextlib
import os
import pathlib
import uuid

from harness import Gateway, gateway_binary

ROOT = pathlib.Path("/sys/fs/cgroup")


class Cgroup:
    """A control group of our own: of version 2 or, where there is a hierarchy for memory, of version 1."""

    def __init__(self, limit):
        hierarchy = ROOT / "memory" if (ROOT / "memory").is_dir() else ROOT
        names = ("memory.limit_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt")
        if hierarchy == ROOT:
            names = ("memory.max", "memory.peak", "memory.events")
        self.folder = hierarchy / f"pushgateway-{uuid.uuid4().hex}"
        self.limit_file, self.peak_file, self.events_file = (self.folder / name for name in names)
        self.folder.mkdir()
        self.limit_file.write_text(str(limit))
        with contextlib.suppress(OSError):
            (self.folder / "memory.swap.max").write_text("0")

    def statistics(self):
        """memory.stat: what of it are pages of files, which give way, and what is memory of processes."""
        lines = (self.folder / "memory.stat").read_text().splitlines()
        return {name: int(value) for name, value in (line.split() for line in lines)}

    def anonymous(self):
        found = self.statistics()
        return found.get("anon", found.get("rss"))

    def peak(self):
        """The most that was used at a time, with pages of files."""
        return int(self.peak_file.read_text())

    def remove(self):
        self.folder.rmdir()


@contextlib.contextmanager
def gateway(limit, folder, *flags):
    """(gateway, cgroup): a server that the kernel kills when it takes more, its children included."""
    cgroup = Cgroup(limit)
    wrapper = folder / "in-cgroup"
    wrapper.write_text(f'#!/bin/sh\necho $$ >{cgroup.folder}/cgroup.procs\nexec {os.path.abspath(gateway_binary())} "$@"\n')
    wrapper.chmod(0o755)
    try:
        with Gateway(str(wrapper), *flags) as running:
            yield running, cgroup
            assert running.stop() == 0, running.stderr()
    finally:
        cgroup.remove()
