"""What people do in a demonstration before its pictures are taken, by its own pages.

A visitor proposes a correction, a porteur proposes a project and claims another, the team submits
the project to the partner of the demonstration, visitors search. What was done once is left as it
is.
"""

import os
import re
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Page

RECORD = "/innovations/territoires-zero-chomeur-de-longue-duree/"
PROJECT = "Le potager partagé (exemple)"
PORTEUR = "porteur@carrefour.example"
PASSWORD = "un-mot-de-passe-de-demonstration"
# What is searched, by how many visitors; five at least are needed for it to be known.
SEARCHES = [
    ({"q": "garde d’enfants horaires décalés"}, 14),
    ({"q": "mobilité", "territoire": "region-53"}, 12),
    ({"q": "épicerie solidaire"}, 11),
    ({"q": "tiers-lieu", "theme": "numerique"}, 9),
    ({"q": "habitat intergénérationnel"}, 8),
    ({"q": "conserverie mobile"}, 7),
    ({"q": "emploi", "territoire": "departement-59"}, 6),
    ({"q": "béguinage"}, 5),
]
FREE_ADDRESS = 10


def mailed(page: Page, site: str, part: str) -> str:
    """The latest link that the demonstration mailed whose address has ``part``; "" without one."""
    page.goto(f"{site}/demo/courriels/")
    found = page.locator(f"main a[href*='{part}']")
    return found.first.get_attribute("href") or "" if found.count() else ""


def log_in(page: Page, site: str, address: str, password: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{site}/connexion/")
    page.fill("input[name=username]", address)
    page.fill("input[name=password]", password)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()


def correct(page: Page, site: str) -> None:
    page.goto(f"{site}{RECORD}corriger/?champ=reproduction.lessons")
    text = "Associer les habitants dès le diagnostic, avant de chercher un local."
    page.locator("textarea").first.fill(text)
    page.get_by_label("Nom à citer").fill("Un collectif d’habitants (exemple)")
    page.get_by_role("button", name="Envoyer la proposition").click()


def propose(page: Page, site: str) -> str:
    """Tell a project step by step and confirm the address; returns the porteur's private page."""
    page.goto(f"{site}/proposer-un-projet/")
    page.get_by_label("Votre adresse électronique").fill(PORTEUR)
    page.get_by_text("J’accepte que mon adresse").click()
    page.get_by_role("button", name="Commencer").click()
    page.get_by_label("Nom du projet").fill(PROJECT)
    page.get_by_label("En deux ou trois phrases").fill(
        "Des voisins cultivent ensemble un terrain communal et partagent la récolte."
    )
    _go_on(page)
    page.get_by_label("Le besoin auquel il répond").fill(
        "Des voisins isolés, un terrain en friche."
    )
    page.get_by_label("Le cœur du concept").fill("Un terrain commun, une récolte partagée.")
    _go_on(page)
    page.get_by_label("Où agit-il ?").fill("Saint-Brieuc")
    _go_on(page)
    page.get_by_label("Structure porteuse").fill("Les Jardiniers (exemple)")
    _go_on(page)
    page.get_by_text("J’ai le droit de publier").click()
    page.get_by_role("button", name="Envoyer le projet").click()
    where = mailed(page, site, "/projets-proposes/")
    page.goto(where)
    page.get_by_role("button", name="Confirmer mon adresse").click()
    return page.url


def submit(page: Page, site: str, partner: str) -> str:
    """The team submits the project to the partner; returns the address of the team's page."""
    page.goto(f"{site}/gestion/projets-proposes/")
    page.get_by_role("link", name=PROJECT).first.click()
    where = page.url
    page.get_by_label("Une autre plateforme").select_option(partner)
    page.get_by_role("button", name="Soumettre le projet").click()
    return where


def paste(page: Page, site: str, partner: str, file: str) -> str:
    """Paste the address of a file of the partner's; returns where what is recognised is shown."""
    page.goto(f"{site}/gestion/partenaires/{partner}/")
    website = page.locator(f"main a[href$='/{partner}/'][target=_blank]").first
    address = website.get_attribute("href") or ""
    page.goto(f"{site}/gestion/ajouter-une-source/")
    page.get_by_label("Partenaire", exact=True).select_option(partner)
    page.get_by_label("Adresse à moissonner").fill(f"{address}{file}")
    page.get_by_role("button", name="Lire et continuer").click()
    page.wait_for_url("**/reconnaissance/")
    return page.url


def give_up(page: Page, where: str) -> None:
    """Leave the demonstration without the source that was only begun."""
    page.goto(where)
    page.locator("summary", has_text="Abandonner cette source").click()
    page.get_by_role("button", name="Oui, abandonner cette source").click()


def claim(page: Page, site: str) -> None:
    """The porteur says that a record is its own, and confirms its address."""
    page.goto(f"{site}{RECORD}mon-projet/")
    page.locator("#id_name").fill("Camille Exemple")
    page.locator("#id_organisation").fill("Association d’exemple")
    page.locator("#id_role").fill("Coordination")
    page.locator("#id_email").fill(PORTEUR)
    page.locator("#id_proof").fill("La page de notre équipe.")
    page.get_by_role("button", name="Envoyer la demande").click()
    page.goto(mailed(page, site, "/porteurs/confirmer/"))
    page.locator("main form button[type=submit]").first.click()


def accept(page: Page, site: str) -> None:
    """The team accepts the claim."""
    page.goto(f"{site}/gestion/porteurs/")
    page.get_by_role("button", name=re.compile("Accepter")).first.click()


def join(page: Page, site: str) -> None:
    """The porteur opens its account by the invitation."""
    page.context.clear_cookies()
    page.goto(mailed(page, site, "/porteurs/invitation/"))
    for box in page.locator("input[type=password]").all():
        box.fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()


def search(page: Page, site: str) -> None:
    """Visitors search, each from an address of its own on this machine; the worker then writes the
    counts that it would have written within ten minutes."""
    page.goto(f"{site}/gestion/recherches/")
    if page.get_by_role("link", name="béguinage").count():
        return
    host = urlsplit(site)
    for asked, visitors in SEARCHES:
        for rank in range(visitors):
            own = f"127.0.0.{FREE_ADDRESS + rank}"
            line = HTTPConnection(host.hostname or "", host.port, source_address=(own, 0))
            headers = {"Origin": site, "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}
            line.request("POST", "/recherche/notee", urlencode(asked), headers)
            line.getresponse().read()
            line.close()
    write = ["celery", "--app", "carrefour.celery:app", "call", "innovations.write_searches"]
    subprocess.run(
        [Path(sys.executable).parent / write[0], *write[1:]],
        cwd=Path(__file__).resolve().parent.parent.parent,
        env=os.environ | {"CARREFOUR_MODE": "demo"},
        check=True,
    )
    for _ in range(30):
        page.goto(f"{site}/gestion/recherches/")
        if page.get_by_role("link", name="béguinage").count():
            return
        page.wait_for_timeout(1000)
    raise RuntimeError("Les recherches ne sont pas écrites.")


def _go_on(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer et continuer").click()
