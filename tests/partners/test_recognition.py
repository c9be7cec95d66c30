"""Identifiers or addresses that change at the source: the public record stays the same one."""

from typing import Any

import pytest

from innovations.models import Innovation, Status
from partners.harvest import harvest
from partners.models import Run, Source, SourceRecord
from tests.partners.conftest import Site, row

pytestmark = pytest.mark.django_db
TEXT = (
    "Chaque samedi, les habitants du quartier apportent ce qui ne marche plus et apprennent à le "
    "remettre en état avec l’aide de bénévoles, autour d’un café ; les outils sont prêtés."
)


def full(number: int, **changed: Any) -> dict[str, Any]:
    return row(number, **{"texte": f"{TEXT} Atelier numéro {number}, ouvert à tous."} | changed)


def addresses() -> dict[str, str]:
    """Title → public address of what is published."""
    return dict(Innovation.objects.published().values_list("title", "slug"))


@pytest.fixture
def harvested(source: Source, site: Site) -> dict[str, str]:
    site.rows = [full(n) for n in range(6)]
    harvest(source)
    return addresses()


def test_new_identifiers_with_the_same_pages_keep_their_addresses(
    source: Source, site: Site, harvested: dict[str, str]
) -> None:
    records = set(SourceRecord.objects.values_list("pk", flat=True))
    site.rows = [full(n, id=f"nouveau-{n}", texte=f"Tout autre texte {n}.") for n in range(6)]
    report = harvest(source)
    assert (report.counts["updated"], report.counts["created"]) == (6, 0)
    assert addresses() == harvested
    assert set(SourceRecord.objects.values_list("pk", flat=True)) == records
    assert SourceRecord.objects.get(external_id="nouveau-3").raw == [site.rows[3]]
    assert Innovation.objects.count() == 6
    texts = [e["text"] for e in Run.objects.first().events]
    assert any(t.startswith("6 fiches ont changé d’identifiant") for t in texts)


def test_new_identifiers_and_pages_are_recognised_by_what_is_said(
    source: Source, site: Site, harvested: dict[str, str]
) -> None:
    page = "https://neuf.example.org/fiche"
    site.rows = [full(n, id=f"n{n}", page=f"{page}-{n}") for n in range(6)]
    harvest(source)
    assert addresses() == harvested
    assert SourceRecord.objects.get(external_id="n2").url == f"{page}-2"
    assert not SourceRecord.objects.filter(missing_since__isnull=False).exists()


def test_the_history_of_the_older_record_goes_on(
    source: Source, site: Site, harvested: dict[str, str]
) -> None:
    older = SourceRecord.objects.get(external_id="p0")
    site.rows[0] = full(0, id="autre")
    harvest(source)
    older.refresh_from_db()
    assert older.external_id == "autre"
    labels = [e.external_id for e in older.events.order_by("pgh_id")]  # type: ignore[attr-defined]
    assert labels[0] == "p0"
    assert labels[-1] == "autre"


def test_what_two_records_share_recognises_nobody(
    source: Source, site: Site, harvested: dict[str, str]
) -> None:
    same = full(0)["page"]
    site.rows = [
        *[full(n) for n in range(1, 6)],
        row(10, page=same, texte="Le premier des deux."),
        row(11, page=same, texte="Le second des deux."),
    ]
    report = harvest(source)
    assert (report.counts["created"], report.counts["updated"]) == (2, 0)
    assert SourceRecord.objects.get(external_id="p0").missing_since is not None


def test_really_new_records_are_published_at_the_end(
    source: Source, site: Site, harvested: dict[str, str]
) -> None:
    site.rows = [*site.rows, row(20, titre="Jardin partagé de la butte", texte="Un jardin.")]
    assert harvest(source).counts["created"] == 1
    new = SourceRecord.objects.get(external_id="p20").innovation
    assert new is not None
    assert new.status == Status.PUBLISHED


def test_a_limited_reading_publishes_and_recognises_nothing(
    source: Source, site: Site, harvested: dict[str, str]
) -> None:
    site.rows = [full(0, id="autre"), *site.rows[1:]]
    harvest(source, limit=3)
    assert SourceRecord.objects.get(external_id="p0").missing_since is None
    assert SourceRecord.objects.filter(external_id="autre").count() == 1


def test_a_record_withdrawn_before_is_recognised_when_it_comes_back(
    source: Source, site: Site, harvested: dict[str, str]
) -> None:
    source.withdraw_after_days = 0
    source.save()
    site.rows = site.rows[1:]
    assert harvest(source).counts["withdrawn"] == 1
    site.rows = [full(0, id="revenu"), *site.rows]
    harvest(source)
    assert addresses() == harvested
