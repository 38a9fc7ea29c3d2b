"""Makes the seeds in corpus/ from the scenarios of tests/conformance and a few of its own.

    tests/fuzz/make_seeds.py build-fuzz [TARGET...]      (./dev fuzz has built these)

Of all that the scenarios give, libFuzzer keeps what reaches new code, the small first. Files named
regression-* stay as they are.
"""

import hashlib
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "conformance")]

import scenario  # noqa: E402
from harness.build_families import family, gauge, metric  # noqa: E402
from harness.metrics_proto import COUNTER, HISTOGRAM, SUMMARY, delimited, varint  # noqa: E402

SIZE_MAX = 2048


def is_protobuf(request):
    return any(name == "Content-Type" and value == scenario.PROTOBUF for name, value in request.headers)


def header(request, wanted):
    return next((v for n, v in request.headers if n.lower() == wanted.lower()), "")


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def requests_of(one):
    return [step for step in one.steps if isinstance(step, scenario.Request)]


# One function a target: yields what a scenario is worth to it.

def text_reader(one):
    for step in requests_of(one):
        if step.body and not is_protobuf(step) and not header(step, "Content-Encoding"):
            yield step.body


def delimited_reader(one):
    for step in requests_of(one):
        if step.body and is_protobuf(step) and not header(step, "Content-Encoding"):
            yield step.body


def round_trip(one):
    letter = b"u" if one.server == "utf8" else b"t"
    yield from (letter + body for body in text_reader(one))
    yield from (b"p" + body for body in delimited_reader(one))


def target_path(one):
    for step in requests_of(one):
        yield (b"u" if one.server == "utf8" else b"l") + as_bytes(step.path)


def request_body(one):
    for step in requests_of(one):
        encoding = header(step, "Content-Encoding").strip().lower()
        if encoding in ("gzip", "snappy", "zstd", "deflate"):
            yield encoding[:1].encode() + step.body


def raw_bytes(one):
    for step in one.steps:
        if isinstance(step, scenario.Raw):
            yield as_bytes(step.data)


def request_head(one):
    yield from raw_bytes(one)


def chunk_reader(one):
    for data in raw_bytes(one):
        if b"chunked" in data and b"\r\n\r\n" in data:
            yield data.split(b"\r\n\r\n", 1)[1]


def connection(one):
    for data in raw_bytes(one):
        yield b"\0" + data
        yield b"\5" + data


def negotiation(one):
    for step in requests_of(one):
        lines = [as_bytes(header(step, name)) for name in ("Accept", "Accept-Encoding", "Content-Type")]
        if any(lines):
            yield b"\n".join(lines)


def requests(one):
    flags = {"utf8": b"u", "unchecked": b"c"}.get(one.server, b"")
    steps = [
        b"%s %s%s %s\n%s" % (
            step.method.encode(), b"p" if is_protobuf(step) else b"-",
            b"P" if "protobuf" in header(step, "Accept") else b"", as_bytes(step.path), step.body)
        for step in requests_of(one) if not header(step, "Content-Encoding")]
    if steps:
        yield flags + b"\n" + b"\n==\n".join(steps)


FLAGS = """--help
--version
--help-man
--completion-script-bash
--web.listen-address=:9091 --web.listen-address [::1]:80
--web.external-url=http://a/b%20c/ --web.route-prefix=/x/
--web.route-prefix a//b --web.telemetry-path=/m
--no-web.enable-admin-api --web.enable-lifecycle=true
--persistence.interval=1h30m5.5s --persistence.file=x
--web.max-request-size=1GiB512MiB --web.max-connections=5
--log.level=debug --log.format=json
--log.level=loud
--web.read-timeout=0s
--unknown -h -x --
1h2m3s4ms5us6ns
-1.5h
1.5MB
http://[::1]:80/%zz
mailto:a@b
//host/path?query#fragment"""


HASH = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze"
TLS = "tls_server_config: {cert_file: a.crt, key_file: /a.key, "
WEB_CONFIGS = [
    "",
    "tls_server_config:\n  cert_file: a.crt\n  key_file: a.key\n",
    TLS + "client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca, client_allowed_sans: [a, 10.0.0.1, c]}",
    TLS + "client_auth_type: VerifyClientCertIfGiven, min_version: TLS10, max_version: TLS12}",
    TLS + "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256], prefer_server_cipher_suites: no}",
    TLS + "cipher_suites: [TLS_AES_128_GCM_SHA256], curve_preferences: [CurveP521, X25519]}",
    TLS + "min_version: TLS13, max_version: TLS10}",
    "tls_server_config:\n  cert: |\n    -----BEGIN CERTIFICATE-----\n    MII=\n    -----END CERTIFICATE-----\n  key_file: a.key\n",
    "http_server_config:\n  http2: true\n  headers:\n    X-Frame-Options: deny\n    X-XSS-Protection: >\n      1;\n      mode=block\n",
    "http_server_config: {headers: {X-Content-Type-Options: nosniff, Strict-Transport-Security: \"a\\tb\"}}",
    "rate_limit:\n  interval: 1m30s\n  burst: 20\n",
    "rate_limit: {interval: 1000.5, burst: 0x10}",
    f"basic_auth_users:\n  bob: {HASH}\n  alice: {HASH.replace('y', 'b', 1)}\n",
    f"basic_auth_users: {{a: &h '{HASH}', b: *h, \"\\x00\": *h}}",
    "%YAML 1.1\n--- !!map\nrate_limit: ~\n...\n---\n",
    "rate_limit: &a [*a]",
    "basic_auth_users: {a: b}",
    "tls_server_config: {cert_file: [",
]


