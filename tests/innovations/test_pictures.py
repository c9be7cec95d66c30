"""Pictures of records: copied when the licence allows, served from here, never hot-linked."""

import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pytest_httpserver import HTTPServer

from carrefour.http import Fetcher
from carrefour.http.pacing import WAIT_LIMIT
from carrefour.images import NotAPicture, converted
from innovations import pictures
from innovations.models import Innovation, Picture, PictureState
from innovations.tasks import copy_pictures
from tests.conftest import wait_for
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db
GPS = 0x8825


def photo(width: int = 1600, height: int = 1200, kind: str = "JPEG", **more: Any) -> bytes:
    output = BytesIO()
    Image.new("RGB", (width, height), (0, 0, 145)).save(output, kind, **more)
    return output.getvalue()


def geotagged() -> bytes:
    """A photograph taken sideways, that tells where and with what."""
    picture = Image.new("RGB", (1200, 600), (200, 30, 30))
    exif = picture.getexif()
    exif[0x0112] = 6
    exif[0x010F] = "Marque secrète"
    exif.get_ifd(GPS)[1] = "N"
    output = BytesIO()
    picture.save(output, "JPEG", exif=exif, comment=b"Commentaire")
    return output.getvalue()


@pytest.fixture
def innovation() -> Innovation:
    return InnovationFactory(published=True)


@pytest.fixture
def listed(innovation: Innovation, httpserver: HTTPServer) -> Callable[..., Picture]:
    """A picture known by its address, answered by the given bytes."""

    def add(content: bytes = b"", state: str = PictureState.WAITING, **answer: Any) -> Picture:
        httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
        httpserver.expect_request("/photo.jpg").respond_with_data(content, **answer)
        return Picture.objects.create(
            innovation=innovation,
            source_record=1,
            source_url=httpserver.url_for("/photo.jpg"),
            partner_name="Plateforme",
            licence="etalab-2.0",
            state=state,
        )

    return add


def test_a_picture_is_copied_small_and_without_its_metadata(listed: Callable[..., Picture]) -> None:
    picture = listed(geotagged())
    assert pictures.copy_waiting(10) == 1
    picture.refresh_from_db()
    assert (picture.state, picture.problem) == (PictureState.COPIED, "")
    # Turned upright, then no wider than 960 pixels.
    assert (picture.width, picture.height) == (600, 1200)
    assert (picture.thumbnail_width, picture.thumbnail_height) == (240, 480)
    for content in (bytes(picture.content), bytes(picture.thumbnail)):
        copy = Image.open(BytesIO(content))
        assert copy.format == "WEBP"
        assert not dict(copy.getexif())
        assert b"Marque" not in content
        assert b"Commentaire" not in content
    assert pictures.copy_waiting(10) == 0


def test_a_wide_picture_is_made_narrower_and_a_small_one_stays() -> None:
    (wide,) = converted(photo(1920, 1080), [pictures.FULL], 80)
    assert (wide.width, wide.height) == (960, 540)
    (small,) = converted(photo(200, 100, "PNG"), [pictures.FULL], 80)
    assert (small.width, small.height) == (200, 100)


