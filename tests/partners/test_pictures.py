"""Which picture a record has: the best its sources give, as their licences allow."""

from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from PIL import Image
from pytest_httpserver import HTTPServer

from innovations import pictures
from innovations.models import Innovation, Picture, PictureState
from partners import erasure
from partners import pictures as pictures_of_runs
from partners.models import Source, SourceRecord
from partners.pictures import list_pictures
from tests.conftest import wait_for
from tests.factories import InnovationFactory, RunFactory, SourceFactory, SourceRecordFactory

pytestmark = pytest.mark.django_db
PHOTO = "https://plateforme.exemple.fr/photo.jpg"
OTHER = "https://ailleurs.exemple.fr/autre.png"


@pytest.fixture
def innovation() -> Innovation:
    return InnovationFactory(published=True)


def told(innovation: Innovation, picture: str, licence: str = "etalab-2.0", **more: Any) -> Any:
    values = {"title": innovation.title, "picture": picture}
    return SourceRecordFactory(innovation=innovation, values=values, licence=licence, **more)


def copied(innovation: Innovation) -> None:
    Picture.objects.filter(innovation=innovation).update(
        state=PictureState.COPIED, content=b"webp", thumbnail=b"webp", digest="d" * 64
    )


def test_an_open_picture_waits_to_be_copied_and_a_closed_one_is_linked() -> None:
    opened, closed = InnovationFactory(published=True), InnovationFactory(published=True)
    record = told(opened, PHOTO)
    told(closed, PHOTO, "tous-droits")
    assert list_pictures() == 2
    assert opened.picture.state == PictureState.WAITING
    assert opened.picture.source_record == record.pk
    assert opened.picture.partner_name == record.source.partner.name
    assert closed.picture.state == PictureState.LINKED
    assert list_pictures() == 0


def test_an_open_picture_is_preferred_to_one_of_a_source_that_comes_first(
    innovation: Innovation,
) -> None:
    told(innovation, OTHER, "inconnue", source=SourceFactory(priority=9))
    told(innovation, PHOTO, "cc-by-4.0")
    list_pictures()
    assert innovation.picture.source_url == PHOTO


def test_among_open_ones_the_priority_of_sources_decides(innovation: Innovation) -> None:
    told(innovation, PHOTO)
    told(innovation, OTHER, source=SourceFactory(priority=3))
    list_pictures()
    assert innovation.picture.source_url == OTHER


@pytest.mark.parametrize(
    "picture", ["", "javascript:alert(1)", "photo.jpg", f"{PHOTO}?{'x' * 999}"]
)
def test_what_is_no_address_is_no_picture(innovation: Innovation, picture: str) -> None:
    told(innovation, picture)
    assert list_pictures() == 0


def test_another_address_is_another_picture(innovation: Innovation) -> None:
    record = told(innovation, PHOTO)
    list_pictures()
    copied(innovation)
    assert list_pictures() == 0
    record.values["picture"] = OTHER
    record.save()
    list_pictures(record.source)
    picture = Picture.objects.get()
    assert (picture.source_url, picture.state) == (OTHER, PictureState.WAITING)
    assert bytes(picture.content) == b""


def test_a_licence_that_closes_takes_the_copy_away_and_back(innovation: Innovation) -> None:
    record = told(innovation, PHOTO)
    list_pictures()
    copied(innovation)
    SourceRecord.objects.update(licence="tous-droits")
    list_pictures(record.source)
    picture = Picture.objects.get()
    assert (picture.state, bytes(picture.content), picture.digest) == (PictureState.LINKED, b"", "")
    SourceRecord.objects.update(licence="etalab-2.0")
    list_pictures()
    assert Picture.objects.get().state == PictureState.WAITING


def test_a_record_that_left_its_source_leaves_its_picture_too(innovation: Innovation) -> None:
    record = told(innovation, PHOTO)
    list_pictures()
    SourceRecord.objects.filter(pk=record.pk).update(state="retiree")
    assert list_pictures(record.source) == 1
    assert not Picture.objects.exists()


def test_what_the_team_removed_does_not_come_back(innovation: Innovation, client: Client) -> None:
    told(innovation, PHOTO)
    list_pictures()
    copied(innovation)
    address = Picture.objects.get().address
    assert pictures.remove([Picture.objects.get().pk]) == 1
    SourceRecord.objects.update(licence="cc-by-4.0")
    list_pictures()
    assert Picture.objects.get().state == PictureState.REMOVED
    assert client.get(address).status_code == 404


