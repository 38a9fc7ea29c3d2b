"""What every black-box test of the server needs: start it, speak to it, read it.

gateway        starts and stops a server process
http1          a raw-socket HTTP/1.x client: exact bytes out, a parsed reply back
certificates   authorities and certificates for TLS
every_kind     pushes of all there is
exposition     readers for the text and the delimited protobuf exposition
metrics_proto  the io.prometheus.client messages, as Python classes
"""

import os

from .gateway import Gateway, StartFailed, free_port
from .http1 import Connection, Response, request

REPO_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def gateway_binary():
    """The server under test: $PUSHGATEWAY, or the one in the build folder."""
    return os.environ.get("PUSHGATEWAY") or os.path.join(REPO_ROOT, "build", "pushgateway")


def oracle_binary():
    """The original Go server from $PUSHGATEWAY_ORACLE, or None."""
    return os.environ.get("PUSHGATEWAY_ORACLE") or None


def old_oracle_binary():
    """The same of some years ago from $PUSHGATEWAY_OLD_ORACLE, or None."""
    return os.environ.get("PUSHGATEWAY_OLD_ORACLE") or None


__all__ = [
    "Connection", "Gateway", "REPO_ROOT", "Response", "StartFailed", "free_port",
    "gateway_binary", "old_oracle_binary", "oracle_binary", "request",
]
