"""The server's side of TLS: versions, suites, how connections begin and end."""

import socket
import ssl
import subprocess
import threading
import warnings

import pytest
from common import TLS, pushed
from harness import http1

from harness.certificates import Authority
from harness.waiting import until

READY = b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n"
PUSH = b"PUT /metrics/job/a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b"
PLAIN_ANSWER = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"


def handshake(gateway, context):
    """(version, suite) or the reason why not."""
    try:
        with gateway_socket(gateway) as sock, context.wrap_socket(sock, server_hostname="localhost") as tls:
            tls.sendall(READY)
            assert tls.recv(100).startswith(b"HTTP/1.1 200 ")
            return tls.version(), tls.cipher()[0]
    except ssl.SSLError as error:
        return error.reason


def gateway_socket(gateway):
    return socket.create_connection((gateway.host, gateway.port), timeout=20)


def only(authority, version=None, suites=None):
    context = authority.client()
    if version:
        context.minimum_version = context.maximum_version = version
    if suites:
        context.set_ciphers(suites)
    return context


def test_a_push_with_curl(start, authority):
    gateway = start(TLS, tls=authority.client())
    done = subprocess.run(["curl", "-sS", "-w", "%{http_code} %{http_version} %{ssl_verify_result}", "--cacert", authority.crt, "--data-binary", "@-",
                           f"https://localhost:{gateway.port}/metrics/job/a"], input=b"m 1\n", capture_output=True, timeout=30)
    assert (done.stdout, done.stderr) == (b"200 1.1 0", b"")
    assert pushed(gateway) == {'m{instance="",job="a"} 1'}
    assert 'msg="TLS is enabled."' in gateway.stderr()


def test_a_large_push_and_scrape(start, authority):
    gateway = start(TLS, tls=authority.client())
    body = "".join(f'big{{n="{n}"}} {n}\n' for n in range(50000)).encode()
    assert gateway.put("/metrics/job/big", body, timeout=60).status == 200
    assert gateway.get("/metrics", timeout=60).text.count("\nbig{") == 50000


