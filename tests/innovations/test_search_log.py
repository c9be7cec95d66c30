"""What visitors look for is counted, and nothing of who they are is kept."""

import datetime
from typing import Any

import pytest
import redis
from django.conf import settings
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from innovations import search_log, search_work
from innovations.models import SearchCount, SearchKind
from innovations.search_log import VISITORS, note, write
from innovations.search_log_scrubbing import countable
from tests.factories import InnovationFactory, TermFactory, TerritoryFactory

pytestmark = pytest.mark.django_db
ADDRESS = "/recherche/notee"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def ask(query: str, *visitors: int) -> None:
    for visitor in visitors:
        note(QueryDict(query), f"192.0.2.{visitor}")


def everything_in_redis() -> str:
    """All keys and values, as one text."""
    server = redis.Redis.from_url(settings.REDIS_URL)
    said = []
    for name in server.scan_iter("recherches:*"):
        kind = server.type(name)
        held: Any = {
            b"set": server.smembers, b"hash": server.hgetall, b"string": server.get,
        }[kind](name)  # fmt: skip
        said.append(f"{name} {held}")
    return "\n".join(said)


def texts() -> dict[str, int]:
    rows = SearchCount.objects.filter(kind=SearchKind.TEXT)
    return dict(rows.values_list("value", "visitors"))


# --- what may be counted ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("Garde d’enfants", "garde d enfants"),
        ("  MOBILITÉ   rurale ", "mobilite rurale"),
        ("crèche 59000", "creche 59000"),
        ("pierre sèche", "pierre seche"),
        ("rose des vents", "rose des vents"),
        ("tiers-lieux 2024", "tiers lieux 2024"),
    ],
)
def test_words_are_counted_whatever_their_spelling(written: str, compared: str) -> None:
    found = countable(written)
    assert found
    assert found[0] == compared


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ab",
        "a" * 101,
        "jean.dupont@example.org",
        "jean dupont arobase exemple",
        "06 12 34 56 78",
        "aide 0612345678",
        "+33 6 12 34 56 78",
        "12 rue des Lilas",
        "12 RUE DES LILAS Rennes",
        "1 85 05 78 006 084 36",
        "FR76 3000 6000 0112 3456 7890 189",
        "Madame Dupont",
        "mme durand crèche",
        "docteur martin",
        "Jean Dupont",
        "dupont jean",
        "marie-claude lefebvre logement",
        "https://example.org/moi",
        "dossier 123456",
    ],
)
def test_what_may_name_or_reach_someone_is_left_out(written: str) -> None:
    assert countable(written) is None


# --- how many visitors ------------------------------------------------------------------------


def test_a_text_is_known_when_several_visitors_asked_it() -> None:
    InnovationFactory(published=True, title="Crèche")
    ask("q=Crèche", *range(VISITORS - 1))
    write()
    assert texts() == {}

    ask("q=creche", VISITORS)
    write()

    found = SearchCount.objects.get(kind=SearchKind.TEXT)
    assert (found.value, found.visitors, found.total) == ("creche", VISITORS, 1)


def test_before_that_neither_text_nor_visitor_is_anywhere() -> None:
    ask("q=maladie+rare&territoire=region-53&theme=sante", *range(1, VISITORS))

    kept = everything_in_redis()

    assert kept
    for said in ("maladie", "rare", "region-53", "sante", "192.0.2"):
        assert said not in kept


def test_one_visitor_counts_once_however_often_and_however_refined() -> None:
    for query in ("q=velo", "q=velo&page=2", "q=velo&tri=titre", "q=Vélo&vue=carte"):
        ask(query, *[1] * VISITORS)
    write()
    assert texts() == {}

    ask("q=velo&page=3", *range(2, VISITORS + 3))
    write()
    assert texts() == {"velo": VISITORS + 2}


def test_the_same_visitor_is_not_recognised_the_next_day() -> None:
    first, second = (
        search_log._secret(datetime.date(2026, 1, 1)),
        search_log._secret(datetime.date(2026, 1, 2)),
    )

    assert first != second
    assert search_log._digest(first, "192.0.2.1") != search_log._digest(second, "192.0.2.1")