def web_config_files():
    yield from (text.encode() for text in WEB_CONFIGS)
    yield WEB_CONFIGS[10].encode("utf-16")
    yield b"rate_limit: \xff"


def tag(number, kind):
    return varint(number << 3 | kind)


def message(*fields):
    out = b""
    for number, value in fields:
        if isinstance(value, bytes):
            out += tag(number, 2) + varint(len(value)) + value
        else:
            out += tag(number, 0) + varint(value)
    return out


def snapshot_record(families, labels=((b"job", b"j"),), times=(2, 2, 0)):
    fields = [(1, message((1, name), (2, value))) for name, value in labels]
    fields += list(zip((2, 3, 4), times))
    fields += [(5, message((1, one.SerializeToString()), (2, 4))) for one in families]
    return message(*fields)


def snapshot_files():
    label = {"job": "j", "instance": ""}
    families = [
        [gauge("m", 1.5, label)],
        [family("c_total", COUNTER, metric(label, counter={"value": 1}), help="Help.")],
        [family("s", SUMMARY, metric(label, summary={"sample_count": 1, "quantile": [{"quantile": 0.5, "value": 1}]}))],
        [family("h", HISTOGRAM, metric(label, histogram={"sample_count": 1, "bucket": [{"upper_bound": 1, "cumulative_count": 1}]}))],
        [],
    ]
    records = [snapshot_record(one) for one in families]
    records.append(snapshot_record(families[0], labels=((b"instance", b"i"), (b"job", b"j"))))
    with_length = [len(record).to_bytes(2, "little") + record for record in records]
    yield from (b"r" + record for record in with_length)
    yield b"r" + b"".join(with_length)
    empty = bytes.fromhex("504757534e415001 ffffffff 0000000000000000")
    yield b"f" + empty
    yield b"f" + empty + b"\x8c\x28\xb2\x8a"
    yield b"f" + b"PGWSNAP\1\5\0\0\0\0\0\0\0hello"


def journal_record(kind, *families, job=b"j"):
    fields = [(1, kind)]
    if kind != WIPE:
        fields.append((2, message((1, b"job"), (2, job))))
    if kind in (REPLACE, MERGE):
        fields += [(3, 4), (4, delimited(*families))]
    return message(*fields)


REPLACE, MERGE, REFUSE, DELETE, WIPE = range(1, 6)


def journal_files():
    histogram = family("h", HISTOGRAM, metric(histogram={"sample_count": 1, "bucket": [{"upper_bound": 1, "cumulative_count": 1}]}))
    records = [
        journal_record(REPLACE, gauge("m", 1.5, {"l": "v"})),
        journal_record(MERGE, histogram),
        journal_record(REFUSE),
        journal_record(MERGE, gauge("h", 1.0), job=b"k"),
        journal_record(DELETE, job=b"k"),
        journal_record(WIPE),
    ]
    with_length = [len(record).to_bytes(2, "little") + record for record in records]
    yield from (b"r" + record for record in with_length)
    yield b"r" + b"".join(with_length)
    yield b"f" + bytes.fromhex("5047574a524e4c01 0100000000000000 00000000")
    yield b"f" + b"PGWJRNL\1"


OWN = {
    "journal": journal_files,
    "command_line": lambda: (b"\n".join(line.encode().split(b" ")) for line in FLAGS.split("\n")),
    "snapshot": snapshot_files,
    "web_config": web_config_files,
    "text_reader": lambda: iter([b"# HELP m \xff\n# TYPE m counter\nm 1\n"]),
    "round_trip": lambda: iter([
        b"p" + delimited(gauge("m.x", 1.0, {"l.y": "v", "\u00e9": ""})),
        b"u" + 'm{"l.y"="v",l="w"} 1\n{"m.x"} -0\n'.encode()]),
}
FROM_SCENARIOS = [text_reader, delimited_reader, round_trip, target_path, request_body, request_head,
                  chunk_reader, connection, negotiation, requests]


def seeds(target):
    """[(name, bytes)], names not unique."""
    found = [(f"own-{n}", data) for n, data in enumerate(OWN.get(target, lambda: ())())]
    for make in FROM_SCENARIOS:
        if make.__name__ == target:
            found += [(one.name, data) for one in scenario.load_all() for data in make(one)]
    return [(name, data) for name, data in found if len(data) <= SIZE_MAX]


def file_name(name, taken):
    """A scenario's name as one for a file, with a number where that would be there twice."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40].strip("-")
    number, made = 2, plain
    while made in taken:
        made, number = f"{plain}-{number}", number + 1
    return made


def select(build, target, found):
    """The hashes of those that reach new code, by libFuzzer's merge."""
    with tempfile.TemporaryDirectory() as folder:
        everything, chosen = pathlib.Path(folder, "all"), pathlib.Path(folder, "chosen")
        everything.mkdir()
        chosen.mkdir()
        for data in {data for _, data in found}:
            (everything / hashlib.sha1(data).hexdigest()).write_bytes(data)
        subprocess.run([build / f"fuzz_{target}", "-set_cover_merge=1", "-use_counters=0", chosen, everything],
                       check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        return {path.name for path in chosen.iterdir()}


def write(build, target):
    found = seeds(target)
    chosen = select(build, target, found)
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if not old.name.startswith("regression-"):
            old.unlink()
    taken = set()
    for name, data in found:
        digest = hashlib.sha1(data).hexdigest()
        if digest in chosen:
            chosen.remove(digest)
            made = file_name(name, taken)
            taken.add(made)
            (folder / made).write_bytes(data)
    print(f"{target}: {len(taken)} of {len(found)}")


def main(build, targets):
    for target in targets or sorted({make.__name__ for make in FROM_SCENARIOS} | set(OWN)):
        write(pathlib.Path(build).resolve(), target)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
