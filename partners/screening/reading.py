"""Where a record may hold personal data, and how its texts are read and masked. Pure."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any
from urllib.parse import unquote

from carrefour.text import key
from partners.redaction import PLACEHOLDER, Redactor
from partners.screening.personal import Datum, found
from partners.suppression import redactor_of

Sites = Iterable[Mapping[str, Any]]
PLACE = ("label", "name")
FIELDS = ("title", "summary", "description")
TAG = re.compile(r"<[^<>]*>")
# What a link or a tool tip holds that the eye does not see.
HIDDEN = re.compile(r"(?:mailto:|tel:|title=[\"'])([^\"'>?]+)", re.IGNORECASE)
# Most texts hold nothing that looks like a datum: one pass tells.
HINT = re.compile(
    r"@|%40|&#|arobase|[\[(]at[\])]|\d(?:\D{0,12}\d){8}|domicil|demeurant|résidant|adresse\spersonnelle"
    r"|\b(?:M\.|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s"
)


def data_of(values: Mapping[str, Any], sites: Sites = ()) -> list[tuple[str, Datum]]:
    """(field, datum) of each personal datum that the texts of a record hold, the name of its
    porteur and those of its places among them."""
    return [
        (field, datum)
        for field, text in chain(_texts(values), _names(values, sites))
        if HINT.search(text)
        for datum in found(_read(text))
    ]


def looked_at(value: Any) -> list[Datum]:
    """The personal data of what someone writes in a field: a text, or texts inside it."""
    if isinstance(value, str):
        return found(_read(value)) if HINT.search(value) else []
    inner = value.values() if isinstance(value, Mapping) else value
    if not isinstance(inner, Iterable):
        return []
    return [datum for part in inner for datum in looked_at(part)]


def masked(
    values: Mapping[str, Any], sites: Sites, data: Iterable[str]
) -> tuple[dict[str, Any], list[Mapping[str, Any]]]:
    """The values and the sites without these data, as they may be shown; those given are left
    alone. A name that was nothing else goes whole."""
    redactor = redactor_of(data)
    clean = {**values}
    if porteur := values.get("porteur"):
        name = _named(redactor, porteur["name"])
        clean["porteur"] = {**porteur, "name": name} if name else None
    for name in (*FIELDS, "reproduction", "evidence"):
        if name in clean:
            clean[name] = redactor.content(clean[name])[0]
    return clean, [_site(redactor, site) for site in sites]


def _site(redactor: Redactor, site: Mapping[str, Any]) -> Mapping[str, Any]:
    named = {name: _named(redactor, text) for name in PLACE if (text := site.get(name))}
    return {**site, **named}


def _named(redactor: Redactor, name: str) -> str:
    left, found = redactor.text(name)
    return "" if found and not key(left.replace(PLACEHOLDER, "")) else left


def _names(values: Mapping[str, Any], sites: Sites) -> Iterator[tuple[str, str]]:
    if porteur := values.get("porteur"):
        yield "organisation", porteur["name"]
    for text in {text for site in sites for name in PLACE if (text := site.get(name))}:
        yield "places", text


def _texts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in FIELDS:
        if text := values.get(name):
            yield name, str(text)
    for name, text in (values.get("reproduction") or {}).items():
        yield f"reproduction.{name}", str(text)
    for evidence in values.get("evidence") or ():
        yield "evidence", str(evidence.get("quote") or "")


def _read(text: str) -> str:
    if "<" not in text:
        return html.unescape(text)
    told = [unquote(hidden) for hidden in HIDDEN.findall(text)]
    return html.unescape("\n".join([TAG.sub(" ", text), *told]))
