"""Taking a source on board: from an address or a file to a harvest that is scheduled."""

import contextlib
import datetime
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from carrefour.http import Fetcher, FetchError
from partners import alerts, credentials, deposits, life, sampling
from partners.connectors import CONNECTORS, SourceError
from partners.detection import Detected, detect
from partners.mapping.proposal import Proposal, propose
from partners.mappings import write_mapping
from partners.models import Frequency, Partner, Run, Source
from partners.naming import free_name, free_slug
from partners.reaching import hurried, reach_at_once
from partners.requesting import request_harvest

KEPT = datetime.timedelta(days=7)


class AccessNeeded(SourceError):
    """The site asks who is there, or does not accept what it was given."""


@dataclass
class Beginning:
    """What the first step gives. ``access``: arguments of ``credentials.store`` but the source and
    the user, or None."""

    partner: Partner
    url: str = ""
    file: UploadedFile | None = None
    connector: str = ""
    access: Mapping[str, Any] | None = None


@dataclass
class Recognition:
    """What an address was found to be: the best choice first. ``asked`` is the address given."""

    asked: str
    choices: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, asked: str, found: Detected) -> "Recognition":
        return cls(asked, [_told(one) for one in (found, *found.alternatives)])


def begin(beginning: Beginning, user: Any) -> Source:
    """A source, inactive, recognised at its address. Nothing is kept when it cannot be read.

    The site is asked first, out of any transaction: it may take its time.
    Raises ``FetchError``, ``SourceError``, ``deposits.Unreadable`` or ``ValueError`` (access).
    """
    file = beginning.file
    url = deposits.address_for(beginning.partner) if file else beginning.url
    access = credentials.access_for(url, **beginning.access) if beginning.access else None
    content = deposits.checked(file) if file else b""
    with hurried(Fetcher(access=access)) as fetcher:
        if file:
            fetcher.serve(url, content, str(file.name))
        found = _detected(url, fetcher, beginning.connector)
    source = _kept(beginning, url, found, user)
    # Read while someone waits anyway: the next pages show what is there. A failure is told there.
    with contextlib.suppress(FetchError, SourceError):
        sampling.sample_of(source)
    return source


@transaction.atomic
def _kept(beginning: Beginning, url: str, found: Recognition, user: Any) -> Source:
    partner = beginning.partner
    if partner.pk is None:
        partner.slug = free_slug(Partner, partner.name)
        partner.save()
        life.begin(partner, author=user)
    source = _created(beginning, url)
    life.catch_up(partner, author=user)
    if beginning.file:
        deposits.store(source, beginning.file, user)
    if beginning.access:
        credentials.store(source, user=user, **beginning.access)
    _adopt(source, found.choices[0])
    source.save()
    _remember(source, found)
    return source


def recognise(source: Source, connector: str = "") -> Recognition:
    """What is at the source's address, kept for the pages that follow.

    Raises ``FetchError`` or ``SourceError`` (``AccessNeeded`` when the site refuses us).
    """
    known = recognition_of(source)
    asked = known.asked if known and source.connector else source.url
    with reach_at_once(source) as fetcher:
        found = _detected(asked, fetcher, connector)
    _remember(source, found)
    return found


def recognition_of(source: Source) -> Recognition | None:
    """What ``recognise`` last found, while it is kept; asks nothing."""
    kept = cache.get(_cache_name(source))
    return Recognition(**kept) if kept else None


def forget_recognitions() -> None:
    """Take all out of the cache: a remark on a page may name what is being removed. The pages that
    follow recognise again."""
    cache.delete_many([_cache_name(source) for source in Source.objects.only("pk")])


def adopt(source: Source, choice: Mapping[str, Any], user: Any, *, again: bool = False) -> Proposal:
    """Read the source's first rows as ``choice`` says ({connector, url, options}), and propose a
    mapping when it has none or when what is read changed.

    Raises ``FetchError`` or ``SourceError``, and then changes nothing.
    """
    before = (source.connector, source.url, source.options)
    _adopt(source, choice)
    is_other = before != (source.connector, source.url, source.options)
    sample = sampling.sample_of(source, again=again)
    source.save(update_fields=["connector", "url", "options"])
    if source.mapping and not is_other:
        return Proposal(source.mapping)
    return proposed(source, sample, user)


