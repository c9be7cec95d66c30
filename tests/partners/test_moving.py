"""A source that changes its address: its records and all they link to follow."""

import pytest

from innovations.models import Citation, Innovation, Picture, PictureState
from partners.models import SourceRecord
from partners.moving import move_source
from partners.pictures import list_pictures
from tests.factories import CitationFactory, InnovationFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db
FORMER, NEW = "https://ancien.exemple.fr", "https://nouveau.exemple.fr"


@pytest.fixture
def record() -> SourceRecord:
    source = SourceFactory(url=f"{FORMER}/fiches.csv")
    return SourceRecordFactory(
        source=source,
        url=f"{FORMER}/fiche-1",
        innovation=InnovationFactory(published=True),
        values={"title": "Atelier", "picture": f"{FORMER}/é « photo ».jpg"},
    )


def picture(innovation: Innovation) -> Picture:
    return Picture.objects.get(innovation=innovation)


def test_the_links_of_records_and_citations_follow(record: SourceRecord) -> None:
    CitationFactory(innovation=record.innovation, record=record)
    elsewhere = SourceRecordFactory(url=f"{FORMER}/fiche-2", values={"picture": f"{FORMER}/a.jpg"})
    assert move_source(record.source, f"{NEW}/fiches.csv") == 1
    record.refresh_from_db()
    elsewhere.refresh_from_db()
    assert record.source.url == f"{NEW}/fiches.csv"
    assert record.url == Citation.objects.get().url == f"{NEW}/fiche-1"
    assert elsewhere.url == f"{FORMER}/fiche-2"
    assert elsewhere.values["picture"] == f"{FORMER}/a.jpg"


def test_a_picture_follows_without_being_copied_again(record: SourceRecord) -> None:
    list_pictures()
    Picture.objects.update(
        state=PictureState.COPIED, content=b"webp", thumbnail=b"webp", digest="d" * 64
    )
    move_source(record.source, f"{NEW}/fiches.csv")
    record.refresh_from_db()
    assert record.values == {"title": "Atelier", "picture": f"{NEW}/é « photo ».jpg"}
    list_pictures()
    kept = picture(record.innovation)
    assert kept.source_url == f"{NEW}/é « photo ».jpg"
    assert (kept.state, bytes(kept.content)) == (PictureState.COPIED, b"webp")


def test_a_picture_of_another_site_and_a_record_without_one_stay(record: SourceRecord) -> None:
    SourceRecord.objects.filter(pk=record.pk).update(
        values={"picture": "https://ailleurs.fr/a.jpg"}
    )
    bare = SourceRecordFactory(source=record.source, values={"title": "Sans image"})
    move_source(record.source, f"{NEW}/fiches.csv")
    record.refresh_from_db()
    bare.refresh_from_db()
    assert record.values == {"picture": "https://ailleurs.fr/a.jpg"}
    assert bare.values == {"title": "Sans image"}
