"""Which rows are the same project, and whether they changed since the last harvest."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz

from carrefour.text import key
from partners.connectors import RawRow
from partners.mapping import links
from partners.mapping.rules import Rule
from partners.models import Source
from partners.rawness import clean

# Raised when the code makes other values from the same rows: every record is then made anew.
VERSION = 1
# Below this, two titles under one identifier are two projects (0 to 100).
ALIKE = 50
LENGTH = 500


@dataclass
class Group:
    """The rows of one project under the partner's identifier for it."""

    external_id: str
    rows: list[RawRow]
    fingerprint: str = ""


@dataclass
class Refused:
    """A row or a project that cannot become a record; ``errors``: {field, code, message}."""

    rows: list[RawRow]
    errors: list[dict[str, str]]
    external_id: str = ""
    fingerprint: str = ""

    @property
    def position(self) -> str:
        """« ligne 12 », « ligne 12 et 2 autres »."""
        more = len(self.rows) - 1
        return self.rows[0].position + (f" et {more} autre{'s' * (more > 1)}" if more else "")


@dataclass
class Identifier:
    """Names projects and takes their fingerprint, for one source and its rules."""

    source: Source
    rules: Sequence[Rule]
    computed: int = 0
    _origin: str = field(init=False)
    _configuration: str = field(init=False)

    def __post_init__(self) -> None:
        self._origin = links.origin(self.source.url)
        self._configuration = configuration(self.source)
        self._own = {name: [r for r in self.rules if r.target == name] for name in _NAMING}

    def of(self, row: RawRow) -> str:
        """The identifier: the partner's, else the page's address, else title and porteur; or "".

        An address on the partner's own site is kept without its origin: a site that moves (http
        to https, another domain) keeps its records.
        """
        said = self._read("external_id", row) or row.external_id or ""
        if said:
            return self._short(self._relative(clean(str(said)).strip()))
        self.computed += 1
        page = links.mended(self._read("url", row) or row.url, self.source.url)
        if page and not links.is_placeholder(page):
            return self._short(self._relative(page))
        title = key(self._read("title", row))
        digest = hashlib.sha256(f"{title}|{key(self._read('porteur_name', row))}".encode())
        return f"titre-{digest.hexdigest()[:24]}" if title else ""

    def title(self, row: RawRow) -> str:
        return key(self._read("title", row))

    def fingerprint(self, rows: Sequence[RawRow]) -> str:
        """SHA-256 of the rows' content and of how they are read, whatever the site's origin."""
        content = json.dumps(
            [[r.data, r.url, r.licence] for r in rows],
            sort_keys=True,
            ensure_ascii=False,
            default=str,
        )
        content = content.replace(self._origin, "") if self._origin else content
        said = f"{self._configuration}{content}".encode(errors="surrogatepass")
        return hashlib.sha256(said).hexdigest()

    def _read(self, target: str, row: RawRow) -> str:
        values = (rule.read(row.data) for rule in self._own[target])
        value = next((v for v in values if v not in (None, "", [])), "")
        return "-".join(map(str, value)) if isinstance(value, list) else str(value)

    def _relative(self, identifier: str) -> str:
        return identifier.removeprefix(self._origin) or identifier if self._origin else identifier

    @staticmethod
    def _short(identifier: str) -> str:
        if len(identifier) <= LENGTH:
            return identifier
        return f"sha256-{hashlib.sha256(identifier.encode()).hexdigest()}"


_NAMING = ("external_id", "url", "title", "porteur_name")


def configuration(source: Source) -> str:
    """Digest of all that decides what a row becomes."""
    said = [VERSION, source.mapping, source.record_type, source.licence, source.priority]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def reading(source: Source) -> str:
    """Digest of all that decides what a harvest of the source gives, its address included."""
    said = [configuration(source), source.connector, source.url, source.options]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def grouped(
    rows: Iterable[RawRow], identifier: Identifier, *, together: bool
) -> Iterator[Group | Refused]:
    """Projects in the order of their first row, with their fingerprint.

    ``together``: a project's rows may stand far apart, all are read first. Otherwise a row is a
    project, and an identifier that comes back is the same row read twice (pages that shifted
    while they were read) or is refused.
    """
    if together:
        yield from _together(rows, identifier)
        return
    seen: dict[str, str] = {}
    for row in rows:
        external_id = identifier.of(row)
        fingerprint = identifier.fingerprint([row])
        if not external_id:
            yield Refused([row], [NO_IDENTITY], fingerprint=fingerprint)
        elif external_id not in seen:
            seen[external_id] = fingerprint
            yield Group(external_id, [row], fingerprint)
        elif seen[external_id] != fingerprint:
            yield Refused([row], [SAME_IDENTITY], external_id, fingerprint)


def _together(rows: Iterable[RawRow], identifier: Identifier) -> Iterator[Group | Refused]:
    groups: dict[str, Group] = {}
    titles: dict[str, str] = {}
    refused: list[Refused] = []
    for row in rows:
        external_id = identifier.of(row)
        title = identifier.title(row)
        if not external_id:
            refused.append(Refused([row], [NO_IDENTITY]))
        elif external_id not in groups:
            groups[external_id] = Group(external_id, [row])
            titles[external_id] = title
        elif not title or fuzz.token_set_ratio(title, titles[external_id]) >= ALIKE:
            groups[external_id].rows.append(row)
            titles[external_id] = titles[external_id] or title
        else:
            refused.append(Refused([row], [SAME_IDENTITY], external_id))
    everything: list[Group | Refused] = [*groups.values(), *refused]
    for found in everything:
        found.fingerprint = identifier.fingerprint(found.rows)
        yield found


def _error(field_name: str, code: str, message: str) -> dict[str, str]:
    return {"field": field_name, "code": code, "message": message}


NO_IDENTITY: dict[str, Any] = _error(
    "external_id",
    "identifiant-absent",
    "La ligne n’a ni identifiant, ni adresse, ni titre qui la distingue.",
)
SAME_IDENTITY: dict[str, Any] = _error(
    "external_id",
    "identifiant-double",
    "Cet identifiant est déjà celui d’une autre fiche, au contenu différent.",
)
