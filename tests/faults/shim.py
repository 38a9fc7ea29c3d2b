"""The hand on shim.c: what fails, how often it did, and how far the wall clock is off."""

import mmap
import os
import struct
import tempfile

from harness import gateway_binary

OPEN, WRITE, FSYNC, RENAME, CLOSE, UNLINK, READ = range(1, 8)
ALWAYS = 1 << 60

# struct control of shim.c.
FIELDS = ("fail_allocation", "more_allocations", "allocations", "failed_allocations", "live", "call", "skip", "times", "error",
          "delay_ms", "failed", "delaying", "wall_step_ns")
SIZE = 8 * len(FIELDS)


def library():
    path = os.path.join(os.path.dirname(os.path.abspath(gateway_binary())), "fault_shim.so")
    assert os.path.exists(path), f"{path} is missing: build the target fault_shim"
    return path


class Shim:
    """Control of one server's faults; `env` is what the server is started with.

    Every field of FIELDS is an attribute. Calls fail on files below `folder` only.
    """

    def __init__(self, folder=""):
        self._file = tempfile.NamedTemporaryFile(prefix="pgw-faults-")
        self._file.truncate(SIZE)
        self._page = mmap.mmap(self._file.fileno(), SIZE)
        self.env = {"LD_PRELOAD": library(), "FAULT_CONTROL": self._file.name, "FAULT_FOLDER": str(folder)}

    def __getattr__(self, name):
        if name not in FIELDS:
            raise AttributeError(name)
        return struct.unpack_from("<q", self._page, 8 * FIELDS.index(name))[0]

    def __setattr__(self, name, value):
        if name in FIELDS:
            struct.pack_into("<q", self._page, 8 * FIELDS.index(name), value)
        else:
            super().__setattr__(name, value)

    def fail(self, call, error, skip=0, times=ALWAYS):
        """From now on this kind of call fails with an errno; 0 for WRITE: it takes half."""
        self.times = 0
        self.call, self.error, self.skip, self.delay_ms, self.failed = call, error, skip, 0, 0
        self.times = times

    def delay(self, call, milliseconds):
        """From now on this kind of call takes so much longer."""
        self.times = 0
        self.call, self.skip, self.delay_ms = call, 0, milliseconds
        self.times = ALWAYS

    def heal(self):
        self.times = 0
