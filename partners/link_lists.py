"""The links of records as lists: all of them for the team, its own for a partner."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from innovations.models import Innovation, Link, LinkUse
from partners import editing
from partners.models import Partner

# What needs someone, the gravest first.
TROUBLED = ("mort", "deplace", "en-echec", "non-verifiable")


def of_partner(partner: Partner) -> QuerySet[Link]:
    """Its own pages, and the web sites and documents of the records that cite it."""
    cited = Innovation.objects.filter(citations__partner_slug=partner.slug)
    uses = LinkUse.objects.filter(link=OuterRef("pk")).filter(
        Q(role="source", partner_slug=partner.slug) | Q(innovation__in=cited) & ~Q(role="source")
    )
    return Link.objects.filter(Exists(uses))


def with_records(links: QuerySet[Link]) -> QuerySet[Link]:
    """Each with the public records that give it (``uses``)."""
    uses = LinkUse.objects.select_related("innovation").only(
        "link", "role", "partner_slug", "innovation__title", "innovation__slug"
    )
    return links.prefetch_related(Prefetch("uses", uses.order_by("pk")))


def rows(links: QuerySet[Link]) -> Iterator[Sequence[Any]]:
    """As the rows of a file, one per record that gives the address."""
    yield [
        "Adresse", "État", "Constat", "Nouvelle adresse", "En échec depuis", "Échecs de suite",
        "Vérifiée le", "Rôle", "Fiche",
    ]  # fmt: skip
    for link in with_records(links).iterator(500):
        told = [
            link.url, link.get_state_display(), link.message, link.moved_to,
            link.failing_since and link.failing_since.date(), link.failures,
            link.checked_at and link.checked_at.date(),
        ]  # fmt: skip
        for use in link.uses.all():
            yield [*told, use.get_role_display(), use.innovation.title]


def adopt(link: Link, *, author: Any) -> int:
    """Write the new address of a web site that moved in the staff's name, on each record that
    gives the old one; returns how many."""
    moved = Innovation.objects.filter(website=link.url, link_uses__link=link).distinct()
    note = "L’ancienne adresse redirige vers celle-ci."
    for innovation in moved:
        editing.write(innovation, {"website": link.moved_to}, author=author, note=note)
    return len(moved)
