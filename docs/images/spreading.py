"""The walk of the essaimage on a demonstration: played once, by its pages, then shown.

What is done is ``tests/browser/essaimage_walk.py``'s; the record is one of ``exemples``, invented.
"""

import datetime
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
from tests.browser.essaimage_walk import Walk  # noqa: E402

TITLE = "La ressourcerie du bourg (exemple)"
WORDS = "ressourcerie exemple"
PLACES = ("Rezé (44)", "Guingamp (22)")


class Played(NamedTuple):
    """Paths: of the record, the two replications, the profile of the self-assessment."""

    walk: Walk
    record: str
    first: str
    second: str
    profile: str

    @property
    def questions(self) -> str:
        """The second part of the self-assessment."""
        page = self.walk.visitor
        page.goto(f"{self.walk.site}{self.profile}")
        parts = page.locator("main .fr-btns-group").first.get_by_role("link")
        return parts.nth(1).get_attribute("href") or ""


def play(browser: Browser, page: Page, site: str, log_in: Callable[[Page], None]) -> Played:
    """``page`` is the visitor's."""
    staff = browser.new_context(locale="fr-FR").new_page()
    log_in(staff)
    post = Post(staff.context.new_page(), site)
    walk = Walk(page, staff, site, post.link, TITLE, PLACES, datetime.date.today())
    record = walk.find(WORDS)
    if not taken_up(walk, record):
        first_told(walk, record)
    first, second = taken_up(walk, record)
    profile = walk.assess(record)
    return Played(walk, record, first, second, profile)


def taken_up(walk: Walk, record: str) -> list[str]:
    """The replications of the record, those taken from the project itself first."""
    walk.visitor.goto(f"{walk.site}{record}essaimage/")
    links = walk.visitor.locator(".carrefour-tree__node a").all()
    return [link.get_attribute("href") or "" for link in links]


def first_told(walk: Walk, record: str) -> None:
    follow = walk.declare_the_first(record)
    walk.publish()
    walk.confirm_as_porteur()
    (first,) = taken_up(walk, record)
    follow = walk.move(follow, "En cours", 14, "L’atelier ouvre trois jours par semaine.")
    walk.meet_an_obstacle(first)
    walk.lift_the_obstacle()
    walk.declare_the_second(first)
    walk.publish()
    walk.move(follow, "Pérennisée", 2, "La commune signe une convention de trois ans.")
    walk.read_the_texts()
    # What the worker does each night.
    asked = "from essaimage import asking; asking.plan()"
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", asked],
        cwd=ROOT, env=os.environ | {"CARREFOUR_MODE": "demo"}, check=True,
    )  # fmt: skip
    walk.tell_results()
    watch(walk, first)


def watch(walk: Walk, replication: str) -> None:
    """Staff follow it, with what to do next."""
    page = walk.staff
    page.goto(f"{walk.site}{replication}")
    page.get_by_role("link", name="Suivre cette reprise").click()
    page.get_by_role("button", name="Suivre").click()
    page.get_by_label("Prochaine action").fill("Appeler la mairie avant le vote du budget")
    page.get_by_label("Pour le").fill((walk.today + datetime.timedelta(21)).isoformat())
    page.get_by_label("Vos notes").fill("Le local est trouvé, la convention reste à signer.")
    page.get_by_role("button", name="Enregistrer").click()


class Post:
    """The mails of the demonstration; a link is given once it is there, and only once."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site, self.given = page, site, set[str]()

    def link(self, to: str, part: str) -> str:
        for _ in range(60):
            self.page.goto(f"{self.site}/demo/courriels/")
            mails = self.page.locator("main article", has_text=to)
            text = mails.first.inner_text() if mails.count() else ""
            found = re.search(rf"https?://[^/\s]+({re.escape(part)}\S+)", text)
            if found and found[1] not in self.given:
                self.given.add(found[1])
                return found[1]
            self.page.wait_for_timeout(1000)
        raise RuntimeError(f"Aucun courriel pour {to} avec un lien {part}.")
