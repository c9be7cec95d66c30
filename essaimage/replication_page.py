"""What the public page of a replication shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as formatted

from essaimage import dates
from essaimage.models import (
    DiffusionForm,
    Dynamic,
    Origin,
    Party,
    PublicAction,
    Replication,
    ReplicationStep,
    Side,
    Strategy,
    Verdict,
)

UNDATED = "date non renseignée"
# Who declared it, and the other side.
SIDES = {Origin.REPRENEUR: Side.REPRENEUR, Origin.PORTEUR: Side.PORTEUR}
NAMES = {Side.REPRENEUR: "le repreneur", Side.PORTEUR: "la structure porteuse"}


@dataclass(frozen=True)
class ReplicationPage:
    """``replication`` comes from ``Replication.objects.for_page()``."""

    replication: Replication

    @property
    def title(self) -> str:
        """« Ressourcerie du bourg à Lyon »."""
        title, target = self.replication.shown_innovation.title, self.replication.target
        if not target:
            return f"Une reprise de « {title} »"
        return f"« {title} »{' ' if self.replication.territory else ' : '}{target}"

    # --- who said what ----------------------------------------------------------------------------

    @property
    def said(self) -> str:
        """« Déclarée par le repreneur, confirmée par la structure porteuse le 3 mai 2026. »"""
        declarer = SIDES.get(Origin(self.replication.origin))
        told = self.replication.get_origin_display()
        others = [side for side in Side if side != declarer]
        if len(others) > 1 and not any(self._has_answered(side) for side in others):
            return f"{told} ; ni le repreneur ni la structure porteuse ne se sont prononcés."
        return f"{', '.join([told, *map(self._verdict, others)])}."

    def _has_answered(self, side: Side) -> bool:
        party = self._parties.get(side)
        return bool(party and party.verdict and party.answered_at)

    def _verdict(self, side: Side) -> str:
        who, party = NAMES[side], self._parties.get(side)
        if party is None or not party.verdict or party.answered_at is None:
            return f"{who} ne s’est pas {'prononcée' if side == Side.PORTEUR else 'prononcé'}"
        day = formatted(timezone.localtime(party.answered_at), "j F Y")
        said = "confirmée" if party.verdict == Verdict.CONFIRMED else "contestée"
        return f"{said} par {who} le {day}"

    @property
    def contests(self) -> list[tuple[str, str]]:
        """(who, why) for each side that contests it; "" while staff has not read why."""
        return [
            (NAMES[side], party.public_note)
            for side, party in self._parties.items()
            if party.verdict == Verdict.CONTESTED
        ]

    @cached_property
    def _parties(self) -> dict[Side, Party]:
        return {Side(party.side): party for party in self.replication.parties.all()}

    # --- fields -----------------------------------------------------------------------------------

    @property
    def facts(self) -> "Known":
        """What is said of it, several things for some labels."""
        r = self.replication
        return Known.of(
            *self._targets(),
            ("Réseau", _one(r.network)),
            ("Partenaires", [partner.name for partner in r.partners.all()]),
            ("Portée", _one(r.get_extent_display())),
            ("Approche", _one(r.get_approach_display())),
            ("Formes de diffusion", labels_of(DiffusionForm, r.forms)),
            ("Dynamiques", labels_of(Dynamic, r.dynamics)),
            ("Stratégies de changement d’échelle", labels_of(Strategy, r.strategies)),
            ("Reprise par un acteur public", _one(r.get_take_up_display())),
        )

    def _targets(self) -> list[tuple[str, list[str]]]:
        """Where or in what besides the territory; one of the three is enough."""
        r = self.replication
        told = [("Secteur visé", r.sector), ("Service d’une administration", r.service)]
        found = [(label, [text]) for label, text in told if text]
        return found if found or r.territory else [("Cible", [])]

    @property
    def adaptations(self) -> "Known":
        r = self.replication
        return Known.of(
            ("Degré d’adaptation", r.get_adaptation_display()),
            ("Ce qui est resté du cœur du concept", r.kept),
            ("Ce qui a changé", r.changed),
            ("Par qui", r.changed_by),
            ("Dans quel atelier", r.workshop),
        )

    @property
    def outcome(self) -> "Known":
        return Known.of(
            ("Résultats", self.replication.results),
            ("Enseignements", self.replication.lessons),
        )

    @property
    def actors(self) -> list[tuple[Any, list[str], list[str]]]:
        """(public actor, its roles, what it does)."""
        return [
            (
                actor,
                [str(role.label) for role in actor.all_roles],
                labels_of(PublicAction, actor.actions),
            )
            for actor in self.replication.public_actors.all()
        ]

    # --- where it comes from ----------------------------------------------------------------------

    @property
    def parent(self) -> Replication | None:
        """The replication that it was taken from, when the public may read it."""
        above = self.replication.parent
        return above if above and above.is_public else None

    @cached_property
    def children(self) -> list[Replication]:
        return [child for child in self.replication.children.all() if child.is_public]

    # --- its life ---------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> list["Step"]:
        cited = [str(said.get("document", "")) for said in self.replication.evidence]
        return [Step(step, cited) for step in self.replication.steps.all()]

    @property
    def description(self) -> str:
        state = self.replication.get_state_display().lower()
        return f"Reprise de « {self.replication.shown_innovation.title} » : {state}. {self.said}"


@dataclass(frozen=True)
class Step:
    """``cited``: the titles of the documents that state the replication."""

    step: ReplicationStep
    cited: list[str]

    @property
    def label(self) -> str:
        return self.step.get_state_display()

    @property
    def date(self) -> str:
        return dates.shown(self.step.date) or UNDATED

    @property
    def recorded(self) -> str:
        """« Inscrite le 3 mai 2026 par Régie de quartier, dite après coup. »; a document that
        states it is cited, not named as a person would be."""
        said = f"Inscrite le {formatted(timezone.localtime(self.step.created_at), 'j F Y')}"
        if author := self.step.author:
            is_cited = any(title and title.startswith(author) for title in self.cited)
            said += f", d’après « {author} »" if is_cited else f" par {author}"
        return f"{said}{', dite après coup' if self.step.is_retold else ''}."


@dataclass(frozen=True)
class Known:
    """``told``: (label, what is said); ``unsaid``: the labels of the rest, "" when all is told."""

    told: list[tuple[str, Any]]
    unsaid: str

    @classmethod
    def of(cls, *pairs: tuple[str, Any]) -> "Known":
        missing = [f"{label[:1].lower()}{label[1:]}" for label, said in pairs if not said]
        return cls([pair for pair in pairs if pair[1]], ", ".join(missing))


def _one(text: str) -> list[str]:
    return [text] if text else []


def labels_of(choices: Any, codes: Iterable[str]) -> list[str]:
    """The labels of the codes, in the order of the list."""
    chosen = set(codes)
    return [str(choice.label) for choice in choices if choice.value in chosen]
