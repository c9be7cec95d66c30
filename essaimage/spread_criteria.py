"""The query string of the pages that show what spreads, read into checked criteria; what cannot be
used is told, never dropped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from carrefour.text import one_line, well_formed
from essaimage.models import Approach, DiffusionForm, ReplicationState
from essaimage.querysets import ReplicationQuerySet
from innovations.search_place import answer_code, parameter
from territories.kinds import Kind
from territories.models import Territory

MOST_NOTICES = 8
LONGEST = 60
EARLIEST = 1800
ADDED = ("utm_", "mtm_", "pk_", "fbclid", "gclid")
PLACES = (Kind.REGION, Kind.DEPARTEMENT, Kind.COLLECTIVITE)
CHOICES: Mapping[str, Any] = {
    "forme": DiffusionForm,
    "approche": Approach,
    "etat": ReplicationState,
}
LABELS = {
    "forme": "Forme de diffusion",
    "approche": "Approche",
    "etat": "État",
    "territoire": "Territoire",
    "annee": "Année",
    "tableau": "Tableau",
}


@dataclass(frozen=True)
class SpreadCriteria:
    """What is asked, every value known to exist; ``year``: that of the map; ``pages``: the number
    of the page of each list that has several, as asked."""

    form: str = ""
    approach: str = ""
    state: str = ""
    territory: Territory | None = None
    year: int | None = None
    table: str = ""
    pages: tuple[tuple[str, int], ...] = ()
    notices: tuple[str, ...] = field(default=(), compare=False)

    @property
    def is_filtered(self) -> bool:
        return bool(self.form or self.approach or self.state or self.territory)

    def page(self, name: str) -> int:
        return dict(self.pages).get(name, 1)

    @property
    def active(self) -> list[tuple[str, str, str]]:
        """The filters in force: (name in the address, label, value as shown)."""
        said = {"forme": self.form, "approche": self.approach, "etat": self.state}
        found = [
            (name, LABELS[name], str(CHOICES[name](value).label))
            for name, value in said.items()
            if value
        ]
        if self.territory:
            found.append(("territoire", LABELS["territoire"], self.territory.name))
        return found

    def filtered(self, replications: ReplicationQuerySet) -> ReplicationQuerySet:
        if self.form:
            replications = replications.filter(forms__contains=[self.form])
        if self.approach:
            replications = replications.filter(approach=self.approach)
        if self.state:
            replications = replications.filter(state=self.state)
        if self.territory:
            within = {"territory__ancestor_ids__contains": [self.territory.pk]}
            replications = replications.filter(**within)
        return replications

    def parameters(self, **changes: Any) -> dict[str, str]:
        """The query string as a dictionary, ``changes`` applied; what says nothing is left out."""
        found = {
            "forme": self.form,
            "approche": self.approach,
            "etat": self.state,
            "territoire": parameter(self.territory) if self.territory else "",
            "annee": str(self.year) if self.year else "",
        }
        found |= {name: str(number) for name, number in self.pages if number > 1}
        found |= {name: "" if value is None else str(value) for name, value in changes.items()}
        return {name: value for name, value in found.items() if value}

    def query_string(self, **changes: Any) -> str:
        query = QueryDict(mutable=True)
        query.update(self.parameters(**changes))
        return query.urlencode()


def read(
    query: QueryDict, tables: tuple[str, ...] = (), lists: tuple[str, ...] = ()
) -> SpreadCriteria:
    """The criteria of a query string; ``tables``: those that it may ask; ``lists``: those of which
    it may ask a page. Never raises."""
    notices = list(_unread(query, {*LABELS, *lists}))
    said = {name: _text(query, name) for name in LABELS}
    chosen = {name: _one_of(name, said[name], notices) for name in CHOICES}
    table = said["tableau"]
    if table and table not in tables:
        notices.append(f"Le tableau « {_cut(table)} » n’existe pas : voici la page.")
        table = ""
    return SpreadCriteria(
        form=chosen["forme"],
        approach=chosen["approche"],
        state=chosen["etat"],
        territory=_territory(said["territoire"], notices),
        year=_year(said["annee"], notices),
        table=table,
        pages=tuple((name, _page(_text(query, name), notices)) for name in lists),
        notices=tuple(notices[:MOST_NOTICES]),
    )


def _unread(query: QueryDict, known: set[str]) -> list[str]:
    found = []
    for name, values in query.lists():
        shown = _cut(one_line(well_formed(name)))
        if name not in known and not name.startswith(ADDED):
            found.append(f"Le paramètre « {shown} » n’existe pas : il a été ignoré.")
        elif name in known and len(set(values)) > 1:
            found.append(
                f"Le paramètre « {shown} » est donné plusieurs fois : seule sa dernière valeur a "
                "été lue."
            )
    return found


def _text(query: QueryDict, name: str) -> str:
    return one_line(well_formed(query.get(name, "")))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _one_of(name: str, value: str, notices: list[str]) -> str:
    if not value or value in CHOICES[name].values:
        return value
    notices.append(f"Le filtre « {LABELS[name]} : {_cut(value)} » n’existe pas : il a été ignoré.")
    return ""


def _territory(value: str, notices: list[str]) -> Territory | None:
    if not value:
        return None
    found = answer_code(value).territory if len(value) <= LONGEST else None
    if found is None:
        notices.append(f"Le territoire « {_cut(value)} » n’existe pas : il a été ignoré.")
    elif found.kind not in PLACES:
        notices.append(
            f"« {found.name} » n’est ni une région ni un département : ce filtre a été ignoré."
        )
        return None
    return found


def _year(value: str, notices: list[str]) -> int | None:
    if not value:
        return None
    now = timezone.localdate().year
    if value.isascii() and value.isdigit() and EARLIEST <= int(value[:9]) <= now:
        return int(value)
    notices.append(
        f"« {_cut(value)} » n’est pas une année comprise entre {EARLIEST} et {now} : elle a été "
        "ignorée."
    )
    return None


def _page(value: str, notices: list[str]) -> int:
    if not value:
        return 1
    if value.isascii() and value.isdigit() and int(value[:9]) >= 1:
        return int(value[:9])
    notices.append(f"« {_cut(value)} » n’est pas un numéro de page : voici la première.")
    return 1
