"""Links of public records, asked of a real server: when they are dead, and when nobody knows."""

import datetime
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stamina
import time_machine
from django.utils import timezone
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from innovations import assessing
from innovations.link_checking import check_due, progress
from innovations.link_pages import leads_home, nothing_there
from innovations.links import list_links
from innovations.models import Completeness, Evidence, Innovation, Link, LinkState, LinkUse
from tests.factories import CitationFactory, InnovationFactory

pytestmark = pytest.mark.django_db
PAGE = "<html><title>Un atelier</title><h1>Un atelier</h1></html>"


@pytest.fixture(autouse=True)
def quick_retries() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture
def site(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/").respond_with_data(PAGE, content_type="text/html")
    httpserver.expect_request("/atelier").respond_with_data(PAGE, content_type="text/html")
    httpserver.expect_request("/404").respond_with_data("", status=404)
    httpserver.expect_request("/403").respond_with_data("", status=403)
    return httpserver


@pytest.fixture
def linked(site: HTTPServer) -> Callable[[str], Link]:
    """A published record with this web site, and the link that comes of it."""

    def made(path: str) -> Link:
        url = path if "://" in path else site.url_for(path)
        InnovationFactory(published=True, website=url)
        list_links()
        return Link.objects.get(url=url)

    return made


def checked(link: Link, days: float = 0) -> Link:
    """The link once it was checked, so many days from now."""
    with time_machine.travel(timezone.now() + datetime.timedelta(days=days), tick=True):
        Link.objects.filter(pk=link.pk).update(next_check_at=timezone.now())
        check_due(10, 60)
    link.refresh_from_db()
    return link


def methods(site: HTTPServer, path: str) -> list[str]:
    return [r.method for r, _ in site.log if r.path == path]


def test_what_answers_is_alive_and_asked_again_in_a_month(
    linked: Callable[[str], Link], site: HTTPServer
) -> None:
    link = checked(linked("/atelier"))
    assert link.state == LinkState.ALIVE
    assert link.next_check_at > timezone.now() + datetime.timedelta(days=29)
    assert methods(site, "/atelier") == ["HEAD", "GET"]
    checked(link, 31)
    assert methods(site, "/atelier") == ["HEAD", "GET", "HEAD"]


def test_a_server_that_refuses_head_is_asked_for_the_document(
    linked: Callable[[str], Link], site: HTTPServer
) -> None:
    def answer(request: Request) -> Response:
        refused = request.method == "HEAD"
        return Response("" if refused else PAGE, 405 if refused else 200, content_type="text/html")

    site.expect_request("/sans-head").respond_with_handler(answer)
    assert checked(linked("/sans-head")).state == LinkState.ALIVE


def test_dead_only_after_three_failures_over_seven_days(linked: Callable[[str], Link]) -> None:
    link = linked("/404")
    states = [checked(link, day).state for day in (0, 1, 2, 3)]
    assert states == [LinkState.FAILING] * 4
    assert checked(link, 7.1).state == LinkState.DEAD
    assert link.failures == 5
    assert link.message == "Le site répond que cette page n’existe pas (404)"


def test_two_failures_far_apart_are_not_enough(linked: Callable[[str], Link]) -> None:
    link = linked("/404")
    checked(link)
    assert checked(link, 20).state == LinkState.FAILING


def test_by_itself_a_dead_link_is_known_in_a_week(linked: Callable[[str], Link]) -> None:
    link = linked("/404")
    start = timezone.now()
    for _ in range(3):
        with time_machine.travel(max(start, link.next_check_at), tick=True):
            check_due(10, 60)
        link.refresh_from_db()
    assert link.state == LinkState.DEAD
    assert link.checked_at is not None
    assert link.checked_at - start < datetime.timedelta(days=7, minutes=5)


def test_a_dead_link_that_answers_is_alive_again(
    linked: Callable[[str], Link], site: HTTPServer
) -> None:
    link = linked("/atelier")
    Link.objects.update(state=LinkState.DEAD, failures=3, failing_since=timezone.now())
    link = checked(link)
    assert (link.state, link.failures, link.failing_since) == (LinkState.ALIVE, 0, None)


@pytest.mark.parametrize("path", ["/403", "http://10.0.0.8/"])
def test_a_refusal_says_nothing_of_the_page(path: str, linked: Callable[[str], Link]) -> None:
    link = linked(path)
    assert [checked(link, day).state for day in (0, 4, 8)] == [LinkState.UNSURE] * 3


def test_robots_are_obeyed(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow: /")
    InnovationFactory(published=True, website=httpserver.url_for("/atelier"))
    list_links()
    check_due(10, 60)
    assert Link.objects.get().state == LinkState.UNSURE
    assert methods(httpserver, "/atelier") == []


def redirect(site: HTTPServer, path: str, to: str, status: int) -> None:
    site.expect_request(path).respond_with_data("", status, headers={"Location": to})


def test_a_permanent_redirect_is_proposed_as_the_new_address(
    linked: Callable[[str], Link], site: HTTPServer
) -> None:
    redirect(site, "/ancien", "/atelier", 301)
    link = checked(linked("/ancien"))
    assert (link.state, link.moved_to) == (LinkState.MOVED, site.url_for("/atelier"))


def test_a_passing_redirect_is_not(linked: Callable[[str], Link], site: HTTPServer) -> None:
    redirect(site, "/ailleurs", "/atelier", 302)
    assert checked(linked("/ailleurs")).state == LinkState.ALIVE


def test_a_page_that_leads_to_the_home_page_is_no_certainty(
    linked: Callable[[str], Link], site: HTTPServer
) -> None:
    redirect(site, "/projet/12", "/", 301)
    assert checked(linked("/projet/12")).state == LinkState.UNSURE


def test_a_page_that_says_it_is_not_there_is_believed(
    linked: Callable[[str], Link], site: HTTPServer
) -> None:
    said = "<title>Page introuvable - Mon site</title><h1>Oups</h1>"
    site.expect_request("/perdu").respond_with_data(said, content_type="text/html")
    link = checked(linked("/perdu"))
    assert (link.state, link.failures) == (LinkState.FAILING, 1)


def closed_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_when_no_site_at_all_answers_nothing_is_concluded(settings: Any) -> None:
    settings.HARVEST_ALLOW_HOSTS = ["127.0.0.1"]
    for port in closed_ports(5):
        InnovationFactory(published=True, website=f"http://127.0.0.1:{port}/")
    list_links()
    assert check_due(10, 60) == 5
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.WAITING}


def test_when_some_site_answers_the_others_are_out_of_reach(
    linked: Callable[[str], Link], settings: Any
) -> None:
    settings.HARVEST_ALLOW_HOSTS = ["127.0.0.1", "localhost"]
    for port in closed_ports(5):
        InnovationFactory(published=True, website=f"http://127.0.0.1:{port}/")
    linked("/atelier")
    check_due(10, 60)
    assert progress()[LinkState.FAILING] == 5
    assert progress()[LinkState.ALIVE] == 1
    assert progress()["due"] == 0


def test_a_check_stops_where_it_is_told_and_goes_on_later(linked: Callable[[str], Link]) -> None:
    for path in ("/atelier", "/404", "/"):
        linked(path)
    assert check_due(2, 60) == 2
    assert check_due(10, 60) == 1
    assert check_due(10, 60) == 0
    Link.objects.update(next_check_at=timezone.now())
    assert check_due(10, 0) == 0


def test_the_list_follows_what_the_records_say() -> None:
    innovation = InnovationFactory(published=True, website="https://atelier.example.org/")
    other = InnovationFactory(published=True, website="https://atelier.example.org/")
    CitationFactory(innovation=innovation)
    Evidence.objects.create(
        innovation=innovation, field="title", document="https://exemple.org/rapport.pdf"
    )
    Evidence.objects.create(innovation=innovation, field="title", document="Rapport de 2017")
    InnovationFactory(website="https://brouillon.example.org/")

    assert list_links() == 3
    assert list_links() == 0
    assert sorted(LinkUse.objects.values_list("role", flat=True)) == [
        "document", "site", "site", "source",
    ]  # fmt: skip
    Innovation.objects.filter(pk__in=[innovation.pk, other.pk]).update(website="")
    list_links()
    assert not Link.objects.filter(host="atelier.example.org").exists()


def test_a_dead_web_site_lowers_the_score(linked: Callable[[str], Link]) -> None:
    link = linked("/404")
    innovation = Innovation.objects.get()
    assessing.refresh([innovation.pk])
    before = Completeness.objects.get().score
    for day in (0, 4, 8):
        checked(link, day)
    assert Completeness.objects.get().score == before - 3
    assert Completeness.objects.get().values["website"] == 0


@pytest.mark.parametrize(
    ("title", "is_gone"),
    [
        ("404 Not Found", True), ("Erreur 404", True), ("Page non trouvée – Association", True),
        ("Ce nom de domaine est à vendre", True), ("exemple.fr domain is for sale", True),
        ("Cette page n’existe plus", True), ("Account Suspended", True),
        ("Le 404, tiers-lieu à Nantes", False), ("Une page se tourne", False),
        ("Acheter local", False), ("Maison à vendre : un habitat partagé", False), ("", False),
    ],
)  # fmt: skip
def test_only_what_is_certain_is_nothing(title: str, is_gone: bool) -> None:
    content = f"<html><head><title>{title}</title></head></html>".encode()
    assert bool(nothing_there("https://exemple.fr/", content)) is is_gone


def test_a_domain_on_sale_is_nothing_whatever_its_page_says() -> None:
    assert nothing_there("https://www.hugedomains.com/x", b"")
    assert not nothing_there("https://exemple.fr/", b"%PDF-1.7")
    assert leads_home("https://exemple.fr/projet/", "https://exemple.fr/")
    assert not leads_home("https://exemple.fr/", "https://exemple.fr/fr/")
