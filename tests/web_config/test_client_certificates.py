"""Who is asked for a certificate, and which ones are good: client_auth_type and client_allowed_sans."""

import ssl

import pytest
from common import TLS

from harness.certificates import Authority
from harness.waiting import until

TYPES = ("NoClientCert", "RequestClientCert", "RequireAnyClientCert", "VerifyClientCertIfGiven", "RequireAndVerifyClientCert")
CA = "  client_ca_file: ca.crt\n"


@pytest.fixture(scope="module")
def clients(authority, tmp_path_factory):
    """Name -> certificate, of this authority and of another one."""
    stranger = Authority(tmp_path_factory.mktemp("stranger"), "stranger")
    return {
        "none": None,
        "good": authority.issue("good", "DNS:one", "email:a@example.org", "IP:10.1.2.3", "IP:2001:db8::1", "URI:spiffe://x/y", usage="clientAuth"),
        "no usage": authority.issue("plain"),
        "server's": authority.issue("for_servers", usage="serverAuth"),
        "stranger's": stranger.issue("strangers", "DNS:one", usage="clientAuth"),
        "self-signed": stranger,
    }


def accepted(gateway, authority, clients):
    """Names of the clients that get an answer."""
    found = set()
    for name, certificate in clients.items():
        gateway.tls = authority.client(certificate)
        try:
            assert gateway.get("/-/ready").text == "OK"
            found.add(name)
        except (ssl.SSLError, ConnectionError):
            pass
    return found


EVERYBODY = {"none", "good", "no usage", "server's", "stranger's", "self-signed"}


@pytest.mark.parametrize("kind, expected", zip(TYPES, (
    EVERYBODY, EVERYBODY, EVERYBODY - {"none"}, {"none", "good", "no usage"}, {"good", "no usage"})))
def test_types(start, authority, clients, kind, expected):
    ca = "" if kind == "NoClientCert" else CA
    gateway = start(TLS + f"  client_auth_type: {kind}\n" + ca, tls=authority.client(clients["good"]))
    assert accepted(gateway, authority, clients) == expected


NAMES = [("[one]", True), ("[a@example.org]", True), ("[10.1.2.3]", True), ("['2001:db8::1']", True), ("['spiffe://x/y']", True),
         ("[two, one]", True), ("[two]", False), ("[ONE]", False), ("[good]", False), ("[]", False)]


@pytest.mark.parametrize("sans, fits", NAMES)
def test_allowed_sans(start, authority, clients, sans, fits):
    gateway = start(TLS + CA + f"  client_auth_type: RequireAndVerifyClientCert\n  client_allowed_sans: {sans}\n", ready=None)
    assert accepted(gateway, authority, clients) == ({"good"} if fits else set())


@pytest.mark.parametrize("kind, expected", [
    ("NoClientCert", EVERYBODY), ("RequestClientCert", {"good", "stranger's"}), ("RequireAnyClientCert", {"good", "stranger's"}),
    ("VerifyClientCertIfGiven", {"good"})])
def test_allowed_sans_and_types(start, authority, clients, kind, expected):
    """Who shows no certificate has no name in it."""
    ca = "" if kind == "NoClientCert" else CA
    gateway = start(TLS + ca + f"  client_auth_type: {kind}\n  client_allowed_sans: [one]\n", ready=None)
    assert accepted(gateway, authority, clients) == expected
    warned = "client_allowed_sans has no effect without client_auth_type" in gateway.stderr()
    assert warned == (kind == "NoClientCert")


def test_an_authority_inline(start, authority, clients, folder):
    pem = "".join(f"    {line}\n" for line in (folder / "ca.crt").read_text().splitlines())
    gateway = start(TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca: |\n" + pem, ready=None)
    assert accepted(gateway, authority, clients) == {"good", "no usage"}


def test_whatever_is_in_the_file_is_trusted(start, authority, clients, folder):
    """A certificate that is no authority, as people do who sign their own."""
    (folder / "ca.crt").write_bytes(clients["no usage"].crt.read_bytes() + clients["self-signed"].crt.read_bytes())
    gateway = start(TLS + CA + "  client_auth_type: RequireAndVerifyClientCert\n", ready=None)
    assert accepted(gateway, authority, clients) == {"no usage", "stranger's", "self-signed"}


def test_a_session_is_no_certificate(start, authority, clients):
    """There is nothing to resume: every connection shows its certificate."""
    gateway = start(TLS + CA + "  client_auth_type: RequireAndVerifyClientCert\n", tls=authority.client(clients["good"]))
    context = authority.client(clients["good"])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    gateway.tls = context
    with gateway.connect() as c:
        assert not c.sock.session.has_ticket


def test_the_log_tells_why(start, authority, clients):
    gateway = start(TLS + CA + "  client_auth_type: RequireAndVerifyClientCert\n", tls=authority.client(clients["good"]))
    gateway.tls = authority.client()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        gateway.get("/-/ready")
    until(lambda: "peer did not return a certificate" in gateway.stderr(), "the reason")
