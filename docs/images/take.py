"""Take the documentation's screenshots from a running demonstration, at two widths.

    make demo DATA=docs/images/exemples LICENCE=etalab-2.0      (in another terminal)
    .venv/bin/python docs/images/take.py http://127.0.0.1:8000 [NAME…]

With names (« accueil », « gestion-modifier »…), only those are kept. The accounts are those that
the demonstration wrote for itself; what its visitors do first is in ``acting.py``. The files of
``exemples`` are invented: two lists of places of one network, with personal data to be flagged.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import acting
import live
import spreading
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent
ACCOUNTS = FOLDER.parent.parent / ".carrefour" / "comptes.json"
WIDTHS = {"": (1280, 900), "-mobile": (390, 844)}
PARTNER = "imagination-for-people-exemple"
SOURCE = f"{PARTNER}-projets"
PUBLIC = {
    "accueil": "/",
    "recherche-liste": "/recherche/?q=mobilit%C3%A9",
    "recherche-carte": "/recherche/?vue=carte",
    "recherche-departements": "/recherche/?vue=carte&mesure=habitants#departements",
    "recherche-donnees": "/recherche/?vue=donnees",
    "recherche-lieu": "/recherche/?q=r%C3%A9seau+autour+de+Lormes+50+km",
    "fiche": acting.RECORD,
}
TEAM = {
    "gestion-accueil": "/gestion/",
    "gestion-relecture": "/gestion/relecture/commencer/",
    "gestion-relecture-file": "/gestion/relecture/",
    "gestion-rapprochements": "/gestion/rapprochements/",
    "gestion-reseau": "/gestion/rapprochements/reseaux/france-services/",
    "gestion-signalements": "/gestion/qualite/signalements/",
    "gestion-corrections": "/gestion/corrections/",
    "gestion-qualite": "/gestion/qualite/",
    "gestion-porteurs": "/gestion/porteurs/?etat=acceptee",
    "gestion-projets-proposes": "/gestion/projets-proposes/?etat=en-attente",
    "gestion-recherches": "/gestion/recherches/",
    "gestion-recherche": "/gestion/recherches/beguinage/",
    "gestion-equivalences": "/gestion/equivalences/?essai=TZCLD",
}
# Long pages, shown whole.
WHOLE = {
    "gestion-sante": "/gestion/sante/",
    "gestion-correspondance": f"/gestion/sources/{SOURCE}/correspondance/",
}
EMBEDDED = "/recherche/integrer/?theme=solidarites&couleur=a94645&nombre=3&vue=carte"
# Name → the list where the first link that begins so leads to what is shown.
FIRST = {
    "gestion-moissonnage": ("/gestion/moissonnages/", "/gestion/moissonnages/"),
    "gestion-rapprochement": ("/gestion/rapprochements/", "/gestion/rapprochements/"),
    "gestion-projet-propose": (
        "/gestion/projets-proposes/?etat=en-attente",
        "/gestion/projets-proposes/",
    ),
}


SPREADING = (
    "essaimage-national", "essaimage-projet", "essaimage-reprise", "essaimage-kit",
    "essaimage-auto-evaluation", "essaimage-profil", "essaimage-declarer", "gestion-essaimage",
    "gestion-reprises", "mes-reprises", "essaimage-carte", "essaimage-obstacles",
    "essaimage-obstacle",
)  # fmt: skip
# The heading from which the picture of a long page begins.
FROM = {
    "essaimage-carte": "#titre-carte",
    "essaimage-projet": "#titre-arbre",
    "essaimage-profil": "h2:has-text('Votre profil')",
}


class Camera:
    """Shoots the page at both widths, when the picture is among those asked for."""

    def __init__(self, page: Page, site: str, asked: list[str]) -> None:
        self.page, self.site, self.asked = page, site, asked

    def wants(self, name: str) -> bool:
        return not self.asked or name in self.asked

    def shoot(
        self, name: str, path: str, *, whole: bool = False, first: Callable[[], None] | None = None
    ) -> None:
        if not self.wants(name):
            return
        for suffix, (width, height) in WIDTHS.items():
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.goto(path if path.startswith("http") else f"{self.site}{path}")
            self.page.wait_for_load_state("networkidle")
            if first:
                first()
            self.page.wait_for_timeout(1200)
            self.page.screenshot(path=FOLDER / f"{name}{suffix}.png", full_page=whole)
        self.page.set_viewport_size({"width": 1280, "height": 900})

    def all(self, pictures: dict[str, str], *, whole: bool = False) -> None:
        for name, path in pictures.items():
            self.shoot(name, path, whole=whole)


def main(site: str, *asked: str) -> None:
    passwords = {a["login"].partition("@")[0]: a for a in json.loads(ACCOUNTS.read_text())}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_context(locale="fr-FR", reduced_motion="reduce").new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        camera = Camera(page, site, list(asked))

        def log_in(role: str) -> None:
            acting.log_in(page, site, passwords[role]["login"], passwords[role]["password"])

        private = act(page, site, log_in)
        public(camera, private)
        if any(map(camera.wants, SPREADING)):
            officer = passwords["charge-essaimage"]
            spread(
                camera,
                spreading.play(
                    browser,
                    page,
                    site,
                    lambda on: acting.log_in(on, site, officer["login"], officer["password"]),
                ),
            )
        log_in("administrateur")
        acting.search(page, site)
        team(camera)
        onboarding(camera)
        harvest(camera)
        log_in("partenaire")
        camera.shoot("gestion-completude", f"/gestion/partenaires/{PARTNER}/completude/")
        camera.shoot("gestion-projets-soumis", f"/gestion/partenaires/{PARTNER}/projets/")
        for where in links(camera, f"/gestion/partenaires/{PARTNER}/projets/", "/repondre/"):
            camera.shoot("gestion-repondre", where)
        acting.log_in(page, site, acting.PORTEUR, acting.PASSWORD)
        camera.shoot("mes-projets", "/mes-projets/")
        camera.shoot("mon-projet", acting.RECORD.replace("innovations", "mes-projets"))
        browser.close()


def act(page: Page, site: str, log_in: Callable[[str], None]) -> str:
    """What people do first, once; returns the address of the proposed project's private page."""
    known = acting.mailed(page, site, "/projets-proposes/")
    if known:
        return known
    acting.correct(page, site)
    acting.claim(page, site)
    private = acting.propose(page, site)
    log_in("administrateur")
    acting.submit(page, site, PARTNER)
    acting.accept(page, site)
    acting.join(page, site)
    return private


