"""Client libraries and Prometheus servers against a gateway that wants certificates and passwords."""

import subprocess
import urllib.error

import golang
import prometheus_server
import pytest
from client_support import HERE
from common import TLS, pushed, users
from prometheus_client import CollectorRegistry, Gauge, delete_from_gateway, push_to_gateway
from prometheus_client.exposition import basic_auth_handler, tls_auth_handler
from prometheus_server import Prometheus

MUTUAL = TLS + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"


@pytest.fixture(scope="module")
def client(authority):
    return authority.issue("library", usage="clientAuth")


@pytest.fixture
def gateway(start, authority, client):
    return start(MUTUAL + users(a="pw"), tls=authority.client(client), auth="a:pw")


def registry(value):
    made = CollectorRegistry()
    Gauge("pushed_by_python", "By Python.", registry=made).set(value)
    return made


def test_curl(gateway, authority, client):
    def curl(*more):
        done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", authority.crt, "--data-binary", "curled 1\n",
                               *more, f"https://localhost:{gateway.port}/metrics/job/a"], input="", capture_output=True, text=True, timeout=30)
        return done.stdout

    certificate = ["--cert", client.crt, "--key", client.key]
    assert curl("-u", "a:pw", *certificate) == "200"
    assert curl("--anyauth", "-u", "a:pw", *certificate) == "200"
    assert curl("-u", "a:no", *certificate) == "401"
    assert curl(*certificate) == "401"
    assert curl("-u", "a:pw") == "000"
    assert pushed(gateway) == {'curled{instance="",job="a"} 1'}


def test_python_over_tls(start, authority, client):
    gateway = start(MUTUAL, tls=authority.client(client))

    def handler(url, method, timeout, headers, data):
        return tls_auth_handler(url, method, timeout, headers, data, certfile=str(client.crt), keyfile=str(client.key), cafile=str(authority.crt))

    push_to_gateway(f"https://localhost:{gateway.port}", "python", registry(1.5), handler=handler)
    assert pushed(gateway) == {'pushed_by_python{instance="",job="python"} 1.5'}
    delete_from_gateway(f"https://localhost:{gateway.port}", "python", handler=handler)
    assert not pushed(gateway)


def test_python_with_a_password(start):
    gateway = start(users(a="pw"), auth="a:pw")

    def handler_for(password):
        def handler(url, method, timeout, headers, data):
            return basic_auth_handler(url, method, timeout, headers, data, username="a", password=password)
        return handler

    push_to_gateway(f"localhost:{gateway.port}", "python", registry(2), handler=handler_for("pw"))
    assert pushed(gateway) == {'pushed_by_python{instance="",job="python"} 2'}
    with pytest.raises(urllib.error.HTTPError) as raised:
        push_to_gateway(f"localhost:{gateway.port}", "python", registry(3), handler=handler_for("no"))
    assert raised.value.code == 401


def test_client_golang(gateway, authority, client):
    binary = golang.build(HERE.parent / "web_config" / "go" / "pusher.go")

    def push(password, certificate):
        return subprocess.run([binary, f"https://localhost:{gateway.port}", "a", password, authority.crt, certificate.crt, certificate.key],
                              capture_output=True, text=True, timeout=60)

    done = push("pw", client)
    assert done.returncode == 0, done.stderr
    assert pushed(gateway) == {'pushed_by_go{instance="",job="go"} 42'}
    done = push("no", client)
    assert done.returncode == 1 and "unexpected status code 401" in done.stderr
    done = push("pw", authority.issue("unfit", usage="serverAuth"))
    assert done.returncode == 1 and "tls: " in done.stderr


SCRAPE = """\
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    scheme: https
    tls_config: {{ca_file: {ca}, cert_file: {crt}, key_file: {key}, server_name: localhost}}
    basic_auth: {{username: a, password: {password}}}
    static_configs:
      - targets: ['127.0.0.1:{port}']
"""


@pytest.mark.parametrize("binary", prometheus_server.binaries())
def test_prometheus_scrapes(gateway, authority, client, tmp_path, binary):
    assert gateway.put("/metrics/job/scraped", b"m 7\n").status == 200
    configuration = SCRAPE.format(ca=authority.crt, crt=client.crt, key=client.key, port=gateway.port, password="pw")
    with Prometheus(binary, configuration, tmp_path) as server:
        (found,) = server.wait_for('m{job="scraped"}')
        assert found["value"][1] == "7"
        (up,) = server.query('up{job="pushgateway"}')
        assert up["value"][1] == "1"