def test_all_that_is_kept_meanwhile_expires() -> None:
    ask("q=velo&theme=sante", *range(VISITORS))
    server = redis.Redis.from_url(settings.REDIS_URL)

    names = list(server.scan_iter("recherches:*"))

    assert names
    assert all(0 < server.ttl(name) <= search_log.COUNTS_KEPT for name in names)


def test_place_and_filters_are_counted_apart_with_their_names() -> None:
    TerritoryFactory(a_region=True)
    TermFactory(code="sante", label="Santé")
    ask("q=mobilite&territoire=region-53&theme=sante&theme=inventee", *range(VISITORS))
    write()

    found = {(c.kind, c.value): c.label for c in SearchCount.objects.all()}

    assert found["lieu", "region-53"] == "Bretagne (région)"
    assert found["facette", "theme:sante"] == "Santé"
    assert ("texte-lieu", "mobilite|region-53") in found
    assert ("facette", "theme:inventee") not in found
    assert found["toutes", ""] == ""


def test_writing_again_changes_nothing() -> None:
    ask("q=velo", *range(VISITORS))

    assert write() == 2
    assert write() == 0


def test_a_text_that_finds_little_of_its_words_is_said_to_find_nothing() -> None:
    InnovationFactory(published=True, title="Garage solidaire")
    ask("q=garage+sousmarin", *range(VISITORS))
    write()

    assert SearchCount.objects.get(kind=SearchKind.TEXT).total == 0
    assert search_work.to_settle(search_work.since(28)).count() == 1


def test_old_counts_go(settings: Any) -> None:
    settings.KEEP_SEARCHES_DAYS = 30
    today = timezone.localdate()
    for ago in (29, 31):
        day = today - datetime.timedelta(days=ago)
        SearchCount.objects.create(day=day, kind="texte", value="velo", visitors=5)

    assert search_log.forget() == 1
    assert SearchCount.objects.get().day == today - datetime.timedelta(days=29)


# --- what the page tells ----------------------------------------------------------------------


def post(client: Client, body: str = "?q=velo", **headers: str) -> Any:
    sent = {"origin": "http://testserver", "user-agent": BROWSER, **headers}
    return client.post(ADDRESS, body, content_type="text/plain", headers=sent)


def test_a_page_of_results_tells_its_search(client: Client) -> None:
    for visitor in range(VISITORS):
        response = client.post(
            ADDRESS, "?q=velo", content_type="text/plain", REMOTE_ADDR=f"192.0.2.{visitor}",
            headers={"origin": "http://testserver", "user-agent": BROWSER},
        )  # fmt: skip
        assert (response.status_code, response.content) == (204, b"")
        assert not response.cookies
    write()

    assert texts() == {"velo": VISITORS}


@pytest.mark.parametrize(
    "origin", ["https://ailleurs.example", "", "null", "http://testserver.x", "http://["]
)
def test_another_sites_page_cannot_tell_searches(client: Client, origin: str) -> None:
    assert post(client, origin=origin).status_code == 403


@pytest.mark.parametrize(
    "agent", ["", "Googlebot/2.1", "Mozilla/5.0 HeadlessChrome/120", "python-requests/2"]
)
def test_robots_are_not_counted(client: Client, agent: str) -> None:
    assert post(client, **{"user-agent": agent}).status_code == 204
    assert everything_in_redis() == ""


def test_one_address_is_heard_so_many_times_an_hour(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("innovations.search_log_views.PER_HOUR", 2)
    for number in range(3):
        assert post(client, f"?q=velo{number}").status_code == 204

    assert len(everything_in_redis().splitlines()) == 1 + 1 + 2


@pytest.mark.parametrize("body", ["", "?", "%00%ff", "q=" + "a" * 5000, "theme=" * 300, "\x00"])
def test_nothing_that_is_sent_breaks_anything(client: Client, body: str) -> None:
    assert post(client, body).status_code == 204


def test_noting_reads_nothing_of_the_database(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        post(client, "?q=velo&theme=sante&territoire=region-53")


def test_without_redis_nobody_is_kept_waiting(client: Client, monkeypatch: Any) -> None:
    nowhere = redis.Redis(host="127.0.0.1", port=1, socket_connect_timeout=1)
    monkeypatch.setattr(search_log, "_redis", lambda: nowhere)

    assert post(client).status_code == 204
