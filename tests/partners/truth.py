"""Whether a proposed mapping is right, by the truth table of the real files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from carrefour.text import key
from partners.connectors import RawRow
from partners.mapping.labels import CAMEL
from tests.partners.emulator import CONNECTOR_OF
from tests.partners.real_rows import RealSource

# A description read as a summary, a page read as the project's site: the same column, as good.
ALIKE = {
    "description": {"description", "summary"},
    "url": {"url", "website"},
    "website": {"url", "website"},
}
JUDGED = {
    "title", "url", "website", "external_id", "description", "place", "address", "postcode",
    "insee_code", "departement", "region", "latitude", "longitude",
}  # fmt: skip
# What each shape calls the fields that it has a place for; the others keep their column's name.
NAMED: dict[str, dict[str, list[str]]] = {
    "rss": {"title": ["title"], "url": ["link", "@"], "external_id": ["id", "@"],
            "description": ["content", "summary"]},
    "wordpress": {"title": ["title.rendered", "title"], "url": ["link", "@"],
                  "external_id": ["id", "@"], "description": ["content.rendered", "content"]},
    "oai": {"title": ["title"], "url": ["identifier", "@"], "external_id": ["@", "identifier"],
            "description": ["description"], "place": ["coverage", "spatial"]},
    "jsonld": {"title": ["name"], "url": ["url", "@"], "external_id": ["@id", "@", "id"],
               "description": ["description"], "place": ["~address ?locality"]},
    "html": {"title": ["title", "titre", "h1", "nom"], "url": ["url", "link", "lien", "@"],
             "external_id": ["@", "url", "link"], "place": ["ville"],
             "description": ["~description|content|texte|text|body|contenu"]},
}  # fmt: skip
# Shapes that bring only what they name.
CLOSED = {"rss", "oai", "jsonld", "html"}


@dataclass
class Verdict:
    """``asked``: fields that the source has; ``right`` among them; what is wrong, in words."""

    asked: int = 0
    right: int = 0
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    sure_and_wrong: list[str] = field(default_factory=list)


def expected_connector(source: RealSource, shape: str) -> str:
    return CONNECTOR_OF.get(shape, source.connector)


def accepted(source: RealSource, shape: str) -> dict[str, list[str]]:
    """Field → the paths that are right under this shape."""
    named = NAMED.get(shape, {})
    if shape in CLOSED:
        has_place = "place" in source.fields
        return {t: paths for t, paths in named.items() if t != "place" or has_place}
    fields = {t: [*named.get(t, []), *names] for t, names in source.fields.items()}
    fields |= {t: paths for t, paths in named.items() if t not in fields}
    if shape == "jsonapi":
        fields["external_id"] = [*fields.get("external_id", []), "id", "@"]
    if shape in {"geojson", "arcgis", "opendatasoft"}:
        for axis, short in (("latitude", "y"), ("longitude", "x")):
            fields[axis] = [*fields[axis], axis, short]
    return fields


def judge(
    source: RealSource, shape: str, mapping: Sequence[dict[str, Any]], rows: Sequence[RawRow]
) -> Verdict:
    """``mapping`` as it is proposed for ``rows``."""
    verdict = Verdict()
    truth = accepted(source, shape)
    proposed: dict[str, list[str]] = {}
    for rule in mapping:
        paths = rule.get("paths") or [rule.get("path", "")]
        proposed.setdefault(rule["target"], []).extend(paths)
    for target, right in truth.items():
        found = [p for t in ALIKE.get(target, {target}) for p in proposed.get(t, ())]
        verdict.asked += 1
        if any(_is(p, right) for p in found) or _given(target, right, rows):
            verdict.right += 1
        else:
            said = ", ".join(found) or "rien"
            verdict.missed.append(f"{target} : {said} au lieu de {right}")
    for rule in mapping:
        _mark_invention(verdict, rule, truth, source)
    return verdict


def _mark_invention(
    verdict: Verdict, rule: dict[str, Any], truth: dict[str, list[str]], source: RealSource
) -> None:
    target = rule["target"]
    if target not in JUDGED:
        return
    allowed = [p for t in ALIKE.get(target, {target}) for p in truth.get(t, ())]
    allowed += [p for t in ALIKE.get(target, {target}) for p in source.may.get(t, ())]
    # Several ways to say where: a point is as good as its two numbers.
    paths = rule.get("paths") or [rule.get("path", "")]
    if any(_is(p, allowed) for p in paths):
        return
    said = f"{target} : {', '.join(paths)} ({rule.get('confidence')})"
    verdict.invented.append(said)
    if rule.get("confidence", 1.0) >= 0.8:
        verdict.sure_and_wrong.append(said)


def _is(path: str, right: Sequence[str]) -> bool:
    names = [_plain(path), _plain(path.replace('"', "").split(".")[-1])]
    return any(
        any(re.search(wanted[1:], name) for name in names)
        if wanted.startswith("~")
        else _plain(wanted) in names
        for wanted in right
    )


def _plain(name: str) -> str:
    return key(CAMEL.sub(" ", name))


def _given(target: str, right: Sequence[str], rows: Sequence[RawRow]) -> bool:
    """The connector itself gives the identifier or the page of each row."""
    if "@" not in right:
        return False
    name = "external_id" if target == "external_id" else "url"
    return bool(rows) and all(getattr(row, name) for row in rows if not row.is_deleted)