def bomb() -> bytes:
    """A PNG of some kilobytes that unfolds into 60,000 × 60,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000_000)
    parts = [chunk(b"IHDR", head), chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


NOT_PICTURES = {
    "a page": (b"<html><img src=x></html>", "n’est pas une image"),
    "a drawing that may hold scripts": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "pas une"),
    "a bomb": (bomb(), "trop de pixels"),
    "a picture cut short": (photo()[:900], "abîmée"),
    "a tracking pixel": (photo(1, 1, "GIF"), "trop petite"),
    "nothing": (b"", "n’est pas une image"),
}


@pytest.mark.parametrize(("content", "why"), NOT_PICTURES.values(), ids=NOT_PICTURES.keys())
def test_what_is_no_picture_is_not_kept(
    listed: Callable[..., Picture], content: bytes, why: str
) -> None:
    with pytest.raises(NotAPicture, match=why):
        converted(content, [pictures.FULL], pictures.SMALLEST)
    picture = listed(content, content_type="image/jpeg")
    pictures.copy_waiting(1)
    picture.refresh_from_db()
    assert picture.state == PictureState.UNUSABLE
    assert why in picture.problem
    assert not bytes(picture.content)
    assert pictures.copy_waiting(1) == 0


def test_a_picture_that_cannot_be_fetched_is_tried_again_later_then_left(
    listed: Callable[..., Picture],
) -> None:
    picture = listed(status=404)
    for tries in range(1, 6):
        assert pictures.copy_waiting(5) == 1
        picture.refresh_from_db()
        assert picture.tries == tries
        assert pictures.copy_waiting(5) == 0
        assert picture.state != PictureState.WAITING or picture.try_after > timezone.now()
        Picture.objects.update(try_after=timezone.now() - timedelta(seconds=1))
    assert picture.state == PictureState.UNUSABLE
    assert "404" in picture.problem


def test_a_picture_that_two_records_share_is_fetched_once(
    listed: Callable[..., Picture], httpserver: HTTPServer
) -> None:
    first = listed(photo())
    second = Picture.objects.create(
        innovation=InnovationFactory(published=True),
        source_record=2,
        source_url=first.source_url,
        partner_name="Autre plateforme",
        licence="cc-by-4.0",
        state=PictureState.WAITING,
    )
    assert pictures.copy_waiting(5) == 2
    second.refresh_from_db()
    assert (second.state, second.width) == (PictureState.COPIED, 960)
    assert second.partner_name == "Autre plateforme"
    assert sum(request.path == "/photo.jpg" for request, _ in httpserver.log) == 1


def test_a_picture_too_heavy_is_not_read(listed: Callable[..., Picture]) -> None:
    picture = listed(b"x" * 8_000_001)
    pictures.copy_waiting(1)
    picture.refresh_from_db()
    assert "dépasse 8 Mo" in picture.problem


def test_a_picture_removed_while_it_is_fetched_stays_removed(
    listed: Callable[..., Picture],
) -> None:
    picture = listed(photo())
    claimed = pictures._claimed()
    assert claimed is not None
    assert pictures._claimed() is None
    pictures.remove([picture.pk])
    with Fetcher() as fetcher:
        pictures._copy(claimed, fetcher)
    assert any(entry["status"] == 200 for entry in fetcher.journal)
    picture.refresh_from_db()
    assert (picture.state, bytes(picture.content)) == (PictureState.REMOVED, b"")


@pytest.fixture
def copied(listed: Callable[..., Picture]) -> Picture:
    picture = listed(photo())
    pictures.copy_waiting(1)
    picture.refresh_from_db()
    return picture


def test_the_record_shows_its_picture_from_here_with_its_credit(
    copied: Picture, client: Client, innovation: Innovation
) -> None:
    page = client.get(innovation.get_absolute_url()).content.decode()
    assert f'src="{copied.address}"' in page
    assert 'width="960" height="720"' in page
    assert "Plateforme, Licence Ouverte 2.0 (Etalab)" in page
    assert copied.source_url not in page
    answer = client.get(copied.address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer.content == bytes(copied.content)
    assert "immutable" in answer["Cache-Control"]
    assert "Cookie" not in answer.get("Vary", "")


def test_cards_show_the_thumbnail_without_a_query_more(copied: Picture, client: Client) -> None:
    def queries() -> int:
        # What a process makes once for each version of the data is not counted.
        client.get("/recherche/")
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/recherche/").content.decode()
        assert 'loading="lazy"' in page
        assert not any('"content"' in q["sql"] for q in captured.captured_queries)
        return len(captured)

    client.get("/recherche/")
    assert f'src="{copied.thumbnail_address}"' in client.get("/recherche/").content.decode()
    assert client.get(copied.thumbnail_address).content == bytes(copied.thumbnail)
    before = queries()
    for _ in range(5):
        InnovationFactory(published=True)
    assert queries() == before


@pytest.mark.parametrize("state", ["retiree", "depubliee", "a-relire"])
def test_the_picture_of_a_record_withdrawn_is_no_more(
    copied: Picture, client: Client, innovation: Innovation, state: str
) -> None:
    Innovation.objects.filter(pk=innovation.pk).update(status=state)
    assert client.get(copied.address).status_code == 404
    assert client.get(copied.thumbnail_address).status_code == 404


def test_a_reference_shows_no_picture(
    copied: Picture, client: Client, innovation: Innovation
) -> None:
    Innovation.objects.filter(pk=innovation.pk).update(is_reference=True)
    assert "fr-content-media" not in client.get(innovation.get_absolute_url()).content.decode()
    assert client.get(copied.address).status_code == 404


def test_a_picture_under_a_closed_licence_is_only_linked(
    listed: Callable[..., Picture], client: Client, innovation: Innovation
) -> None:
    picture = listed(photo(), state=PictureState.LINKED)
    assert pictures.copy_waiting(5) == 0
    page = client.get(innovation.get_absolute_url()).content.decode()
    assert f'href="{picture.source_url}"' in page
    assert "Voir l’image chez Plateforme" in page
    assert "fr-content-media" not in page


def test_an_address_made_up_gives_nothing(copied: Picture, client: Client) -> None:
    wrong = copied.address.replace(copied.digest, "0" * 64)
    assert client.get(wrong).status_code == 404
    other = InnovationFactory(published=True)
    stolen = copied.address.replace(copied.innovation.slug, other.slug)
    assert client.get(stolen).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_worker_copies_what_waits(
    worker: object, listed: Callable[..., Picture], client: Client
) -> None:
    picture = listed(photo())
    copy_pictures.delay()
    wait_for(lambda: Picture.objects.get().state == PictureState.COPIED, 30)
    picture.refresh_from_db()
    assert client.get(picture.address).status_code == 200


def test_the_team_takes_a_picture_away(copied: Picture, client: Client, roles: Any) -> None:
    chosen = {"action": "take_away", "_selected_action": [copied.pk]}
    where = reverse("admin:innovations_picture_changelist")
    for role, is_allowed in ((roles.statistician, False), (roles.moderator, True)):
        client.force_login(role, "django.contrib.auth.backends.ModelBackend")
        client.post(where, chosen)
        assert Picture.objects.filter(state=PictureState.REMOVED).exists() is is_allowed
    assert client.get(copied.address).status_code == 404
    assert "Plateforme" in client.get(where).content.decode()
    client.force_login(roles.statistician, "django.contrib.auth.backends.ModelBackend")
    client.post(where, chosen | {"action": "put_back"})
    assert Picture.objects.get().state == PictureState.REMOVED
    client.force_login(roles.moderator, "django.contrib.auth.backends.ModelBackend")
    client.post(where, chosen | {"action": "put_back"})
    assert Picture.objects.get().state == PictureState.WAITING


def test_a_picture_whose_copy_waits_for_its_turn_is_not_taken_by_another_worker(
    listed: Callable[..., Picture],
) -> None:
    listed(photo())
    assert pictures._claimed() is not None
    # The longest that robots.txt and then the picture may wait for the host.
    with time_machine.travel(timezone.now() + timedelta(seconds=2 * WAIT_LIMIT)):
        assert pictures._claimed() is None
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert pictures._claimed() is not None
