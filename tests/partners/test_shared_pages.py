"""An address that several projects give as their page is nobody's, in any batch."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from innovations.models import Citation
from partners import harvest as harvesting
from partners import shared_pages
from partners.harvest import harvest
from partners.models import Objection, ObjectionState, Source, SourceRecord
from partners.shared_pages import forget_shared_pages
from partners.suppression import record_names, suppress_records
from tests.factories import SourceRecordFactory
from tests.partners.conftest import Site, row

pytestmark = pytest.mark.django_db
LISTING = "https://plateforme.example.org/projets"
MakeSource = Callable[..., Source]


def spread(number: int = 7) -> list[dict[str, Any]]:
    """Rows of which the first, one in the middle and the last give the same page."""
    sharing = {1, number // 2 + 1, number}
    return [row(n, page=LISTING) if n in sharing else row(n) for n in range(1, number + 1)]


def pages() -> dict[str, str]:
    return dict(SourceRecord.objects.values_list("external_id", "url"))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvesting, "BATCH", 2)
    monkeypatch.setattr(shared_pages, "BATCH", 2)


def test_a_shared_page_is_known_before_the_first_batch_of_a_whole_file(
    source: Source, site: Site
) -> None:
    site.rows = spread()
    harvest(source)
    assert pages() == {r["id"]: "" if r["page"] == LISTING else r["page"] for r in site.rows}
    # Not even for the time of a batch.
    written = apps.get_model("partners", "SourceRecordEvent").objects
    assert not written.filter(url=LISTING).exists()
    assert not Citation.objects.filter(url=LISTING).exists()


def test_a_shared_page_is_taken_off_at_the_end_of_a_stream(json_source: MakeSource) -> None:
    source = json_source(spread())
    report = harvest(source)
    assert report.counts["created"] == 7
    assert {name for name, url in pages().items() if not url} == {"p1", "p4", "p7"}
    assert not Citation.objects.filter(url=LISTING).exists()
    own = [r["page"] for r in spread() if r["page"] != LISTING]
    assert Citation.objects.filter(url__in=own).count() == 4


def test_a_page_on_several_rows_of_one_project_stays_its_own(source: Source, site: Site) -> None:
    site.rows = [row(1), row(2), row(3), row(1, ville="Lormes"), row(1, ville="Grenoble")]
    harvest(source)
    assert pages()["p1"] == row(1)["page"]


def test_what_shares_a_page_is_unchanged_when_it_is_read_again(source: Source, site: Site) -> None:
    site.rows = spread()
    harvest(source)
    site.rows = [*spread(), row(8)]
    report = harvest(source)
    assert (report.counts["unchanged"], report.counts["created"]) == (7, 1)
    assert list(pages().values()).count("") == 3


def test_a_project_keeps_its_name_of_the_shared_page_for_who_claims_it_later(
    source: Source, site: Site
) -> None:
    site.rows = spread()
    harvest(source)
    keys = SourceRecord.objects.filter(url="").values_list("page_key", flat=True)
    assert set(keys) == {"plateforme.example.org/projets"}
    assert SourceRecord.objects.on_page(LISTING).count() == 3


def test_a_removed_page_hides_no_one_of_those_who_share_it(source: Source, site: Site) -> None:
    objection = Objection.objects.create(state=ObjectionState.CONFIRMED, scope="fiche")
    suppress_records(objection, record_names("", "", LISTING, "", ""))
    site.rows = spread()
    assert harvest(source).counts["created"] == 7
    site.rows = [row(20, page=LISTING)]
    other = Source.objects.get(pk=source.pk)
    other.pk, other.slug, other.name = None, "autre", "Autre source"
    other.save()
    assert harvest(other).counts["created"] == 0


def test_pages_are_taken_off_by_batches_each_in_its_turn(source: Source) -> None:
    for n in range(5):
        SourceRecordFactory(source=source, external_id=f"p{n}", url=LISTING)
    turns: list[int] = []

    def turn() -> Any:
        turns.append(SourceRecord.objects.filter(url=LISTING).count())
        return transaction.atomic()

    assert forget_shared_pages(source, turn) == 5
    assert turns == [5, 3, 1]
    assert forget_shared_pages(source, turn) == 0