def test_a_removed_picture_stays_away_when_its_source_gives_it_again(
    innovation: Innovation,
) -> None:
    record = told(innovation, PHOTO)
    list_pictures()
    pictures.remove([Picture.objects.get().pk])
    for given in ("", PHOTO):
        record.values["picture"] = given
        record.save()
        list_pictures()
        assert Picture.objects.get().state == PictureState.REMOVED
    record.values["picture"] = OTHER
    record.save()
    list_pictures()
    picture = Picture.objects.get()
    assert (picture.source_url, picture.state) == (OTHER, PictureState.WAITING)


def test_a_removed_picture_stays_away_after_its_source_gave_others(
    innovation: Innovation,
) -> None:
    record = told(innovation, PHOTO)
    list_pictures()
    pictures.remove([Picture.objects.get().pk])
    for given, state in [
        (OTHER, PictureState.WAITING),
        (PHOTO, PictureState.REMOVED),
        (OTHER, PictureState.WAITING),
        ("", None),
        (PHOTO, PictureState.REMOVED),
        (PHOTO.replace("https", "http"), PictureState.REMOVED),
        (PHOTO.replace("plateforme", "nouveau-site"), PictureState.REMOVED),
    ]:
        record.values["picture"] = given
        record.save()
        list_pictures()
        picture = Picture.objects.filter(innovation=innovation).first()
        assert (picture.state if picture else None) == state
        if state == PictureState.WAITING:
            copied(innovation)
        elif picture:
            assert bytes(picture.content) == bytes(picture.thumbnail) == b""


def test_a_picture_taken_away_from_one_record_stays_on_the_others(innovation: Innovation) -> None:
    other = InnovationFactory(published=True)
    told(innovation, PHOTO)
    told(other, PHOTO)
    list_pictures()
    pictures.remove([innovation.picture.pk])
    list_pictures()
    assert other.picture.state == PictureState.WAITING


def test_a_picture_taken_away_by_mistake_can_be_put_back(innovation: Innovation) -> None:
    record = told(innovation, PHOTO)
    closed = InnovationFactory(published=True)
    told(closed, OTHER, "tous-droits")
    list_pictures()
    everyone = list(Picture.objects.values_list("pk", flat=True))
    assert pictures.put_back(everyone) == 0
    pictures.remove(everyone)
    assert pictures.put_back(everyone) == 2
    assert list_pictures(record.source) == 0
    states = dict(Picture.objects.values_list("innovation", "state"))
    assert states == {innovation.pk: PictureState.WAITING, closed.pk: PictureState.LINKED}


def test_only_the_records_of_the_source_are_looked_at(innovation: Innovation) -> None:
    told(innovation, PHOTO)
    other: Source = SourceFactory()
    assert list_pictures(other) == 0


def test_the_right_to_object_takes_the_picture_with_the_record(
    innovation: Innovation, client: Client
) -> None:
    told(innovation, PHOTO)
    list_pictures()
    copied(innovation)
    address = Picture.objects.get().address
    assert client.get(address).status_code == 200
    erasure.erase(erasure.target_of(innovation))
    assert not Picture.objects.exists()
    assert client.get(address).status_code == 404


def test_the_number_of_statements_does_not_depend_on_the_records(
    django_assert_num_queries: Any,
) -> None:
    for size in (1, 12):
        for _ in range(size):
            told(InnovationFactory(published=True), PHOTO)
        with django_assert_num_queries(4):
            assert list_pictures() == size


@pytest.mark.django_db(transaction=True)
def test_after_a_run_the_worker_lists_and_copies_the_pictures(
    worker: object, httpserver: HTTPServer
) -> None:
    output = BytesIO()
    Image.new("RGB", (400, 300), (0, 0, 145)).save(output, "PNG")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/p.png").respond_with_data(output.getvalue())
    record = told(InnovationFactory(published=True), httpserver.url_for("/p.png"))
    with transaction.atomic():
        pictures_of_runs.after_run(RunFactory(source=record.source))
    wait_for(lambda: Picture.objects.filter(state=PictureState.COPIED).exists(), 30)
    assert Picture.objects.get().width == 400
