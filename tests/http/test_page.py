"""The web page as it is served: files, headers, and what a browser without scripts is shown."""

import gzip
import re

import pytest

PAGES = ["/", "/status"]


def links_of(page):
    return re.findall(r'(?:src|href)="([^"#?]+)"', page)


@pytest.mark.parametrize("path", PAGES)
def test_the_page_takes_nothing_from_elsewhere(gateway, path):
    reply = gateway.get(path)
    assert reply.status == 200 and reply.header("Content-Type") == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in reply.header("Content-Security-Policy").split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
    page = reply.body.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script>|javascript:", page)
    assert not any("//" in link for link in links_of(page))


def test_all_files_of_the_page_are_there(gateway):
    linked = [link for link in links_of(gateway.get("/").body.decode()) if link.startswith("static/")]
    seen, found = set(), list(linked)
    while found:
        name = found.pop()
        if name in seen:
            continue
        seen.add(name)
        reply = gateway.get("/" + name)
        assert reply.status == 200, name
        if name.endswith(".js"):
            assert reply.header("Content-Type") == "text/javascript; charset=utf-8"
            text = reply.body.decode()
            assert "innerHTML" not in text and "http://" not in text.replace("http://www.w3.org/2000/svg", "")
            found += ["static/" + other for other in re.findall(r'from "\./([^"]+)"', text)]
    assert seen == set(linked), "a module that the page does not name is found too late"
    assert {"static/style.css", "static/icon.svg", "static/groups.js", "static/plot.js"} <= seen


@pytest.mark.parametrize("path", ["/static/page.html", "/static/", "/static/page.js/x", "/static/../page.js"])
def test_what_is_no_file_is_not_served(gateway, path):
    assert gateway.get(path).status in (404, 307)


def test_files_are_compressed_for_who_takes_it(gateway):
    plain = gateway.get("/static/style.css")
    packed = gateway.get("/static/style.css", headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    assert packed.header("Content-Encoding") == "gzip" and gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    assert "Accept-Encoding" in plain.header("Vary") and plain.header("Content-Encoding") is None
    assert plain.header("ETag") != packed.header("ETag")
    assert gateway.get("/static/style.css", headers={"Accept-Encoding": "gzip;q=0"}).body == plain.body


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_files_that_are_known_are_not_sent_again(gateway, coding):
    tag = gateway.get("/static/page.js", headers={"Accept-Encoding": coding}).header("ETag")
    assert re.fullmatch(r'"[0-9a-f]{16}(-gz)?"', tag)
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        reply = gateway.get("/static/page.js", headers={"Accept-Encoding": coding, "If-None-Match": known})
        assert (reply.status, reply.body, reply.header("ETag")) == (304, b"", tag)
        assert reply.header("Content-Length") is None
    assert gateway.get("/static/page.js", headers={"Accept-Encoding": coding, "If-None-Match": '"other"'}).status == 200


def test_the_connection_goes_on_after_a_304(gateway):
    tag = gateway.get("/static/page.js").header("ETag")
    with gateway.connect() as conn:
        conn.send(f"GET /static/page.js HTTP/1.1\r\nHost: x\r\nIf-None-Match: {tag}\r\n\r\n".encode())
        assert conn.read_response().status == 304
        conn.send(b"GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n")
        assert conn.read_response().status == 200


def without_scripts(page):
    return re.findall(r"<noscript>(.*?)</noscript>", page, re.DOTALL)


def test_without_scripts_there_are_groups_and_the_status(start):
    gateway = start("--web.route-prefix=/x", "--web.telemetry-path=/own/metrics", prefix="/x")
    for i in range(120):
        gateway.put(f"/metrics/job/j/instance/{i:03}", b"m 1\n")
    groups, status = without_scripts(gateway.get("/").body.decode())
    assert groups.count("<tr><td>") == 100 and "100 of 120 groups" in groups
    next_page = re.search(r'href="(\?[^"]+)">Next page', groups)[1].replace("&amp;", "&")
    groups, _ = without_scripts(gateway.get("/" + next_page).body.decode())
    assert groups.count("<tr><td>") == 20 and "Next page" not in groups
    assert "web.route-prefix" in status and "/x" in status
    assert 'href="own/metrics"' in gateway.get("/").body.decode()