def test_a_slow_reader_gets_all(start, authority):
    """Records that the socket takes in part only are gone on with."""
    gateway = start(TLS, tls=authority.client())
    body = "".join(f'big{{n="{n}"}} {n}\n' for n in range(20000)).encode()
    assert gateway.put("/metrics/job/big", body).status == 200
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(30)
        sock.connect((gateway.host, gateway.port))
        with authority.client().wrap_socket(sock, server_hostname="localhost") as tls:
            tls.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            received = b""
            while data := tls.recv(1000):
                received += data
    assert received.count(b"\nbig{") == 20000
    assert received.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("settings, accepted", [
    ("", {"TLSv1.2", "TLSv1.3"}),
    ("  min_version: TLS13\n", {"TLSv1.3"}),
    ("  max_version: TLS12\n", {"TLSv1.2"}),
    ("  min_version: TLS10\n", {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}),
    ("  min_version: TLS11\n  max_version: TLS11\n", {"TLSv1.1"}),
])
def test_versions(start, authority, settings, accepted):
    gateway = start_for(start, settings, authority)
    found = set()
    options = {"TLSv1": "-tls1", "TLSv1.1": "-tls1_1", "TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}
    for version, option in options.items():
        if "Server public key is" in s_client(gateway, option, "-cipher", "DEFAULT@SECLEVEL=0"):
            found.add(version)
    assert found == accepted


def start_for(start, settings, authority):
    """A client that speaks old versions too, to see whether the server is ready."""
    context = authority.client()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    return start(TLS + settings, tls=context)


def test_suites(start, authority):
    gateway = start(TLS + "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA]\n",
                    tls=authority.client())
    twelve = ssl.TLSVersion.TLSv1_2
    assert handshake(gateway, only(authority, twelve)) == ("TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305")
    assert handshake(gateway, only(authority, twelve, "ECDHE-ECDSA-AES256-SHA")) == ("TLSv1.2", "ECDHE-ECDSA-AES256-SHA")
    assert handshake(gateway, only(authority, twelve, "ECDHE-ECDSA-AES128-GCM-SHA256")) == "SSLV3_ALERT_HANDSHAKE_FAILURE"
    assert handshake(gateway, only(authority))[0] == "TLSv1.3"


def test_suites_of_13_alone_leave_13(start, authority):
    gateway = start(TLS + "  cipher_suites: [TLS_AES_128_GCM_SHA256]\n", tls=authority.client())
    assert handshake(gateway, only(authority, ssl.TLSVersion.TLSv1_2)) == "TLSV1_ALERT_PROTOCOL_VERSION"


def test_old_suites_are_not_offered(start, authority):
    gateway = start(TLS, tls=authority.client())
    context = only(authority, ssl.TLSVersion.TLSv1_2, "ALL:!ECDHE-ECDSA-AES128-GCM-SHA256:!ECDHE-ECDSA-AES256-GCM-SHA384"
                   ":!ECDHE-ECDSA-CHACHA20-POLY1305:!ECDHE-ECDSA-AES128-SHA:!ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0")
    assert handshake(gateway, context) == "SSLV3_ALERT_HANDSHAKE_FAILURE"


def s_client(gateway, *options):
    """What openssl's client says of one connection."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{gateway.port}", *options],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    return done.stdout + done.stderr


def test_curves(start, authority):
    context = authority.client()
    context.set_ecdh_curve("secp521r1")
    gateway = start(TLS + "  curve_preferences: [CurveP521, CurveP384]\n", tls=context)
    assert "Server Temp Key: ECDH, secp384r1" in s_client(gateway, "-groups", "X25519:P-256:P-384")
    assert "Server Temp Key: ECDH, secp521r1" in s_client(gateway, "-tls1_2", "-groups", "P-384:P-521:P-256")
    assert "handshake failure" in s_client(gateway, "-groups", "X25519:P-256")


def test_an_rsa_key_and_a_chain(start, authority, folder):
    """cert_file holds those between the server's certificate and the authority, too."""
    between = authority.issue("between", usage=None)
    rsa = authority.issue_for_server("rsa", rsa=True)
    (folder / "chain.crt").write_bytes(rsa.crt.read_bytes() + between.crt.read_bytes())
    (folder / "rsa.key").write_bytes(rsa.key.read_bytes())
    gateway = start(TLS.replace("server.crt", "chain.crt").replace("server.key", "rsa.key"), tls=authority.client())
    assert s_client(gateway, "-showcerts").count("BEGIN CERTIFICATE") == 2


def test_inline_pem(start, authority, folder):
    def indented(path):
        return "".join(f"    {line}\n" for line in path.read_text().splitlines())

    gateway = start("tls_server_config:\n  cert: |\n" + indented(folder / "server.crt") + "  key: |\n" + indented(folder / "server.key"),
                    tls=authority.client())
    assert gateway.get("/-/ready").text == "OK"


def test_http2_is_not_spoken(start, authority):
    gateway = start(TLS + "http_server_config: {http2: true}\n", tls=authority.client())
    assert "http2 has no effect" in gateway.stderr()
    assert "ALPN protocol: http/1.1" in s_client(gateway, "-alpn", "h2,http/1.1")
    assert "alert number 120" in s_client(gateway, "-alpn", "h2")  # no_application_protocol


@pytest.mark.parametrize("request_bytes", [READY, b"HEAD / HTTP/1.1\r\n\r\n", PUSH % (4, b"m 1\n"), b"POST /metrics/job/a HTTP/1.1\r\n",
                                           PUSH % (40000, b"x" * 40000)])
def test_plain_http_on_the_tls_port(start, authority, request_bytes):
    gateway = start(TLS, tls=authority.client())
    with gateway_socket(gateway) as sock:
        sock.sendall(request_bytes)
        received = b""
        while data := sock.recv(1000):
            received += data
    assert received == PLAIN_ANSWER
    until(lambda: "client sent an HTTP request to an HTTPS server" in gateway.stderr(), "the log line")


def test_tls_on_the_plain_port(start, authority):
    gateway = start("")
    with gateway_socket(gateway) as sock:
        with pytest.raises(ssl.SSLError) as raised:
            authority.client().wrap_socket(sock, server_hostname="localhost")
    assert raised.value.reason in ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE")


def test_nonsense_instead_of_a_handshake(start, authority):
    gateway = start(TLS, tls=authority.client())
    for nonsense in (b"\n" * 20, b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00", b"\x16\x03\x01\xff\xff\x01", b"\x80\x2e" + b"\x01" * 46, bytes(range(256))):
        with gateway_socket(gateway) as sock:
            sock.sendall(nonsense)
            assert b"HTTP" not in http1_rest(sock)
    assert gateway.get("/-/ready").text == "OK"


def http1_rest(sock):
    received = b""
    try:
        while data := sock.recv(1000):
            received += data
    except ConnectionResetError:
        pass
    return received


def test_a_handshake_that_never_ends_is_cut(start, authority):
    gateway = start(TLS, "--web.read-timeout=500ms", "--web.idle-timeout=1h", tls=authority.client())
    for sent in (b"", b"\x16\x03\x01"):
        with gateway_socket(gateway) as sock:
            sock.sendall(sent)
            assert http1_rest(sock) == b""
    assert gateway.get("/-/ready").text == "OK"


def test_the_end_is_said(start, authority):
    """close_notify: a client can tell the end from a cut. Python raises where it is missing."""
    gateway = start(TLS, tls=authority.client())
    for request in (READY.replace(b"Host: x", b"Host: x\r\nConnection: close"), b"NONSENSE\r\n\r\n",
                    b"PUT /nope HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"):
        with gateway_socket(gateway) as sock:
            with authority.client().wrap_socket(sock, server_hostname="localhost", suppress_ragged_eofs=False) as tls:
                tls.sendall(request)
                while tls.recv(1000):
                    pass


def test_stopping_ends_connections(start, authority):
    gateway = start(TLS, tls=authority.client())
    with gateway.connect() as idle, gateway.connect() as busy, gateway_socket(gateway) as shaking:
        idle.send(READY)
        assert idle.read_response().status == 200
        request = PUSH % (4, b"m 1\n")
        busy.send(request[:-2])
        idle.send(READY)
        assert idle.read_response().status == 200
        gateway.process.terminate()
        assert idle.closed_by_peer(10)
        assert http1_rest(shaking) == b""
        busy.send(request[-2:])
        assert busy.read_response().status == 200
        assert busy.closed_by_peer(10)
    assert gateway.process.wait(20) == 0


def test_clients_that_go_away(start, authority):
    """At any moment of a connection: before, in and after the handshake, in a request, in a reply."""
    gateway = start(TLS, tls=authority.client())
    body = "".join(f'big{{n="{n}"}} {n}\n' for n in range(20000)).encode()
    assert gateway.put("/metrics/job/big", body).status == 200
    for sent in (b"", READY[:10], PUSH % (100, b"x"), b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 3):
        for _ in range(5):
            c = gateway.connect()
            c.send(sent)
            c.close()
    for cut in range(0, 300, 30):
        with gateway_socket(gateway) as sock:
            sock.sendall(client_hello()[:cut])
    assert gateway.get("/-/ready").text == "OK"


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def test_many_at_once(start, authority):
    gateway = start(TLS, tls=authority.client())
    failures = []

    def push_often(n):
        with gateway.connect(timeout=60) as c:
            for i in range(30):
                body = b"m %d\n" % i
                c.send(b"PUT /metrics/job/many%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (n, len(body)) + body)
                if c.read_response().status != 200:
                    failures.append((n, i))

    threads = [threading.Thread(target=push_often, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(pushed(gateway)) == 20


def test_single_bytes(start, authority):
    """Each byte in a record of its own."""
    gateway = start(TLS, tls=authority.client())
    with gateway.connect() as c:
        for byte in PUSH % (4, b"m 1\n"):
            c.send(bytes([byte]))
        assert c.read_response().status == 200
    with gateway.connect() as c, pytest.raises(http1.Incomplete):
        c.send(READY.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        assert c.read_response().status == 200
        c.read_response()


def test_another_authority_is_not_trusted(start, authority, tmp_path):
    """The tests would not notice a client that trusts everybody."""
    gateway = start(TLS, tls=authority.client())
    stranger = Authority(tmp_path, "stranger")
    assert handshake(gateway, stranger.client()) == "CERTIFICATE_VERIFY_FAILED"
