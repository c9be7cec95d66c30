"""Taking a datum out of every text column of every table, history included.

A first pass in SQL finds the rows that may hold it; ``partners.redaction`` has the last word.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.utils.text import slugify
from pghistory.models import Context, Event

from carrefour.text import key
from innovations import searchrows
from innovations.models import (
    Innovation,
    KnownWord,
    Organisation,
    SearchEntry,
    SearchRow,
    Term,
    TermSynonym,
)
from partners import mapping_erasure
from partners.consolidation import narrowing
from partners.deposit_erasure import emptied, holding
from partners.digests import spellings
from partners.models import (
    ComparedRecord,
    Credential,
    Deposit,
    Invitation,
    MappingVersion,
    Objection,
    Partner,
    Source,
    SourceRecord,
    SuppressedDatum,
    SuppressedRecord,
    VocabularyEntry,
)
from partners.redaction import Redactor
from partners.suppression import PAGE, Suppressions, redactor_of, suppress_data, suppress_records

# Django's own tables and the official geography hold nothing that a partner wrote.
SPARED_APPS = {
    "accounts", "auth", "axes", "contenttypes", "otp_static", "otp_totp", "pgtrigger",
    "sessions", "territories",
}  # fmt: skip
# The request itself is cleaned when it is settled; search rows and known words are made anew; the
# taxonomy is staff's own words; credentials are sealed and invitations are accounts to be; files
# dropped by hand are searched apart; what is compared of a record is made anew once it is gone.
SPARED_MODELS = {
    Objection, SuppressedDatum, SuppressedRecord, SearchRow, SearchEntry, KnownWord, Term,
    TermSynonym, Credential, Invitation, Deposit, ComparedRecord,
}  # fmt: skip
# A registered platform keeps its public name and address: withdrawing it is another decision. A
# source's set-up is staff's own words, but its sample is the partner's, and so are the words that
# its mapping knows and the page that an option keeps to be compared.
SPARED_FIELDS: dict[type[models.Model], set[str]] = {
    Partner: {"name", "slug", "website"},
    Source: {f.name for f in Source._meta.concrete_fields} - {"sample", "options", "mapping"},
}
RULES = {(Source, "mapping"), (MappingVersion, "rules")}
PARTNERS_WORDS = {"options": "sample"}
# Digests and their like say nothing to anyone, and may look like a phone number.
DIGESTS = {
    "fingerprint",
    "pgh_label",
    "likeness",
    "logo_digest",
    "configuration",
    "address_digest",
    "digest",
    "given_back",
}
# What a page is found by stays an address.
ADDRESSES = {"slug", "code"}
KEYS = {"title_key": "title", "name_key": "name", "key": "value"}
TEXT = (models.CharField, models.TextField, models.JSONField, ArrayField)


@dataclass(frozen=True)
class Finding:
    """A row that holds the datum, and what its columns become. ``count``: how many times."""

    model: type[models.Model]
    pk: Any
    label: str
    changes: dict[str, Any]
    count: int
    external_id: str = ""

    @property
    def is_history(self) -> bool:
        return issubclass(self.model, Event | Context)

    @property
    def kind(self) -> str:
        plural = str(self.model._meta.verbose_name_plural)
        return "lignes d’historique" if self.is_history else plural

    @property
    def fields(self) -> list[str]:
        columns = self.model._meta.concrete_fields
        return [str(f.verbose_name) for f in columns if f.name in self.changes]


def findings(data: Sequence[str]) -> list[Finding]:
    """Every row that holds one of the data, in clear, with its columns as they would become."""
    redactor = redactor_of(data)
    pattern = [_pattern(words, form) for d in data for _, words, form in spellings(d)]
    if not pattern:
        return []
    found = [
        finding
        for model in searched_models()
        for row in _candidates(model, pattern)
        if (finding := _finding(row, redactor))
    ]
    found += [
        Finding(Deposit, deposit.pk, str(deposit), emptied(deposit, redactor), count)
        for deposit, count in holding(redactor)
    ]
    return found


@transaction.atomic
def redact_everywhere(data: Sequence[str], objection: Objection) -> list[tuple[str, int]]:
    """Put the data on the list and take them out of all rows; returns (what, how many rows).

    Addresses that held a datum are given up and answer 410.
    """
    suppress_data(objection, data)
    identifier = Suppressions.load().identifier
    touched: set[int] = set()
    counts: dict[str, int] = {}
    # Two passes: writing the rows makes history (of clean values), the history comes last.
    for history in (False, True):
        for finding in findings(data):
            if finding.is_history != history:
                continue
            touched |= _innovations_of(finding)
            if "external_id" in finding.changes:
                # As the next harvest will name the record, so that it finds it.
                finding.changes["external_id"] = identifier(finding.external_id)
            _write(finding, objection)
            counts[finding.kind] = counts.get(finding.kind, 0) + 1
    searchrows.refresh(sorted(touched))
    return list(counts.items())


def redact_again(suppressions: Suppressions, objection: Objection) -> list[tuple[str, int]]:
    """Take out of all rows what is on the list already, by its digests alone (a backup may have
    brought it back): every row is read. Returns (what, how many rows)."""
    touched: set[int] = set()
    counts: dict[str, int] = {}
    for model in sorted(searched_models(), key=lambda m: issubclass(m, Event)):
        for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
            finding = _finding(row, suppressions.redactor)
            if finding is None:
                continue
            touched |= _innovations_of(finding)
            if "external_id" in finding.changes:
                finding.changes["external_id"] = suppressions.identifier(finding.external_id)
            _write(finding, objection)
            counts[finding.kind] = counts.get(finding.kind, 0) + 1
    searchrows.refresh(sorted(touched))
    return list(counts.items())


def searched_models() -> list[type[models.Model]]:
    """Every table that may hold what a partner or a person wrote."""
    return [
        m
        for m in apps.get_models()
        if m._meta.app_label not in SPARED_APPS
        and _tracked(m) not in SPARED_MODELS
        and m._meta.managed
        and not m._meta.proxy
        and _columns(m)
    ]


def _columns(model: type[models.Model]) -> list[models.Field]:
    spared = SPARED_FIELDS.get(_tracked(model), set())
    return [
        f
        for f in model._meta.concrete_fields
        if isinstance(f, TEXT)
        and not (f.choices or f.primary_key or f.name in KEYS or f.name in spared)
        and f.name not in DIGESTS
    ]


def _pattern(words: int, form: str) -> str:
    """POSIX expression that the lower-case, accentless text of a row holding the datum matches."""
    if not words:
        # Between the digits: spaces, dots, markup, « &#160; », « %20 ».
        return r"(?:[^0-9]|&#x?[0-9a-f]+;|%[0-9a-f]{2}){0,12}".join(form[-9:])
    letter = r"(?:{}|&#?[a-z0-9]+;|(?:%[0-9a-f]{{2}})+)[\u0300-\u036f]*"
    # In whatever order: each word is looked for ahead, from the beginning.
    return "^" + "".join(
        "(?=.*{})".format("".join(letter.format(re.escape(c)) for c in word))
        for word in form.split()
    )


def _candidates(model: type[models.Model], patterns: list[str]) -> Iterator[models.Model]:
    quote = connection.ops.quote_name
    query = (
        f"SELECT {quote(str(model._meta.pk.column))} FROM {quote(model._meta.db_table)} t "
        "WHERE lower(unaccent(t::text)) ~ ANY(%s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [patterns])
        pks = [pk for (pk,) in cursor.fetchall()]
    yield from model._base_manager.filter(pk__in=pks).order_by("pk")


def _finding(row: models.Model, redactor: Redactor) -> Finding | None:
    changes: dict[str, Any] = {}
    total = 0
    for column in _columns(type(row)):
        value = getattr(row, column.name)
        clean, count = _clean(row, column.name, value, redactor) if value else (value, 0)
        if count:
            changes[column.name] = _fitting(row, column, clean)
            total += count
    if not changes:
        return None
    for derived, origin in KEYS.items():
        if origin in changes and _has(row, derived):
            changes[derived] = key(changes[origin])
    external_id = getattr(row, "external_id", "")
    return Finding(type(row), row.pk, str(row), changes, total, external_id)


def _clean(row: models.Model, name: str, value: Any, redactor: Redactor) -> tuple[Any, int]:
    model = _identity(row)[0]
    if (model, name) in RULES:
        return mapping_erasure.without(value, redactor)
    if model is not Source or name not in PARTNERS_WORDS:
        return redactor.content(value)
    part = PARTNERS_WORDS[name]
    clean, count = redactor.content(value.get(part))
    return ({**value, part: clean}, count) if count else (value, 0)


def _fitting(row: models.Model, column: models.Field, clean: Any) -> Any:
    """The clean value in a form that the column and its constraints take."""
    if column.name in ADDRESSES and isinstance(column, models.SlugField):
        return _neutral_slug(row)
    if isinstance(column, models.URLField | models.EmailField):
        return ""
    if column.name == "name" and _identity(row)[0] is Organisation:
        # Two organisations may lose the same name; names are unique.
        clean = f"{clean} ({_identity(row)[1]})"
    length = getattr(column, "max_length", None)
    return clean[:length] if length and isinstance(clean, str) else clean


def _neutral_slug(row: models.Model) -> str:
    """« innovation-12 »: says nothing, and is free for sure."""
    model, pk = _identity(row)
    return f"{slugify(str(model._meta.verbose_name))}-{pk}"


def _identity(row: models.Model) -> tuple[type[models.Model], Any]:
    """The model and key of a row, or of the row whose history it is."""
    return _tracked(type(row)), getattr(row, "pgh_obj_id", None) or row.pk


def _write(finding: Finding, objection: Objection) -> None:
    rows = finding.model._base_manager.filter(pk=finding.pk)
    if issubclass(finding.model, VocabularyEntry):
        # A partner's word that names a person is no vocabulary.
        rows.delete()
        return
    if finding.model is SourceRecord:
        narrowing.forget([finding.pk])
    if finding.model is Innovation and "slug" in finding.changes:
        suppress_records(objection, [(PAGE, rows.values_list("slug", flat=True).get())])
    rows.update(**finding.changes)


def _innovations_of(finding: Finding) -> set[int]:
    """Innovations whose search row read the row found."""
    if finding.is_history:
        return set()
    if finding.model is Innovation:
        return {finding.pk}
    if finding.model is Organisation:
        owned = Innovation.objects.filter(organisation=finding.pk)
        return set(owned.values_list("pk", flat=True))
    if finding.model is not SourceRecord and _has(finding.model, "innovation"):
        ids = finding.model._base_manager.filter(pk=finding.pk).values_list("innovation", flat=True)
        return {pk for pk in ids if pk}
    return set()


def _tracked(model: type[models.Model]) -> type[models.Model]:
    """The model whose history ``model`` is, or itself."""
    return getattr(model, "pgh_tracked_model", None) or model


def _has(row: models.Model | type[models.Model], name: str) -> bool:
    return any(f.name == name for f in row._meta.concrete_fields)
