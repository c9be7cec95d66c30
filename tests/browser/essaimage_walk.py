"""From a record to two replications of it, by the pages alone: what each one does, in order.

Played by ``test_essaimage_walk.py``, and on a demonstration by ``docs/images/take.py``. Nobody is
anybody: roles, and organisations « d’exemple ».
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

PORTEUR = "porteur@exemple.example.org"
FIRST, SECOND = "mairie@commune.example.org", "agglo@collectivite.example.org"
OBSTACLE = "Le local municipal ne peut pas être prêté à une association"
HOW = "Une convention d’occupation précaire d’un an, renouvelable, signée par la commune."
Mailed = Callable[[str, str], str]


def month(today: datetime.date, ago: int) -> str:
    """« 2025-09 »: the month so many months ago."""
    year, rank = divmod(today.year * 12 + today.month - 1 - ago, 12)
    return f"{year:04d}-{rank + 1:02d}"


@dataclass
class Walk:
    """``visitor`` has no account; ``staff`` is logged in; ``mailed(address, part)`` is the path of
    the link that holds ``part`` in the last mail to the address."""

    visitor: Page
    staff: Page
    site: str
    mailed: Mailed
    title: str
    places: tuple[str, str]
    today: datetime.date

    def find(self, words: str) -> str:
        """A search, then the record; its path."""
        page = self.visitor
        page.goto(self.site)
        page.get_by_label("Quoi ?").fill(words)
        page.get_by_role("button", name="Rechercher").click()
        page.locator("main").get_by_role("link", name=self.title).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(self.title)
        return page.url.removeprefix(self.site)

    def read_the_kit(self, record: str) -> None:
        page = self.visitor
        page.goto(f"{self.site}{record}")
        page.get_by_role("link", name="le kit de reprise").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(self.title)

    def assess(self, record: str) -> str:
        """The four parts, from the record; the path of the profile."""
        page = self.visitor
        page.goto(f"{self.site}{record}")
        page.get_by_role("link", name="Votre projet est-il essaimable").click()
        expect(page.get_by_label("Nom du projet")).to_have_value(self.title)
        page.get_by_role("button", name="Commencer").click()
        answers = ("C’est acquis", "C’est en chemin", "C’est acquis", "C’est à construire")
        for _ in range(4):
            for rank, question in enumerate(page.locator(".carrefour-question").all()):
                question.get_by_label(answers[rank % 4]).check(force=True)
            page.get_by_role("button", name="Enregistrer et continuer").click()
        expect(page.get_by_role("heading", name="Votre profil")).to_be_visible()
        return page.url.removeprefix(self.site)

    # --- declared, read, confirmed ----------------------------------------------------------------

    def declare_the_first(self, record: str) -> str:
        """In preparation; the path of the page by which it is kept up to date."""
        page = self.visitor
        page.goto(f"{self.site}{record}")
        page.get_by_role("link", name="Je reprends ce projet").click()
        self.fill_the_first()
        return self._confirmed(FIRST)

    def fill_the_first(self) -> None:
        page = self.visitor
        page.get_by_label("La structure qui reprend le projet").fill("Commune d’exemple")
        page.get_by_label("Le territoire").fill(self.places[0])
        page.get_by_label("Ce qui est repris, en quelques phrases").fill(
            "L’atelier de réparation ouvert aux habitants, dans l’ancienne école."
        )
        page.get_by_label("En préparation", exact=True).check(force=True)
        page.get_by_label("Envisagée depuis").fill(month(self.today, 26))
        page.get_by_label("En préparation depuis").fill(month(self.today, 20))
        page.get_by_label("Essaimage par les réseaux").check(force=True)
        page.get_by_label("Votre adresse électronique").fill(FIRST)
        page.get_by_label("L’adresse électronique de l’autre partie").fill(PORTEUR)
        page.get_by_label("J’accepte que ces adresses").check(force=True)

    def declare_the_second(self, first: str) -> str:
        """Begun, and taken from the first one, whose public page it starts from."""
        page = self.visitor
        page.goto(f"{self.site}{first}")
        page.get_by_role("link", name="Je reprends aussi ce projet").click()
        expect(page.get_by_label("Qui avait le projet avant vous")).to_contain_text("d’exemple")
        page.get_by_label("La structure qui reprend le projet").fill("Agglomération d’exemple")
        page.get_by_label("Le territoire").fill(self.places[1])
        page.get_by_label("En cours", exact=True).check(force=True)
        page.get_by_label("En préparation depuis").fill(month(self.today, 6))
        page.get_by_label("En cours depuis").fill(month(self.today, 1))
        page.get_by_label("Votre adresse électronique").fill(SECOND)
        page.get_by_label("J’accepte que ces adresses").check(force=True)
        return self._confirmed(SECOND)

    def _confirmed(self, address: str) -> str:
        page = self.visitor
        page.get_by_role("button", name="Déclarer la reprise").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez votre messagerie")
        page.goto(f"{self.site}{self.mailed(address, '/essaimage/declarations/')}")
        page.get_by_role("button", name="Confirmer ma déclaration").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Déclaration enregistrée")
        where = page.get_by_role("link", name="La compléter dès maintenant").get_attribute("href")
        return where or ""

    def publish(self) -> None:
        """Staff read the one declaration that waits, for its form, and publish it."""
        page = self.staff
        page.goto(f"{self.site}/gestion/essaimage/a-relire/")
        page.get_by_role("link", name="Relire, une par une").click()
        page.get_by_role("button", name="Publier").click()
        expect(page.get_by_text("Aucune reprise n’attend.")).to_be_visible()

    def confirm_as_porteur(self) -> None:
        """Asked by staff at once: the mail of the publication leaves ten minutes after it."""
        self.staff.goto(f"{self.site}/gestion/essaimage/reprises/")
        self.staff.get_by_role("link", name=self.title).first.click()
        asked = re.compile("Lui demander.*Structure porteuse")
        self.staff.get_by_role("button", name=asked).click()
        expect(self.staff.get_by_text("courriel envoyé")).to_be_visible()
        page = self.visitor
        page.goto(f"{self.site}{self.mailed(PORTEUR, '/essaimage/avis/')}")
        page.get_by_role("button", name="Je confirme").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Réponse enregistrée")

    # --- its life ---------------------------------------------------------------------------------

    def move(self, follow: str, state: str, ago: int, shown: str) -> str:
        """By the link; the path of the next one."""
        page = self.visitor
        page.goto(f"{self.site}{follow}")
        page.get_by_label(state, exact=True).check(force=True)
        page.get_by_label("Depuis quand").fill(month(self.today, ago))
        page.get_by_label("Ce qui le montre").fill(shown)
        page.get_by_role("button", name="Inscrire le nouvel état").click()
        expect(page.get_by_role("status").first).to_contain_text("Le nouvel état est inscrit")
        return page.url.removeprefix(self.site)

    def read_the_texts(self) -> None:
        """Staff read what the sides wrote, for its form, and show it."""
        page = self.staff
        page.goto(f"{self.site}/gestion/essaimage/textes/")
        while page.get_by_role("button", name="Retenir").count():
            with page.expect_navigation():
                page.get_by_role("button", name="Retenir").first.click()
            expect(page.get_by_text("Le texte est visible sur la page")).to_be_visible()
        expect(page.get_by_text("Aucun texte n’attend.")).to_be_visible()

    def meet_an_obstacle(self, replication: str) -> None:
        """Told from the page of the replication, confirmed by mail, then published by staff."""
        page = self.visitor
        page.goto(f"{self.site}{replication}")
        page.get_by_role("link", name="Signaler un obstacle").click()
        page.get_by_label("L’obstacle en une phrase").fill(OBSTACLE)
        page.get_by_label("Ce qui bloque, et pourquoi").fill(
            "Le règlement des locaux réserve l’ancienne école aux services municipaux."
        )
        page.get_by_label("L’autorité qui décide").fill("Conseil municipal d’exemple")
        page.get_by_label("Le territoire").fill(self.places[0])
        page.get_by_text("Un repreneur", exact=True).click()
        page.get_by_label("Votre adresse électronique").fill(FIRST)
        page.get_by_role("button", name="Envoyer le signalement").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez votre messagerie")
        page.goto(f"{self.site}{self.mailed(FIRST, '/essaimage/obstacles/confirmer/')}")
        page.get_by_role("button", name="Confirmer").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("C’est enregistré")
        self.staff.goto(f"{self.site}/gestion/essaimage/obstacles/a-relire/")
        self.staff.get_by_role("link", name=OBSTACLE).click()
        self.staff.get_by_role("button", name="Publier").click()
        expect(self.staff.get_by_text("Aucun obstacle n’attend de relecture.")).to_be_visible()

    def lift_the_obstacle(self) -> None:
        page = self.staff
        page.goto(f"{self.site}/gestion/essaimage/obstacles/")
        page.get_by_role("link", name=OBSTACLE).click()
        page.get_by_role("link", name="Changer l’état").click()
        page.get_by_role("radio", name="Levé", exact=True).check(force=True)
        page.get_by_label("S’il est levé : comment").fill(HOW)
        page.get_by_role("button", name="Changer l’état").click()
        expect(page.get_by_text("L’obstacle est « levé ».")).to_be_visible()

    def tell_results(self) -> None:
        """Asked by staff from the dashboard, answered by the link, published by staff."""
        self.staff.goto(f"{self.site}/gestion/essaimage/?demande=resultats-dus")
        self.staff.get_by_role("button", name=f"Demander les résultats : {self.title}").click()
        expect(self.staff.get_by_text("Courriel envoyé à")).to_be_visible()
        page = self.visitor
        page.goto(f"{self.site}{self.mailed(FIRST, '/essaimage/resultats/')}")
        page.get_by_role("radio", name="L’effet est constaté en partie").check(force=True)
        page.get_by_label("Quelle est la solidité de ce constat").select_option("moyenne")
        page.get_by_role("checkbox", name="Un suivi chiffré").check(force=True)
        page.get_by_role("button", name="Envoyer la réponse").click()
        expect(page.get_by_role("heading", name="C’est enregistré, merci")).to_be_visible()
        self.staff.goto(f"{self.site}/gestion/essaimage/resultats/?publication=a-relire")
        self.staff.locator("main").get_by_role("link", name=self.title).first.click()
        self.staff.get_by_role("button", name="Publier").click()
        expect(self.staff.get_by_text("Résultats : publiés.")).to_be_visible()
