"""The suppression list: what a porteur or a person objected to stays away at the next harvest."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from carrefour.text import key
from innovations import publishing
from partners.digests import (
    Digester,
    digesters,
    normalised_url,
    phone_digits,
    spellings,
    title_and_porteur,
)
from partners.models import Objection, SuppressedDatum, SuppressedRecord
from partners.redaction import Redactor

# Kinds of digests of SuppressedRecord.
IDENTITY, URL, TITLE, PAGE, WITNESS = "identite", "adresse", "titre", "page", "temoin"
KEY_LOST = (
    "La liste d’opposition a été écrite avec une autre clé : moissonner republierait des données "
    "retirées. Rétablissez CARREFOUR_SUPPRESSION_KEY (ou l’ancienne SECRET_KEY)."
)


# Advisory lock of a transaction: harvests share it, applying an objection excludes them.
LIST_LOCK = 20_170_503


class SuppressionKeyLost(ImproperlyConfigured):
    """The list cannot be read with the keys given: nothing may be harvested."""

    def __init__(self) -> None:
        super().__init__(KEY_LOST)


class Suppressions:
    """The list as it stands, in memory: ``load`` it, then ask without a query.

    What writes takes ``hold`` instead, within its transaction: an objection may be applied while
    a harvest runs, between two of its batches.
    """

    def __init__(
        self, digesters: Sequence[Digester], records: set[str], data: dict[str, int]
    ) -> None:
        self._digesters = digesters
        self._records = records
        self._data = data
        phones = 0 in data.values()
        self._redactor = Redactor(self._knows_datum, set(data.values()) - {0}, phones)

    @classmethod
    def load(cls) -> "Suppressions":
        """The whole list, in two queries. Raises ``SuppressionKeyLost``."""
        rows = list(SuppressedRecord.objects.values_list("kind", "digest"))
        witnesses = {digest for kind, digest in rows if kind == WITNESS}
        readers = [d for d in digesters() if _witness(d) in witnesses]
        if witnesses - {_witness(d) for d in readers}:
            raise SuppressionKeyLost
        data = dict(SuppressedDatum.objects.values_list("digest", "words"))
        return cls(readers, {digest for _, digest in rows}, data)

    @classmethod
    def hold(cls) -> "Suppressions":
        """The list, which cannot change before the end of the current transaction."""
        keep_objections_waiting()
        return cls.load()

    @property
    def has_records(self) -> bool:
        """Whether any record is on the list: nothing need be looked for otherwise."""
        return bool(self._records)

    @property
    def redactor(self) -> Redactor:
        return self._redactor

    def hides(self, source_slug: str, external_id: str, url: str, title: str, porteur: str) -> bool:
        """Whether a record that a source offers is one that someone had removed."""
        if not self._records:
            return False
        names = record_names(source_slug, external_id, url, title, porteur)
        return any(d(kind, name) in self._records for d in self._digesters for kind, name in names)

    def redact(self, content: Any) -> tuple[Any, int]:
        """The JSON-like content without the removed data, and how many were found.

        Each is replaced by « [donnée retirée] ». Clean content comes back as the same object.
        """
        return self._redactor.content(content)

    def identifier(self, external_id: str) -> str:
        """The identifier, or a stable one that says nothing when it holds removed data."""
        if not self._data or not self._redactor.holds(external_id):
            return external_id
        return f"retire-{self._digesters[0](IDENTITY, external_id)[:32]}"

    def _knows_datum(self, kind: str, normal_form: str) -> bool:
        return any(d(kind, normal_form) in self._data for d in self._digesters)


def keep_objections_waiting() -> None:
    """Until the current transaction ends, no objection is applied: what is read can be written."""
    _lock("pg_advisory_xact_lock_shared")


def take_turn() -> None:
    """Until the current transaction ends, nobody else writes public records, nor erases them."""
    keep_objections_waiting()
    publishing.lock()


def wait_for_harvests() -> None:
    """Until the current transaction ends, no batch of a harvest is written."""
    _lock("pg_advisory_xact_lock")


def suppress_records(objection: Objection, names: Iterable[tuple[str, str]]) -> int:
    """Put the digests of (kind, name) pairs on the list; returns how many are new."""
    digest = digesters()[0]
    rows = {(kind, digest(kind, name)) for kind, name in names if name}
    _ensure_witness(objection, digest)
    before = SuppressedRecord.objects.count()
    SuppressedRecord.objects.bulk_create(
        [SuppressedRecord(kind=k, digest=d, objection=objection) for k, d in sorted(rows)],
        ignore_conflicts=True,
    )
    return SuppressedRecord.objects.count() - before


def suppress_data(objection: Objection, data: Iterable[str]) -> int:
    """Put every spelling of the data on the list; returns how many data could be kept."""
    digest = digesters()[0]
    _ensure_witness(objection, digest)
    rows: list[SuppressedDatum] = []
    kept = 0
    for datum in data:
        forms = [*spellings(datum)]
        kept += bool(forms)
        rows += [
            SuppressedDatum(digest=digest(kind, form), words=words, objection=objection)
            for kind, words, form in forms
        ]
    SuppressedDatum.objects.bulk_create(rows, ignore_conflicts=True)
    return kept


def redactor_of(data: Iterable[str]) -> Redactor:
    """A redactor of these data in clear, before they are on the list: to preview and to apply."""
    forms = [form for datum in data for form in spellings(datum)]
    known = {(kind, form) for kind, _, form in forms}
    lengths = {words for _, words, _ in forms}
    return Redactor(lambda kind, form: (kind, form) in known, lengths - {0}, 0 in lengths)


def page_is_gone(slug: str) -> bool:
    """Whether a public address was that of a removed record (one query): it answers 410."""
    names = [d(PAGE, slug) for d in digesters()]
    return SuppressedRecord.objects.filter(kind=PAGE, digest__in=names).exists()


def record_names(
    source_slug: str, external_id: str, url: str, title: str, porteur: str
) -> list[tuple[str, str]]:
    """(kind, name) of all that would recognise a record; pass ``url=""`` for a shared page."""
    names = [
        (IDENTITY, f"{source_slug}\n{external_id}" if external_id else ""),
        (URL, normalised_url(url)),
        (TITLE, title_and_porteur(title, porteur)),
    ]
    return [(kind, name) for kind, name in names if name]


def is_too_short(datum: str) -> bool:
    """Whether a datum is too little to be looked for (it would tear holes everywhere)."""
    return not any(True for _ in spellings(datum))


def is_common_word(datum: str) -> bool:
    """Whether the datum is a single ordinary word: staff is warned before applying."""
    return len(key(datum).split()) == 1 and not phone_digits(datum)


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [LIST_LOCK])


def _witness(digest: Digester) -> str:
    return digest(WITNESS, "clé de la liste d’opposition")


def _ensure_witness(objection: Objection, digest: Digester) -> None:
    """A digest of a constant under the key in use: says later whether the key was kept."""
    SuppressedRecord.objects.get_or_create(
        digest=_witness(digest), defaults={"kind": WITNESS, "objection": objection}
    )
