"""What is written while the bitmaps are made, and bitmaps made while a page is read."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from innovations import searchrows
from innovations.index import building, reading
from innovations.index.reading import Index
from innovations.models import SearchChange, SearchRow
from tests.factories import InnovationFactory

pytestmark = pytest.mark.django_db(transaction=True)


def apart(work: Callable[[], Any]) -> Thread:
    """The work on its own connection, begun."""

    def done() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=done)
    thread.start()
    return thread


def test_a_page_counts_alike_when_the_bitmaps_are_made_again_while_it_reads_them(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        InnovationFactory(published=True, title=f"Jardin {number}")
    building.update(forced=True, least=2)
    read = Index.of_values
    again: list[bool] = []

    def others_take_their_positions() -> None:
        InnovationFactory.create_batch(9, published=True, title="Compost")
        SearchRow.objects.filter(innovation__title="Compost").update(merit=9)
        building._rebuild(2, lambda done, total: None)

    def slowly(index: Index, asked: Any) -> Any:
        found = read(index, asked)
        if not again:
            again.append(True)
            apart(others_take_their_positions).join()
        return found

    monkeypatch.setattr(Index, "of_values", slowly)
    page = client.get("/recherche/?q=jardin").content.decode()

    assert again
    assert "5 innovations pour «\u00a0jardin\u00a0»" in page
    assert page.count('class="fr-card__title"') == 5
    assert "Compost" not in page


def test_facets_kept_for_one_page_may_be_forgotten_by_another_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    InnovationFactory(published=True, nature="sociale")
    building.update(forced=True, least=1)
    index = Index.read()
    assert index

    class Forgetful(dict):
        def __setitem__(self, at: Any, facets: Any) -> None:
            """Another thread has put those of another state there."""

    monkeypatch.setattr(reading, "_facets", Forgetful())

    assert index.facets.values


def test_changes_noted_while_the_bitmaps_are_made_wait_for_no_one() -> None:
    first, second = (InnovationFactory(published=True) for _ in range(2))
    building.update(forced=True, least=1)
    SearchRow.objects.update(year=2010)
    noted, told = Event(), Event()

    def written() -> None:
        # The second, then the first: the order in which a table is read is the other one.
        with transaction.atomic():
            searchrows.refresh([second.pk])
            noted.set()
            told.wait(20)
            searchrows.refresh([first.pk])

    writer = apart(written)
    assert noted.wait(20)
    made = apart(lambda: building.update(forced=True, least=1))
    made.join(10)
    was_waiting = made.is_alive()
    told.set()
    for thread in (writer, made):
        thread.join()

    assert not was_waiting
    assert set(SearchChange.objects.values_list("pk", flat=True)) == {first.pk, second.pk}
