"""Compiles Go programs against Debian's client_golang, without modules or network."""

import os

from client_support import BUILD, run

GOPATH = "/usr/share/gocode"


def build(source):
    """The compiled program of one Go file; below the build folder, by its folder and name."""
    binary = BUILD / "go" / f"{source.parent.name}-{source.stem}"
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOPATH": GOPATH,
        "GOCACHE": str(BUILD / "go" / "cache"),
        "GOFLAGS": "-p=2",
    }
    run(["go", "build", "-o", binary, source], env=environment)
    return binary
