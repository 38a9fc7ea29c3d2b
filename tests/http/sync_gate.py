"""A server whose syncs wait for the test's word; sync_gate.c does the waiting."""

import os
import pathlib
import subprocess

from harness import Gateway, gateway_binary

SOURCE = pathlib.Path(__file__).with_name("sync_gate.c")


def build(folder):
    """Compiles the library; returns its path."""
    library = folder / "sync_gate.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE], check=True)
    return library


class Gate:
    """The other end of the pipe. Each letter lets one sync go on: y, e (EIO), s (ENOSPC)."""

    def __init__(self, library, folder):
        self.library = library
        self.pipe = folder / "gate"
        os.mkfifo(self.pipe)
        self._fd = os.open(self.pipe, os.O_RDWR)  # keeps the server from seeing its end

    def let(self, word):
        os.write(self._fd, word.encode())

    def open_for_good(self):
        self.let("w")

    def gateway(self, *flags):
        preload = f"{os.environ.get('LD_PRELOAD', '')} {self.library}".strip()
        # The sanitizers' runtime wants to be the first library.
        asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return Gateway(gateway_binary(), *flags,
                       env={"LD_PRELOAD": preload, "SYNC_GATE": str(self.pipe), "ASAN_OPTIONS": asan})

    def close(self):
        os.close(self._fd)
