"""A partner's API that takes its time, so that a harvest can be seen while it goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

ROWS, PAGE, SECONDS = 400, 20, 1.0
NAME = "Annuaire d’exemple (API paginée)"
TOWNS = ("Lormes", "Rennes", "Saint-Brieuc", "Grenoble", "Armentières")


class SlowApi(BaseHTTPRequestHandler):
    """Invented places, twenty to a page, a second each."""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path != "/annuaire.json":
            self.send_error(404)
            return
        page = int(parse_qs(asked.query).get("page", ["1"])[0])
        if page > 1:
            sleep(SECONDS)
        here = f"http://127.0.0.1:{self.server.server_port}/annuaire.json"  # type: ignore[attr-defined]
        last = page * PAGE >= ROWS
        said = {
            "count": ROWS,
            "next": None if last else f"{here}?page={page + 1}",
            "results": [row(n) for n in range((page - 1) * PAGE, page * PAGE)],
        }
        content = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


def row(number: int) -> dict[str, str | int]:
    return {
        "id": number + 1,
        "titre": f"Atelier partagé n° {number + 1} (exemple)",
        "description": "Un atelier inventé, pour montrer un moissonnage : on y répare.",
        "ville": TOWNS[number % len(TOWNS)],
        "url": f"https://annuaire.example/ateliers/{number + 1}",
    }


@contextmanager
def slow_api(port: int) -> Iterator[str]:
    """Serves it; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), SlowApi)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{port}/annuaire.json"
    server.shutdown()
    server.server_close()


def begin(page: Page, site: str, partner: str, address: str) -> str:
    """Harvest the API, put on board as places, which no public page shows; returns the address of
    the harvest once a quarter is read."""
    page.goto(f"{site}/gestion/partenaires/{partner}/")
    known = page.get_by_role("link", name=NAME)
    if known.count():
        known.first.click()
        page.get_by_role("button", name="Moissonner maintenant").click()
    else:
        put_on_board(page, site, partner, address)
    page.wait_for_function(
        "() => Number(document.querySelector('.bo-progress')?.value) > 25", timeout=60_000
    )
    return page.url


def put_on_board(page: Page, site: str, partner: str, address: str) -> None:
    page.goto(f"{site}/gestion/ajouter-une-source/")
    page.get_by_label("Partenaire", exact=True).select_option(partner)
    page.get_by_label("Adresse à moissonner").fill(address)
    page.get_by_role("button", name="Lire et continuer").click()
    page.get_by_role("button", name="Continuer").click()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_label("Nom de la source").fill(NAME)
    page.get_by_label("Licence").select_option("etalab-2.0")
    page.get_by_label("Ce que sont ses fiches").select_option("acteur")
    page.get_by_label("Fréquence").select_option("manuelle")
    page.get_by_role("button", name="Moissonner maintenant").click()


def stop(page: Page, where: str) -> None:
    page.goto(where)
    page.get_by_role("button", name="Arrêter").click()
