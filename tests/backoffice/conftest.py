"""A world for the back-office: a partner whose source was harvested, and someone to look at it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from innovations.models import Link, LinkUse, Status
from partners.models import Flag, RejectedRow, RunState, Source, SourceRecord
from tests.factories import (
    CitationFactory,
    InnovationFactory,
    RunFactory,
    SourceFactory,
    SourceRecordFactory,
)

BACKEND = "django.contrib.auth.backends.ModelBackend"
MAPPING = [
    {"target": "title", "path": "titre"},
    {"target": "themes", "path": "themes", "transforms": [{"op": "split"}]},
    {"target": "licence", "default": "etalab-2.0"},
]


@pytest.fixture
def source(roles: SimpleNamespace) -> Source:
    return SourceFactory(partner=roles.partner, mapping=MAPPING)


@pytest.fixture
def moderator(roles: SimpleNamespace, client: Client) -> Client:
    client.force_login(roles.moderator, BACKEND)
    return client


@pytest.fixture
def fill(source: Source) -> Callable[[int], None]:
    """Add ``n`` of everything that lists show."""

    def add(n: int) -> None:
        for rank in range(n):
            other = SourceFactory(mapping=MAPPING)
            RunFactory(source=other, state=RunState.FAILED, message="Site injoignable.")
            run = RunFactory(source=source, state=RunState.DONE_WITH_ERRORS)
            record = SourceRecordFactory(source=source, problems=[{"message": "Lieu incertain."}])
            innovation = InnovationFactory(status=Status.IN_REVIEW)
            CitationFactory(innovation=innovation, record=record)
            source.records.filter(pk=record.pk).update(innovation=innovation)
            link = Link.objects.create(
                url=f"https://s{n}.example.org/{rank}/{run.pk}", state="mort"
            )
            LinkUse.objects.create(
                link=link, innovation=innovation, role="source", partner_slug=source.partner.slug
            )
            flag(record, f"{run.pk}-{rank}")
            RejectedRow.objects.create(
                source=source,
                run=run,
                fingerprint=f"{run.pk}-{rank}",
                position=f"ligne {rank}",
                raw=[{"titre": ""}],
                errors=[{"field": "title", "code": "x", "message": "La fiche n’a pas de titre."}],
            )

    return add


def flag(record: SourceRecord, identity: str = "d", **changed: object) -> Flag:
    """A phone number noticed in the summary of the record."""
    said = {"kind": "telephone", "family": "donnee", "excerpt": "06 •• •• •• ••"} | changed
    now = timezone.now()
    return Flag.objects.create(
        record=record, identity=identity, fields=["summary"], first_seen_at=now, seen_at=now, **said
    )


@pytest.fixture
def refuse(db: None) -> Callable[..., RejectedRow]:
    """Add a refused row to a source; without a title unless ``errors`` says otherwise."""

    def add(source: Source, errors: list[dict[str, str]] | None = None, **fields: object) -> Any:
        rank = RejectedRow.objects.count()
        absent = {"field": "title", "code": "titre-absent", "message": "La fiche n’a pas de titre."}
        given = {"position": f"ligne {rank}", "raw": [{"titre": "", "ville": "Lormes"}]} | fields
        return RejectedRow.objects.create(
            source=source, fingerprint=f"refus-{rank}", errors=errors or [absent], **given
        )

    return add
