"""The files are read again when they change, and nothing else does."""

import os
import ssl

import pytest
from common import TLS, users
from harness.waiting import until

RELOADED = "Reloaded the web configuration"
FAILED = "Cannot reload the web configuration"


def write(path, text):
    """As an editor does: a new file takes the old one's place."""
    path.with_suffix(".new").write_text(text)
    os.replace(path.with_suffix(".new"), path)


def count(gateway, what):
    return gateway.stderr().count(what)


def wait_for(gateway, what, times=1):
    until(lambda: count(gateway, what) >= times, f"{times} x {what!r} in the log")


def serial_of(gateway, context):
    with gateway.connect() as c:
        return c.sock.getpeercert()["serialNumber"]


def test_users_come_and_go(start, folder):
    gateway = start(users(a="pw"), auth="a:pw")
    write(folder / "web.yml", users(a="secret", b="pw"))
    wait_for(gateway, RELOADED)
    assert gateway.get("/-/ready").status == 401
    gateway.auth = "a:secret"
    assert gateway.get("/-/ready").status == 200
    (folder / "web.yml").write_text(users(b="pw"))  # in place
    wait_for(gateway, RELOADED, 2)
    assert gateway.get("/-/ready").status == 401
    write(folder / "web.yml", "")
    wait_for(gateway, RELOADED, 3)
    gateway.auth = None
    assert gateway.get("/-/ready").status == 200


def test_headers_and_limit(start, folder):
    gateway = start("")
    write(folder / "web.yml", "http_server_config: {headers: {X-Frame-Options: deny}}\nrate_limit: {interval: 1h, burst: 2}\n")
    wait_for(gateway, RELOADED)
    assert [gateway.get("/-/ready").status for _ in range(3)] == [200, 200, 429]
    write(folder / "web.yml", "http_server_config: {headers: {X-Frame-Options: sameorigin}}\n")
    wait_for(gateway, RELOADED, 2)
    assert gateway.get("/-/ready").header("X-Frame-Options") == "sameorigin"


def test_a_bad_file_changes_nothing_and_is_told_once(start, folder):
    gateway = start(users(a="pw"), auth="a:pw")
    write(folder / "web.yml", users(a="secret") + "tls_server_confg: {}\n")
    wait_for(gateway, FAILED)
    assert f'{folder}/web.yml: line 3: unknown key \\"tls_server_confg\\" in the file' in gateway.stderr()
    assert gateway.get("/-/ready").status == 200
    os.remove(folder / "web.yml")  # it takes a second look, at least
    wait_for(gateway, f"{folder}/web.yml: No such file or directory")
    assert count(gateway, FAILED) == 2
    assert gateway.get("/-/ready").status == 200
    write(folder / "web.yml", users(a="secret"))
    wait_for(gateway, RELOADED)
    assert gateway.get("/-/ready").status == 401


def test_a_new_certificate(start, folder, authority):
    gateway = start(TLS, tls=authority.client())
    old_serial = serial_of(gateway, gateway.tls)
    with gateway.connect() as old:
        renewed = authority.issue_for_server("renewed")
        write(folder / "server.crt", renewed.crt.read_text())
        wait_for(gateway, FAILED)  # without its key
        assert "the key does not belong to the certificate" in gateway.stderr() or "cannot use the key" in gateway.stderr()
        assert serial_of(gateway, gateway.tls) == old_serial
        write(folder / "server.key", renewed.key.read_text())
        wait_for(gateway, RELOADED)
        assert serial_of(gateway, gateway.tls) != old_serial
        old.send(b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n")
        assert old.read_response().status == 200


def test_files_that_are_links(start, folder, authority):
    """As Kubernetes mounts secrets: a link to a folder is replaced, the files' own times do not change."""
    for name in ("first", "second"):
        (folder / name).mkdir()
        made = authority.issue_for_server(name)
        (folder / name / "tls.crt").write_bytes(made.crt.read_bytes())
        (folder / name / "tls.key").write_bytes(made.key.read_bytes())
    (folder / "now").symlink_to("first")
    for name in ("tls.crt", "tls.key"):
        (folder / name).symlink_to(f"now/{name}")
    gateway = start(TLS.replace("server.", "tls."), tls=authority.client())
    old_serial = serial_of(gateway, gateway.tls)
    (folder / "next").symlink_to("second")
    os.replace(folder / "next", folder / "now")
    wait_for(gateway, RELOADED)
    assert serial_of(gateway, gateway.tls) != old_serial
    assert count(gateway, FAILED) == 0


def test_clients_need_a_certificate_from_now_on(start, folder, authority):
    client = authority.issue("reloaded", usage="clientAuth")
    gateway = start(TLS, tls=authority.client())
    write(folder / "web.yml", TLS + "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n")
    wait_for(gateway, RELOADED)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        gateway.get("/-/ready")
    gateway.tls = authority.client(client)
    assert gateway.get("/-/ready").status == 200


def test_tls_stays_on_or_off(start, folder, authority):
    """An empty file, for a moment, must not lay the server open."""
    gateway = start(TLS, tls=authority.client())
    write(folder / "web.yml", "")
    wait_for(gateway, "turning TLS on or off takes a restart")
    assert gateway.get("/-/ready").status == 200
    plain = start("")
    write(folder / "web.yml", TLS)
    wait_for(plain, "turning TLS on or off takes a restart")
    assert plain.get("/-/ready").status == 200


def test_a_file_that_comes_later(start, folder, authority):
    """The configuration names a certificate that is not there yet."""
    gateway = start(TLS, tls=authority.client())
    old_serial = serial_of(gateway, gateway.tls)
    write(folder / "web.yml", TLS.replace("server.", "later."))
    wait_for(gateway, "failed to read cert_file")
    later = authority.issue_for_server("later")
    write(folder / "later.key", later.key.read_text())
    write(folder / "later.crt", later.crt.read_text())
    wait_for(gateway, RELOADED)
    assert serial_of(gateway, gateway.tls) != old_serial


def test_requests_go_on_meanwhile(start, folder):
    """One connection, pushing while the configuration changes again and again."""
    gateway = start(users(a="pw"), auth="a:pw")
    with gateway.connect() as c:
        head = f"PUT /metrics/job/a HTTP/1.1\r\nHost: x\r\nAuthorization: {gateway.authorization()['Authorization']}\r\nContent-Length: 4\r\n\r\n"
        for n in range(3):
            reloads = count(gateway, RELOADED)
            write(folder / "web.yml", users(a="pw", b="pw") if n % 2 else users(a="pw"))
            while count(gateway, RELOADED) == reloads:
                c.send(head.encode() + b"m 1\n")
                assert c.read_response().status == 200