def proposed(source: Source, sample: sampling.Sample, user: Any) -> Proposal:
    """Write the mapping proposed for the sample; nothing when no field is recognised."""
    proposal = propose(sample.rows, source.connector)
    if proposal.mapping:
        write_mapping(source, proposal.mapping, user, "Correspondance proposée")
    if source.pk and is_draft(source) and proposal.record_type != source.record_type:
        source.record_type = proposal.record_type
        source.save(update_fields=["record_type"])
    return proposal


@transaction.atomic
def finish(source: Source, warned: Iterable[Any], author: Any = None) -> Source:
    """The contract is settled (and set on ``source``): the source becomes active, those who asked
    will be told.

    Raises ``ValidationError`` when it asks for what its partner may not yet.
    """
    source.clean()
    source.slug = _own_slug(source)
    source.is_active = True
    source.schedule_next()
    source.save()
    life.catch_up(source.partner, author=author)
    for person in warned:
        alerts.ask(source, person)
    return source


def launch(source: Source, user: Any) -> Run:
    """The first harvest. Raises ``AlreadyActive``."""
    return request_harvest(source, user)


def is_draft(source: Source) -> bool:
    """Whether the source is still being taken on board (see ``SourceQuerySet.drafts``)."""
    return not source.is_active and not source.runs.exists()


def suggested(source: Source, sample: sampling.Sample | None) -> dict[str, Any]:
    """What to propose on the contract: frequency, volume, licence."""
    partner = source.partner
    is_trusted = partner.is_admitted and partner.charter_signed_on is not None
    found: dict[str, Any] = {"publishes_directly": is_trusted}
    if source.partner.licence and source.licence == "inconnue":
        found["licence"] = source.partner.licence
    if sample is None:
        return found
    today = timezone.localdate()
    found["frequency"] = sampling.frequency_of(sample, today)
    if deposits.is_deposited(source) or not partner.is_admitted:
        found["frequency"] = Frequency.MANUAL
    bounds = sampling.expected_records(sample, sampling.tried(source, source.mapping, sample))
    if bounds:
        found["expected_at_least"], found["expected_at_most"] = bounds
    return found


def _detected(asked: str, fetcher: Fetcher, connector: str) -> Recognition:
    detected = detect(asked, fetcher, connector)
    if detected.needs_access:
        raise AccessNeeded("acces", " ".join(detected.warnings))
    return Recognition.of(asked, detected)


def _remember(source: Source, found: Recognition) -> None:
    cache.set(_cache_name(source), asdict(found), KEPT.total_seconds())


def _created(beginning: Beginning, url: str) -> Source:
    partner = beginning.partner
    file = beginning.file
    if file:
        wish = PurePath(str(file.name)).stem.replace("_", " ").strip()
    else:
        wish = (urlsplit(beginning.url).hostname or "").removeprefix("www.")
    name = free_name(partner, wish)
    return Source.objects.create(
        partner=partner,
        name=name,
        slug=free_slug(Source, f"{partner.slug} {name}"),
        url=url,
        is_active=False,
        licence=partner.licence,
        publishes_directly=partner.is_admitted and partner.charter_signed_on is not None,
    )


def _adopt(source: Source, choice: Mapping[str, Any]) -> None:
    if choice["connector"] not in CONNECTORS:
        raise SourceError("connecteur", "Ce connecteur n’existe pas.")
    source.connector = choice["connector"]
    source.options = dict(choice["options"])
    if not deposits.is_deposited(source):
        source.url = choice["url"]


def _told(found: Detected) -> dict[str, Any]:
    return {
        "connector": found.connector,
        "url": found.url,
        "options": found.options,
        "confidence": found.confidence,
        "warnings": list(found.warnings),
    }


def _own_slug(source: Source) -> str:
    """Its address follows the name it ends with, as long as nobody knows it yet."""
    wish = f"{source.partner.slug} {source.name}"
    if source.is_active or source.runs.exists():
        return source.slug
    return free_slug(Source, wish, besides=source.slug)


def _cache_name(source: Source) -> str:
    return f"partners.recognition.{source.pk}"
