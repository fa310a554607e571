"""TLS, passwords and keys, through a real reverse proxy (nginx) in front of a node; secrets that are seen nowhere."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .nodes import Nodes, free_port
from .test_cluster_answers import run

pytestmark = pytest.mark.cluster

PASSWORD, KEY = "pässwört-7Q", "a2V5OnNlY3JldA"


@dataclass(frozen=True)
class Door:
    """A proxy that lets in one user and one key, and the certificate that it shows."""

    url: str
    certificate: Path
    log: Path


@pytest.fixture(scope="module")
def door(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    nodes.start()
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
    assert nginx is not None, "no nginx; scripts/opensearch-test installs it"
    folder = tmp_path_factory.mktemp("nginx")
    certificate, key = folder / "door.pem", folder / "door.key"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            *subject,
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
    )
    basic = base64.b64encode(f"lawyer:{PASSWORD}".encode()).decode()
    port = free_port()
    (folder / "temporary").mkdir()
    paths = "".join(
        f"{kind}_temp_path {folder}/temporary/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; pid {folder}/pid; error_log {folder}/error.log;
        events {{ }}
        http {{
          {paths}
          access_log {folder}/access.log; client_max_body_size 50m; client_body_buffer_size 50m; proxy_max_temp_file_size 0;
          map $http_authorization $known {{ default 0; "Basic {basic}" 1; "ApiKey {KEY}" 1; }}
          server {{
            listen 127.0.0.1:{port} ssl; listen 127.0.0.2:{port} ssl;
            ssl_certificate {certificate}; ssl_certificate_key {key};
            location / {{ if ($known = 0) {{ return 401; }} proxy_pass {nodes.nodes[0].url}; }}
          }}
        }}
        """,
        encoding="utf-8",
    )
    # Its workers are not root and may not write here: what they pass on stays in memory.
    process = subprocess.Popen([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL)
    url = f"https://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(url, timeout=1)
            except urllib.error.URLError as error:
                if "certificate" in str(error):
                    break
                time.sleep(0.1)
        yield Door(url, certificate, folder / "access.log")
    finally:
        process.terminate()
        process.wait(30)


def environment(**more: str) -> dict[str, str]:
    return {
        "LAWSEARCH_OPENSEARCH_PATIENCE": "2",
        **{f"LAWSEARCH_OPENSEARCH_{name.upper()}": value for name, value in more.items()},
    }


def test_a_certificate_that_nobody_vouches_for_is_refused(door: Door, tmp_path: Path) -> None:
    refused = run(
        "index",
        "--engine",
        "opensearch",
        "--url",
        door.url,
        "--index",
        str(tmp_path / "i"),
        **environment(user="lawyer", password=PASSWORD),
    )
    assert refused.returncode == 2
    assert "certificate" in refused.stderr
    assert "--ca-certs" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert door.log.read_text().count("200") == 0


def test_a_certificate_for_another_name_is_refused(door: Door, tmp_path: Path) -> None:
    """The certificate is trusted, but it is not that of the address."""
    url = door.url.replace("127.0.0.1", "127.0.0.2")
    refused = run(
        "index", "--engine", "opensearch", "--url", url, "--ca-certs", str(door.certificate), "--index", str(tmp_path / "i")
    )
    assert refused.returncode == 2
    assert "certificate" in refused.stderr


@pytest.mark.parametrize("how", ["password", "password in a file", "key", "key in lawsearch.toml"])
def test_who_is_known_gets_in_and_no_secret_is_seen(door: Door, tmp_path: Path, how: str) -> None:
    index = tmp_path / "index"
    secret_file = tmp_path / "secret"
    secret_file.write_text((PASSWORD if "password" in how else KEY) + "\n", encoding="utf-8")
    settings = tmp_path / "lawsearch.toml"
    settings.write_text(f'[opensearch]\napi_key_file = "{secret_file}"\n', encoding="utf-8")
    known = {
        "password": environment(user="lawyer", password=PASSWORD),
        "password in a file": environment(user="lawyer", password_file=str(secret_file)),
        "key": environment(api_key=KEY),
        "key in lawsearch.toml": environment() | {"LAWSEARCH_CONFIG": str(settings)},
    }[how]
    where = ("--url", door.url, "--ca-certs", str(door.certificate), "--index", str(index))
    built = run("index", "--engine", "opensearch", "--alias", "door", *where, **known)
    assert built.returncode == 0, built.stderr
    found = run("search", "полиция", *where, **known)
    assert found.returncode == 0, found.stderr
    wrong = run("search", "полиция", *where, **environment(user="lawyer", password="not-it-9"))
    assert wrong.returncode == 2
    assert "401" in wrong.stderr
    assert "not-it-9" not in wrong.stderr
    stranger = run("search", "полиция", *where, **environment())
    assert stranger.returncode == 2
    seen = "".join(done.stdout + done.stderr for done in (built, found, wrong, stranger))
    written = b"".join(p.read_bytes() for p in index.rglob("*") if p.is_file())
    for secret in (PASSWORD, KEY, base64.b64encode(f"lawyer:{PASSWORD}".encode()).decode()):
        assert secret not in seen
        assert secret.encode() not in written


def test_workers_log_in_with_secrets_of_their_own(door: Door, tmp_path: Path) -> None:
    """What is sent to Dask workers holds none; these have the environment of the command that started them."""
    where = ("--url", door.url, "--ca-certs", str(door.certificate), "--index", str(tmp_path / "index"))
    known = environment(user="lawyer", password=PASSWORD)
    built = run("index", "--engine", "opensearch", "--alias", "door", "--dask", "local", *where, **known)
    assert built.returncode == 0, built.stderr
    more = environment(url=door.url, ca_certs=str(door.certificate))
    verified = run("info", "--verify", "--index", str(tmp_path / "index"), **(known | more))
    assert verified.returncode == 0, verified.stderr


def test_what_is_sent_to_workers_holds_no_secret(door: Door, tmp_path: Path) -> None:
    import pickle

    from lawsearch.engine.opensearch.settings import Settings
    from lawsearch.engine.opensearch.writing import OpenSearchWriter

    settings = Settings(urls=(door.url,), ca_certs=str(door.certificate), user="lawyer", password=PASSWORD, alias="sent")
    writer = OpenSearchWriter(tmp_path / "postings", settings)
    try:
        assert PASSWORD.encode() not in pickle.dumps(writer.share())
        assert PASSWORD not in repr(settings)
    finally:
        writer.cancel()
    assert os.environ.get("LAWSEARCH_OPENSEARCH_PASSWORD") is None
