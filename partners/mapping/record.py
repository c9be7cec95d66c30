"""From the rows of one project to the record they make: values, sites, problems, faults."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from carrefour.text import key
from innovations.models import Reproduction
from partners.mapping import choices, links
from partners.mapping.emptiness import is_empty
from partners.mapping.rules import Rule
from partners.mapping.targets import TARGETS, Problem

PLACE_TARGETS = frozenset(
    {"place", "address", "postcode", "insee_code", "departement", "region", "latitude",
     "longitude", "point"}
)  # fmt: skip
WORD_TARGETS = {"themes": "theme", "publics": "public", "methods": "method"}
REPRODUCTION = tuple(f.name for f in Reproduction.text_fields())
# Targets kept under their own name in SourceRecord.values.
KEPT = (
    "title", "summary", "description", "website", "picture", "year", "nature", "maturity",
    "reach", "partners_text", "slug", "evidence",
)  # fmt: skip


@dataclass
class MappedRecord:
    """What the rules made of a project's rows.

    ``values`` as SourceRecord keeps them; ``sites`` list what each row says of its place (keys of
    PLACE_TARGETS, « place » a list); ``errors`` refuse the record, ``problems`` only remark:
    both lists of {field, code, message}. ``licence`` is "" when the rows do not say.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sites: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    licence: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(self.values.get("title", ""))

    @property
    def porteur(self) -> str:
        return str((self.values.get("porteur") or {}).get("name", ""))


def map_rows(
    rules: Sequence[Rule], rows: Sequence[dict[str, Any]], *, base: str = "", url: str = ""
) -> MappedRecord:
    """The record of one project's rows. ``base`` resolves relative links, ``url`` is the
    connector's idea of the record's page."""
    record = MappedRecord()
    merged: dict[str, Any] = {}
    for row in rows:
        read = _typed(rules, row, record.problems, base)
        _merge(merged, read)
        site = {name: read[name] for name in read if name in PLACE_TARGETS}
        if site and site not in record.sites:
            record.sites.append(site)
    record.url = _page(merged.get("url") or links.mended(url, base))
    record.licence = merged.get("licence", "")
    record.values = _values(merged)
    record.problems = list({tuple(p.items()): p for p in record.problems}.values())
    if not record.title:
        record.errors.append(
            {"field": "title", "code": "titre-absent", "message": "La fiche n’a pas de titre."}
        )
    return record


def _typed(
    rules: Sequence[Rule], row: dict[str, Any], problems: list[dict[str, str]], base: str
) -> dict[str, Any]:
    """Target → typed value of one row; what cannot be typed is told in ``problems``."""
    read: dict[str, Any] = {}
    for rule in rules:
        if rule.target in read and not TARGETS[rule.target].is_list:
            continue
        value = rule.read(row)
        if is_empty(value) and rule.target != "external_id":
            continue
        if rule.target in {"url", "website", "picture"}:
            value = links.mended(str(value), base) or value
        try:
            typed = TARGETS[rule.target].typed(value)
        except Problem as problem:
            problems.append(
                {"field": rule.target, "code": problem.code, "message": problem.message}
            )
            continue
        if not is_empty(typed) or isinstance(typed, bool):
            _merge(read, {rule.target: typed})
    return read


def _merge(into: dict[str, Any], read: dict[str, Any]) -> None:
    """Lists are united, anything else keeps its first value."""
    for name, value in read.items():
        if isinstance(value, list) and name != "point":
            known = into.setdefault(name, [])
            into[name] = known + [v for v in value if v not in known]
        else:
            into.setdefault(name, value)


def _page(url: str) -> str:
    """The record's page, unless the address was never filled in."""
    return "" if links.is_placeholder(url) else url


def _values(merged: dict[str, Any]) -> dict[str, Any]:
    values = {name: merged[name] for name in KEPT if name in merged}
    if key(values.get("summary", "")) and values.get("summary") == values.get("title"):
        del values["summary"]
    words = {WORD_TARGETS[n]: _distinct(merged[n]) for n in WORD_TARGETS if merged.get(n)}
    reproduction = {name: merged[name] for name in REPRODUCTION if merged.get(name)}
    found: dict[str, Any] = {
        "words": words,
        "reproduction": reproduction,
        "porteur": _porteur(merged),
    }
    if merged.get("hold"):
        found["hold"] = True
    return values | {name: value for name, value in found.items() if value}


def _porteur(merged: dict[str, Any]) -> dict[str, str]:
    if not merged.get("porteur_name"):
        return {}
    kind = merged.get("porteur_kind", "")
    form = merged.get("legal_form") or choices.legal_form(kind, merged["porteur_name"])
    told = {"name": merged["porteur_name"], "kind": kind, "legal_form": form}
    return {name: value for name, value in told.items() if value}


def _distinct(words: list[str]) -> list[str]:
    """Words said once, whatever their case and accents."""
    return list({key(w) or w: w for w in reversed(words)}.values())[::-1]
