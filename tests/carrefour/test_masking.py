"""No log keeps the secret of a link sent by e-mail."""

import logging
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from carrefour.masking import MaskingFormatter, masked
from tests.conftest import ROOT, wait_for

# Always the same: each process of the tests must name them alike.
TOKEN = "aB3-_xQv7LmT0pZ2kWnRr9YcHfJd5sGuEo1iNbAq8V4"
SITE = "def application(environ, start):\n    start('200 OK', [])\n    return [b'']\n"


@pytest.mark.parametrize(
    "address",
    [
        f"GET /essaimage/suivi/{TOKEN}/?fait=etat HTTP/1.1",
        f"/essaimage/avis/{TOKEN}/",
        f"/essaimage/avis/{TOKEN}",
        f"https://carrefour.example/essaimage/declarations/{TOKEN}/",
        "/corrections/MTI:1vQx2Z:kTz0o3mH0E6yb9n3Vv5r3B2nTqkT5m9A/",
    ],
)
def test_a_secret_is_masked(address: str) -> None:
    told = masked(address)
    assert "/…" in told
    assert TOKEN not in told
    assert "kTz0o3mH" not in told


@pytest.mark.parametrize(
    "address",
    [
        "/innovations/une-innovation-dont-l-adresse-est-vraiment-tres-longue/",
        "/essaimage/reprises/ressourcerie-du-bourg-saint-julien-en-genevois/",
        "/static/css/site.css?v=AbCdEf",
        "/recherche/?q=Ressourcerie",
    ],
)
def test_a_readable_address_is_left(address: str) -> None:
    assert masked(address) == address


def test_a_line_of_the_site_tells_no_secret() -> None:
    record = logging.LogRecord(
        "x", 30, "", 0, "Forbidden: %s", (f"/essaimage/avis/{TOKEN}/",), None
    )
    assert MaskingFormatter("%(message)s").format(record) == "Forbidden: /essaimage/avis/…/"


def test_the_access_log_of_the_real_server_tells_no_secret(tmp_path: Path) -> None:
    (tmp_path / "little_site.py").write_text(SITE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "access.log"
    server = subprocess.Popen(
        [
            sys.executable, "-m", "gunicorn", "little_site:application", f"--bind=127.0.0.1:{port}",
            f"--access-logfile={log}", "--logger-class=carrefour.access_log.MaskingLogger",
            f"--pythonpath={tmp_path},{ROOT}", "--no-control-socket",
        ],
        cwd=tmp_path,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: log.exists(), 30)
        path = f"http://127.0.0.1:{port}/essaimage/suivi/{TOKEN}/"
        transport = httpx.HTTPTransport(retries=5)
        with httpx.Client(transport=transport) as client:
            client.get(path, headers={"Referer": path})
        wait_for(lambda: log.read_text(), 30)
        told = log.read_text()
    finally:
        server.terminate()
        server.wait(20)
    assert TOKEN not in told
    assert told.count("/essaimage/suivi/…/") == 2
