"""The README's examples about TLS and passwords work as printed."""

import re
import subprocess

import prometheus_server
import pytest
from common import pushed
from harness import REPO_ROOT, Gateway, gateway_binary
from harness.certificates import Authority, trusting
from harness.waiting import until
from prometheus_server import Prometheus

with open(f"{REPO_ROOT}/README.md", encoding="utf-8") as file:
    SECTION = re.search(r"\n## TLS and passwords\n.*?(?=\n## )", file.read(), re.DOTALL)[0]
MAKE, PUSH = re.findall(r"```bash\n(.*?)```", SECTION, re.DOTALL)
BASIC, SCRAPE, MUTUAL, HEADERS = re.findall(r"```yaml\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture
def made(tmp_path):
    """A folder with the certificate."""
    bash(tmp_path, MAKE)
    return tmp_path


def bash(folder, text):
    done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", text], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def serve(folder, configuration, **options):
    (folder / "web.yml").write_text(configuration)
    return Gateway(gateway_binary(), f"--web.config.file={folder}/web.yml", **options)


def own_client(folder, certificate=None):
    context = trusting(folder / "server.crt", certificate)
    context.check_hostname = False  # the tests ask 127.0.0.1
    return context


def test_push_and_scrape(made):
    with serve(made, BASIC, tls=own_client(made), auth="alice:secret") as gateway:
        assert bash(made, PUSH.replace("9091", str(gateway.port))) == ""
        assert pushed(gateway) == {'some_metric{instance="",job="some_job"} 3.14'}
        configuration = "global: {scrape_interval: 200ms, scrape_timeout: 200ms}\n" + SCRAPE.replace("9091", str(gateway.port))
        (made / "prometheus").mkdir()
        (made / "prometheus" / "server.crt").write_bytes((made / "server.crt").read_bytes())
        with Prometheus(prometheus_server.binaries()[-1], configuration, made / "prometheus") as server:
            assert server.wait_for('some_metric{job="some_job"}')[0]["value"][1] == "3.14"


def test_client_certificates(made):
    authority = Authority(made, "clients")
    backup = authority.issue("backup", "DNS:backup.example.org", usage="clientAuth")
    other = authority.issue("other", "DNS:other.example.org", usage="clientAuth")
    with serve(made, MUTUAL, tls=own_client(made, backup)) as gateway:
        assert gateway.get("/-/ready").status == 200
        gateway.tls = own_client(made, other)
        with pytest.raises(OSError):
            gateway.get("/-/ready")


def test_headers_and_limit(made):
    with serve(made, HEADERS) as gateway:
        assert gateway.get("/-/ready").header("Strict-Transport-Security") == "max-age=31536000"
        with gateway.connect() as c:
            def refused():
                c.send(b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n" * 400)
                return 429 in {c.read_response().status for _ in range(400)}
            assert until(refused, "the limit")
