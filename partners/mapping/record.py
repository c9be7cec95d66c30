"""From the rows of one project to the record they make: values, sites, problems, faults."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from carrefour.text import key
from innovations.models import Reproduction
from partners.mapping import choices, links
from partners.mapping.emptiness import is_empty
from partners.mapping.encodings import repaired_row
from partners.mapping.expressions import TooSlow
from partners.mapping.rules import Rule
from partners.mapping.targets import TARGETS, Problem

PLACE_TARGETS = frozenset(
    {"place", "address", "postcode", "insee_code", "departement", "region", "latitude",
     "longitude", "point"}
)  # fmt: skip
WORD_TARGETS = {"themes": "theme", "publics": "public", "methods": "method"}
ADDRESSES = frozenset({"url", "website", "picture"})
TOO_SLOW = (
    "expression-trop-lente",
    "L’expression régulière de ce champ ne finit pas sur cette fiche : simplifiez-la.",
)
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
    both lists of {field, code, message}. ``licence`` is "" when the rows do not say. ``mended``
    counts the cells whose encoding was repaired.
    """

    values: dict[str, Any] = field(default_factory=dict)
    sites: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    licence: str = ""
    errors: list[dict[str, str]] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    mended: int = 0

    @property
    def title(self) -> str:
        return str(self.values.get("title", ""))

    @property
    def porteur(self) -> str:
        return str((self.values.get("porteur") or {}).get("name", ""))


def map_rows(
    rules: Sequence[Rule],
    rows: Sequence[dict[str, Any]],
    *,
    base: str = "",
    url: str = "",
    mandatory: Sequence[str] = (),
) -> MappedRecord:
    """The record of one project's rows. ``base`` resolves relative links, ``url`` is the
    connector's idea of the record's page, a record without a ``mandatory`` target is refused."""
    record = MappedRecord()
    merged: dict[str, Any] = {}
    for received in rows:
        row, damaged = repaired_row(received)
        record.mended += len(damaged)
        record.problems += [_repair(name) for name in damaged]
        read = _typed(rules, row, record, base)
        _merge(merged, read)
        site = {name: read[name] for name in read if name in PLACE_TARGETS}
        if site and site not in record.sites:
            record.sites.append(site)
    record.url = _page(merged.get("url") or links.mended(url, base))
    record.licence = merged.get("licence", "")
    record.values = _values(merged)
    if len(record.problems) > 1:
        record.problems = list({tuple(p.items()): p for p in record.problems}.values())
    record.errors += _missing(record, merged, mandatory)
    return record


def _typed(
    rules: Sequence[Rule], row: dict[str, Any], record: MappedRecord, base: str
) -> dict[str, Any]:
    """Target → typed value of one row; what cannot be typed is told on ``record``."""
    read: dict[str, Any] = {}
    for rule in rules:
        if rule.target in read and not rule.is_list:
            continue
        try:
            typed = _value(rule, row, base)
        except Problem as problem:
            record.problems.append(_told(rule.target, problem.code, problem.message))
            continue
        except TooSlow:
            record.errors.append(_told(rule.target, *TOO_SLOW))
            continue
        if typed is None or (is_empty(typed) and not isinstance(typed, bool)):
            continue
        if rule.is_list:
            _merge(read, {rule.target: typed})
        else:
            read[rule.target] = typed
    return read


def _value(rule: Rule, row: dict[str, Any], base: str) -> Any:
    """The typed value of one rule; None when the row says nothing. Raises ``Problem``."""
    value = rule.read(row)
    if value is None or (rule.target != "external_id" and is_empty(value)):
        return None
    if rule.target in ADDRESSES:
        value = links.mended(str(value), base) or value
    return TARGETS[rule.target].typed(value)


def _missing(
    record: MappedRecord, merged: dict[str, Any], mandatory: Sequence[str]
) -> list[dict[str, str]]:
    """Why a record cannot do: without title, or without a field that staff made mandatory."""
    found = []
    if not record.title:
        found.append(_told("title", "titre-absent", "La fiche n’a pas de titre."))
    for name in mandatory:
        is_told = bool(record.sites) if name == "place" else bool(merged.get(name))
        if name in TARGETS and name != "title" and not is_told:
            label = TARGETS[name].label
            message = f"Il manque à la fiche un champ obligatoire : {label}."
            found.append(_told(name, "champ-obligatoire", message))
    return found


def _repair(column: str) -> dict[str, str]:
    said = f"Encodage réparé dans « {column[:120]} » : des accents étaient abîmés."
    return _told("record", "encodage-repare", said)


def _told(field_name: str, code: str, message: str) -> dict[str, str]:
    return {"field": field_name, "code": code, "message": message}


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
    if values.get("summary", "") == values.get("title") and key(values.get("summary", "")):
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
