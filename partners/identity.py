"""Which rows are the same project, and whether they changed since the last harvest."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from carrefour.french import counted
from carrefour.text import key
from partners.connectors import RawRow
from partners.mapping import links
from partners.mapping.expressions import TooSlow
from partners.mapping.rules import Rule
from partners.models import Source
from partners.rawness import clean

# Raised when the code makes other values from the same rows: every record is then made anew.
VERSION = 2
# Below this, two titles under one identifier are two projects (0 to 100).
ALIKE = 50
LENGTH = 500
# Characters kept of the page that a connector says.
PAGE = 1000
# Characters of a cell that may still name a row too large to be a record.
NAMING_LENGTH = 1000


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
        return self.rows[0].position + (f" et {counted(more, 'autre')}" if more else "")


@dataclass
class Identifier:
    """Names projects and takes their fingerprint, for one source and its rules."""

    source: Source
    rules: Sequence[Rule]
    computed: int = 0
    _origin: str = field(init=False)
    _configuration: str = field(init=False)
    _declared: list[Rule] = field(init=False)

    def __post_init__(self) -> None:
        self._origin = links.origin(self.source.url)
        self._configuration = configuration(self.source)
        self._own = {name: [r for r in self.rules if r.target == name] for name in _NAMING}
        column = str((self.source.options or {}).get("group_by") or "")
        self._declared = [Rule("external_id", (column,))] if column else []

    @property
    def is_declared(self) -> bool:
        """Whether the source says by which column the rows of a project are grouped."""
        return bool(self._declared)

    def of(self, row: RawRow) -> str:
        """The identifier: the partner's, else the page's address, else title and porteur; or "".

        An address on the partner's own site is kept without its origin: a site that moves (http
        to https, another domain) keeps its records.
        """
        said = self._said(self._declared, row) or self._read("external_id", row)
        if said := said or row.external_id or "":
            return self._named(said)
        name = self._in_place_of_one(row)
        # A row that has no name at all is refused: nothing stands for its identifier.
        self.computed += bool(name)
        return name

    def _in_place_of_one(self, row: RawRow) -> str:
        page = self.page(row)
        if page and not links.is_placeholder(page):
            return self._short(self._relative(page))
        title = key(self._read("title", row))
        digest = hashlib.sha256(f"{title}|{key(self._read('porteur_name', row))}".encode())
        return f"titre-{digest.hexdigest()[:24]}" if title else ""

    def of_deleted(self, row: RawRow) -> str:
        """The identifier of a record that the source says is no more: only its name is left."""
        return self._named(row.external_id or "")

    def of_large(self, row: RawRow) -> str:
        """The identifier of a row too large to be a record, from its short cells only."""
        short = replace(row, data={k: v for k, v in row.data.items() if _is_short(v)})
        said = self._said(self._declared, short) or self._read("external_id", short)
        return self._named(said or row.external_id or "")

    def page(self, row: RawRow) -> str:
        """The address of the row's page, the mapping's or else the connector's; or ""."""
        return links.mended(self._read("url", row) or row.url, self.source.url)

    def title(self, row: RawRow) -> str:
        return key(self._read("title", row))

    def fingerprint(self, rows: Sequence[RawRow]) -> str:
        """SHA-256 of the rows' content and of how they are read, whatever the site's origin.

        Of what the connector says besides, only what a record keeps (the first row's page, its
        licence when it is not the source's): a record's rows have one fingerprint, whether they
        come from the partner or from the database.
        """
        page, licence = (rows[0].url[:PAGE], rows[0].licence) if rows else ("", "")
        content = json.dumps(
            [[r.data for r in rows], page, "" if licence == self.source.licence else licence],
            sort_keys=True,
            ensure_ascii=False,
            default=str,
        )
        content = content.replace(self._origin, "") if self._origin else content
        said = f"{self._configuration}{content}".encode(errors="surrogatepass")
        return hashlib.sha256(said).hexdigest()

    def _named(self, said: str) -> str:
        return self._short(self._relative(clean(str(said)).strip()))

    def _read(self, target: str, row: RawRow) -> str:
        return self._said(self._own[target], row)

    @staticmethod
    def _said(rules: Sequence[Rule], row: RawRow) -> str:
        """What the first rule that says something reads; an expression too slow says nothing."""
        try:
            values = [rule.read(row.data) for rule in rules]
        except TooSlow:
            return ""
        value = next((v for v in values if v not in (None, "", [])), "")
        return "-".join(map(str, value)) if isinstance(value, list) else str(value)

    def _relative(self, identifier: str) -> str:
        return identifier.removeprefix(self._origin) or identifier if self._origin else identifier

    @staticmethod
    def _short(identifier: str) -> str:
        if len(identifier) <= LENGTH:
            return identifier
        return f"sha256-{hashlib.sha256(identifier.encode()).hexdigest()}"


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= NAMING_LENGTH
    return isinstance(value, int) and value.bit_length() <= 64


_NAMING = ("external_id", "url", "title", "porteur_name")


def configuration(source: Source) -> str:
    """Digest of all that decides what a row becomes."""
    said = [VERSION, source.mapping, source.record_type, source.licence, source.priority]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def reading(source: Source) -> str:
    """Digest of all that decides what a harvest of the source gives, its address included."""
    said = [configuration(source), source.connector, source.url, source.options]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _error(field_name: str, code: str, message: str) -> dict[str, str]:
    return {"field": field_name, "code": code, "message": message}


NO_IDENTITY: dict[str, Any] = _error(
    "external_id",
    "identifiant-absent",
    "La ligne n’a ni identifiant, ni adresse, ni titre qui la distingue.",
)


def damaged(fault: str) -> dict[str, str]:
    """The reason of a row that its connector found damaged."""
    return _error("record", "ligne-abimee", fault)


SAME_IDENTITY: dict[str, Any] = _error(
    "external_id",
    "identifiant-double",
    "Cet identifiant est déjà celui d’une autre fiche, au contenu différent.",
)
TOO_LARGE: dict[str, Any] = _error(
    "record",
    "ligne-trop-grande",
    "La ligne a trop de valeurs ou trop de niveaux pour être une fiche.",
)

ALIKE_BUT_CASE = """
SELECT count(*), min(examples) FROM (
    SELECT string_agg('« ' || external_id || ' »', ', ' ORDER BY external_id) AS examples
    FROM partners_sourcerecord
    WHERE source_id = %s AND state <> 'retiree' AND likeness <> ''
    GROUP BY lower(external_id), likeness HAVING count(*) > 1) AS found
"""


def told_by_case(source: Source) -> str:
    """A French warning when records that say the same differ only by their identifier's case.

    They are kept apart: for some platforms « aB » and « ab » are two records. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(ALIKE_BUT_CASE, [source.pk])
        number, examples = cursor.fetchone()
    if not number:
        return ""
    return (
        f"Identifiants qui ne diffèrent que par la casse, pour un même contenu : {number} "
        f"({examples[:200]}). Ces fiches sont gardées séparées : vérifiez l’identifiant."
    )
