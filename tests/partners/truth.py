"""Whether a proposed mapping is right, by the truth table of the real files."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carrefour.text import key
from partners.mapping.labels import CAMEL
from partners.trial import GIVEN
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
    """``asked``: fields that the source has; ``right`` among them; ``proposed``: fields proposed;
    what is wrong, in words. ``sure_and_wrong``: inventions told with a confidence of 0.8 or more.
    """

    asked: int = 0
    right: int = 0
    proposed: int = 0
    missed: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    sure_and_wrong: list[str] = field(default_factory=list)

    def add(self, named: str, other: "Verdict") -> None:
        """Count another verdict with this one, its faults under the name of its source."""
        self.asked += other.asked
        self.right += other.right
        self.proposed += other.proposed
        self.missed += [f"{named} : {fault}" for fault in other.missed]
        self.invented += [f"{named} : {fault}" for fault in other.invented]
        self.sure_and_wrong += [f"{named} : {fault}" for fault in other.sure_and_wrong]


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


def judge(source: RealSource, shape: str, mapping: Mapping[str, Mapping[str, Any]]) -> Verdict:
    """``mapping`` as a report gives it: field → {path, confidence}."""
    verdict = Verdict()
    truth = accepted(source, shape)
    proposed = {target: _paths(said["path"]) for target, said in mapping.items()}
    for target, right in truth.items():
        found = [p for t in ALIKE.get(target, {target}) for p in proposed.get(t, ())]
        verdict.asked += 1
        if any(_is(p, right) for p in found):
            verdict.right += 1
        else:
            said = ", ".join(found) or "rien"
            verdict.missed.append(f"{target} : {said} au lieu de {right}")
    for target in set(mapping) & JUDGED:
        allies = ALIKE.get(target, {target})
        allowed = [p for t in allies for p in [*truth.get(t, ()), *source.may.get(t, ())]]
        verdict.proposed += 1
        if not any(_is(p, [*allowed, "@"]) for p in proposed[target]):
            confidence = mapping[target]["confidence"]
            said = f"{target} : {', '.join(proposed[target])} ({confidence})"
            verdict.invented.append(said)
            verdict.sure_and_wrong += [said] if confidence >= 0.8 else []
    return verdict


def _paths(said: str) -> list[str]:
    return ["@"] if said == GIVEN else said.split(" + ")


def _is(path: str, right: Sequence[str]) -> bool:
    if path == "@":
        return "@" in right
    names = [_plain(path), _plain(path.replace('"', "").split(".")[-1])]
    return any(
        any(re.search(wanted[1:], name) for name in names)
        if wanted.startswith("~")
        else _plain(wanted) in names
        for wanted in right
    )


def _plain(name: str) -> str:
    return key(CAMEL.sub(" ", name))
