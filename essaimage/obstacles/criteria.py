"""A query string about obstacles read into checked criteria; what cannot be used is told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import QueryDict

from carrefour.text import key, one_line, well_formed
from essaimage.models import (
    Interpreter,
    ObstacleOrigin,
    ObstacleStage,
    ObstacleState,
    Relief,
)
from innovations.models import Innovation
from innovations.search_place import answer_code, answer_text, label, parameter
from territories.models import Territory

MOST = 200
MOST_NOTICES = 12
SHOWN = 60
# What it is called in the address → the column, its values, what it is called on screen.
CHOICES: dict[str, tuple[str, type[TextChoices], str]] = {
    "etat": ("state", ObstacleState, "État"),
    "origine": ("origin", ObstacleOrigin, "Ce qui est en cause"),
    "stade": ("stage", ObstacleStage, "Stade du projet"),
    "interprete": ("interpreter", Interpreter, "Qui l’interprète"),
    "suite": ("relief", Relief, "Assouplissement ou simplification"),
}
# What sites that link here add to an address.
ADDED = ("utm_", "mtm_", "pk_")
ELSEWHERE = {"page", "fbclid", "gclid"}


@dataclass(frozen=True)
class Criteria:
    """``chosen``: name in the address → value known to exist; ``notices``: what was left aside."""

    text: str = ""
    authority: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    territory: Territory | None = None
    innovation: Innovation | None = None
    page: str = ""
    notices: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.query

    @property
    def is_filtered(self) -> bool:
        """Whether more than words and authority is asked."""
        return bool(self.chosen or self.territory or self.innovation)

    @property
    def query(self) -> str:
        """The query string that says the same, without the page."""
        said = {"q": self.text, "autorite": self.authority, **self.chosen}
        if self.territory:
            said["territoire"] = parameter(self.territory)
        if self.innovation:
            said["innovation"] = self.innovation.slug
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def place_shown(self) -> str:
        return label(self.territory) if self.territory else ""


def read(query: QueryDict) -> Criteria:
    return _Reading(query).criteria()


class _Reading:
    """One query string being read; gathers the notices on the way."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query
        self.notices: list[str] = []

    def criteria(self) -> Criteria:
        known = {"q", "autorite", "territoire", "innovation", *CHOICES, *ELSEWHERE}
        for name in self.query:
            if name not in known and not name.startswith(ADDED):
                self._tell(f"Le paramètre « {_short(name)} » n’existe pas : il est ignoré.")
        text, authority = self._text("q"), self._text("autorite")
        if authority and not key(authority):
            self._tell("L’autorité cherchée ne contient aucun mot : elle est ignorée.")
            authority = ""
        chosen = {name: value for name in CHOICES if (value := self._choice(name))}
        return Criteria(
            text=text,
            authority=authority,
            chosen=chosen,
            territory=self._territory(),
            innovation=self._innovation(),
            page=self.query.get("page", ""),
            notices=tuple(self.notices[:MOST_NOTICES]),
        )

    def _tell(self, notice: str) -> None:
        self.notices.append(notice)

    def _value(self, name: str) -> str:
        values = [one_line(well_formed(value)) for value in self.query.getlist(name)]
        values = list(dict.fromkeys(value for value in values if value))
        if len(values) > 1:
            self._tell(f"Le paramètre « {name} » est donné plusieurs fois : le premier est pris.")
        return values[0] if values else ""

    def _text(self, name: str) -> str:
        value = self._value(name)
        if len(value) > MOST:
            self._tell(f"Au-delà de {MOST} caractères, le texte cherché est coupé.")
        return value[:MOST].strip()

    def _choice(self, name: str) -> str:
        value = self._value(name)
        _column, values, said = CHOICES[name]
        if value and value not in values.values:
            self._tell(
                f"« {said} » ne connaît pas la valeur « {_short(value)} » : elle est ignorée."
            )
            return ""
        return value

    def _territory(self) -> Territory | None:
        value = self._value("territoire")
        if not value:
            return None
        answer: Any = answer_code(value)
        if answer.territory is None:
            answer = answer_text(value[:MOST])
        if answer.territory is None:
            self._tell(f"Le lieu « {_short(value)} » n’est pas reconnu : il est ignoré.")
        elif answer.others:
            named = label(answer.territory)
            self._tell(f"Plusieurs lieux portent ce nom : « {named} » est pris.")
        found: Territory | None = answer.territory
        return found

    def _innovation(self) -> Innovation | None:
        value = self._value("innovation")
        if not value:
            return None
        rows = Innovation.objects.select_related("merged_into").filter(slug=value[:MOST])
        found = rows.first()
        found = (found.merged_into or found) if found else None
        if found is None or not found.is_public:
            self._tell(
                f"La fiche « {_short(value)} » n’est pas dans l’annuaire : elle est ignorée."
            )
            return None
        return found


def _short(value: str) -> str:
    value = one_line(well_formed(value))
    return value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
