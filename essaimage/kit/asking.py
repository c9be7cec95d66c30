"""Whom to ask for what a kit does not say: through pages of this site or of the sources."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from essaimage.kit.blocks import Link, Missing
from essaimage.kit.reading import Gathered

# Named one by one in each empty part; all are listed at the end.
MOST = 3


@dataclass(frozen=True)
class Asking:
    """Those who may know: who carries it, the partners that tell it, those who took it up."""

    porteur: tuple[Link, ...]
    sources: tuple[Link, ...]
    repreneurs: tuple[Link, ...]
    suggest: Link
    team: Link

    def missing(self, items: Iterable[str], *, elsewhere: bool = False) -> tuple[Missing, ...]:
        """The block of what is missing, if anything is; ``elsewhere``: those who took it up know
        best."""
        told = tuple(items)
        if not told:
            return ()
        near = self.porteur or self.sources
        asked = (*self.repreneurs, *near) if elsewhere else (*near, *self.repreneurs)
        return (Missing(told, asked[:MOST] or (self.team,)),)

    def everyone(self) -> tuple[tuple[str, Link], ...]:
        """(what for, whom), for the last list of the kit."""
        listed = (
            ("La structure porteuse", self.porteur),
            ("Le partenaire qui documente le projet", self.sources),
            ("Ceux qui l’ont repris", self.repreneurs),
            ("Vous avez la réponse ?", (self.suggest,)),
            ("À défaut", (self.team,)),
        )
        return tuple((label, link) for label, links in listed for link in links)


def asking(gathered: Gathered) -> Asking:
    innovation = gathered.innovation
    porteur = innovation.organisation
    carried = [Link(porteur.name, porteur.get_absolute_url())] if porteur else []
    if innovation.website:
        carried.append(Link("Le site du projet", innovation.website))
    return Asking(
        porteur=tuple(carried),
        sources=tuple(
            Link(source.link, source.citation.url)
            for source in gathered.sources
            if source.citation.url
        ),
        repreneurs=tuple(
            Link(
                r.repreneur_shown or f"La reprise {r.target}".strip(),
                r.get_absolute_url(),
            )
            for r in gathered.begun
        ),
        suggest=Link(
            "Proposez-la pour la fiche", reverse("partners:suggest", args=[innovation.slug])
        ),
        team=Link("L’équipe du Carrefour, par sa page de contact", reverse("site:contact")),
    )