def public(camera: Camera, private: str) -> None:
    camera.page.context.clear_cookies()
    camera.all(PUBLIC)
    camera.shoot("integrer", EMBEDDED, whole=True)
    camera.shoot("projet-propose-suivi", private)

    def opened() -> None:
        told = camera.page.get_by_text("D’où vient cette information").first
        told.click()
        told.scroll_into_view_if_needed()

    camera.shoot("fiche-provenance", acting.RECORD, first=opened)


def spread(camera: Camera, played: spreading.Played) -> None:
    """What spreads, and who follows it."""
    where = {
        "essaimage-national": "/essaimage/",
        "essaimage-carte": "/essaimage/",
        "essaimage-projet": f"{played.record}essaimage/",
        "essaimage-reprise": played.second,
        "essaimage-kit": f"{played.record}kit/",
        "essaimage-auto-evaluation": played.questions,
        "essaimage-profil": played.profile,
        "essaimage-obstacles": "/essaimage/obstacles/",
    }
    for name, path in where.items():
        first = shown(camera.page, FROM.get(name, ""))
        camera.shoot(name, path, whole=name == "essaimage-reprise", first=first)
    for path in links(camera, "/essaimage/obstacles/", "/essaimage/obstacles/"):
        camera.shoot("essaimage-obstacle", path, whole=True)
    declare = f"{played.record}reprises/declarer/"

    def filled() -> None:
        played.walk.fill_the_first()
        shown(camera.page, "#partie-2")()

    camera.shoot("essaimage-declarer", declare, first=filled)
    staff = Camera(played.walk.staff, camera.site, camera.asked)
    staff.shoot("gestion-essaimage", "/gestion/essaimage/", whole=True)
    staff.shoot("gestion-reprises", "/gestion/essaimage/reprises/")
    staff.shoot("mes-reprises", "/mes-reprises/")


def shown(page: Page, place: str) -> Callable[[], None]:
    """Scrolls to where the picture begins; nowhere without one."""

    def scroll() -> None:
        if place:
            page.locator(place).evaluate(
                "it => window.scrollBy(0, it.getBoundingClientRect().top - 24)"
            )

    return scroll


def team(camera: Camera) -> None:
    camera.all(TEAM)
    camera.all(WHOLE, whole=True)
    for name, (page, start) in FIRST.items():
        for where in links(camera, page, start):
            camera.shoot(name, where)
    for where in links(camera, "/gestion/qualite/fiches/", "/gestion/innovations/"):
        camera.shoot("gestion-modifier", f"{where}modifier/")
    for where in links(camera, "/gestion/relecture/?etat=publiee&q=zero", "/gestion/innovations/"):
        camera.shoot("gestion-qui-dit-quoi", f"{where}sources/")


def onboarding(camera: Camera) -> None:
    """What is recognised at an address, and the mapping that follows."""
    if camera.wants("gestion-source-reconnue"):
        where = acting.paste(camera.page, camera.site, "reseaux-exemple", "projets.csv")
        camera.shoot("gestion-source-reconnue", where, whole=True)
        acting.give_up(camera.page, where)


def harvest(camera: Camera) -> None:
    """A harvest while it goes on: last, since what it brings is counted on the other pages."""
    if camera.wants("gestion-en-direct"):
        port = (urlsplit(camera.site).port or 80) + 2
        with live.slow_api(port) as address:
            where = live.begin(camera.page, camera.site, PARTNER, address)
            camera.shoot("gestion-en-direct", where)
            live.stop(camera.page, where)
            camera.page.wait_for_timeout(5000)


def links(camera: Camera, page: str, part: str) -> Iterator[str]:
    """The first link of a page whose address has ``part`` and goes further; nothing without."""
    camera.page.goto(f"{camera.site}{page}")
    for link in camera.page.locator(f"main a[href*='{part}']").all():
        where = (link.get_attribute("href") or "").partition("?")[0]
        if where.rstrip("/").rpartition("/")[2].isdigit() or part == "/repondre/":
            yield where
            return


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
